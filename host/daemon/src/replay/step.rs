//! What a replay does next.

use hookwright_model::{
    Backfill, Delivery, DeliveryId, EventId, Redeliver, Replay, ReplayWhat, Timestamp,
};
use hookwright_store::{ReplayStep, Store, StoreError};
use uuid::Uuid;

use super::choose::{leaves_out, leaves_out_event};
use super::{batch, open_for};
use crate::registry::Snapshot;

/// What is looked at in one step. Of most there is something to deliver; where there seldom is,
/// the cursor moves on all the same.
const PAGE: usize = 100;

/// The next step: the deliveries that are to be made together, and where the cursor is then.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn next(
    store: &dyn Store,
    snapshot: &Snapshot,
    replay: &Replay,
    now: Timestamp,
) -> Result<ReplayStep, StoreError> {
    match &replay.what {
        ReplayWhat::Redeliver(what) => redeliver(store, snapshot, replay, what, now).await,
        ReplayWhat::Backfill(what) => backfill(store, snapshot, replay, what, now).await,
    }
}

async fn redeliver(
    store: &dyn Store,
    snapshot: &Snapshot,
    replay: &Replay,
    what: &Redeliver,
    now: Timestamp,
) -> Result<ReplayStep, StoreError> {
    let after = replay.cursor.map(DeliveryId::from_uuid);
    let page = store.replay_deliveries(what.clone(), after, PAGE).await?;
    let taken = Taken::of(page, replay, |found| {
        let goes = leaves_out(snapshot, found.subscription_id, &found.event_type).is_none();
        (found.id.uuid(), goes.then_some(found.id))
    });
    Ok(ReplayStep { requeue: taken.items, ..step(replay, taken.to, taken.ended, now) })
}

async fn backfill(
    store: &dyn Store,
    snapshot: &Snapshot,
    replay: &Replay,
    what: &Backfill,
    now: Timestamp,
) -> Result<ReplayStep, StoreError> {
    // Whoever asks has looked; it can have changed since.
    let Ok(entry) = open_for(snapshot, what.subscription) else {
        return Ok(step(replay, replay.cursor, false, now));
    };
    let after = replay.cursor.map(EventId::from_uuid);
    let page = store.replay_events(what.clone(), after, PAGE).await?;
    let taken = Taken::of(page, replay, |found| {
        let goes = leaves_out_event(entry, what, found).is_none();
        let id = found.event.id;
        // Behind whatever the subscription's order puts before it.
        let lane = entry.subscription.order.lane(&found.event);
        let delivery = || Delivery { lane, ..Delivery::new(id, what.subscription, now) };
        (id.uuid(), goes.then(delivery))
    });
    Ok(ReplayStep { deliveries: taken.items, ..step(replay, taken.to, taken.ended, now) })
}

fn step(replay: &Replay, to: Option<Uuid>, ended: bool, now: Timestamp) -> ReplayStep {
    let (requeue, deliveries) = (Vec::new(), Vec::new());
    ReplayStep { id: replay.id, from: replay.cursor, to, requeue, deliveries, ended, now }
}

/// What was taken of a page.
struct Taken<T> {
    items: Vec<T>,
    /// The last that was looked at.
    to: Option<Uuid>,
    /// Whether nothing comes after it.
    ended: bool,
}

impl<T> Taken<T> {
    /// Looks at one after the other until there are enough. `look` gives the id of each, and
    /// what is to be done with it.
    fn of<F>(page: Vec<F>, replay: &Replay, look: impl Fn(&F) -> (Uuid, Option<T>)) -> Self {
        let last_page = page.len() < PAGE;
        let mut taken = Self { items: Vec::new(), to: replay.cursor, ended: false };
        let mut rest = page.into_iter();
        while taken.items.len() < batch(replay) {
            let Some(found) = rest.next() else {
                taken.ended = last_page;
                break;
            };
            let (id, item) = look(&found);
            taken.to = Some(id);
            taken.items.extend(item);
        }
        taken
    }
}
