//! What everyone can change of themselves: their language and their password.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use hookwright_model::Language;
use http::StatusCode;
use minijinja::context;
use minijinja::value::Value;
use serde_json::json;

use super::super::fields::{self, Fields, wrong};
use super::super::language;
use super::super::refusal::Refusal;
use super::super::visit::Visit;
use crate::app::App;
use crate::people::{MIN_PASSWORD, UserPatch};
use crate::server::body::convert;
use crate::server::problem::Problem;

pub(super) async fn form(visit: Visit) -> Response {
    draw(&visit, StatusCode::OK, context! {})
}

fn draw(visit: &Visit, status: StatusCode, more: Value) -> Response {
    let chosen = visit.session().and_then(|session| session.language);
    let context = context! {
        chosen => chosen.map_or("", Language::as_str),
        shortest => MIN_PASSWORD,
        ..more
    };
    visit.page_with(status, "profile.html", context)
}

pub(super) async fn save(
    State(app): State<Arc<App>>,
    visit: Visit,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Fields::read(&body);
    let language = form.given("language").map(|code| convert::<Language>(json!(code)));
    let language = language.transpose()?;
    let patch = UserPatch { language: Some(language), ..UserPatch::default() };
    let session = visit.session().ok_or_else(|| Problem::unauthenticated("log in first"))?;
    app.people.change(&visit.actor()?, session.user.as_str(), patch).await?;
    // What was chosen in this browser before would count for more.
    match language.and_then(|language| language::Language::of_code(language.as_str())) {
        Some(language) => Ok(visit.in_language("/console/profile", language)),
        None => Ok(visit.done("/console/profile", "note-set", "")),
    }
}

pub(super) async fn password(
    State(app): State<Arc<App>>,
    visit: Visit,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Fields::read(&body);
    let session = visit.session().ok_or_else(|| Problem::unauthenticated("log in first"))?;
    let changed = async {
        if form.typed("new") != form.typed("again") {
            return Err(wrong("/again", "it is not the same as the new password"));
        }
        // Without a network there is nobody else to be told apart.
        let from = visit.from().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let new = form.typed("new").to_owned();
        app.people.change_password(session, from, form.typed("old"), new).await
    };
    match changed.await {
        // All sessions have ended, this one included.
        Ok(()) => Ok(visit.logged_out()),
        Err(problem) if fields::is_mendable(&problem) => {
            let (status, more) = fields::refused(&problem);
            Ok(draw(&visit, status, more))
        }
        Err(problem) => Err(problem.into()),
    }
}
