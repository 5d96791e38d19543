//! `/console/secrets`: which there are, when they were set, and who uses them. Values come in, and
//! are on no page.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use hookwright_model::Name;
use http::StatusCode;
use minijinja::context;
use minijinja::value::Value;

use super::access::Routes;
use super::fields::{self, Fields};
use super::refusal::Refusal;
use super::users;
use super::visit::Visit;
use crate::app::App;
use crate::server::problem::{FieldProblem, Problem};
use crate::setup::{Removals, SecretWanted, Setup, turn, users_of_secrets};

pub(super) fn routes() -> Routes {
    Routes::default()
        .reading("/console/secrets", get(list))
        .administering("/console/secrets/~set", post(set))
        .administering("/console/secrets/{name}/remove", post(remove))
}

async fn list(State(app): State<Arc<App>>, visit: Visit) -> Response {
    draw(&app, &visit, StatusCode::OK, "", context! {})
}

fn draw(app: &App, visit: &Visit, status: StatusCode, name: &str, more: Value) -> Response {
    let there = app.registry.snapshot();
    let there = &there.configuration;
    let mut users = users_of_secrets(there);
    let items = there.secrets.iter().map(|secret| {
        let users = users.remove(secret).unwrap_or_default();
        context! {
            name => secret.to_string(),
            set_at => there.secrets_set_at.get(secret).map(ToString::to_string),
            users => users::shown(&users),
        }
    });
    let items: Vec<_> = items.collect();
    // What is named and not there is what nothing works without.
    let missing = users.iter().map(|(name, users)| {
        context! { name => name.to_string(), users => users::shown(users) }
    });
    let missing: Vec<_> = missing.collect();
    visit.page_with(status, "secrets.html", context! { items, missing, name, ..more })
}

async fn set(State(app): State<Arc<App>>, visit: Visit, body: Bytes) -> Result<Response, Refusal> {
    let form = Fields::read(&body);
    let set = async {
        let turn = turn(&app).await;
        let wrong = |pointer: &str, detail: String| {
            Problem::invalid(vec![FieldProblem { pointer: pointer.to_owned(), detail }])
        };
        let name = form.get("name").parse::<Name>();
        let name = name.map_err(|error| wrong("/name", error.to_string()))?;
        let known = app.registry.snapshot().configuration.secrets.contains(&name);
        if known && !form.has("replace") {
            let detail =
                format!("there is a secret `{name}` already: say that it is to be replaced");
            return Err(wrong("/name", detail));
        }
        let value = form.typed("value").to_owned();
        let secrets = vec![SecretWanted { name, value }];
        let plan = Setup { secrets, ..Setup::default() }.plan_in(turn, &app).await;
        let plan = plan.map_err(|problem| problem.within("/secrets/0"))?;
        plan.make(&app, &visit.actor()?).await
    };
    match set.await {
        Ok(_) => Ok(visit.done("/console/secrets", "note-set", form.get("name"))),
        Err(problem) if fields::is_mendable(&problem) => {
            let (status, more) = fields::refused(&problem);
            Ok(draw(&app, &visit, status, form.get("name"), more))
        }
        Err(problem) => Err(problem.into()),
    }
}

async fn remove(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let unknown = |_| Problem::not_found("there is no such secret");
    let name: Name = name.parse().map_err(unknown)?;
    let remove = Removals { secrets: vec![name], ..Removals::default() };
    let plan = Setup { remove, ..Setup::default() }.plan(&app).await;
    let plan = plan.map_err(in_the_way)?;
    plan.make(&app, &visit.actor()?).await?;
    Ok(visit.done("/console/secrets", "note-removed", ""))
}

/// What still needs something is no mistake in a form: there is none.
pub(super) fn in_the_way(problem: Problem) -> Problem {
    let why: Vec<_> = problem.errors().iter().map(|error| error.detail.as_str()).collect();
    if why.is_empty() {
        return problem;
    }
    Problem::new(StatusCode::CONFLICT, "Conflict", why.join("; "))
}
