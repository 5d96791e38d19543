//! What the console's pages of what is set up ask and do, as the API does.

use std::sync::Arc;

use axum::extract::{Path, State};
use hookwright_model::{DeliveryId, Digest, EventId, Name};
use serde_json::Value;

use super::auth::Actor;
use super::connections::Connections;
use super::dry_run;
use super::problem::Problem;
pub use super::resource::save::Seen;
use super::resource::save::{remove_seen, save, version};
use super::subscriptions::{self, Subscriptions};
use crate::app::App;
use crate::delivery::rehearsal::{Rehearsal, facts};
use crate::live::Topic;
use crate::setup::{SecretWanted, SubscriptionWanted, Turn};

/// What is edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A subscription.
    Subscription,
    /// A connection.
    Connection,
}

/// The version of what an admin can change of it.
///
/// # Errors
/// When there is none of this name.
pub fn version_of(app: &App, kind: Kind, name: &str) -> Result<String, Problem> {
    match kind {
        Kind::Subscription => version::<Subscriptions>(app, name),
        Kind::Connection => version::<Connections>(app, name),
    }
}

/// Makes one, or changes the one that was seen, with the secrets that were entered beside it, in
/// the turn in which these were given their names.
///
/// # Errors
/// With all that is wrong in it; 412 if it was changed meanwhile.
pub async fn save_one(
    app: &Arc<App>,
    actor: &Actor,
    turn: Turn,
    kind: Kind,
    seen: Option<Seen<'_>>,
    document: Value,
    secrets: Vec<SecretWanted>,
) -> Result<Name, Problem> {
    match kind {
        Kind::Subscription => {
            save::<Subscriptions>(app, actor, turn, seen, document, secrets).await
        }
        Kind::Connection => save::<Connections>(app, actor, turn, seen, document, secrets).await,
    }
}

/// Removes one.
///
/// # Errors
/// When there is none, or something needs it.
pub async fn remove_one(
    app: &Arc<App>,
    actor: &Actor,
    kind: Kind,
    name: &str,
) -> Result<(), Problem> {
    match kind {
        Kind::Subscription => remove_seen::<Subscriptions>(app, actor, name).await,
        Kind::Connection => remove_seen::<Connections>(app, actor, name).await,
    }
}

/// Has events routed to a subscription, or not.
///
/// # Errors
/// When there is none.
pub async fn switch(app: &App, actor: &Actor, name: &str, on: bool) -> Result<(), Problem> {
    subscriptions::switch(app, actor, name, on).await.map(drop)
}

/// Sends a test, and says which delivery it is.
///
/// # Errors
/// When there is no such subscription.
pub async fn test(app: &Arc<App>, actor: Actor, name: &str) -> Result<DeliveryId, Problem> {
    let path = Path(name.to_owned());
    let (_, sent) = subscriptions::test(State(Arc::clone(app)), actor, path).await?;
    app.live.tell(Topic::Deliveries, 1);
    Ok(sent.delivery)
}

/// Asks the owner of a subscription's address once more.
///
/// # Errors
/// When there is nothing to ask.
pub async fn verify(app: &Arc<App>, actor: Actor, name: &str) -> Result<DeliveryId, Problem> {
    let path = Path(name.to_owned());
    let (_, sent) = subscriptions::verify(State(Arc::clone(app)), actor, path).await?;
    Ok(sent.delivery)
}

/// What a subscription would send for an event.
///
/// # Errors
/// When there is no such subscription or event.
pub async fn dry_run(app: &App, name: &str, event: EventId) -> Result<Rehearsal, Problem> {
    dry_run::saved(app, name, event, None).await
}

/// The same of one that is not saved.
///
/// # Errors
/// With what is wrong in it.
pub async fn dry_run_unsaved(
    app: &App,
    wanted: SubscriptionWanted,
    secrets: Vec<SecretWanted>,
    event: EventId,
) -> Result<Rehearsal, Problem> {
    dry_run::unsaved(app, wanted, secrets, event).await
}

/// What two versions of a subscription's plugin make of an event.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The event.
    pub event: EventId,
    /// As it is.
    pub now: Rehearsal,
    /// As it would be.
    pub then: Rehearsal,
}

/// What another version of its plugin would do with these events.
///
/// # Errors
/// When there is no such subscription or version.
pub async fn compare(
    app: &App,
    name: &str,
    digest: Digest,
    events: &[EventId],
) -> Result<Vec<Compared>, Problem> {
    let entry = subscriptions::entry(app, name)?;
    let other = dry_run::another_version(app, &entry, digest).await?;
    // With the same id and time, so that they differ by what the versions do.
    let facts = facts();
    let mut compared = Vec::with_capacity(events.len());
    for &id in events {
        // One that was removed meanwhile is none any more.
        let Ok((event, original)) = app.store.event(id).await else { continue };
        let of = |entry| Rehearsal::of(&app.plugins, entry, event.clone(), original.clone(), facts);
        compared.push(Compared { event: id, now: of(&entry).await, then: of(&other).await });
    }
    Ok(compared)
}
