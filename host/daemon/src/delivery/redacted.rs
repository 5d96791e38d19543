//! What is noted of a delivery, without what is not to be kept.

use hookwright_model::{Attempt, Delivery, Event};
use hookwright_store::keeping::{Place, Redactor as _};

use super::run::Runner;

impl Runner {
    /// A copy to be noted. The requests in it are as they were: they can be needed again.
    pub(super) fn redacted(
        &self,
        delivery: &Delivery,
        event: &Event,
        mut attempt: Option<Attempt>,
    ) -> (Delivery, Option<Attempt>) {
        let mut delivery = delivery.clone();
        let snapshot = self.registry.snapshot();
        let redaction = &snapshot.redaction;
        if !redaction.is_empty() {
            let entry = snapshot.subscriptions.get(&delivery.subscription_id);
            let subscription = entry.map(|entry| &entry.subscription.name);
            let place = Place { source: &event.source, subscription };
            redaction.delivery(place, &mut delivery);
            if let Some(attempt) = &mut attempt {
                redaction.attempt(place, attempt);
            }
        }
        (delivery, attempt)
    }
}
