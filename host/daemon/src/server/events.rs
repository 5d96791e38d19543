//! `/v1/events`: CloudEvents in, and what was taken in.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use hookwright_model::{Event, EventId, Original, Timestamp};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::body::Body;
use super::cloudevents;
use super::inbound::answer;
use super::paging::{Listing, found_listing};
use super::problem::Problem;
use super::query::{self, Asked, EventQuery};
use crate::app::App;
use crate::ingest;

/// Takes in CloudEvents 1.0.
#[utoipa::path(
    post, path = "/v1/events",
    request_body(
        content(
            (cloudevents::CloudEvent = "application/cloudevents+json"),
            (Vec<cloudevents::CloudEvent> = "application/cloudevents-batch+json"),
        ),
        description = "A CloudEvent, a batch of them, or, with the headers `ce-…`, the data of one.",
    ),
    responses((status = 202, body = ingest::Accepted, description = "They are on disk."),
        (status = 415), (status = 422)),
)]
pub(super) async fn post(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let events = cloudevents::read(&headers, &body, Timestamp::now())?;
    let kept = headers.iter().filter(|(name, _)| {
        matches!(name.as_str(), "content-type" | "user-agent") || name.as_str().starts_with("ce-")
    });
    let kept = kept.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    let original = Arc::new(Original { headers: kept.collect(), body });
    Ok(answer(StatusCode::ACCEPTED, ingest::accept(&app, original, events).await?))
}

/// Looks for events, newest first.
#[utoipa::path(
    get, path = "/v1/events",
    params(query::EventQuery),
    responses((status = 200, body = Listing<Event>, headers(("link" = String, description = "Where the next page is, as `rel=\"next\"`; absent on the last.")))),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    asked: Asked<EventQuery>,
) -> Result<Response, Problem> {
    let search = query::events(asked)?;
    let found = app.store.find_events(search.filter, search.page).await?;
    Ok(found_listing("/v1/events", &search.same, search.page.limit, found))
}

/// An event with the headers of its post.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = EventShown)]
pub(super) struct Shown {
    #[serde(flatten)]
    event: Event,
    original: OriginalHead,
}

#[derive(Serialize, utoipa::ToSchema)]
struct OriginalHead {
    headers: Vec<(String, String)>,
    bytes: usize,
    url: String,
}

/// Shows an event with the headers of its post.
#[utoipa::path(
    get, path = "/v1/events/{id}",
    params(("id" = EventId, Path, description = "Its id.")),
    responses((status = 200, body = Shown), (status = 404)),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let id: EventId = id.parse().map_err(|error| Problem::bad_request(format!("{error}")))?;
    let (event, original) = app.store.event(id).await?;
    let lossy = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = original.headers.iter().map(|(name, value)| (name.clone(), lossy(value)));
    let original = OriginalHead {
        headers: headers.collect(),
        bytes: original.body.len(),
        url: format!("/v1/events/{id}/original"),
    };
    Ok(Json(Shown { event, original }))
}

/// Gives the post that an event came with, byte for byte.
#[utoipa::path(
    get, path = "/v1/events/{id}/original",
    params(("id" = EventId, Path, description = "Its id.")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404)),
)]
pub(super) async fn original(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: EventId = id.parse().map_err(|error| Problem::bad_request(format!("{error}")))?;
    let (_, Original { body, .. }) = app.store.event(id).await?;
    let kind = HeaderValue::from_static("application/octet-stream");
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}
