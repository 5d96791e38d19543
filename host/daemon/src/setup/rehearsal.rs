//! What a plan would set up, for whoever wants to see it at work before.

use hookwright_model::{Name, Secret, Subscription};

use super::Plan;

impl Plan {
    /// The subscription that it makes or changes, if it is one, and the secrets that come with it.
    /// The plan is given up.
    #[must_use]
    pub fn into_subscription(self) -> (Option<Subscription>, Vec<(Name, Secret)>) {
        let mut store = self.store;
        (store.subscriptions.pop(), store.secrets)
    }
}
