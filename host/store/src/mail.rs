//! Mails that are to be sent, and the outages of subscriptions that they tell of.

use async_trait::async_trait;
use hookwright_model::{SubscriptionId, Timestamp};
use uuid::Uuid;

use crate::Result;
use crate::types::Post;

/// What comes with a change, in the same commit.
#[derive(Clone, Debug, Default)]
pub struct Aside {
    /// Events of the host's own.
    pub events: Option<Post>,
    /// How an outage goes on.
    pub outage: Option<OutageChange>,
    /// Mails to send. One that is there already, sent or not, is not added again.
    pub mails: Vec<Mail>,
}

impl Aside {
    /// Whether nothing does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_none() && self.outage.is_none() && self.mails.is_empty()
    }
}

/// That deliveries of a subscription fail, of which people are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// What its mails are known by.
    pub id: Uuid,
    /// Whose.
    pub subscription: SubscriptionId,
    /// When the first attempt failed.
    pub since: Timestamp,
    /// Deliveries that failed for good.
    pub failed: u32,
    /// The last failure. There can be something of a ticket in it.
    pub words: Option<String>,
    /// Who was told that it began, and is told when it ends.
    pub recipients: Vec<String>,
}

/// How an outage goes on.
#[derive(Clone, Debug)]
pub enum OutageChange {
    /// It begins. If it has ended already, nothing is noted.
    Begins(Outage),
    /// More has failed.
    GoesOn(Outage),
    /// It has ended.
    Ends(Outage),
}

/// Which of the mails about one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MailPart {
    /// The first, or the only one.
    First,
    /// The one that says that it is over.
    Last,
}

/// A mail to one person, to be written when it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its own; later ones are greater.
    pub id: Uuid,
    /// What it is about: an outage, or itself.
    pub thread: Uuid,
    /// Which of the mails about that.
    pub part: MailPart,
    /// An address.
    pub recipient: String,
    /// What it is to say, as JSON text.
    pub doc: String,
    /// A part of it in which there can be something of a ticket.
    pub words: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub due: Timestamp,
    /// How often it was tried.
    pub tries: u32,
}

/// What became of a mail that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailOutcome {
    /// The mail server has it.
    Sent,
    /// It is tried again.
    Again(Timestamp),
    /// It is not tried any more.
    GivenUp,
}

/// The part of a store that keeps mails.
#[async_trait]
pub trait Mails: Send + Sync + 'static {
    /// Outages that have not ended.
    async fn outages(&self) -> Result<Vec<Outage>>;

    /// Adds mails. One that is there already is not added again.
    async fn add_mails(&self, mails: Vec<Mail>) -> Result<()>;

    /// Mails that are due, longest due first. The last about something waits for the first.
    async fn due_mails(&self, now: Timestamp, limit: usize) -> Result<Vec<Mail>>;

    /// How many mails wait, and when the next of them is due.
    async fn waiting_mails(&self) -> Result<(u64, Option<Timestamp>)>;

    /// How many mails wait after a try that failed, and how many of those made since this moment
    /// were given up.
    async fn failed_mails(&self, since: Timestamp) -> Result<(u64, u64)>;

    /// Takes note of what became of a mail.
    async fn note_mail(&self, id: Uuid, outcome: MailOutcome) -> Result<()>;

    /// Forgets mails that were sent or given up, and were made before this moment.
    async fn forget_mails(&self, before: Timestamp) -> Result<()>;

    /// Forgets of all outages and mails in which words deliveries failed.
    async fn forget_mail_words(&self) -> Result<()>;
}
