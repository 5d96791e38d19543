//! Which subscriptions take an event.

mod index;
mod reason;

use std::cell::OnceCell;
use std::sync::Arc;

use hookwright_model::{Event, Name};

pub use reason::{Answer, Reason, explain};

use crate::condition::{EventView, Mistake};
use crate::control;
use crate::registry::SubscriptionEntry;
use index::{Index, Number};

/// All subscriptions that take events, found by the events they take.
#[derive(Default)]
pub struct Routes {
    entries: Vec<Arc<SubscriptionEntry>>,
    index: Index,
}

/// What becomes of an event.
#[derive(Default)]
pub struct Matched {
    /// The subscriptions that take it, each once, in the order of their ids.
    pub takers: Vec<Arc<SubscriptionEntry>>,
    /// Those of which it cannot be said.
    pub failures: Vec<Failure>,
}

/// A subscription that does not take an event because its condition cannot be evaluated.
#[derive(Debug)]
pub struct Failure {
    /// The subscription.
    pub subscription: Name,
    /// What in the condition, or in the event.
    pub mistake: Mistake,
}

impl Routes {
    /// Adds a subscription; one that is disabled, or waits to be confirmed, takes nothing.
    pub fn add(&mut self, entry: &Arc<SubscriptionEntry>) {
        // There is not room for so many.
        let Ok(number) = Number::try_from(self.entries.len()) else { return };
        if entry.held().is_none() {
            self.index.add(number, &entry.subscription);
            self.entries.push(Arc::clone(entry));
        }
    }

    /// The subscriptions that take an event. Its body is read at most once, and only if a
    /// subscription that could take it looks at it. Events of the host's own are not routed, but
    /// for what it tells of itself, to those who ask for it.
    #[must_use]
    pub fn matching(&self, event: &Event) -> Matched {
        let is_own = control::is_reserved(&event.event_type);
        if is_own && control::Kind::of(event) != Some(control::Kind::Operational) {
            return Matched::default();
        }
        let asks = |entry: &SubscriptionEntry| {
            !is_own || control::asks_for(&entry.subscription, &event.event_type)
        };
        let view = OnceCell::new();
        let view = || view.get_or_init(|| EventView::new(event));
        let found = self.index.find(&event.source, &event.event_type, || view().group());
        let mut matched = Matched::default();
        let found = found.into_iter().filter_map(|number| self.entries.get(number as usize));
        for entry in found.filter(|entry| asks(entry)) {
            let holds = match entry.condition.as_ref().map(|condition| condition.get()) {
                None => Ok(true),
                Some(Ok(condition)) => condition.evaluate(view()).holds,
                Some(Err(mistake)) => Err(mistake.clone()),
            };
            match holds {
                Ok(true) => matched.takers.push(Arc::clone(entry)),
                Ok(false) => {}
                Err(mistake) => {
                    let subscription = entry.subscription.name.clone();
                    matched.failures.push(Failure { subscription, mistake });
                }
            }
        }
        matched.takers.sort_by_key(|entry| entry.subscription.id);
        matched
    }
}

#[cfg(test)]
mod tests;
