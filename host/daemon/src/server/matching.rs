//! `/v1/subscriptions/match`: which subscriptions would take an event, and why the others would
//! not. Nothing is kept and nothing is sent.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hookwright_model::{Event, Timestamp};
use http::HeaderMap;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::body::{self, Body};
use super::cloudevents;
use super::problem::Problem;
use super::setup::Items;
use crate::app::App;
use crate::condition::EventView;
use crate::routing::{Answer, explain};

/// What CloudEvents have and our own form of an event has not.
#[derive(Deserialize)]
struct Kind {
    specversion: Option<IgnoredAny>,
}

/// Says which subscriptions would take an event, and why the others would not.
#[utoipa::path(
    post, path = "/v1/subscriptions/match",
    request_body(content(
        (Event = "application/json"),
        (cloudevents::CloudEvent = "application/cloudevents+json"),
    )),
    responses((status = 200, body = Items<Answer>), (status = 415), (status = 422)),
)]
pub(super) async fn post(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(bytes): Body,
) -> Result<Json<Items<Answer>>, Problem> {
    let event = read(&headers, &bytes)?;
    let snapshot = app.registry.snapshot();
    let view = EventView::new(&event);
    let mut answers: Vec<_> =
        snapshot.subscriptions.values().map(|entry| explain(entry, &event, &view)).collect();
    answers.sort_by(|a, b| a.subscription.cmp(&b.subscription));
    Ok(Json(Items { items: answers }))
}

/// An event as `GET /v1/events/{id}` prints it, or a CloudEvent in any of its modes.
fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Event, Problem> {
    let ours = !headers.contains_key("ce-specversion")
        && matches!(serde_json::from_slice(bytes), Ok(Kind { specversion: None }));
    if ours {
        return body::parse(bytes);
    }
    let mut events = cloudevents::read(headers, bytes, Timestamp::now())?;
    match (events.pop(), events.is_empty()) {
        (Some(event), true) => Ok(event),
        _ => Err(Problem::bad_request("send one event, not a batch of several or none")),
    }
}
