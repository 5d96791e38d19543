//! From a post to events and deliveries that are safe.

use std::sync::Arc;

use hookwright_model::{Delivery, Event, EventId, EventType, Original, Timestamp};
use hookwright_sandbox::{Context, Inbound, ParsedEvent, Problem as PluginProblem, Rejection};
use hookwright_store::{Post, Work};
use http::StatusCode;
use serde::Serialize;

use crate::app::App;
use crate::registry::SourceEntry;
use crate::routing::Matched;
use crate::server::problem::{FieldProblem, Problem};

/// What became of a post.
#[derive(Debug, Serialize)]
pub struct Accepted {
    /// The events in it, in order.
    pub events: Vec<AcceptedEvent>,
    /// What a person would want to know about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// What became of one event.
#[derive(Debug, Serialize)]
pub struct AcceptedEvent {
    /// Its id.
    pub id: EventId,
    /// Its type.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// How many subscriptions take it.
    pub deliveries: usize,
}

/// A post of a helpdesk, credentials checked.
pub struct Posted {
    /// The HTTP method.
    pub method: String,
    /// Decoded.
    pub query: Vec<(String, String)>,
    /// Headers and body.
    pub original: Arc<Original>,
}

/// Has the source's plugin read a post, and takes in the events in it.
///
/// # Errors
/// When the post cannot be read or kept.
pub async fn post(app: &App, entry: Arc<SourceEntry>, posted: Posted) -> Result<Accepted, Problem> {
    let received_at = Timestamp::now();
    let parsed = parse(app, &entry, &posted, received_at).await?;
    let source = entry.source.name.clone();
    let events = parsed.into_iter().map(|parsed| Event {
        id: EventId::new(),
        source: source.clone(),
        event_type: parsed.event_type,
        subject: parsed.subject.map(Into::into),
        occurred_at: parsed.occurred_at.unwrap_or(received_at),
        received_at,
        data_schema: parsed.data_schema.into(),
        data: parsed.data.into(),
        upstream_name: parsed.upstream_name.map(Into::into),
        dedupe_key: parsed.dedupe_key.map(Into::into),
    });
    accept(app, posted.original, events.collect()).await
}

async fn parse(
    app: &App,
    entry: &Arc<SourceEntry>,
    posted: &Posted,
    received_at: Timestamp,
) -> Result<Vec<ParsedEvent>, Problem> {
    let plugin = entry.plugin.as_ref().map_err(|problem| Problem::unavailable(problem.clone()))?;
    let subject = format!("a post to {}", entry.source.name);
    let context = Context {
        settings: Arc::clone(&entry.source.settings),
        now: received_at,
        attempt: 1,
        original: Some(Arc::clone(&posted.original)),
        time_zone: entry.time_zone.clone(),
        subject: subject.clone(),
    };
    let (call, original) = (plugin.clone(), Arc::clone(&posted.original));
    let (method, query, limits) =
        (posted.method.clone(), posted.query.clone(), entry.limits.clone());
    let lane = entry.source.id.uuid();
    let report = app
        .plugins
        .call(lane, plugin, &subject, move || {
            let inbound = Inbound { method: &method, query: &query, original: &original };
            call.parse(&inbound, &context, &limits)
        })
        .await;
    match report.outcome {
        Ok(Ok(events)) => Ok(events),
        Ok(Err(rejection)) => Err(rejected(&entry.source.name, rejection)),
        Err(fault) => {
            tracing::warn!(source = %entry.source.name, %fault, "a source plugin failed");
            Err(if fault.kind.is_deterministic() {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                Problem::new(status, "The source plugin failed on the post", fault.to_string())
            } else {
                Problem::unavailable(fault.to_string())
            })
        }
    }
}

fn rejected(source: &hookwright_model::Name, rejection: Rejection) -> Problem {
    let (status, title, problem) = match rejection {
        Rejection::Malformed(problem) => {
            (StatusCode::BAD_REQUEST, "The post cannot be read", problem)
        }
        Rejection::BrokenTemplate(problem) => {
            (StatusCode::BAD_REQUEST, "A template in the helpdesk broke the document", problem)
        }
        Rejection::Unsupported(problem) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "The post is not supported", problem)
        }
        Rejection::Misconfigured(problem) => {
            (StatusCode::SERVICE_UNAVAILABLE, "The source's settings are wrong", problem)
        }
    };
    tracing::info!(%source, %problem, "a post was refused: {title}");
    let PluginProblem { at, message } = problem;
    let errors = at.map(|pointer| FieldProblem { pointer, detail: message.clone() });
    Problem::new(status, title, message).with_errors(errors.into_iter().collect())
}

