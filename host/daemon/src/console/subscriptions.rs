//! `/console/subscriptions`: what there is, how it is, and what can be done with it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use hookwright_model::{
    Counts, DeliveryId, DeliveryState, Role, Subject, SubjectKind, Subscription, Timestamp,
};
use hookwright_store::{About, DeliveryFilter, DeliverySummary, Page, SubscriptionHealth};
use http::Uri;
use minijinja::context;
use minijinja::value::Serde;

use super::access::Routes;
use super::answers;
use super::asked;
use super::day::of_the_day;
use super::editing::{document, is_channel};
use super::forms::pretty;
use super::refusal::Refusal;
use super::text;
use super::visit::Visit;
use crate::app::App;
use crate::control;
use crate::registry::{Held, Snapshot, newest};
use crate::server::for_console_setup::{self as setup, Kind};
use crate::server::problem::Problem;

/// What can be asked for.
const NAMES: [&str; 2] = ["state", "text"];
/// The states that can be asked for, as they are shown.
const STATES: [&str; 6] =
    ["active", "failing", "suspended", "unconfirmed", "disabled", "self-disabled"];
/// The deliveries that are shown on a subscription's page.
const LAST: usize = 10;

pub(super) fn routes() -> Routes {
    Routes::default()
        .reading("/console/subscriptions", get(list))
        .reading("/console/subscriptions/{name}", get(show))
        .operating("/console/subscriptions/{name}/enable", post(enable))
        .operating("/console/subscriptions/{name}/disable", post(disable))
        .operating("/console/subscriptions/{name}/test", post(test))
        .operating("/console/subscriptions/{name}/verify", post(verify))
        .administering("/console/subscriptions/{name}/remove", get(sure).post(remove))
}

/// How a subscription is.
fn state(app: &App, there: &Snapshot, one: &Subscription) -> (&'static str, SubscriptionHealth) {
    let health = app.health.get(one.id).unwrap_or_else(|| SubscriptionHealth::new(one.id));
    let entry = there.subscriptions.get(&one.id);
    let suspended = || {
        let mut all = app.breaker.suspended().into_iter();
        let here = Some(one.id.uuid());
        all.any(|other| {
            other.digest == one.digest && (other.target.is_none() || other.target == here)
        })
    };
    let state = match entry.and_then(|entry| entry.held()) {
        Some(Held::Disabled) if health.disabled_at.is_some() => "self-disabled",
        Some(Held::Disabled) => "disabled",
        Some(Held::Unconfirmed) => "unconfirmed",
        None if suspended() => "suspended",
        None if health.consecutive_failures > 0 => "failing",
        None => "active",
    };
    (state, health)
}

fn summary(app: &App, there: &Snapshot, one: &Subscription) -> minijinja::Value {
    let (state, health) = state(app, there, one);
    let mut versions = there.configuration.plugins.iter();
    let version = versions.find(|version| version.digest == one.digest);
    let newest = newest(&there.configuration, Role::Destination, &one.plugin);
    context! {
        name => one.name.as_str(),
        description => one.description.as_deref(),
        state,
        enabled => one.enabled,
        plugin => one.plugin.as_str(),
        version => version.map(|version| version.descriptor.version.as_str()),
        digest => one.digest.short(),
        has_newer => newest.is_some_and(|newest| newest != one.digest),
        sources => names(&one.sources),
        events => names(&one.events),
        groups => one.groups.join(", "),
        condition => one.condition.as_deref(),
        failures => health.consecutive_failures,
        failing_since => health.failing_since.map(|at| at.to_string()),
        last_error => health.last_error,
        last_error_at => health.last_error_at.map(|at| at.to_string()),
        disabled_at => health.disabled_at.map(|at| at.to_string()),
    }
}

fn names<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

