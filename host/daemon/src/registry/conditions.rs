//! The conditions of what is set up, by their text.

use std::collections::HashMap;
use std::sync::Arc;

use hookwright_model::{Name, Subscription};

use super::Snapshot;
use crate::condition::OnDemand;

/// Conditions by their text: many subscriptions have the same one, and what was compiled for an
/// earlier snapshot stays so.
pub(super) struct Conditions {
    known: HashMap<Arc<str>, Arc<OnDemand>>,
    /// Those that no earlier snapshot had, with a subscription that has it.
    new: Vec<(Name, Arc<OnDemand>)>,
}

impl Conditions {
    pub(super) fn of(old: &Snapshot) -> Self {
        let known = |entry: &Arc<super::SubscriptionEntry>| {
            Some((entry.subscription.condition.clone()?, entry.condition.clone()?))
        };
        Self { known: old.subscriptions.values().filter_map(known).collect(), new: Vec::new() }
    }

    pub(super) fn get(&mut self, subscription: &Subscription) -> Option<Arc<OnDemand>> {
        let text = subscription.condition.as_ref()?;
        if let Some(known) = self.known.get(text) {
            return Some(Arc::clone(known));
        }
        let condition = Arc::new(OnDemand::new(Arc::clone(text)));
        self.known.insert(Arc::clone(text), Arc::clone(&condition));
        self.new.push((subscription.name.clone(), Arc::clone(&condition)));
        Some(condition)
    }

    /// Compiles those that are new, and logs which cannot be used. Events do not wait for it: each
    /// of them is compiled when one needs it.
    pub(super) fn compile(self) {
        for (subscription, condition) in self.new {
            if let Err(mistake) = condition.get() {
                tracing::error!(%subscription, %mistake, "a condition is not usable");
            }
        }
    }
}
