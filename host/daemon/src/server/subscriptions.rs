//! `/v1/subscriptions`: what is set up, trying it out, and asking who owns its address.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hookwright_model::{
    AuditEntry, AuditTarget, DeliveryId, Event, EventId, FieldChange, Name, Subscription,
    SubscriptionId, Timestamp,
};
use hookwright_store::{Changes, SubscriptionHealth};
use http::StatusCode;
use serde::Serialize;

use super::auth::Actor;
use super::listed::{self, PartQuery, SubscriptionQuery, of_part};
use super::problem::Problem;
use super::resource::{self, Patch, Resource, routes_of};
use super::setup::Items;
use crate::app::App;
use crate::audit;
use crate::control::{self, Own};
use crate::handshake;
use crate::operations;
use crate::registry::{Held, Snapshot, SubscriptionEntry};
use crate::setup::{self, Removals, Setup, SubscriptionWanted};

/// A subscription, whether events are routed to it, and how its deliveries went.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = SubscriptionShown)]
pub(super) struct Shown {
    #[serde(flatten)]
    subscription: Subscription,
    state: Routed,
    #[serde(flatten)]
    health: SubscriptionHealth,
}

/// Whether events are routed to a subscription.
#[derive(Clone, Copy, Serialize, utoipa::ToSchema)]
#[schema(as = SubscriptionState)]
#[serde(rename_all = "snake_case")]
enum Routed {
    /// They are.
    Active,
    /// It is disabled.
    Disabled,
    /// Whoever owns its address has not confirmed it.
    Unconfirmed,
}

impl Shown {
    fn new(app: &App, there: &Snapshot, subscription: &Subscription) -> Self {
        let entry = there.subscriptions.get(&subscription.id);
        let state = match entry.and_then(|entry| entry.held()) {
            None => Routed::Active,
            Some(Held::Disabled) => Routed::Disabled,
            Some(Held::Unconfirmed) => Routed::Unconfirmed,
        };
        let id = subscription.id;
        let mut health = app.health.get(id).unwrap_or_else(|| SubscriptionHealth::new(id));
        health.disabled_at = health.disabled_at.filter(|_| !subscription.enabled);
        Self { subscription: subscription.clone(), state, health }
    }
}

fn by_name<'a>(there: &'a Snapshot, name: &str) -> Option<&'a Subscription> {
    let mut all = there.configuration.subscriptions.iter();
    let id = name.parse().ok();
    all.find(|one| one.name.as_str() == name || Some(one.id) == id)
}

/// Subscriptions, as the API handles them.
pub(super) struct Subscriptions;

impl Resource for Subscriptions {
    type Wanted = SubscriptionWanted;
    type Shown = Shown;
    const WORD: &'static str = "subscription";
    const LIST: &'static str = "subscriptions";

    fn find(there: &Snapshot, name: &str) -> Option<SubscriptionWanted> {
        by_name(there, name).map(SubscriptionWanted::from)
    }

    fn shown(app: &App, there: &Snapshot, name: &str) -> Option<Shown> {
        by_name(there, name).map(|one| Shown::new(app, there, one))
    }

    fn name(wanted: &SubscriptionWanted) -> &Name {
        &wanted.name
    }

    fn setup(wanted: SubscriptionWanted) -> Setup {
        Setup { subscriptions: vec![wanted], ..Setup::default() }
    }

    fn removal(name: Name) -> Removals {
        Removals { subscriptions: vec![name], ..Removals::default() }
    }
}

type SubscriptionPatch = Patch<SubscriptionWanted>;

routes_of!(
    Subscriptions: SubscriptionWanted => Shown, SubscriptionPatch,
    "/v1/subscriptions" "/v1/subscriptions/{name}" "Its name, or its id.",
    "Makes a subscription."
    "Shows a subscription, and how its deliveries went."
    "Sets a subscription up anew."
    "Changes a subscription."
    "Removes a subscription. What it has to deliver is canceled; the journal keeps what was."
);

/// Lists the subscriptions, and how their deliveries went.
#[utoipa::path(
    get, path = "/v1/subscriptions",
    params(SubscriptionQuery),
    responses((status = 200, body = Items<Shown>)),
)]
pub(super) async fn list(State(app): State<Arc<App>>, asked: listed::Subscriptions) -> Listed {
    Ok(some(&app, &SubscriptionQuery::read(asked)?))
}

/// Lists the subscriptions that are enabled. A subscription of this name is found by its id.
#[utoipa::path(
    get, path = "/v1/subscriptions/enabled",
    params(PartQuery),
    responses((status = 200, body = Items<Shown>)),
)]
pub(super) async fn list_enabled(State(app): State<Arc<App>>, asked: listed::Part) -> Listed {
    Ok(some(&app, &SubscriptionQuery::read(of_part(asked, true))?))
}

/// Lists the subscriptions that are disabled. A subscription of this name is found by its id.
#[utoipa::path(
    get, path = "/v1/subscriptions/disabled",
    params(PartQuery),
    responses((status = 200, body = Items<Shown>)),
)]
pub(super) async fn list_disabled(State(app): State<Arc<App>>, asked: listed::Part) -> Listed {
    Ok(some(&app, &SubscriptionQuery::read(of_part(asked, false))?))
}

type Listed = Result<Json<Items<Shown>>, Problem>;

