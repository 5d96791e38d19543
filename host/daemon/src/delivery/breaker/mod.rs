//! What is not tried for now, since it only fails: destinations that are not well, and plugins
//! that trap. What is for them waits, uses up no try, and one at a time sees whether it works
//! again.
//!
//! Own code, since breakers to be had answer yes or no for the call at hand: here those who are
//! refused are told when to come back, one of them is promised the trial, and all are woken when
//! it succeeds. In memory: after a restart everything is tried again.

mod circuit;
mod destinations;
mod gate;
mod plugins;
mod suspension;
#[cfg(test)]
mod tests;
mod window;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hookwright_model::{DeliveryId, Digest, Timestamp};
use hookwright_sandbox::Plugin;
use tokio::time::Instant;
use uuid::Uuid;

use destinations::Destinations;
use plugins::Plugins;

pub use destinations::{CircuitState, DestinationShown, destination_of};
pub(super) use destinations::{Later, Place, Ticket};
pub(super) use gate::Outcome;
pub(super) use plugins::CallTicket;
pub use plugins::{Call, Suspended};

/// A delivery that waits, and when it was told to come back.
pub type Wake = (DeliveryId, Timestamp);

/// That something is not tried any more, or is again. That it is not can be said more than once.
#[derive(Clone, Debug)]
pub enum Shift {
    /// Requests to a destination wait.
    Unavailable(DestinationShown),
    /// They are sent again.
    Recovered(DestinationShown),
    /// A plugin is not called.
    Suspended(SuspendedNow),
    /// It is called again.
    Resumed {
        /// The version.
        digest: Digest,
        /// What it is called for.
        call: Call,
    },
}

/// That a plugin is suspended now.
#[derive(Clone, Debug)]
pub struct SuspendedNow {
    /// The version.
    pub digest: Digest,
    /// What it is not called for.
    pub call: Call,
    /// Whether it is for all, and not only for whom it failed.
    pub for_all: bool,
    /// What came of the last call.
    pub last_error: String,
}

/// The most deliveries that are remembered to pass all the same.
const MAX_BY_HAND: usize = 10_000;

/// Says what is tried. Cheap to clone.
#[derive(Clone, Default)]
pub struct Breaker(Arc<Inner>);

#[derive(Default)]
struct Inner {
    destinations: Destinations,
    plugins: Plugins,
    by_hand: Mutex<HashSet<DeliveryId>>,
}

/// Moments are counted from when it was made.
#[derive(Clone, Copy, Debug)]
struct Clock(Instant);

impl Default for Clock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock {
    fn now(self) -> Duration {
        self.0.elapsed()
    }

    /// As the world writes it. Rounded up: not a moment too soon.
    fn moment(self, at: Duration, now: Duration) -> Timestamp {
        if at < now {
            return Timestamp::now().before(now - at);
        }
        Timestamp::now().after(at - now + Duration::from_nanos(999_999))
    }
}

impl Breaker {
    /// How the destinations are, those that are not well first.
    #[must_use]
    pub fn destinations(&self) -> Vec<DestinationShown> {
        self.0.destinations.list()
    }

    /// The plugin versions that are suspended, longest first.
    #[must_use]
    pub fn suspended(&self) -> Vec<Suspended> {
        self.0.plugins.list()
    }

    /// Lets a plugin version be called again. Says which deliveries waited for that; none if it
    /// was not suspended.
    #[must_use]
    pub fn resume(&self, digest: Digest) -> Option<Vec<Wake>> {
        self.0.plugins.resume(digest)
    }

    /// The deliveries that wait for suspended plugins, to be looked at again, since what is set up
    /// has changed.
    #[must_use]
    pub fn waiting_for_plugins(&self) -> Vec<Wake> {
        self.0.plugins.take_waiting()
    }

    /// Has a delivery tried the next time it is worked on, whatever waits: an admin wants it.
    pub fn by_hand(&self, delivery: DeliveryId) {
        let mut by_hand = self.0.by_hand.lock().unwrap_or_else(PoisonError::into_inner);
        if by_hand.len() < MAX_BY_HAND {
            by_hand.insert(delivery);
        }
    }

    /// Whether a delivery is tried by hand, which holds once.
    pub fn take_by_hand(&self, delivery: DeliveryId) -> bool {
        self.0.by_hand.lock().unwrap_or_else(PoisonError::into_inner).remove(&delivery)
    }

    /// Lets a request pass, or says when to come back. None if there is nothing to tell of it.
    pub(super) fn send(&self, place: &Place<'_>, is_forced: bool) -> Result<Option<Ticket>, Later> {
        self.0.destinations.enter(place, is_forced)
    }

    /// Lets a plugin be called for somebody, or says when to come back.
    pub(super) fn call(
        &self,
        plugin: &Plugin,
        call: Call,
        target: Uuid,
        is_forced: bool,
    ) -> Result<CallTicket, Later> {
        self.0.plugins.enter(plugin, call, target, is_forced)
    }

    /// Remembers a delivery that waits for a destination.
    pub(super) fn wait_for_destination(&self, place: &Place<'_>, (delivery, until): Wake) {
        self.0.destinations.wait_for(place, delivery, until);
    }

    /// Remembers a delivery that waits for a plugin.
    pub(super) fn wait_for_plugin(
        &self,
        (plugin, call): (Digest, Call),
        target: Uuid,
        (delivery, until): Wake,
    ) {
        self.0.plugins.wait_for((plugin, call), target, delivery, until);
    }
}
