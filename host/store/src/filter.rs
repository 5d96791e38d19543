//! What is looked for in the journal.

use hookwright_model::answer::StatusRange;
use hookwright_model::{
    DeliveryId, DeliveryState, EventId, Name, SubscriptionId, Timestamp, TypePattern,
};

/// Part of a listing, newest first.
#[derive(Clone, Copy, Debug)]
pub struct Page<Id> {
    /// Only what is older than this.
    pub before: Option<Id>,
    /// At most so many.
    pub limit: usize,
}

/// What was found. Only so much of the journal is looked at for one page: it can be short, or
/// empty, and yet not be the last one.
#[derive(Clone, Debug)]
pub struct Found<T, Id> {
    /// Newest first.
    pub items: Vec<T>,
    /// Where to go on; none if there is nothing more.
    pub next: Option<Id>,
}

/// Which deliveries: those for which all of it holds.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// In one of these states; in any, if there are none.
    pub states: Vec<DeliveryState>,
    /// The last answer had one of these statuses; any or no answer, if there are none.
    pub statuses: Vec<StatusRange>,
    /// For this subscription.
    pub subscription: Option<SubscriptionId>,
    /// Of this event.
    pub event: Option<EventId>,
    /// Caused by an answer that this delivery got.
    pub parent: Option<DeliveryId>,
    /// This text is in the reason for the state, in upper or lower case.
    pub error: Option<String>,
    /// Of such an event.
    pub about: About,
    /// When the delivery was made.
    pub times: Times,
}

/// Which events: those for which all of it holds.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// What happened.
    pub about: About,
    /// When the event was taken in.
    pub times: Times,
}

/// What happened to what.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// From this source.
    pub source: Option<Name>,
    /// Of such a type.
    pub event_type: Option<TypePattern>,
    /// About this: the ticket's id at the source.
    pub subject: Option<String>,
    /// The ticket has this number, or this id.
    pub ticket: Option<String>,
}

/// A span of time, by the moments that are in ids: they are a few milliseconds later than those
/// at which a post came in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    /// From this moment on.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}
