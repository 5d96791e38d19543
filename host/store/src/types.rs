//! What goes into a store and comes out, where it is more than one thing of the model.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use hookwright_model::{
    Attempt, AuditEntry, Connection, ConnectionId, Delivery, DeliveryId, DeliveryState, Digest,
    Event, EventId, EventType, JournalSettings, Limits, MailSettings, Name, Original, PluginKey,
    PluginVersion, Policy, PolicyKey, Request, Secret, Source, SourceId, Subscription,
    SubscriptionId, Timestamp,
};
use serde::Serialize;
use uuid::Uuid;

use crate::mail::Aside;

/// Who works on deliveries: one run of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner(pub Uuid);

/// The right to work on deliveries, for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Whose it is.
    pub owner: Owner,
    /// When it runs out.
    pub until: Timestamp,
}

/// What a helpdesk posted, and what is to become of it.
#[derive(Clone, Debug)]
pub struct Post {
    /// As it came.
    pub original: Arc<Original>,
    /// The events in it.
    pub events: Vec<NewEvent>,
    /// Set when the one who accepts goes on to work at once on deliveries that are in the state
    /// [`DeliveryState::Running`]: then they are claimed from the start.
    pub lease: Option<Lease>,
}

/// An event to be taken in.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The event.
    pub event: Arc<Event>,
    /// One for each subscription that wants it.
    pub deliveries: Vec<Delivery>,
    /// What it is known by if it is posted again.
    pub once: Option<Once>,
}

/// What an event is known by, among those of its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// Of whatever says that it is the same.
    pub key: Digest,
    /// From then on it counts as new.
    pub until: Timestamp,
}

/// An event that was taken in before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Its id.
    pub event: EventId,
    /// Its type.
    pub event_type: EventType,
    /// How many subscriptions took it.
    pub deliveries: usize,
}

/// What became of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenIn {
    /// For each event, in order, what became of it when it was taken in before.
    pub earlier: Vec<Option<Earlier>>,
    /// Deliveries that are not worked on yet, as they are behind others.
    pub waiting: Vec<DeliveryId>,
}

/// Whose queue a delivery stands in: of whatever has to bear its requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Of the receiver of a subscription.
    Subscription(SubscriptionId),
    /// Of a helpdesk that is written back to.
    Connection(Name),
}

impl Queue {
    /// The one of a delivery.
    #[must_use]
    pub fn of(delivery: &Delivery) -> Self {
        match &delivery.connection {
            Some(name) => Self::Connection(name.clone()),
            None => Self::Subscription(delivery.subscription_id),
        }
    }
}

/// How much that is due is wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Due by then.
    pub now: Timestamp,
    /// At most so many deliveries.
    pub count: usize,
    /// About so many bytes of events and posts, at most; of one delivery there may be more.
    pub bytes: usize,
    /// How many a queue may have in all.
    pub each: usize,
    /// How many they have.
    pub taken: HashMap<Queue, usize>,
}

impl Wanted {
    /// So many of what is due by then, whosoever they are and however large.
    #[must_use]
    pub fn any(now: Timestamp, count: usize) -> Self {
        Self { now, count, bytes: usize::MAX, each: usize::MAX, taken: HashMap::new() }
    }

    /// How many of this queue are wanted at most.
    #[must_use]
    pub fn room(&self, queue: &Queue) -> usize {
        self.each.saturating_sub(self.taken.get(queue).copied().unwrap_or(0)).min(self.count)
    }
}

/// What was due.
#[derive(Clone, Debug)]
pub struct Due {
    /// Claimed, longest due first.
    pub works: Vec<Work>,
    /// Whether more was due than was wanted.
    pub more: bool,
    /// When the next is due of those that were not.
    pub next: Option<Timestamp>,
}

/// How much is kept of what could not be read. The oldest goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RejectCap {
    /// Posts.
    pub posts: u64,
    /// The bytes of all their bodies together, as they are stored.
    pub bytes: u64,
}

/// A claimed delivery and all that is needed to work on it.
#[derive(Clone, Debug)]
pub struct Work {
    /// The delivery.
    pub delivery: Delivery,
    /// What happened.
    pub event: Arc<Event>,
    /// What was posted.
    pub original: Arc<Original>,
}

impl Work {
    /// About the memory that it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.event.data.len() + self.original.body.len()
    }
}

/// How far a delivery has come.
#[derive(Clone, Debug)]
pub struct Progress {
    /// As it is now. `requests` is not looked at: see `new_requests`.
    pub delivery: Delivery,
    /// Requests that were not stored before.
    pub new_requests: Vec<NewRequest>,
    /// What was just tried.
    pub attempt: Option<Attempt>,
    /// Deliveries that the answer caused.
    pub follow_ups: Vec<Delivery>,
    /// Set while the delivery is still worked on.
    pub lease: Option<Lease>,
    /// Whether those that follow it wait on though it has ended.
    pub keeps_turn: bool,
    /// What comes with it.
    pub aside: Aside,
}

/// How much of a delivery's progress there was to be noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// All of it.
    Whole,
    /// What was tried and what follows: the delivery itself has ended otherwise meanwhile.
    Tried,
    /// Nothing: the delivery was erased meanwhile.
    Nothing,
}

/// A request of a delivery, as the plugin asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// Which of the delivery's requests.
    pub position: u32,
    /// How often it was changed because of an answer.
    pub revision: u32,
    /// Secrets unresolved.
    pub request: Arc<Request>,
}

