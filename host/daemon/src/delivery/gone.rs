//! Events that were erased while deliveries of theirs were under way. The store knows nothing of
//! them any more; what of them is in memory shall not be sent either.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use hookwright_model::EventId;

/// Events that are gone.
#[derive(Debug, Default)]
pub struct Gone(RwLock<HashSet<EventId>>);

impl Gone {
    /// Nothing more is sent for these.
    pub fn add(&self, events: &[EventId]) {
        if !events.is_empty() {
            self.0.write().unwrap_or_else(PoisonError::into_inner).extend(events);
        }
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn holds(&self, event: EventId) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&event)
    }
}
