//! What counts, where it happens.

use hookwright_model::{Attempt, AttemptResult, Delivery, DeliveryState, Name, Subject, Timestamp};
use hookwright_store::{Noted, Progress};

use super::Statistics;
use crate::delivery::breaker::destination_of;

impl Statistics {
    /// Progress of a delivery was noted in the journal.
    pub fn recorded(&self, progress: &Progress, noted: Noted) {
        let Progress { delivery, attempt, .. } = progress;
        if noted == Noted::Nothing {
            return;
        }
        if let Some(attempt) = attempt {
            self.tried(delivery, attempt);
        }
        if noted == Noted::Whole && delivery.state.is_final() {
            self.ended(delivery);
        }
    }

    fn tried(&self, delivery: &Delivery, attempt: &Attempt) {
        // One that is sent again at once, changed, neither arrived nor failed.
        let has_failed = match attempt.result {
            AttemptResult::Delivered { .. } | AttemptResult::Resend { .. } => false,
            AttemptResult::Retry { .. }
            | AttemptResult::Failed { .. }
            | AttemptResult::Unknown { .. } => true,
        };
        let destination = attempt.sent.as_ref().map(|sent| destination_of(&sent.url));
        let destination = destination.map(|name| Subject::Destination(name.into()));
        let whose = [Some(Subject::Subscription(delivery.subscription_id)), destination];
        for subject in whose.into_iter().flatten() {
            self.count(subject, attempt.started_at, |counts| {
                counts.attempts += 1;
                counts.attempts_failed += u64::from(has_failed);
                counts.latency.note(attempt.timings.total_us);
            });
        }
    }

    fn ended(&self, delivery: &Delivery) {
        let at = delivery.finished_at.unwrap_or_else(Timestamp::now);
        self.count(Subject::Subscription(delivery.subscription_id), at, |counts| {
            match delivery.state {
                DeliveryState::Delivered => {
                    counts.delivered += 1;
                    let took = at.since(delivery.created_at).as_micros();
                    counts.delivered_after.note(u64::try_from(took).unwrap_or(u64::MAX));
                }
                DeliveryState::Failed => counts.failed += 1,
                DeliveryState::Unknown => counts.unknown += 1,
                DeliveryState::Skipped => counts.skipped += 1,
                // The store counts those that are canceled: it does so in more than one way.
                DeliveryState::Canceled | DeliveryState::Pending | DeliveryState::Running => {}
            }
        });
    }

    /// An event was taken in.
    pub fn taken_in(&self, source: &Name, received_at: Timestamp) {
        self.count(Subject::Source(source.clone()), received_at, |counts| counts.events += 1);
    }

    /// A post could not be read.
    pub fn rejected(&self, source: &Name, at: Timestamp) {
        self.count(Subject::Source(source.clone()), at, |counts| counts.rejects += 1);
    }
}
