//! `/console/events`: what was taken in, and what became of it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use hookwright_model::{Event, EventId, Timestamp, ticket};
use hookwright_store::{DeliveryFilter, Page};
use http::{StatusCode, Uri};
use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::access::Routes;
use super::asked;
use super::body::{Shown, download};
use super::delivery::id;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::condition::EventView;
use crate::control;
use crate::routing::explain;
use crate::server::for_console;

/// What can be asked for.
const NAMES: [&str; 7] = ["source", "type", "subject", "ticket", "since", "until", "cursor"];
/// The most deliveries of an event that are listed; the search has all.
const MAX_DELIVERIES: usize = 100;
/// The most subscriptions of which it is told why they do not take an event.
const MAX_ANSWERS: usize = 200;
/// The most sources that a field suggests.
const MAX_SUGGESTED: usize = 300;

pub(super) fn routes() -> Routes {
    Routes::default()
        .reading("/console/events", get(list))
        .reading("/console/events/{id}", get(show))
        .reading("/console/events/{id}/{part}", get(part))
}

/// An event in a listing.
#[derive(Serialize)]
struct Row {
    id: EventId,
    source: String,
    event_type: String,
    subject: Option<Arc<str>>,
    ticket: Option<String>,
    occurred_at: Timestamp,
    received_at: Timestamp,
}

impl From<&Event> for Row {
    fn from(event: &Event) -> Self {
        Self {
            id: event.id,
            source: event.source.to_string(),
            event_type: event.event_type.to_string(),
            subject: event.subject.clone(),
            ticket: ticket::number(&event.data),
            occurred_at: event.occurred_at,
            received_at: event.received_at,
        }
    }
}

async fn list(State(app): State<Arc<App>>, visit: Visit, uri: Uri) -> Result<Response, Refusal> {
    let asked = asked::read(&uri, &NAMES);
    let snapshot = app.registry.snapshot();
    let sources = snapshot.configuration.sources.iter().take(MAX_SUGGESTED);
    let form = context! {
        asked => Serde(&asked),
        sources => sources.map(|source| source.name.to_string()).collect::<Vec<_>>(),
        narrowed => asked.iter().any(|(name, value)| *name != "cursor" && !value.is_empty()),
        first => asked::is_first(&asked),
    };
    let cursor = Some(asked["cursor"].as_str()).filter(|cursor| !cursor.is_empty());
    let (filter, page) = match for_console::events(&asked::query(&asked, cursor)) {
        Ok(search) => search,
        Err(problem) => {
            let context = context! {
                problem => problem.detail(),
                items => Vec::<()>::new(),
                ..form
            };
            return Ok(visit.page_with(StatusCode::BAD_REQUEST, "events.html", context));
        }
    };
    let found = app.store.find_events(filter, page).await?;
    let items: Vec<_> = found.items.iter().map(Row::from).collect();
    let next = found.next.map(|next| asked::query(&asked, Some(&next.to_string())));
    Ok(visit.page("events.html", context! { items => Serde(items), next, ..form }))
}

async fn show(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    let id: EventId = id(&text)?;
    let (event, original) = app.store.event(id).await?;
    let of_it = DeliveryFilter { event: Some(id), ..DeliveryFilter::default() };
    let page = Page { before: None, limit: MAX_DELIVERIES };
    let deliveries = app.store.find_deliveries(of_it, page).await?;
    let headers = original.headers.iter();
    let headers = headers.map(|(name, value)| (name, String::from_utf8_lossy(value)));
    Ok(visit.page(
        "event.html",
        context! {
            event => Serde(Row::from(&event)),
            data_schema => event.data_schema.as_ref(),
            upstream_name => event.upstream_name.as_deref(),
            dedupe_key => event.dedupe_key.as_deref(),
            data => Serde(Shown::of(event.data.as_bytes())),
            headers => Serde(headers.collect::<Vec<_>>()),
            original => Serde(Shown::of(&original.body)),
            deliveries => Serde(&deliveries.items),
            more_deliveries => deliveries.next.is_some(),
            answers => answers(&app, &event),
            replay => replay(&event),
        },
    ))
}

/// What subscriptions would make of it now; those that would take it first.
fn answers(app: &App, event: &Event) -> Serde<Vec<crate::routing::Answer>> {
    let (snapshot, view) = (app.registry.snapshot(), EventView::new(event));
    let entries = snapshot.subscriptions.values();
    let mut answers: Vec<_> = entries.map(|entry| explain(entry, event, &view)).collect();
    answers.sort_by(|a, b| (!a.taken, &a.subscription).cmp(&(!b.taken, &b.subscription)));
    answers.truncate(MAX_ANSWERS);
    Serde(answers)
}

/// The fields of a replay that is about this event alone. The daemon's own are in none.
fn replay(event: &Event) -> Option<String> {
    if control::is_reserved(&event.event_type) {
        return None;
    }
    let after = Timestamp::from_millis(event.received_at.millis().saturating_add(1));
    let fields = [
        ("what", "backfill".to_owned()),
        ("events", event.event_type.to_string()),
        ("source", event.source.to_string()),
        ("since", event.received_at.to_string()),
        ("until", after.to_string()),
    ];
    Some(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish())
}

/// A body as a whole.
async fn part(
    State(app): State<Arc<App>>,
    Path((text, part)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let id: EventId = id(&text)?;
    let (event, original) = app.store.event(id).await?;
    let body = match part.as_str() {
        "data" => event.data.as_bytes().to_vec().into(),
        "original" => original.body,
        _ => return Err(crate::server::problem::Problem::not_found("there is no such part").into()),
    };
    Ok(download(&format!("{id}-{part}"), body))
}
