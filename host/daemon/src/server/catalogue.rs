//! `/v1/event-types` and `/v1/schemas`: what events there are.

use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use hookwright_model::catalogue::{self, KnownType};
use http::{HeaderValue, header};
use serde::Serialize;

use super::problem::Problem;

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct EventTypes {
    items: &'static [KnownType],
}

/// Lists the types of events that there are.
#[utoipa::path(
    get, path = "/v1/event-types",
    responses((status = 200, body = EventTypes)),
)]
pub(super) async fn event_types() -> Json<EventTypes> {
    Json(EventTypes { items: catalogue::types() })
}

/// Gives the JSON Schema of events' data, by its name as in `data_schema`.
#[utoipa::path(
    get, path = "/v1/schemas/{name}/{version}",
    params(("name" = String, Path, description = "`ticket` or `verify`."),
        ("version" = String, Path, description = "`1`.")),
    responses((status = 200, body = serde_json::Value, content_type = "application/schema+json"),
        (status = 404)),
)]
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
