//! What a subscription would send for a past event, and what another version of its plugin would.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use hookwright_model::{Event, EventId};
use hookwright_store::{EventFilter, Page};
use http::{StatusCode, Uri};
use minijinja::context;
use minijinja::value::Serde;

use super::access::Routes;
use super::asked;
use super::body::Shown;
use super::edit::base;
use super::editing::document;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::control;
use crate::delivery::rehearsal::Rehearsal;
use crate::registry::newest;
use crate::server::body;
use crate::server::for_console_setup::{self as setup, Kind, save_one, version_of};
use crate::server::problem::Problem;
use crate::setup::{SubscriptionWanted, turn};

/// The events that are looked through for some that a subscription would take.
const LOOKED_AT: usize = 200;
/// The events that can be chosen from, and that versions are compared with.
const OFFERED: usize = 20;

pub(super) fn routes() -> Routes {
    Routes::default()
        .operating("/console/subscriptions/{name}/dry-run", get(show))
        .administering("/console/subscriptions/{name}/update", get(compare).post(update))
}

/// A dry run as a template shows it.
pub(super) fn shown(run: &Rehearsal) -> minijinja::Value {
    let requests = run.requests.iter().map(|one| {
        context! {
            method => one.sent.method.as_str(),
            url => one.sent.url.as_str(),
            headers => Serde(one.sent.headers.clone()),
            body => Serde(Shown::of(&one.sent.body)),
            signatures => one.signature_headers.join(", "),
            is_token => one.is_token,
        }
    });
    context! {
        taken => run.routing.taken,
        routing => run.routing.detail.as_str(),
        outcome => Serde(run.outcome),
        reason => run.reason.as_deref(),
        requests => requests.collect::<Vec<_>>(),
        call => Serde(run.call.clone()),
        digest => run.digest.short(),
    }
}

/// Whether a subscription takes an event, but for its state: it may be disabled until it is right.
fn takes(wanted: &SubscriptionWanted, event: &Event) -> bool {
    let from = wanted.sources.is_empty() || wanted.sources.contains(&event.source);
    let fits = wanted.events.iter().any(|pattern| pattern.matches(&event.event_type));
    from && fits && !control::is_reserved(&event.event_type)
}

/// The last events that a subscription takes, by source and type; its condition is looked at by
/// the dry run.
async fn last(app: &App, wanted: &SubscriptionWanted) -> Result<Vec<Event>, Problem> {
    let page = Page { before: None, limit: LOOKED_AT };
    let found = app.store.find_events(EventFilter::default(), page).await?;
    let taken = found.items.into_iter().filter(|event| takes(wanted, event));
    Ok(taken.take(OFFERED).collect())
}

/// The last event that a subscription takes.
pub(super) async fn recent(
    app: &App,
    wanted: &SubscriptionWanted,
) -> Result<Option<EventId>, Problem> {
    Ok(last(app, wanted).await?.first().map(|event| event.id))
}

fn wanted(app: &App, name: &str) -> Result<SubscriptionWanted, Problem> {
    body::convert(document(app, Kind::Subscription, name)?)
}

async fn show(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let asked = asked::read(&uri, &["event"]);
    let wanted = wanted(&app, &name)?;
    let events = last(&app, &wanted).await?;
    let event = match (asked["event"].as_str(), events.first()) {
        ("", None) => None,
        ("", Some(first)) => Some(first.id.to_string()),
        (given, _) => Some(given.to_owned()),
    };
    let run = match &event {
        None => None,
        Some(text) => Some(match text.parse::<EventId>() {
            Ok(id) => setup::dry_run(&app, wanted.name.as_str(), id).await,
            Err(error) => Err(Problem::bad_request(format!("{error}"))),
        }),
    };
    let (status, problem) = match &run {
        Some(Err(problem)) => (problem.status(), Some(problem.detail())),
        _ => (200, None),
    };
    let offered = events.iter().map(|one| {
        context! {
            id => one.id.to_string(),
            name => one.event_type.as_str(),
            at => one.received_at.to_string(),
            subject => one.subject.as_deref(),
        }
    });
    let context = context! {
        name => wanted.name.as_str(),
        event,
        offered => offered.collect::<Vec<_>>(),
        tried => run.as_ref().and_then(|run| run.as_ref().ok()).map(shown),
        problem,
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    Ok(visit.page_with(status, "dry-run.html", context))
}

async fn compare(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let wanted = wanted(&app, &name)?;
    let there = app.registry.snapshot();
    let newest = newest(&there.configuration, hookwright_model::Role::Destination, &wanted.plugin);
    let newest = newest.ok_or_else(|| Problem::not_found("the plugin is not installed"))?;
    let events: Vec<_> = last(&app, &wanted).await?.iter().map(|event| event.id).collect();
    let compared = setup::compare(&app, wanted.name.as_str(), newest, &events).await?;
    let differ = compared.iter().filter(|one| !one.now.is_same(&one.then)).map(|one| {
        context! { event => one.event.to_string(), now => shown(&one.now), then => shown(&one.then) }
    });
    let version = |digest: Option<hookwright_model::Digest>| {
        let mut all = there.configuration.plugins.iter();
        let found = all.find(|one| Some(one.digest) == digest);
        found.map(|one| {
            context! {
                version => one.descriptor.version.as_str(),
                digest => one.digest.short(),
                installed_at => one.installed_at.to_string(),
            }
        })
    };
    let context = context! {
        name => wanted.name.as_str(),
        plugin => wanted.plugin.as_str(),
        now => version(wanted.digest),
        then => version(Some(newest)),
        digest => newest.to_string(),
        is_newest => wanted.digest == Some(newest),
        compared => compared.len(),
        differ => differ.collect::<Vec<_>>(),
        version => version_of(&app, Kind::Subscription, wanted.name.as_str())?,
    };
    Ok(visit.page("subscription-update.html", context))
}

async fn update(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
    sent: bytes::Bytes,
) -> Result<Response, Refusal> {
    let entries = super::forms::Entries::of(&sent);
    let mut document = document(&app, Kind::Subscription, &name)?;
    document["digest"] = entries.text("digest").into();
    let seen = setup::Seen { name: &name, version: entries.text("version") };
    let kind = Kind::Subscription;
    let turn = turn(&app).await;
    save_one(&app, &visit.actor()?, turn, kind, Some(seen), document, Vec::new()).await?;
    Ok(visit.done(&format!("{}/{name}", base(kind)), "note-saved", &name))
}
