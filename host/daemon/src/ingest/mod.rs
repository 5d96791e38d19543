//! From a post to events and deliveries that are safe.

mod changes;
mod once;
pub mod reject;
mod verify;

use std::sync::Arc;

use hookwright_model::{
    Delivery, DeliveryState, Event, EventId, EventType, Original, Subscription, Timestamp,
};
use hookwright_sandbox::{Context, Inbound, ParsedEvent, Problem as PluginProblem, Rejection};
use hookwright_store::{NewEvent, Once, Post, TakenIn, Work};
use http::StatusCode;
use serde::Serialize;

use crate::app::App;
use crate::control;
use crate::crash::{self, Point};
use crate::live::Topic;
use crate::registry::{Snapshot, SourceEntry, SubscriptionEntry};
use crate::routing::Failure;
use crate::server::problem::{FieldProblem, Problem};

/// What became of a post.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Accepted {
    /// The events in it, in order.
    pub events: Vec<AcceptedEvent>,
    /// What a person would want to know about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// Whether all of it was taken in before. Then this is the same answer as the first one.
    #[serde(skip)]
    pub repeated: bool,
}

/// What became of one event.
#[derive(Debug, Serialize, utoipa::ToSchema)]
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
    /// The id of the token that it proved itself by, if it has one.
    pub token_id: Option<String>,
}

/// Has the source's plugin read a post, and takes in the events in it.
///
/// # Errors
/// When the post cannot be read or kept.
pub async fn post(app: &App, entry: Arc<SourceEntry>, posted: Posted) -> Result<Accepted, Problem> {
    let received_at = Timestamp::now();
    let parsed = match parse(app, &entry, &posted, received_at).await {
        Ok(parsed) => parsed,
        Err(Unread::Post(problem)) => {
            return Err(reject::keep(app, &entry.source.name, &posted, problem).await);
        }
        Err(Unread::Plugin(problem)) => return Err(problem),
    };
    let source = entry.source.name.clone();
    let (for_host, parsed): (Vec<_>, Vec<_>) =
        parsed.into_iter().partition(|parsed| parsed.event_type.as_str() == verify::VERIFY);
    for asked in for_host {
        verify::call_back(app, &source, &asked.data);
    }
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
    let key = once::PostKey::of(&posted, &entry.source);
    let mut known = Vec::new();
    for (position, event) in events.enumerate() {
        // Known by what was posted, not by what is made of it here.
        let once = key.once(&event, position);
        known.push((what_changed(app, &entry, event).await?, once));
    }
    take_in(app, posted.original, known).await
}

/// Adds to an update what changed, if the source is set up so.
async fn what_changed(app: &App, entry: &SourceEntry, event: Event) -> Result<Event, Problem> {
    let asked = entry.source.track_changes && event.event_type.as_str() == changes::UPDATED;
    let Some(subject) = event.subject.clone().filter(|_| asked) else { return Ok(event) };
    let last = app.store.last_event(event.source.clone(), subject).await?;
    Ok(match last {
        Some(last) => changes::tell(event, &last),
        None => event,
    })
}

/// Why there are no events.
enum Unread {
    /// It is the post, which is kept.
    Post(Problem),
    /// The plugin cannot run now; the helpdesk is to send it again.
    Plugin(Problem),
}

