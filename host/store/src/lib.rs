//! Keeps what must not be lost: events, deliveries and attempts; sources, subscriptions and
//! plugins; secrets, encrypted.
//!
//! One trait, [`Store`], in the words of the model. [`SqliteStore`] is built in and needs
//! nothing installed; a store that several hosts share would claim deliveries with the same
//! leases.

#![forbid(unsafe_code)]

pub mod accounts;
mod error;
mod filter;
mod health;
pub mod keeping;
mod mail;
mod replay;
mod sqlite;
pub mod statistics;
mod types;
mod vault;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hookwright_model::{
    Attempt, Backfill, Delivery, DeliveryId, Digest, Event, EventId, Name, Original, PluginVersion,
    Redeliver, Reject, RejectId, Replay, ReplayId, ReplayMove, Secret, SubscriptionId, Timestamp,
};

pub use accounts::{Accounts, AuditFilter, ErasedAudit, StoredSession, UserChange};
pub use error::StoreError;
pub use filter::{About, DeliveryFilter, EventFilter, Found, Page, Times};
pub use health::SubscriptionHealth;
pub use keeping::Keeping;
pub use mail::{Aside, Mail, MailOutcome, MailPart, Mails, Outage, OutageChange};
pub use replay::{ReplayCount, ReplayDelivery, ReplayEvent, ReplayFilter, ReplayStep};
pub use sqlite::{SqliteStore, Written};
pub use statistics::{Counted, Overview, Span, Waiting};
pub use types::{
    Begun, Changes, Configuration, DeliverySummary, Due, Earlier, Entry, EventHead, Lease,
    NewEvent, NewRequest, Noted, Numbers, Once, Owner, PolicyKeyChange, Post, Progress, Queue,
    RejectCap, TakenIn, Wanted, Work,
};
pub use vault::{KeyError, Vault};

/// What every operation returns.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A place to keep things. When an operation that changes something returns `Ok`, the change
/// survives the loss of power.
#[async_trait]
pub trait Store: Keeping + Accounts + Mails + Overview {
    /// Takes in what a helpdesk posted: events, and a delivery for each subscription that
    /// wants them. All of it or nothing. An event that was taken in before is not taken in
    /// again.
    async fn accept(&self, post: Post) -> Result<TakenIn>;

    /// Keeps a post that could not be read, and lets go of older ones beyond the cap. The same
    /// post of the same source, if it is there, is counted instead; returns the id it has.
    async fn keep_reject(
        &self,
        reject: Reject,
        original: Arc<Original>,
        cap: RejectCap,
    ) -> Result<RejectId>;

    /// Posts that could not be read, newest first.
    async fn rejects(&self, source: Option<Name>, page: Page<RejectId>) -> Result<Vec<Reject>>;

    /// One of them, and what was posted.
    async fn reject(&self, id: RejectId) -> Result<(Reject, Original)>;

    /// Forgets one. Says whether there was one.
    async fn remove_reject(&self, id: RejectId) -> Result<bool>;

    /// The newest event of a source about something.
    async fn last_event(&self, source: Name, subject: Arc<str>) -> Result<Option<Event>>;

    /// Forgets, in a small batch, what is of no more use: what repeated events are known by,
    /// and rejects last seen before `rejects_before`. Says whether there may be more.
    async fn forget(&self, now: Timestamp, rejects_before: Timestamp) -> Result<bool>;

    /// Takes deliveries that are due, and marks them as being worked on under the lease.
    /// Deliveries whose lease has run out are due, but not to their owner, who is at it: a lease
    /// also runs out when the clock is set forward. When more is due than is wanted, every
    /// queue gets a share, and within it first attempts come before later ones.
    async fn claim(&self, wanted: Wanted, lease: Lease) -> Result<Due>;

    /// Extends the leases of everything that the owner works on.
    async fn renew(&self, lease: Lease) -> Result<()>;

    /// Gives back everything that is being worked on, by whomever. For a store that only this
    /// process uses, when it starts.
    async fn release_all(&self, now: Timestamp) -> Result<u64>;

    /// Makes what nobody works on and is due after `now` due so much sooner, because the clock was
    /// set back by as much. Says how many deliveries that were.
    async fn bring_forward(&self, now: Timestamp, by: Duration) -> Result<u64>;

