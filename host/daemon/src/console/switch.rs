//! Choosing another language.

use std::sync::Arc;

use axum::Router;
use axum::extract::Form;
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;

use super::back;
use super::language::Language;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::server::problem::Problem;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/console/language", post(switch))
}

#[derive(Deserialize)]
struct Wanted {
    language: String,
    #[serde(default)]
    back: String,
}

async fn switch(visit: Visit, Form(wanted): Form<Wanted>) -> Result<Response, Refusal> {
    let language = Language::of_code(&wanted.language)
        .ok_or_else(|| Problem::bad_request("`language` is one of en, de, ru and uk"))?;
    Ok(visit.in_language(&back::here(&wanted.back), language))
}
