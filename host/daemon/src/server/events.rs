//! `/v1/events`: CloudEvents in, and what was taken in.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use hookwright_model::{Event, EventId, Original, Timestamp};
use hookwright_store::EventFilter;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::body::Body;
use super::cloudevents;
use super::inbound::answer;
use super::paging::{listing, page};
use super::problem::Problem;
use crate::app::App;
use crate::ingest;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    source: Option<String>,
    #[serde(rename = "type")]
    event_type: Option<String>,
    subject: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    filter: Result<Query<Filter>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = filter.map_err(|error| Problem::bad_request(error.body_text()))?;
    let bad = |what: &str, error: &dyn std::fmt::Display| {
        Problem::bad_request(format!("{what}: {error}"))
    };
    let filter = EventFilter {
        source: asked
            .source
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|e| bad("source", &e))?,
        event_type: asked
            .event_type
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|e| bad("type", &e))?,
        subject: asked.subject.clone(),
    };
    let page = page::<EventId>(asked.cursor.as_deref(), asked.limit)?;
    let events = app.store.events(filter, page).await?;
    let query = [("source", asked.source), ("type", asked.event_type), ("subject", asked.subject)];
    Ok(listing("/v1/events", &query, page.limit, events, |event| event.id))
}

/// An event with the headers of its post.
#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    event: Event,
    original: OriginalHead,
}

#[derive(Serialize)]
struct OriginalHead {
    headers: Vec<(String, String)>,
    bytes: usize,
    url: String,
}

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

/// The post, byte for byte.
pub(super) async fn original(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: EventId = id.parse().map_err(|error| Problem::bad_request(format!("{error}")))?;
    let (_, Original { body, .. }) = app.store.event(id).await?;
    let kind = HeaderValue::from_static("application/octet-stream");
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}
