//! `/v1/event-types` and `/v1/schemas`: what events there are.

use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use hookwright_model::catalogue::{self, KnownType};
use http::{HeaderValue, header};
use serde::Serialize;

use super::problem::Problem;

#[derive(Serialize)]
pub(super) struct EventTypes {
    items: &'static [KnownType],
}

pub(super) async fn event_types() -> Json<EventTypes> {
    Json(EventTypes { items: catalogue::types() })
}

/// A schema by its name, as in an event's `data_schema`.
pub(super) async fn schema(
    Path((name, version)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let schema = match (name.as_str(), version.as_str()) {
        ("ticket", "1") => catalogue::TICKET_SCHEMA,
        ("verify", "1") => catalogue::VERIFY_SCHEMA,
        ("operation", "1") => catalogue::OPERATION_SCHEMA,
        _ => {
            let detail = "there are the schemas `/v1/schemas/ticket/1`, `/v1/schemas/verify/1` and \
                          `/v1/schemas/operation/1`";
            return Err(Problem::not_found(detail));
        }
    };
    let kind = HeaderValue::from_static("application/schema+json");
    Ok(([(header::CONTENT_TYPE, kind)], schema).into_response())
}