fn some(app: &App, asked: &SubscriptionQuery) -> Json<Items<Shown>> {
    let there = app.registry.snapshot();
    let wanted = there.configuration.subscriptions.iter().filter(|one| asked.wants(one));
    Json(Items { items: wanted.map(|one| Shown::new(app, &there, one)).collect() })
}

/// A subscription's id by its name or its id.
pub(super) fn find(app: &App, name: &str) -> Result<SubscriptionId, Problem> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let snapshot = app.registry.snapshot();
    let mut all = snapshot.configuration.subscriptions.iter();
    let found = all.find(|subscription| subscription.name.as_str() == name);
    found.map(|subscription| subscription.id).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> Problem {
    resource::unknown(Subscriptions::WORD, name)
}

pub(super) fn entry(app: &App, name: &str) -> Result<Arc<SubscriptionEntry>, Problem> {
    let id = find(app, name)?;
    app.registry.snapshot().subscriptions.get(&id).cloned().ok_or_else(|| unknown(name))
}

/// Has events routed to a subscription again.
#[utoipa::path(
    post, path = "/v1/subscriptions/{name}/enable",
    params(("name" = Name, Path, description = "Its name, or its id.")),
    responses((status = 204, description = "It is so now."), (status = 404)),
)]
pub(super) async fn enable(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    switch(&app, &actor, &name, true).await
}

/// Has no more events routed to a subscription. What it has to deliver waits.
#[utoipa::path(
    post, path = "/v1/subscriptions/{name}/disable",
    params(("name" = Name, Path, description = "Its name, or its id.")),
    responses((status = 204, description = "It is so now."), (status = 404)),
)]
pub(super) async fn disable(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    switch(&app, &actor, &name, false).await
}

/// Not by a plan: what is wrong with a subscription must not keep it from being disabled.
pub(super) async fn switch(
    app: &App,
    actor: &Actor,
    name: &str,
    enabled: bool,
) -> Result<StatusCode, Problem> {
    let _turn = setup::turn(app).await;
    let entry = entry(app, name)?;
    if entry.subscription.enabled != enabled {
        let updated_at = Timestamp::now();
        let subscription = Subscription { enabled, updated_at, ..entry.subscription.clone() };
        let audit = vec![switched(actor, &subscription)];
        let mut changes =
            Changes { subscriptions: vec![subscription], audit, ..Changes::default() };
        let snapshot = app.registry.snapshot();
        let told = operations::switched(&snapshot, &changes.subscriptions);
        app.operations.join(&snapshot, told, &mut changes);
        app.store.change(changes).await?;
        app.registry.reload().await?;
        if enabled {
            app.health.enabled(entry.subscription.id);
        }
        // What waited for it goes on, and the event that tells of it goes out.
        app.scheduler.due(Timestamp::now());
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What was taken in, to be asked about.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = SentEvent)]
pub(super) struct Sent {
    event: EventId,
    pub(super) delivery: DeliveryId,
}

type Accepted = (StatusCode, Json<Sent>);

async fn send(
    app: &App,
    actor: &Actor,
    action: &str,
    event: Event,
    to: &Subscription,
) -> Result<Accepted, Problem> {
    let id = event.id;
    let delivery = Own::send(app, event, to.id).await?;
    let target = AuditTarget::new("subscription", &to.name);
    let which = vec![FieldChange::fact("/delivery", delivery.to_string())];
    audit::note(app, actor, action, target, which).await;
    Ok((StatusCode::ACCEPTED, Json(Sent { event: id, delivery })))
}

fn switched(actor: &Actor, now: &Subscription) -> AuditEntry {
    let (from, to) = ((!now.enabled).into(), now.enabled.into());
    let changes = vec![FieldChange { pointer: "/enabled".into(), from, to }];
    let action = if now.enabled { "subscription.enable" } else { "subscription.disable" };
    audit::entry(actor, action, AuditTarget::new("subscription", &now.name), changes)
}

/// Sends a test message, whatever the subscription takes, also while it is disabled.
#[utoipa::path(
    post, path = "/v1/subscriptions/{name}/test",
    params(("name" = Name, Path, description = "Its name, or its id.")),
    responses((status = 202, body = Sent), (status = 404), (status = 409)),
)]
pub(super) async fn test(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<Accepted, Problem> {
    let entry = entry(&app, &name)?;
    let event = control::test(&entry.subscription.name, &app.public_url, Timestamp::now())?;
    send(&app, &actor, "subscription.test", event, &entry.subscription).await
}

/// Asks the owner of a subscription's address once more.
#[utoipa::path(
    post, path = "/v1/subscriptions/{name}/verify",
    params(("name" = Name, Path, description = "Its name, or its id.")),
    responses((status = 202, body = Sent), (status = 404), (status = 409)),
)]
pub(super) async fn verify(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<Accepted, Problem> {
    let entry = entry(&app, &name)?;
    let name = &entry.subscription.name;
    let conflict = |detail: String| Problem::new(StatusCode::CONFLICT, "Conflict", detail);
    let Some(address) = &entry.address else {
        let detail = format!(
            "the subscription `{name}` asks nobody to confirm its address; set `verify` if it is to"
        );
        return Err(conflict(detail));
    };
    if address.confirmed {
        return Err(conflict(format!("the address of the subscription `{name}` is confirmed")));
    }
    let id = entry.subscription.id;
    let event = handshake::request(&app, id, address.digest, Timestamp::now())?;
    send(&app, &actor, "subscription.verify", event, &entry.subscription).await
}
