//! Adding, changing and removing people.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use hookwright_model::{AccessRole, Language, User};
use http::StatusCode;
use minijinja::context;
use minijinja::value::Value;
use serde_json::json;

use super::super::fields::{self, Fields, wrong};
use super::super::refusal::Refusal;
use super::super::visit::Visit;
use super::page;
use crate::app::App;
use crate::people::{Changed, MIN_PASSWORD, UserPatch, UserWanted};
use crate::server::body::convert;
use crate::server::problem::Problem;

/// The form for a user who is not there yet, or who is.
fn draw(
    visit: &Visit,
    status: StatusCode,
    is_new: bool,
    (name, role, language, disabled): (&str, &str, &str, bool),
    seen: &str,
    more: Value,
) -> Response {
    let is_own = visit.session().is_some_and(|session| session.user.as_str() == name);
    let context = context! {
        is_new, name, given_role => role, language, disabled, is_own, seen,
        roles => User::ROLES.map(AccessRole::as_str),
        shortest => MIN_PASSWORD,
        ..more
    };
    visit.page_with(status, "user.html", context)
}

pub(super) async fn new(visit: Visit) -> Response {
    draw(&visit, StatusCode::OK, true, ("", "operator", "", false), "", context! {})
}

/// What the form says, to be drawn once more.
fn typed<'a>(form: &'a Fields, name: &'a str) -> (&'a str, &'a str, &'a str, bool) {
    (name, form.get("role"), form.get("language"), form.has("disabled"))
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    visit: Visit,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Fields::read(&body);
    let made = async {
        let password = Some(form.typed("password")).filter(|password| !password.is_empty());
        let wanted: UserWanted = convert(json!({
            "name": form.get("name"),
            "role": form.get("role"),
            "language": form.given("language"),
            "password": password,
        }))?;
        app.people.add(&visit.actor()?, wanted).await
    };
    match made.await {
        Ok(Changed { user, generated: Some(password) }) => {
            let more = context! { fresh_user => user.name.to_string(), password };
            Ok(page(&app, &visit, more).await?)
        }
        Ok(Changed { user, generated: None }) => {
            Ok(visit.done("/console/people", "note-set", user.name.as_str()))
        }
        Err(problem) if fields::is_mendable(&problem) => {
            let (status, more) = fields::refused(&problem);
            Ok(draw(&visit, status, true, typed(&form, form.get("name")), "", more))
        }
        Err(problem) => Err(problem.into()),
    }
}

pub(super) async fn edit(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let user = app.people.find(&name).await?;
    let language = user.language.map_or("", Language::as_str);
    let values = (user.name.as_str(), user.role.as_str(), language, user.disabled);
    Ok(draw(&visit, StatusCode::OK, false, values, &seen(&user), context! {}))
}

/// Which state of them a form was filled in from.
fn seen(user: &User) -> String {
    user.updated_at.to_string()
}

/// Admins do not lock themselves out by mistake: somebody else has to do that.
fn not_oneself(visit: &Visit, user: &User) -> Result<(), Problem> {
    if visit.session().is_none_or(|session| session.id != user.id) {
        return Ok(());
    }
    let detail = "this is you: another admin has to do that";
    Err(Problem::new(StatusCode::CONFLICT, "Conflict", detail))
}

pub(super) async fn save(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Fields::read(&body);
    let user = app.people.find(&name).await?;
    let changed = async {
        form.is_of(user.updated_at)?;
        let role = form.get("role").parse::<AccessRole>();
        let role = role.map_err(|error| wrong("/role", error.to_string()))?;
        let language = form.given("language").map(|code| convert::<Language>(json!(code)));
        let language =
            language.transpose().map_err(|problem| wrong("/language", problem.detail()))?;
        let disabled = form.has("disabled");
        if role != user.role || disabled != user.disabled {
            not_oneself(&visit, &user)?;
        }
        let patch = UserPatch {
            role: Some(role),
            language: Some(language),
            disabled: Some(disabled),
            ..UserPatch::default()
        };
        app.people.change(&visit.actor()?, user.name.as_str(), patch).await
    };
    match changed.await {
        Ok(changed) => Ok(visit.done("/console/people", "note-set", changed.user.name.as_str())),
        Err(problem) if fields::is_mendable(&problem) => {
            let (status, more) = fields::refused(&problem);
            Ok(draw(
                &visit,
                status,
                false,
                typed(&form, user.name.as_str()),
                form.get("seen"),
                more,
            ))
        }
        Err(problem) => Err(problem.into()),
    }
}

/// Gives somebody another password: the one that was typed, or a generated one, shown this once.
pub(super) async fn password(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Fields::read(&body);
    let user = app.people.find(&name).await?;
    // It would end the session that this is done in; the profile asks for the old one.
    not_oneself(&visit, &user)?;
    let password = Some(form.typed("password")).filter(|password| !password.is_empty());
    let patch = UserPatch {
        generate_password: password.is_none(),
        password: password.map(str::to_owned),
        ..UserPatch::default()
    };
    match app.people.change(&visit.actor()?, user.name.as_str(), patch).await {
        Ok(Changed { user, generated: Some(password) }) => {
            let more = context! { fresh_user => user.name.to_string(), password };
            Ok(page(&app, &visit, more).await?)
        }
        Ok(changed) => Ok(visit.done("/console/people", "note-set", changed.user.name.as_str())),
        Err(problem) if fields::is_mendable(&problem) => {
            let (status, more) = fields::refused(&problem);
            let language = user.language.map_or("", Language::as_str);
            let values = (user.name.as_str(), user.role.as_str(), language, user.disabled);
            Ok(draw(&visit, status, false, values, &seen(&user), more))
        }
        Err(problem) => Err(problem.into()),
    }
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let user = app.people.find(&name).await?;
    not_oneself(&visit, &user)?;
    app.people.remove(&visit.actor()?, user.name.as_str()).await?;
    Ok(visit.done("/console/people", "note-removed", ""))
}
