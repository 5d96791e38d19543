//! What is let go of, erased, and redacted.
//!
//! What belongs together goes together: an event with its original, its deliveries, their
//! requests and attempts. Nothing goes while there is work to be done for it, unless it is
//! erased.

use std::sync::Arc;

use async_trait::async_trait;
use hookwright_model::{
    Age, Attempt, Delivery, Event, EventId, Name, Original, RejectId, Request, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::Result;

/// The part of a store that lets go.
#[async_trait]
pub trait Keeping: Send + Sync + 'static {
    /// Lets go, in a small batch, of the oldest events after `after` that came before this moment
    /// and all of whose deliveries ended before it.
    async fn let_go(&self, before: Timestamp, after: Option<EventId>) -> Result<Swept>;

    /// How much there is.
    async fn size(&self) -> Result<StoreSize>;

    /// Gives a little of the room that is free in the store back to the disk. Says whether there
    /// is more that is worth it.
    async fn give_back(&self) -> Result<bool>;

    /// Looks, in a small batch of events after `after`, for what is sought.
    async fn find(&self, sought: Arc<Sought>, after: Option<EventId>) -> Result<Found>;

    /// Looks for it, in the same way, in posts that could not be read.
    async fn find_rejects(
        &self,
        sought: Arc<Sought>,
        after: Option<RejectId>,
    ) -> Result<FoundRejects>;

    /// What belongs to these events.
    async fn count(&self, events: Vec<EventId>) -> Result<Counts>;

    /// Erases, in a small batch, events with all that belongs to them, and rejects. What was to be
    /// delivered is canceled. What they held is overwritten.
    async fn erase(&self, events: Vec<EventId>, rejects: Vec<RejectId>) -> Result<Erased>;

    /// Empties the log of changes, in which what was erased is still to be read. Says whether
    /// that was done: it cannot be while somebody reads what was there before.
    async fn empty_log(&self) -> Result<bool>;

    /// Writes the whole store anew: where rows were moved, a copy of what was erased since can be
    /// left between those of others. Nobody writes meanwhile. Says whether that was done: it
    /// cannot be while others keep writing.
    async fn rewrite(&self) -> Result<bool>;

    /// Redacts, in a small batch, events whose deliveries have ended, with all that belongs to
    /// them. Says whether there may be more.
    async fn redact(&self, now: Timestamp, redactor: Arc<dyn Redactor>) -> Result<bool>;
}

/// A batch of what was let go of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Events.
    pub events: u64,
    /// Deliveries.
    pub deliveries: u64,
    /// After which event to go on; none at the end.
    pub next: Option<EventId>,
}

/// How much there is, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StoreSize {
    /// What is kept, but for plugins.
    pub journal: u64,
    /// Free in the file, to be used again.
    pub free: u64,
}

/// Whose traces are sought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// What is known of them.
    pub trace: Trace,
    /// Only in what came from this source.
    pub source: Option<Name>,
}

/// What is known of what is sought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trace {
    /// Events about the ticket that people know by this number; if it has no number, that has
    /// this id.
    Ticket(String),
    /// Events about this.
    Subject(String),
    /// Everything in which this text is found, in any case of its letters.
    Person(String),
    /// Everything in which exactly this text is found.
    Text(String),
}

/// Events in which there is a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// They themselves. The same can be found more than once.
    pub events: Vec<EventId>,
    /// After which event to go on; none at the end.
    pub next: Option<EventId>,
}

/// Rejects in which there is a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundRejects {
    /// They themselves.
    pub rejects: Vec<RejectId>,
    /// After which to go on; none at the end.
    pub next: Option<RejectId>,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counts {
    /// Events.
    pub events: u64,
    /// What was posted.
    pub originals: u64,
    /// Deliveries.
    pub deliveries: u64,
    /// Of these, those that had not ended.
    pub canceled: u64,
    /// Requests, with those that were changed.
    pub requests: u64,
    /// Attempts.
    pub attempts: u64,
    /// Posts that could not be read.
    pub rejects: u64,
    /// Entries of the audit log in which something was taken out.
    pub audit: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.events += more.events;
        self.originals += more.originals;
        self.deliveries += more.deliveries;
        self.canceled += more.canceled;
        self.requests += more.requests;
        self.attempts += more.attempts;
        self.rejects += more.rejects;
        self.audit += more.audit;
    }
}

/// What was erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// How much.
    pub counts: Counts,
    /// Events for which deliveries were being worked on.
    pub running: Vec<EventId>,
    /// Events that did not fit into the batch.
    pub left: Vec<EventId>,
}

/// Whose requests and answers they are.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The source of the event.
    pub source: &'a Name,
    /// The subscription; none if it is gone.
    pub subscription: Option<&'a Name>,
}

/// Takes out what is not to be kept. Each says whether anything was; what was taken out before is
/// not taken out again.
pub trait Redactor: Send + Sync {
    /// Out of an event's data.
    fn event(&self, event: &mut Event) -> bool;
    /// Out of what was posted.
    fn original(&self, source: &Name, original: &mut Original) -> bool;
    /// Out of a request as a plugin asked for it. One that was changed cannot be sent again.
    fn request(&self, place: Place<'_>, request: &mut Request) -> bool;
    /// Out of what a delivery is to do because of an answer. It cannot be done again then.
    fn follow_up(&self, place: Place<'_>, delivery: &mut Delivery) -> bool;
    /// Out of what is noted of a delivery: its reason, the words of its plugin.
    fn delivery(&self, place: Place<'_>, delivery: &mut Delivery) -> bool;
    /// Out of what was sent, what came back, and what is said of it.
    fn attempt(&self, place: Place<'_>, attempt: &mut Attempt) -> bool;
    /// How long a delivery that did not arrive can be sent again.
    fn failed_after(&self) -> Age;
}