/// Takes in events: finds their subscriptions, and keeps events and deliveries in one commit.
///
/// # Errors
/// When they cannot be kept.
pub async fn accept(
    app: &App,
    original: Arc<Original>,
    events: Vec<Event>,
) -> Result<Accepted, Problem> {
    let snapshot = app.registry.snapshot();
    let mut accepted = Accepted { events: Vec::new(), problems: Vec::new() };
    let mut routed = Vec::new();
    for event in events {
        let Matched { takers, failures } = snapshot.routes.matching(&event);
        for failure in failures {
            let (id, subscription) = (event.id, &failure.subscription);
            let mistake = failure.mistake.one_line();
            tracing::warn!(event = %id, %subscription, %mistake, "a condition cannot be evaluated");
            accepted.problems.push(undecided(&event, subscription, &mistake));
        }
        let deliveries: Vec<_> = takers
            .iter()
            .map(|entry| Delivery::new(event.id, entry.subscription.id, event.received_at))
            .collect();
        if deliveries.is_empty() {
            accepted.problems.push(untaken(&event));
        }
        accepted.events.push(AcceptedEvent {
            id: event.id,
            event_type: event.event_type.clone(),
            deliveries: deliveries.len(),
        });
        routed.push((Arc::new(event), deliveries));
    }
    if routed.is_empty() {
        return Ok(accepted);
    }
    keep(app, original, routed).await?;
    Ok(accepted)
}

/// It is kept all the same: a subscription that is made later can still be given it.
fn untaken(event: &Event) -> Problem {
    let detail = format!(
        "the event {} of type `{}` from `{}` was kept, and no enabled subscription takes it: \
         check `sources`, `events`, `groups` and `condition` of the subscriptions, or ask \
         `hookwright subscription match`",
        event.id, event.event_type, event.source
    );
    Problem::new(StatusCode::OK, "No subscription takes the event", detail)
}

/// The subscription does not take it: nobody wants to get what they may have excluded.
fn undecided(event: &Event, subscription: &hookwright_model::Name, mistake: &str) -> Problem {
    let detail = format!(
        "the subscription `{subscription}` did not take the event {}: its condition cannot be \
         evaluated: {mistake}",
        event.id
    );
    Problem::new(StatusCode::OK, "A condition cannot be evaluated", detail)
}

async fn keep(
    app: &App,
    original: Arc<Original>,
    routed: Vec<(Arc<Event>, Vec<Delivery>)>,
) -> Result<(), Problem> {
    let count = routed.iter().map(|(_, deliveries)| deliveries.len()).sum();
    // With room to work on them at once, they are claimed in the same commit; without, they
    // wait in the store.
    let lease = if count > 0 { app.scheduler.reserve(count) } else { None };
    let post = Post { original: Arc::clone(&original), events: routed.clone(), lease };
    if let Err(error) = app.store.accept(post).await {
        if lease.is_some() {
            app.scheduler.release(count);
        }
        return Err(error.into());
    }
    if lease.is_some() {
        let works = routed.into_iter().flat_map(|(event, deliveries)| {
            let original = Arc::clone(&original);
            deliveries.into_iter().map(move |delivery| Work {
                delivery,
                event: Arc::clone(&event),
                original: Arc::clone(&original),
            })
        });
        app.scheduler.work(works);
    } else if count > 0 {
        app.scheduler.due(Timestamp::now());
    }
    Ok(())
}