async fn list(State(app): State<Arc<App>>, visit: Visit, uri: Uri) -> Result<Response, Refusal> {
    let asked = asked::read(&uri, &NAMES);
    let counts = of_the_day(&app, SubjectKind::Subscription).await?;
    let there = app.registry.snapshot();
    let text = asked["text"].to_lowercase();
    let fits = |one: &&Subscription| {
        let words =
            [one.name.as_str(), one.plugin.as_str(), one.description.as_deref().unwrap_or("")];
        let says = words.iter().any(|word| word.to_lowercase().contains(&text));
        let wanted = asked["state"].as_str();
        says && (wanted.is_empty() || state(&app, &there, one).0 == wanted)
    };
    let mut found: Vec<_> = there.configuration.subscriptions.iter().filter(fits).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let item = |one: &Subscription| {
        let counted = counts.get(&Subject::Subscription(one.id));
        let figure = |of: fn(&Counts) -> u64| counted.map_or(0, of);
        context! {
            delivered => figure(|counts| counts.delivered),
            failed => figure(|counts| counts.failed),
            ..summary(&app, &there, one)
        }
    };
    let items: Vec<_> = found.into_iter().map(item).collect();
    let context = context! {
        items,
        asked => Serde(&asked),
        states => STATES,
        narrowed => asked.values().any(|value| !value.is_empty()),
    };
    Ok(visit.page("subscriptions.html", context))
}

fn find<'a>(there: &'a Snapshot, name: &str) -> Result<&'a Subscription, Problem> {
    let mut all = there.configuration.subscriptions.iter();
    let found = all.find(|one| one.name.as_str() == name || one.id.to_string() == name);
    found.ok_or_else(|| Problem::not_found("there is no such subscription"))
}

/// When a subscription or one of its secrets was changed last; none if there is no such one.
pub(super) fn last_change(there: &Snapshot, name: &str) -> Option<Timestamp> {
    let mut all = there.configuration.subscriptions.iter();
    let one = all.find(|one| one.name.as_str() == name)?;
    let set_at = &there.configuration.secrets_set_at;
    let secrets = one.secrets.values().filter_map(|secret| set_at.get(secret).copied());
    secrets.chain([one.updated_at]).max()
}

async fn deliveries(
    app: &App,
    one: &Subscription,
    about: About,
    limit: usize,
) -> Result<Vec<DeliverySummary>, Problem> {
    let filter = DeliveryFilter { subscription: Some(one.id), about, ..DeliveryFilter::default() };
    Ok(app.store.find_deliveries(filter, Page { before: None, limit }).await?.items)
}