    /// When the newest event was received, if there is any.
    async fn last_received_at(&self) -> Result<Option<Timestamp>>;

    /// Whether something could be kept. Writes something small only if a change was not made since
    /// the last time, for want of room or because nothing may be written.
    ///
    /// # Errors
    /// [`StoreError::Unwritable`] if it still could not.
    async fn writable(&self) -> Result<()>;

    /// When the next delivery is due that nobody works on, if there is any.
    async fn next_due(&self) -> Result<Option<Timestamp>>;

    /// Notes how far a delivery has come: its state, what was tried, what follows. All of it
    /// or nothing. Says how much there was to be noted.
    async fn record(&self, progress: Arc<Progress>) -> Result<Noted>;

    /// Makes deliveries due at this moment that wait until another one: that which is given with
    /// each. Those that wait for something else by now are left alone.
    async fn wake(&self, waiting: Vec<(DeliveryId, Timestamp)>, now: Timestamp) -> Result<()>;

    /// Subscriptions whose deliveries have failed, or did.
    async fn healths(&self) -> Result<Vec<SubscriptionHealth>>;

    /// Takes note of how deliveries of subscriptions went, and lets go of what was noted of them
    /// before. Those that are gone are left out.
    async fn keep_healths(&self, healths: Vec<SubscriptionHealth>) -> Result<()>;

    /// Disables a subscription, and takes note of why and of what comes with it.
    async fn disable(&self, health: SubscriptionHealth, now: Timestamp, aside: Aside)
    -> Result<()>;

    /// Makes a delivery that has ended pending again, from the request at which it ended.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it has not ended.
    async fn requeue(&self, id: DeliveryId, now: Timestamp) -> Result<()>;

    /// Ends a delivery that has not ended, or that others wait for though it has failed.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if there is nothing to cancel.
    async fn cancel(&self, id: DeliveryId, now: Timestamp) -> Result<()>;

    /// One event and what was posted.
    async fn event(&self, id: EventId) -> Result<(Event, Original)>;

    /// Looks for events, newest first.
    async fn find_events(
        &self,
        filter: EventFilter,
        page: Page<EventId>,
    ) -> Result<Found<Event, EventId>>;

