//! `/v1/subscriptions`: what is set up, trying it out, and asking who owns its address.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hookwright_model::{DeliveryId, Event, EventId, Subscription, SubscriptionId, Timestamp};
use hookwright_store::{Changes, SubscriptionHealth};
use http::StatusCode;
use serde::Serialize;

use super::problem::Problem;
use super::setup::Items;
use crate::app::App;
use crate::control::{self, Own};
use crate::handshake;
use crate::operations;
use crate::registry::{Held, SubscriptionEntry};

/// A subscription, whether events are routed to it, and how its deliveries went.
#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    subscription: Subscription,
    state: &'static str,
    #[serde(flatten)]
    health: SubscriptionHealth,
}

pub(super) async fn list(State(app): State<Arc<App>>) -> Json<Items<Shown>> {
    let snapshot = app.registry.snapshot();
    let items = snapshot.configuration.subscriptions.iter().map(|subscription| {
        let entry = snapshot.subscriptions.get(&subscription.id);
        let state = match entry.and_then(|entry| entry.held()) {
            None => "active",
            Some(Held::Disabled) => "disabled",
            Some(Held::Unconfirmed) => "unconfirmed",
        };
        let id = subscription.id;
        let mut health = app.health.get(id).unwrap_or_else(|| SubscriptionHealth::new(id));
        health.disabled_at = health.disabled_at.filter(|_| !subscription.enabled);
        Shown { subscription: subscription.clone(), state, health }
    });
    Json(Items { items: items.collect() })
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
    let shown: String = name.chars().take(80).collect();
    Problem::not_found(format!("there is no subscription `{shown}`"))
}

fn entry(app: &App, name: &str) -> Result<Arc<SubscriptionEntry>, Problem> {
    let id = find(app, name)?;
    app.registry.snapshot().subscriptions.get(&id).cloned().ok_or_else(|| unknown(name))
}

/// Has events routed to it again.
pub(super) async fn enable(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let entry = entry(&app, &name)?;
    if !entry.subscription.enabled {
        let updated_at = Timestamp::now();
        let subscription = Subscription { enabled: true, updated_at, ..entry.subscription.clone() };
        let mut changes = Changes { subscriptions: vec![subscription], ..Changes::default() };
        let snapshot = app.registry.snapshot();
        let switched = operations::switched(&snapshot, &changes.subscriptions);
        app.operations.join(&snapshot, switched, &mut changes);
        app.store.change(changes).await?;
        app.registry.reload().await?;
        app.health.enabled(entry.subscription.id);
        app.scheduler.due(Timestamp::now());
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What was taken in, to be asked about.
#[derive(Serialize)]
pub(super) struct Sent {
    event: EventId,
    delivery: DeliveryId,
}

type Accepted = (StatusCode, Json<Sent>);

async fn send(app: &App, event: Event, to: SubscriptionId) -> Result<Accepted, Problem> {
    let id = event.id;
    let delivery = Own::send(app, event, to).await?;
    Ok((StatusCode::ACCEPTED, Json(Sent { event: id, delivery })))
}

/// Sends a test message, whatever the subscription takes, also while it is disabled.
pub(super) async fn test(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Accepted, Problem> {
    let entry = entry(&app, &name)?;
    let event = control::test(&entry.subscription.name, &app.public_url, Timestamp::now())?;
    send(&app, event, entry.subscription.id).await
}

/// Asks the owner of its address once more.
pub(super) async fn verify(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Accepted, Problem> {
    let entry = entry(&app, &name)?;
    let name = &entry.subscription.name;
    let conflict = |detail: String| Problem::new(StatusCode::CONFLICT, "Conflict", detail);
    let Some(address) = entry.address else {
        let detail = format!(
            "the subscription `{name}` asks nobody to confirm its address; set `verify` if it is to"
        );
        return Err(conflict(detail));
    };
    if address.confirmed {
        return Err(conflict(format!("the address of the subscription `{name}` is confirmed")));
    }
    let id = entry.subscription.id;
    send(&app, handshake::request(&app, id, address.digest, Timestamp::now())?, id).await
}
