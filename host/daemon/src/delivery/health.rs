//! Subscriptions whose deliveries fail, and when they are disabled because of it: as R-Service
//! does it with webhooks, after twenty failures in a row that are spread over more than a week.
//!
//! Kept in memory and written down every few seconds: a success of one that was well costs a
//! look, and a failure no commit of its own. A crash in between loses a few failures of a week's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hookwright_model::{
    AttemptResult, AuditTarget, Delivery, DeliveryState, Event, FieldChange, SubscriptionId,
    Timestamp,
};
use hookwright_store::{Store, StoreError, SubscriptionHealth};

use super::run::{Go, Runner, Step};
use crate::audit;
use crate::control::{Kind, plain};
use crate::operations::{self, By, Operation};
use crate::server::auth::Actor;

/// So many attempts in a row that failed …
pub const FAILURES: u32 = 20;
/// … the first of which was longer ago than this.
pub const SUSTAINED: Duration = Duration::from_secs(7 * 86_400);
/// How often what has changed is written down.
pub const KEEPING: Duration = Duration::from_secs(5);
/// How much of an error is kept, in characters.
const MAX_ERROR: usize = 500;

/// How deliveries of subscriptions went.
#[derive(Default)]
pub struct Healths(Mutex<HashMap<SubscriptionId, Known>>);

struct Known {
    health: SubscriptionHealth,
    /// It is not written down yet.
    is_dirty: bool,
    /// It is being disabled.
    is_leaving: bool,
}

impl Known {
    fn new(subscription: SubscriptionId) -> Self {
        let health = SubscriptionHealth::new(subscription);
        Self { health, is_dirty: false, is_leaving: false }
    }
}

/// That a subscription is to be disabled.
pub(super) struct Disabling(SubscriptionHealth);