/// A delivery in a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DeliverySummary {
    /// Its id.
    pub id: DeliveryId,
    /// What happened.
    pub event_id: EventId,
    /// Its type.
    pub event_type: EventType,
    /// Where it came from.
    pub source: Name,
    /// What it is about.
    pub subject: Option<String>,
    /// The number by which people know the ticket, where the helpdesk gives one.
    pub ticket: Option<String>,
    /// For whom.
    pub subscription_id: SubscriptionId,
    /// The subscription's name; none if it is gone.
    pub subscription: Option<Name>,
    /// The delivery whose answer caused this one.
    pub parent: Option<DeliveryId>,
    /// The connection through which it writes back.
    pub connection: Option<Name>,
    /// How far it is.
    pub state: DeliveryState,
    /// Tries of all its requests.
    pub attempts: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub next_attempt_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The last failure, or why it was skipped.
    pub reason: Option<String>,
    /// The status of the last answer.
    pub status: Option<u16>,
}

/// An event but for its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct EventHead {
    /// Its id.
    pub id: EventId,
    /// Where it came from.
    pub source: Name,
    /// Such as `ticket.created`.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// What it is about.
    pub subject: Option<String>,
    /// The number by which people know the ticket, where the helpdesk gives one.
    pub ticket: Option<String>,
    /// When the helpdesk recorded it.
    pub occurred_at: Timestamp,
    /// When it was taken in.
    pub received_at: Timestamp,
    /// The name of the schema of its body.
    pub data_schema: String,
    /// The helpdesk's own name for what happened.
    pub upstream_name: Option<String>,
    /// The helpdesk's own id for the post.
    pub dedupe_key: Option<String>,
}

/// All that the journal has of one delivery.
#[derive(Clone, Debug)]
pub struct Entry {
    /// In full, with its requests.
    pub delivery: Delivery,
    /// As it stands in listings.
    pub summary: DeliverySummary,
    /// What happened.
    pub event: EventHead,
    /// In order.
    pub attempts: Vec<Attempt>,
}

/// Everything an admin has set up, but for secrets' values.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// Where events come from.
    pub sources: Vec<Source>,
    /// Where they go.
    pub subscriptions: Vec<Subscription>,
    /// Helpdesks' interfaces, through which fields and comments are written back.
    pub connections: Vec<Connection>,
    /// Versions of plugins, oldest first.
    pub plugins: Vec<PluginVersion>,
    /// Bounds that differ from the defaults.
    pub limits: BTreeMap<PluginKey, Limits>,
    /// Names of secrets.
    pub secrets: Vec<Name>,
    /// When their values were set, where that is known.
    pub secrets_set_at: BTreeMap<Name, Timestamp>,
    /// How tokens are signed.
    pub policies: Vec<Policy>,
    /// Addresses that their owners have confirmed: digests of what subscriptions' settings say.
    pub confirmed: HashSet<Digest>,
    /// What the journal keeps.
    pub journal: JournalSettings,
    /// How mail is sent, if it is.
    pub mail: Option<MailSettings>,
    /// Numbers of what has one.
    pub numbers: Numbers,
}

/// Numbers that are given by the store and never to something else, also when what had them is
/// gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Of subscriptions.
    pub subscriptions: HashMap<SubscriptionId, i64>,
    /// Of policies.
    pub policies: HashMap<Name, i64>,
}

/// Changes to what an admin has set up, by id or name: what is there is replaced.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Secrets to set.
    pub secrets: Vec<(Name, Secret)>,
    /// Bounds of plugins to set.
    pub limits: Vec<(PluginKey, Limits)>,
    /// Connections to set.
    pub connections: Vec<Connection>,
    /// Sources to set.
    pub sources: Vec<Source>,
    /// Subscriptions to set.
    pub subscriptions: Vec<Subscription>,
    /// Connections to remove. What was to be written through them fails.
    pub removed_connections: Vec<ConnectionId>,
    /// Sources to remove.
    pub removed_sources: Vec<SourceId>,
    /// Subscriptions to remove. What they have to deliver is canceled.
    pub removed_subscriptions: Vec<SubscriptionId>,
    /// Events of the host's own that come with the changes.
    pub events: Option<Post>,
    /// Policies to set, but for their keys.
    pub policies: Vec<Policy>,
    /// Keys of policies to change.
    pub policy_keys: Vec<PolicyKeyChange>,
    /// Versions of plugins to remove.
    pub removed_plugins: Vec<Digest>,
    /// Secrets to remove.
    pub removed_secrets: Vec<Name>,
    /// Policies to remove, with their keys.
    pub removed_policies: Vec<Name>,
    /// What the journal keeps from now on.
    pub journal: Option<JournalSettings>,
    /// How mail is sent from now on.
    pub mail: Option<MailSettings>,
    /// Whether no mail is sent from now on. What was to be sent stays, and waits.
    pub removed_mail: bool,
    /// What is said of the changes in the audit log.
    pub audit: Vec<AuditEntry>,
}

/// What is known of a request that may have come before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: it is to be done now.
    Now,
    /// It came, and what became of it is not known: it is being done, or the daemon ended over it.
    Unknown,
    /// It came, and this was the answer.
    Answered(Vec<u8>),
    /// The key is that of another request.
    Other,
}

/// Another key takes the place of the one that a policy signs with.
#[derive(Clone, Debug)]
pub struct PolicyKeyChange {
    /// Whose.
    pub policy: Name,
    /// The id of the key that signs now, as far as is known. If it is another, nothing is
    /// changed, and there is a conflict.
    pub instead_of: Option<String>,
    /// The key that signs from now on, and its private part; none if none is needed any more.
    pub key: Option<(PolicyKey, Secret)>,
    /// Until when the public parts of the keys before stay published, at most.
    pub keep_until: Timestamp,
    /// Keys that are not published any more by then are forgotten.
    pub now: Timestamp,
}
