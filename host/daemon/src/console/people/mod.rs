//! `/console/people`: who can log in, and which programs may do something; `/console/profile`: what
//! everyone can change of themselves.

mod profile;
mod tokens;
mod users;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use hookwright_model::Timestamp;
use http::StatusCode;
use minijinja::context;
use minijinja::value::Value;

use super::access::Routes;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::server::problem::Problem;

pub(super) fn routes() -> Routes {
    Routes::default()
        .administering("/console/people", get(list))
        // No user has this name: a name has no `~`.
        .administering("/console/people/~new", get(users::new).post(users::create))
        .administering("/console/people/~token", get(tokens::new).post(tokens::create))
        .administering("/console/people/~token/{id}/remove", post(tokens::remove))
        .administering("/console/people/{name}", get(users::edit).post(users::save))
        .administering("/console/people/{name}/password", post(users::password))
        .administering("/console/people/{name}/remove", post(users::remove))
        .reading("/console/profile", get(profile::form).post(profile::save))
        .reading("/console/profile/password", post(profile::password))
}

async fn list(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Refusal> {
    Ok(page(&app, &visit, context! {}).await?)
}

/// The page. What is told once, a password or a token, is on it this once.
async fn page(app: &App, visit: &Visit, more: Value) -> Result<Response, Problem> {
    let own = visit.session().map(|session| session.id);
    let users = app.people.all().await?.into_iter().map(|user| {
        context! {
            name => user.name.to_string(),
            role => user.role.as_str(),
            language => user.language.map(|language| language.as_str()),
            disabled => user.disabled,
            last_login_at => user.last_login_at.map(|at| at.to_string()),
            is_own => own == Some(user.id),
        }
    });
    let now = Timestamp::now();
    let tokens = app.store.tokens().await?.into_iter().map(|token| {
        context! {
            id => token.id.to_string(),
            name => token.name.to_string(),
            roles => token.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
            created_at => token.created_at.to_string(),
            expires_at => token.expires_at.map(|at| at.to_string()),
            has_expired => token.expires_at.is_some_and(|at| at <= now),
            used_at => token.used_at.map(|at| at.to_string()),
        }
    });
    let context = context! {
        users => users.collect::<Vec<_>>(),
        tokens => tokens.collect::<Vec<_>>(),
        ..more
    };
    Ok(visit.page_with(StatusCode::OK, "people.html", context))
}
