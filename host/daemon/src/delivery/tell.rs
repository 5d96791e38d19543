//! What is told of a delivery beside the journal: that it has failed for good, that something is
//! not tried any more because of it, that an outage begins or ends.

use hookwright_model::{Delivery, DeliveryState, Event, Subscription, Timestamp};
use hookwright_store::{Aside, Mail, OutageChange};
use serde_json::{Value, json};

use super::breaker::Shift;
use super::run::{Go, Runner, Step};
use crate::control::Kind;
use crate::mail::Failed;
use crate::operations::{Operation, Suspension, may_tell};
use crate::registry::Snapshot;

impl Go<'_> {
    /// Has told what is not tried any more, or is again. That something works again is told if it
    /// was told that it did not.
    pub(super) fn tell(&self, shifts: impl IntoIterator<Item = Shift>, step: &mut Step) {
        let operations = &self.runner.operations;
        for shift in shifts {
            let told = match shift {
                Shift::Unavailable(shown) => {
                    let key =
                        format!("destination {} {:?} {}", shown.origin, shown.through, shown.way);
                    let is_new = may_tell(self.event) && operations.announce(key);
                    is_new.then(|| Operation::destination_unavailable(&shown))
                }
                Shift::Recovered(shown) => {
                    let key =
                        format!("destination {} {:?} {}", shown.origin, shown.through, shown.way);
                    operations.withdraw(&key).then(|| Operation::destination_recovered(&shown))
                }
                Shift::Suspended(now) => {
                    let target = (!now.for_all).then_some(self.target.id);
                    let key = format!("plugin {} {:?} {target:?}", now.digest, now.call);
                    let is_new = may_tell(self.event) && operations.announce(key);
                    let of = self.suspension(now.digest, now.call, !now.for_all);
                    of.filter(|_| is_new)
                        .map(|of| Operation::plugin_suspended(&of, &now.last_error))
                }
                Shift::Resumed { digest, call } => {
                    let key = |target: Option<_>| format!("plugin {digest} {call:?} {target:?}");
                    let for_all = operations.withdraw(&key(None));
                    let for_one = operations.withdraw(&key(Some(self.target.id)));
                    let of = self.suspension(digest, call, !for_all);
                    of.filter(|_| for_all || for_one).map(|of| Operation::plugin_resumed(&of))
                }
            };
            step.operations.extend(told);
        }
    }

    fn suspension(
        &self,
        digest: hookwright_model::Digest,
        call: super::breaker::Call,
        for_one: bool,
    ) -> Option<Suspension> {
        let plugin = self.target.plugin.as_ref().ok()?.key().name;
        let snapshot = self.runner.registry.snapshot();
        let only_for = for_one.then(|| snapshot.target_name(self.target.id)).flatten();
        Some(Suspension { plugin, digest, call, only_for })
    }
}

impl Runner {
    /// Has told what has become of a delivery.
    pub(super) fn tell_of_end(
        &self,
        delivery: &Delivery,
        event: &Event,
        snapshot: &Snapshot,
        step: &mut Step,
    ) {
        let Some(entry) = snapshot.subscriptions.get(&delivery.subscription_id) else { return };
        let subscription = &entry.subscription;
        let failed = matches!(delivery.state, DeliveryState::Failed | DeliveryState::Unknown);
        let is_own = delivery.follow_up.is_none() && !Kind::is_for_one(event);
        // What is not to be kept is not told either.
        let shown = failed.then(|| self.redacted(delivery, event, None).0);
        if let Some(shown) = shown.as_ref().filter(|_| Kind::of(event).is_none()) {
            let ticket = ticket(event);
            let name = &subscription.name;
            let told = Operation::delivery_exhausted(name, shown, event, ticket);
            step.operations.push(told);
        }
        if is_own {
            let words = shown.and_then(|shown| shown.reason);
            step.outage = self.outage(delivery, subscription, words, failed, snapshot);
        }
    }

    /// How an outage of the subscription goes on because of a delivery of its own.
    fn outage(
        &self,
        delivery: &Delivery,
        subscription: &Subscription,
        words: Option<String>,
        failed: bool,
        snapshot: &Snapshot,
    ) -> Option<(OutageChange, Vec<Mail>)> {
        let (now, outages) = (Timestamp::now(), &self.operations.outages);
        if delivery.state == DeliveryState::Delivered {
            return outages.delivered(subscription, now);
        }
        let settings = snapshot.configuration.mail.as_ref()?;
        if delivery.state != DeliveryState::Pending && !failed {
            return None;
        }
        let health = self.health.get(subscription.id);
        let words = words.or_else(|| health.as_ref()?.last_error.clone());
        outages.failed(subscription, settings, Failed { for_good: failed, health, words }, now)
    }

    /// What comes with a step.
    pub(super) fn aside(
        &self,
        operations: Vec<Operation>,
        outage: Option<(OutageChange, Vec<Mail>)>,
    ) -> Aside {
        let mut aside = if operations.is_empty() {
            Aside::default()
        } else {
            let snapshot = self.registry.snapshot();
            self.operations.aside(&snapshot, operations, Timestamp::now())
        };
        if let Some((change, mails)) = outage {
            aside.outage = Some(change);
            aside.mails.extend(mails);
        }
        aside
    }
}

/// By which the ticket is known, if the event is about one.
fn ticket(event: &Event) -> Value {
    let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
    let known = ["id", "number"].into_iter().filter_map(|field| {
        let value = data["ticket"].get(field).filter(|value| value.is_string())?;
        Some((field.to_owned(), value.clone()))
    });
    let known: serde_json::Map<_, _> = known.collect();
    if known.is_empty() { Value::Null } else { json!(known) }
}
