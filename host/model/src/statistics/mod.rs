//! What is counted of what happens: how many, how often it failed, how long it took.

mod histogram;
mod step;

pub use histogram::Histogram;
pub use step::Step;

use std::sync::Arc;

use crate::{Name, SubscriptionId};

/// Whose figures they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Everyone's together.
    All,
    /// A subscription's: its deliveries and their attempts.
    Subscription(SubscriptionId),
    /// A source's: its events and rejects.
    Source(Name),
    /// A destination's: attempts to send there. Scheme, host and port, secrets masked; empty for
    /// all those for which there was no room.
    Destination(Arc<str>),
}

/// Of which kind a [`Subject`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// See [`Subject::All`].
    All,
    /// See [`Subject::Subscription`].
    Subscription,
    /// See [`Subject::Source`].
    Source,
    /// See [`Subject::Destination`].
    Destination,
}

impl Subject {
    /// Of which kind it is.
    #[must_use]
    pub fn kind(&self) -> SubjectKind {
        match self {
            Self::All => SubjectKind::All,
            Self::Subscription(_) => SubjectKind::Subscription,
            Self::Source(_) => SubjectKind::Source,
            Self::Destination(_) => SubjectKind::Destination,
        }
    }
}

/// What was counted within a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Deliveries that ended delivered. One that an admin has retried ends, and is counted, again.
    pub delivered: u64,
    /// Deliveries that were given up.
    pub failed: u64,
    /// Deliveries of which it is not known whether they arrived.
    pub unknown: u64,
    /// Deliveries for which there was nothing to send.
    pub skipped: u64,
    /// Deliveries that an admin has stopped.
    pub canceled: u64,
    /// Attempts, by the moment at which they began.
    pub attempts: u64,
    /// Of these, those after which the receiver did not have it.
    pub attempts_failed: u64,
    /// Events that were taken in.
    pub events: u64,
    /// Posts that could not be read.
    pub rejects: u64,
    /// How long attempts took, in microseconds.
    pub latency: Histogram,
    /// How long it took from when a delivery was made, which is when its event came in unless it is
    /// a replay's, until it was delivered, in microseconds.
    pub delivered_after: Histogram,
}

impl Counts {
    /// The numbers, in the order of the fields.
    #[must_use]
    pub fn numbers(&self) -> [u64; 9] {
        [
            self.delivered,
            self.failed,
            self.unknown,
            self.skipped,
            self.canceled,
            self.attempts,
            self.attempts_failed,
            self.events,
            self.rejects,
        ]
    }

    /// From what [`numbers`](Self::numbers) gives, and the two histograms.
    #[must_use]
    pub fn of(numbers: [u64; 9], latency: Histogram, delivered_after: Histogram) -> Self {
        let [
            delivered,
            failed,
            unknown,
            skipped,
            canceled,
            attempts,
            attempts_failed,
            events,
            rejects,
        ] = numbers;
        Self {
            delivered,
            failed,
            unknown,
            skipped,
            canceled,
            attempts,
            attempts_failed,
            events,
            rejects,
            latency,
            delivered_after,
        }
    }

    /// Deliveries that ended, however.
    #[must_use]
    pub fn ended(&self) -> u64 {
        let ended = [self.delivered, self.failed, self.unknown, self.skipped, self.canceled];
        ended.into_iter().fold(0, u64::saturating_add)
    }

    /// Adds others.
    pub fn add(&mut self, more: &Self) {
        self.combine(more, u64::saturating_add);
        self.latency.add(&more.latency);
        self.delivered_after.add(&more.delivered_after);
    }

    /// Takes away those that are in it.
    pub fn subtract(&mut self, part: &Self) {
        self.combine(part, u64::saturating_sub);
        self.latency.subtract(&part.latency);
        self.delivered_after.subtract(&part.delivered_after);
    }

    fn combine(&mut self, other: &Self, with: fn(u64, u64) -> u64) {
        let (mine, theirs) = (self.numbers(), other.numbers());
        let mut numbers = [0; 9];
        for (number, (mine, theirs)) in numbers.iter_mut().zip(mine.into_iter().zip(theirs)) {
            *number = with(mine, theirs);
        }
        let latency = std::mem::take(&mut self.latency);
        let delivered_after = std::mem::take(&mut self.delivered_after);
        *self = Self::of(numbers, latency, delivered_after);
    }
}