    /// As many events as are asked for, if there are as many, however long it takes.
    async fn events(&self, filter: EventFilter, mut page: Page<EventId>) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        loop {
            let found = self.find_events(filter.clone(), page).await?;
            page.limit = page.limit.saturating_sub(found.items.len());
            events.extend(found.items);
            if page.limit == 0 || found.next.is_none() {
                return Ok(events);
            }
            page.before = found.next;
        }
    }

    /// One delivery.
    async fn delivery(&self, id: DeliveryId) -> Result<(Delivery, DeliverySummary)>;

    /// One delivery with all that belongs to it, as it is at one moment.
    async fn entry(&self, id: DeliveryId) -> Result<Entry>;

    /// Looks for deliveries, newest first.
    async fn find_deliveries(
        &self,
        filter: DeliveryFilter,
        page: Page<DeliveryId>,
    ) -> Result<Found<DeliverySummary, DeliveryId>>;

    /// As many deliveries as are asked for, if there are as many, however long it takes.
    async fn deliveries(
        &self,
        filter: DeliveryFilter,
        mut page: Page<DeliveryId>,
    ) -> Result<Vec<DeliverySummary>> {
        let mut deliveries = Vec::new();
        loop {
            let found = self.find_deliveries(filter.clone(), page).await?;
            page.limit = page.limit.saturating_sub(found.items.len());
            deliveries.extend(found.items);
            if page.limit == 0 || found.next.is_none() {
                return Ok(deliveries);
            }
            page.before = found.next;
        }
    }

    /// The attempts of a delivery, in order.
    async fn attempts(&self, id: DeliveryId) -> Result<Vec<Attempt>> {
        self.attempts_after(id, 0, usize::MAX).await
    }

    /// So many of a delivery's attempts, in order, from the one after this number on; the first
    /// is number 1.
    async fn attempts_after(
        &self,
        id: DeliveryId,
        after: u32,
        limit: usize,
    ) -> Result<Vec<Attempt>>;

    /// The beginnings of the last answers to deliveries, of at most so many bytes; of those that
    /// got none, nothing. Meant for a page of deliveries.
    async fn last_answers(
        &self,
        deliveries: Vec<DeliveryId>,
        most: usize,
    ) -> Result<Vec<(DeliveryId, Vec<u8>)>>;

    /// Everything an admin has set up.
    async fn configuration(&self) -> Result<Configuration>;

    /// Changes what an admin has set up, and takes in what comes with it. All of it or nothing.
    async fn change(&self, changes: Changes) -> Result<()>;

    /// The number of a subscription, also of one that is yet to be made.
    async fn number(&self, subscription: SubscriptionId) -> Result<i64>;

    /// Keeps a version of a plugin. A version that is there already stays as it is. Returns
    /// whether it is new.
    async fn install_plugin(&self, version: PluginVersion, bytes: Arc<[u8]>) -> Result<bool>;

    /// The bytes of a version of a plugin.
    async fn plugin_bytes(&self, digest: Digest) -> Result<Vec<u8>>;

    /// The checksum of a plugin's compiled code for a runtime, if it was compiled for it.
    async fn code_checksum(&self, digest: Digest, runtime: u64) -> Result<Option<Digest>>;

    /// Notes the checksum of a plugin's compiled code for a runtime.
    async fn note_code(&self, digest: Digest, runtime: u64, checksum: Digest) -> Result<()>;

    /// Notes that the owner of an address has confirmed it, which holds from then on.
    async fn confirm(&self, address: Digest, now: Timestamp) -> Result<()>;

    /// A key of the host's own, for one purpose. It is made when it is first asked for.
    async fn own_key(&self, purpose: &'static str) -> Result<Secret>;

    /// The value of a secret, if there is one of that name.
    async fn secret(&self, name: Name) -> Result<Option<Secret>>;

    /// All secrets, each with its value or why that cannot be read.
    async fn secrets(&self) -> Result<Vec<(Name, Result<Secret>)>>;

    /// The private key of a policy, if it is the one with this id.
    async fn policy_key(&self, name: Name, kid: String) -> Result<Option<Secret>>;

    /// Notes that a request is worked on that may be sent again, known by the digest of who sent
    /// it and its key; or says what became of it when it came before. Forgets those of more than a
    /// day ago, and the oldest of too many.
    async fn begin_request(&self, id: Digest, request: Digest, now: Timestamp) -> Result<Begun>;

    /// Keeps the answer to such a request, encrypted; without one the request is forgotten.
    async fn end_request(
        &self,
        id: Digest,
        request: Digest,
        answer: Option<Vec<u8>>,
        now: Timestamp,
    ) -> Result<()>;

    /// Keeps a replay.
    async fn add_replay(&self, replay: Replay) -> Result<()>;

    /// One replay.
    async fn replay(&self, id: ReplayId) -> Result<Replay>;

    /// Replays, newest first.
    async fn replays(&self, filter: ReplayFilter, page: Page<ReplayId>) -> Result<Vec<Replay>>;

    /// Brings a replay into another state, and returns it as it is then.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if there is no such move from the state it is in.
    async fn move_replay(&self, id: ReplayId, to: ReplayMove, now: Timestamp) -> Result<Replay>;

    /// Goes on with a replay that is running, and returns it as it is then. If it is not where
    /// the step begins, or is not running, nothing is changed, and there is none.
    async fn step_replay(&self, step: ReplayStep) -> Result<Option<Replay>>;

    /// Forgets a replay.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it has not ended.
    async fn remove_replay(&self, id: ReplayId) -> Result<()>;

    /// How many deliveries there are to make again, by subscription and type.
    async fn count_replay(&self, what: Redeliver) -> Result<Vec<ReplayCount>>;

    /// Deliveries to make again, oldest first, after one of them.
    async fn replay_deliveries(
        &self,
        what: Redeliver,
        after: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Vec<ReplayDelivery>>;

    /// Events to deliver, oldest first, after one of them.
    async fn replay_events(
        &self,
        what: Backfill,
        after: Option<EventId>,
        limit: usize,
    ) -> Result<Vec<ReplayEvent>>;
}