/// What came of an attempt.
#[derive(Clone, Copy, Debug)]
pub(super) enum Came<'a> {
    Delivered,
    /// Without secrets.
    Failed(&'a str),
    /// The receiver wants no more.
    Gone(&'a str),
}

/// Whether failures are such that the subscription is disabled.
#[must_use]
pub fn is_sustained(health: &SubscriptionHealth, now: Timestamp) -> bool {
    health.consecutive_failures >= FAILURES
        && health.failing_since.is_some_and(|since| since.after(SUSTAINED) < now)
}

impl Healths {
    /// Those that were written down.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(store: &dyn Store) -> Result<Self, StoreError> {
        let known = store.healths().await?.into_iter().map(|health| {
            (health.subscription, Known { health, is_dirty: false, is_leaving: false })
        });
        Ok(Self(Mutex::new(known.collect())))
    }

    /// How deliveries of a subscription went; none if none has ever failed.
    #[must_use]
    pub fn get(&self, subscription: SubscriptionId) -> Option<SubscriptionHealth> {
        self.lock().get(&subscription).map(|known| known.health.clone())
    }

    /// Forgets the failures of a subscription, since it was enabled.
    pub fn enabled(&self, subscription: SubscriptionId) {
        if let Some(known) = self.lock().get_mut(&subscription) {
            let health = &mut known.health;
            (health.consecutive_failures, health.failing_since) = (0, None);
            (health.disabled_at, health.test_error) = (None, None);
            (known.is_dirty, known.is_leaving) = (true, false);
        }
    }

    /// Forgets in which words deliveries failed: there can be something of a ticket in them.
    pub fn forget_words(&self) {
        for known in self.lock().values_mut() {
            known.is_dirty |= known.health.last_error.take().is_some();
            known.is_dirty |= known.health.test_error.take().is_some();
        }
    }

    /// Writes down what has changed.
    ///
    /// # Errors
    /// When it cannot be written; then it is tried with the next.
    pub async fn keep(&self, store: &dyn Store) -> Result<(), StoreError> {
        let dirty: Vec<_> = {
            let mut all = self.lock();
            let dirty = all.values_mut().filter_map(|known| {
                std::mem::take(&mut known.is_dirty).then(|| known.health.clone())
            });
            dirty.collect()
        };
        if dirty.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = dirty.iter().map(|health| health.subscription).collect();
        let kept = store.keep_healths(dirty).await;
        if kept.is_err() {
            let mut all = self.lock();
            for id in ids {
                if let Some(known) = all.get_mut(&id) {
                    known.is_dirty = true;
                }
            }
        }
        kept
    }

    /// Takes note of what came of an attempt. Says whether the subscription is to be disabled
    /// because of it, if it may be.
    pub(super) fn note(
        &self,
        subscription: SubscriptionId,
        came: Came<'_>,
        may_disable: bool,
        now: Timestamp,
    ) -> Option<Disabling> {
        let mut all = self.lock();
        let (error, is_gone) = match came {
            Came::Delivered => {
                let known = all.get_mut(&subscription)?;
                known.is_dirty |= known.health.test_error.take().is_some();
                if known.health.consecutive_failures > 0 {
                    known.health.consecutive_failures = 0;
                    known.health.failing_since = None;
                    known.is_dirty = true;
                }
                return None;
            }
            Came::Failed(error) => (error, false),
            Came::Gone(error) => (error, true),
        };
        let known = all.entry(subscription).or_insert_with(|| Known::new(subscription));
        known.is_dirty = true;
        let health = &mut known.health;
        health.consecutive_failures = health.consecutive_failures.saturating_add(1);
        health.failing_since.get_or_insert(now);
        health.last_error = Some(error.chars().take(MAX_ERROR).collect());
        health.last_error_at = Some(now);
        if !may_disable || known.is_leaving || !(is_gone || is_sustained(health, now)) {
            return None;
        }
        known.is_leaving = true;
        let disabled_at = Some(now);
        Some(Disabling(SubscriptionHealth { disabled_at, ..health.clone() }))
    }

    /// Takes note of why a test failed, or that it did not. It was for whoever looks, and counts
    /// for nothing else.
    pub(super) fn tested(&self, subscription: SubscriptionId, error: Option<&str>) {
        let error = error.map(|error| error.chars().take(MAX_ERROR).collect::<String>());
        let mut all = self.lock();
        if error.is_none() && !all.contains_key(&subscription) {
            return;
        }
        let known = all.entry(subscription).or_insert_with(|| Known::new(subscription));
        known.is_dirty |= known.health.test_error != error;
        known.health.test_error = error;
    }

    /// It was disabled, or could not be.
    fn disabled(&self, disabling: &SubscriptionHealth, is_done: bool) {
        if let Some(known) = self.lock().get_mut(&disabling.subscription) {
            // It may have been enabled meanwhile.
            if std::mem::take(&mut known.is_leaving) && is_done {
                known.health.disabled_at = disabling.disabled_at;
                known.is_dirty = true;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SubscriptionId, Known>> {
        // Nothing inside panics half way; what the lock guards is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Go<'_> {
    /// Takes note of what came of the last attempt, if it was one of the subscription's: what is
    /// written back is the connection's concern, and what an answer asked for another receiver's.
    pub(super) fn note_health(&self, delivery: &Delivery, step: &mut Step) {
        let Some(attempt) = &step.attempt else { return };
        if delivery.follow_up.is_some() || Kind::is_for_one(self.event) || step.is_renewed {
            return;
        }
        let status = attempt.received.as_ref().map(|received| received.status);
        // What is not to be kept is not kept here either.
        let redacted = match &attempt.result {
            AttemptResult::Delivered { .. } => None,
            _ => self.runner.redacted(delivery, self.event, Some(attempt.clone())).1,
        };
        let came = match redacted.as_ref().map_or(&attempt.result, |attempt| &attempt.result) {
            AttemptResult::Delivered { .. } => Came::Delivered,
            AttemptResult::Failed { reason } if status == Some(410) => Came::Gone(reason),
            AttemptResult::Failed { reason }
            | AttemptResult::Retry { reason, .. }
            | AttemptResult::Unknown { reason } => Came::Failed(reason),
            // It was sent again at once; what came of that counts.
            AttemptResult::Resend { .. } => return,
        };
        let (id, now) = (delivery.subscription_id, Timestamp::now());
        let disabling = self.runner.health.note(id, came, self.may_disable, now);
        step.disabling = step.disabling.take().or(disabling);
    }
}

impl Runner {
    /// Takes note of what came of a test that has ended. It holds nothing of a ticket.
    pub(super) fn note_test(&self, delivery: &Delivery, event: &Event) {
        if Kind::of(event) != Some(Kind::Test) || delivery.follow_up.is_some() {
            return;
        }
        let reason = delivery.reason.as_deref().map(plain);
        let error = match delivery.state {
            DeliveryState::Delivered => None,
            DeliveryState::Failed | DeliveryState::Unknown => {
                Some(reason.unwrap_or("it could not be sent"))
            }
            // It said nothing of the receiver, or is not over.
            _ => return,
        };
        self.health.tested(delivery.subscription_id, error);
    }

    /// Disables a subscription whose deliveries fail, the last of them of this event.
    pub(super) async fn disable(&self, disabling: Disabling, event: &Event) {
        let Disabling(health) = disabling;
        let id = health.subscription;
        let snapshot = self.registry.snapshot();
        let subscription = snapshot.subscriptions.get(&id).map(|entry| &entry.subscription);
        let name = subscription.map_or_else(|| id.to_string(), |found| found.name.to_string());
        let operation = subscription.filter(|_| operations::may_tell(event)).map(|found| {
            Operation::subscription_disabled(found, health.last_error.as_deref(), By::Daemon)
        });
        // An admin's change that is being made was made of what was enabled.
        let _turn = self.registry.turn().await;
        let now = Timestamp::now();
        let aside = self.operations.aside(&snapshot, operation.into_iter().collect(), now);
        let done = self.store.disable(health.clone(), now, aside).await;
        self.operations.mail_due.notify_one();
        self.health.disabled(&health, done.is_ok());
        let last_error = health.last_error.as_deref().unwrap_or_default();
        if done.is_ok() {
            let facts = [
                FieldChange { pointer: "/enabled".into(), from: true.into(), to: false.into() },
                FieldChange::fact("/consecutive_failures", health.consecutive_failures),
            ];
            let target = AuditTarget::new("subscription", &name);
            let daemon = Actor::daemon();
            let entry = audit::entry(&daemon, "subscription.disable", target, facts.into());
            audit::note_in(&*self.store, entry).await;
        }
        match done {
            Ok(()) => tracing::error!(
                subscription = %name,
                failures = health.consecutive_failures,
                last_error,
                "the subscription is disabled, since its deliveries fail"
            ),
            Err(error) => {
                tracing::error!(subscription = %name, %error, "the subscription cannot be disabled");
            }
        }
        if let Err(error) = self.registry.reload().await {
            tracing::error!(%error, "what is set up cannot be read");
        }
    }
}

/// Writes down every few seconds what has changed.
pub async fn keep(health: Arc<Healths>, store: Arc<dyn Store>) {
    loop {
        tokio::time::sleep(KEEPING).await;
        if let Err(error) = health.keep(&*store).await {
            tracing::warn!(%error, "how deliveries went could not be noted");
        }
    }
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
