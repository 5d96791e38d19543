//! What replays look at, and how they go on.

use hookwright_model::{
    Delivery, DeliveryId, Event, EventType, ReplayId, ReplayState, SubscriptionId, Timestamp,
};
use uuid::Uuid;

/// A delivery that a replay may make again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// For whom.
    pub subscription_id: SubscriptionId,
    /// The type of its event.
    pub event_type: EventType,
}

/// How many such deliveries there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayCount {
    /// For whom.
    pub subscription_id: SubscriptionId,
    /// The type of their events.
    pub event_type: EventType,
    /// How many.
    pub count: u64,
}

/// An event that a replay may deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayEvent {
    /// The event.
    pub event: Event,
    /// Whether the subscription has had a delivery for it.
    pub had: bool,
}

/// Which replays.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplayFilter {
    /// In this state.
    pub state: Option<ReplayState>,
}

/// A replay goes on a little: the deliveries and the cursor's move are one change.
#[derive(Clone, Debug)]
pub struct ReplayStep {
    /// Of this replay.
    pub id: ReplayId,
    /// Where its cursor is, as far as is known. If it is elsewhere, nothing is changed.
    pub from: Option<Uuid>,
    /// Where it is then.
    pub to: Option<Uuid>,
    /// Deliveries to make pending again, if they still are in one of the states that the replay
    /// is about.
    pub requeue: Vec<DeliveryId>,
    /// Deliveries to add; without those whose events the subscription has had meanwhile, if the
    /// replay is not to deliver them again.
    pub deliveries: Vec<Delivery>,
    /// Whether there is nothing left to look at.
    pub ended: bool,
    /// The present moment.
    pub now: Timestamp,
}