async fn parse(
    app: &App,
    entry: &Arc<SourceEntry>,
    posted: &Posted,
    received_at: Timestamp,
) -> Result<Vec<ParsedEvent>, Unread> {
    let unavailable = |problem: &String| Unread::Plugin(Problem::unavailable(problem.clone()));
    let plugin = entry.plugin.as_ref().map_err(unavailable)?;
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
        Ok(Ok(events)) => {
            let mut types = events.iter().map(|event| &event.event_type);
            match types.find(|event_type| control::is_reserved(event_type)) {
                None => Ok(events),
                Some(reserved) => {
                    let status = StatusCode::UNPROCESSABLE_ENTITY;
                    let title = "An event of the daemon's own";
                    Err(Unread::Post(Problem::new(status, title, control::refusal(reserved))))
                }
            }
        }
        Ok(Err(rejection)) => Err(Unread::Post(rejected(&entry.source.name, rejection))),
        Err(fault) => {
            tracing::warn!(source = %entry.source.name, %fault, "a source plugin failed");
            Err(if fault.kind.is_deterministic() {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                let title = "The source plugin failed on the post";
                Unread::Post(Problem::new(status, title, fault.to_string()))
            } else {
                Unread::Plugin(Problem::unavailable(fault.to_string()))
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
    let known = events.into_iter().map(|event| {
        let once = once::by_own_id(&event);
        (event, once)
    });
    take_in(app, original, known.collect()).await
}

async fn take_in(
    app: &App,
    original: Arc<Original>,
    events: Vec<(Event, Option<Once>)>,
) -> Result<Accepted, Problem> {
    let snapshot = app.registry.snapshot();
    let source = events.first().map(|(event, _)| event.source.clone());
    let original = redacted(&snapshot, source.as_ref(), original);
    let mut failures = Vec::new();
    let routed = events.into_iter().map(|(event, once)| {
        let matched = snapshot.routes.matching(&event);
        let taken = |entry: &Arc<SubscriptionEntry>| {
            let Subscription { id, order, .. } = entry.subscription;
            let delivery = Delivery::new(event.id, id, event.received_at);
            Delivery { lane: order.lane(&event), ..delivery }
        };
        let deliveries = matched.takers.iter().map(taken).collect();
        failures.push(matched.failures);
        NewEvent { event: Arc::new(event), deliveries, once }
    });
    let routed = routed.collect();
    let taken_in = keep(app, original, routed).await?;
    let repeated = !taken_in.is_empty() && taken_in.iter().all(|(_, repeated)| *repeated);
    let mut accepted = Accepted { events: Vec::new(), problems: Vec::new(), repeated };
    for ((event, repeated), failures) in taken_in.into_iter().zip(failures) {
        for Failure { subscription, mistake } in failures {
            let (id, mistake) = (event.id, mistake.one_line());
            if !repeated {
                tracing::warn!(event = %id, %subscription, %mistake, "a condition cannot be evaluated");
            }
            accepted.problems.push(undecided(id, &subscription, &mistake));
        }
        if event.deliveries == 0 {
            accepted.problems.push(untaken(&event));
        }
        accepted.events.push(event);
    }
    Ok(accepted)
}

/// What is posted without the headers that are not to be kept. It is kept as plugins see it:
/// what they make of it is the same if they are asked again.
fn redacted(
    snapshot: &Snapshot,
    source: Option<&hookwright_model::Name>,
    original: Arc<Original>,
) -> Arc<Original> {
    let redaction = &snapshot.redaction;
    let source = source.filter(|_| !redaction.is_empty());
    let without = source.and_then(|source| redaction.without_headers(source, &original));
    without.map_or(original, Arc::new)
}

/// It is kept all the same: a subscription that is made later can still be given it.
fn untaken(event: &AcceptedEvent) -> Problem {
    let detail = format!(
        "the event {} of type `{}` was kept, and no enabled subscription takes it: check \
         `sources`, `events`, `groups` and `condition` of the subscriptions, or ask \
         `hookwright subscription match`",
        event.id, event.event_type
    );
    Problem::new(StatusCode::OK, "No subscription takes the event", detail)
}

/// The subscription does not take it: nobody wants to get what they may have excluded.
fn undecided(event: EventId, subscription: &hookwright_model::Name, mistake: &str) -> Problem {
    let detail = format!(
        "the subscription `{subscription}` did not take the event {event}: its condition cannot \
         be evaluated: {mistake}"
    );
    Problem::new(StatusCode::OK, "A condition cannot be evaluated", detail)
}

/// Says what became of each event, and whether that was long ago.
async fn keep(
    app: &App,
    original: Arc<Original>,
    mut routed: Vec<NewEvent>,
) -> Result<Vec<(AcceptedEvent, bool)>, Problem> {
    if routed.is_empty() {
        return Ok(Vec::new());
    }
    // With room to work on them at once, they are claimed in the same commit; without, they
    // wait in the store.
    let lease = app.scheduler.reserve(routed.iter_mut().flat_map(|new| {
        let bytes = new.event.data.len() + original.body.len();
        new.deliveries.iter_mut().map(move |delivery| (delivery, bytes))
    }));
    let post = Post { original: Arc::clone(&original), events: routed.clone(), lease };
    let (before, waiting) = match app.store.accept(post).await {
        Ok(TakenIn { earlier, waiting }) => (earlier, waiting),
        Err(error) => {
            let reserved = routed.into_iter().flat_map(|new| works_of(new, &original));
            reserved.for_each(|work| app.scheduler.release(&work));
            return Err(error.into());
        }
    };
    crash::pass(Point::AcceptAfterCommit);
    let mut accepted = Vec::new();
    let mut works = Vec::new();
    let mut some_wait = false;
    for (new, before) in routed.into_iter().zip(before) {
        let repeated = before.is_some();
        if !repeated {
            app.statistics.taken_in(&new.event.source, new.event.received_at);
        }
        accepted.push((
            match before {
                Some(before) => AcceptedEvent {
                    id: before.event,
                    event_type: before.event_type,
                    deliveries: before.deliveries,
                },
                None => AcceptedEvent {
                    id: new.event.id,
                    event_type: new.event.event_type.clone(),
                    deliveries: new.deliveries.len(),
                },
            },
            repeated,
        ));
        some_wait |= new.deliveries.iter().any(|delivery| delivery.state == DeliveryState::Pending);
        for work in works_of(new, &original) {
            if repeated || waiting.contains(&work.delivery.id) {
                app.scheduler.release(&work);
            } else {
                works.push(work);
            }
        }
    }
    let new = accepted.iter().filter(|(_, repeated)| !repeated);
    let deliveries = new.clone().map(|(event, _)| event.deliveries).sum();
    app.live.tell(Topic::Events, new.count());
    app.live.tell(Topic::Deliveries, deliveries);
    if !works.is_empty() {
        app.scheduler.work(works);
    }
    if some_wait {
        app.scheduler.due(Timestamp::now());
    }
    Ok(accepted)
}

/// The deliveries for which room was reserved.
fn works_of(new: NewEvent, original: &Arc<Original>) -> impl Iterator<Item = Work> {
    let NewEvent { event, deliveries, once: _ } = new;
    let mut reserved = deliveries.into_iter();
    let original = Arc::clone(original);
    std::iter::from_fn(move || {
        let delivery = reserved.find(|delivery| delivery.state == DeliveryState::Running)?;
        Some(Work { delivery, event: Arc::clone(&event), original: Arc::clone(&original) })
    })
}