async fn show(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let asked = asked::read(&uri, &["test"]);
    let there = app.registry.snapshot();
    let one = find(&there, &name)?;
    let tests = || About { event_type: control::TEST.parse().ok(), ..About::default() };
    let is_channel = is_channel(one.plugin.as_str());
    let tested = match asked["test"].parse::<DeliveryId>() {
        Ok(id) => app.store.delivery(id).await.ok().map(|(_, summary)| summary),
        // The state of a channel is that of its last test.
        Err(_) if is_channel => deliveries(&app, one, tests(), 1).await?.pop(),
        Err(_) => None,
    };
    let tested = tested.filter(|tested| tested.subscription_id == one.id);
    // What was tested is not what there is now.
    let changed = last_change(&there, one.name.as_str());
    let stale = is_channel
        && tested.as_ref().is_some_and(|tested| changed.is_some_and(|at| tested.created_at < at));
    let took = match &tested {
        Some(tested) if tested.state.is_final() => {
            let attempts = app.store.attempts(tested.id).await?;
            attempts.last().map(|attempt| attempt.timings.total_us)
        }
        _ => None,
    };
    let last = deliveries(&app, one, About::default(), LAST).await?;
    let waits = |one: &DeliverySummary| !one.state.is_final();
    let document = document(&app, Kind::Subscription, &name)?;
    let part = |pointer: &str| document.pointer(pointer).filter(|part| !is_empty(part)).map(pretty);
    let parts = [
        "signing",
        "auth",
        "tls",
        "proxy",
        "preset",
        "retry",
        "retry_unknown",
        "timeout_s",
        "max_concurrent",
        "order",
        "after_failure",
        "pace",
        "reserve_hosts",
        "answers",
        "write_back",
        "disable_on_failure",
        "mail_exceptions_to",
        "time_zone",
        "verify",
    ];
    let parts: Vec<_> = parts
        .iter()
        .filter_map(|name| {
            let value = part(&format!("/{name}"))?;
            let text = match *name {
                "timeout_s" => "timeout".to_owned(),
                "mail_exceptions_to" => "mail".to_owned(),
                other => other.replace('_', "-"),
            };
            // As the form says it.
            let words = format!("{text}-is-{}", value.trim_matches('"'));
            let words = Some(words).filter(|words| text::has(&format!("field-{words}")));
            Some(context! { text, words, value })
        })
        .collect();
    let secrets: Vec<_> = one.secrets.iter().map(|(slot, name)| (slot, name.as_str())).collect();
    let context = context! {
        one => summary(&app, &there, one),
        settings => pretty(document.get("settings").unwrap_or_default()),
        secrets => Serde(secrets),
        parts,
        is_channel,
        stale,
        tested => Serde(&tested),
        why => tested.as_ref().and_then(|tested| tested.reason.as_deref()).map(control::plain),
        is_tested => tested.as_ref().is_some_and(|tested| tested.state.is_final()),
        is_connected => tested.as_ref().is_some_and(|tested| tested.state == DeliveryState::Delivered),
        took,
        moves => tested.as_ref().is_some_and(waits) || last.iter().any(waits),
        answers => answers::of(&app, &last).await?,
        items => Serde(&last),
        created_at => one.created_at.map(|at| at.to_string()),
        updated_at => one.updated_at.to_string(),
    };
    Ok(visit.page("subscription.html", context))
}

fn is_empty(part: &serde_json::Value) -> bool {
    match part {
        serde_json::Value::Null => true,
        serde_json::Value::Array(items) => items.is_empty(),
        serde_json::Value::Object(members) => members.is_empty(),
        serde_json::Value::Bool(is_on) => !is_on,
        _ => false,
    }
}

fn address(name: &str) -> String {
    format!("/console/subscriptions/{name}")
}

async fn enable(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    switch(&app, &visit, &name, true).await
}

async fn disable(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    switch(&app, &visit, &name, false).await
}

async fn switch(app: &App, visit: &Visit, name: &str, on: bool) -> Result<Response, Refusal> {
    setup::switch(app, &visit.actor()?, name, on).await?;
    let key = if on { "note-enabled" } else { "note-disabled" };
    Ok(visit.done(&address(name), key, name))
}

async fn test(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let delivery = setup::test(&app, visit.actor()?, &name).await?;
    Ok(Redirect::to(&format!("{}?test={delivery}", address(&name))).into_response())
}

async fn verify(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    setup::verify(&app, visit.actor()?, &name).await?;
    Ok(visit.done(&address(&name), "note-asked", &name))
}

async fn sure(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let there = app.registry.snapshot();
    let one = find(&there, &name)?;
    let states = vec![DeliveryState::Pending, DeliveryState::Running];
    let filter = DeliveryFilter { subscription: Some(one.id), states, ..DeliveryFilter::default() };
    let found = app.store.find_deliveries(filter, Page { before: None, limit: 100 }).await?;
    let context = context! {
        name => one.name.as_str(),
        base => "/console/subscriptions",
        is_subscription => true,
        waiting => found.items.len(),
        more => found.next.is_some(),
    };
    Ok(visit.page("setup-remove.html", context))
}

async fn remove(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    setup::remove_one(&app, &visit.actor()?, Kind::Subscription, &name).await?;
    Ok(visit.done("/console/subscriptions", "note-removed", &name))
}
