//! What a subscription would send for an event, found by the code that delivers. Nothing is sent,
//! and nothing noted.

use std::sync::Arc;

use hookwright_model::{
    CallRecord, Decision, DeliveryId, Digest, Event, Failure, Name, Original, Sent, Timestamp,
};
use serde::Serialize;

use super::ask::context;
use super::fill::{Facts, rehearse};
use super::target::Target;
use crate::condition::EventView;
use crate::plugins::PluginHost;
use crate::registry::SubscriptionEntry;
use crate::routing::{Answer, explain};

/// What would become of an event.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DryRun)]
pub struct Rehearsal {
    /// Whether it is routed to the subscription. What would be sent is told all the same.
    pub routing: Answer,
    /// The plugin.
    pub plugin: Name,
    /// Its version.
    pub digest: Digest,
    /// What would be done.
    pub outcome: Outcome,
    /// Why nothing would be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What would be sent, one after the other.
    pub requests: Vec<Rehearsed>,
    /// What the plugin cost and said, if it was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallRecord>,
}

/// What would be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DryRunOutcome)]
pub enum Outcome {
    /// Requests would be sent.
    Sends,
    /// The plugin has nothing to send.
    Skips,
    /// The delivery would fail.
    Fails,
    /// The delivery would wait until it is tried again, or for an admin.
    Waits,
}

/// A request, as the journal would have it but for its signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = DryRunRequest)]
pub struct Rehearsed {
    /// As it would go out, with secrets and signatures masked.
    #[serde(flatten)]
    pub sent: Sent,
    /// The headers that the host signs with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signature_headers: Vec<String>,
    /// Whether the body becomes a signed token; its header and claims are shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_token: bool,
}

impl Rehearsal {
    /// Of an event.
    pub async fn of(
        plugins: &PluginHost,
        entry: &SubscriptionEntry,
        event: Event,
        original: Original,
        facts: Facts,
    ) -> Self {
        let subscription = &entry.subscription;
        let mut rehearsal = Self {
            routing: explain(entry, &event, &EventView::new(&event)),
            plugin: subscription.plugin.clone(),
            digest: subscription.digest,
            outcome: Outcome::Waits,
            reason: None,
            requests: Vec::new(),
            call: None,
        };
        let target = &entry.target;
        let plugin = match &target.plugin {
            Ok(plugin) => plugin,
            Err(problem) => return rehearsal.ends(Outcome::Waits, problem),
        };
        let context = context(target, &event, &Arc::new(original), 1);
        let subject = context.subject.clone();
        let (call, of) = (plugin.clone(), Arc::clone(target));
        let called = plugins.call(target.id, plugin, &subject, move || {
            call.transform(&event, &context, &of.limits)
        });
        let report = called.await;
        rehearsal.call = Some(report.record);
        let rejects = |reason: &str| format!("the plugin rejects the event: {reason}");
        match report.outcome {
            Ok(Ok(Decision::Deliver(requests))) => {
                rehearsal.outcome = Outcome::Sends;
                for request in requests {
                    match one(target, &request, facts) {
                        Ok(one) => rehearsal.requests.push(one),
                        Err((outcome, reason)) => return rehearsal.ends(outcome, &reason),
                    }
                }
                rehearsal
            }
            Ok(Ok(Decision::Skip(reason))) => rehearsal.ends(Outcome::Skips, &reason),
            Ok(Err(Failure::Transient(reason))) => rehearsal.ends(Outcome::Waits, &reason),
            Ok(Err(Failure::Rejected(reason) | Failure::Other(reason))) => {
                rehearsal.ends(Outcome::Fails, &rejects(&reason))
            }
            Ok(Err(Failure::Misconfigured(reason))) => {
                let reason = format!("the plugin finds the settings wrong: {reason}");
                rehearsal.ends(Outcome::Fails, &reason)
            }
            Err(fault) if fault.kind.is_deterministic() => {
                rehearsal.ends(Outcome::Fails, &fault.to_string())
            }
            Err(fault) => rehearsal.ends(Outcome::Waits, &fault.to_string()),
        }
    }

    fn ends(self, outcome: Outcome, reason: &str) -> Self {
        Self { outcome, reason: Some(reason.to_owned()), ..self }
    }

    /// Whether another version would do the same, by what receivers see.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        (self.outcome, &self.reason, &self.requests)
            == (other.outcome, &other.reason, &other.requests)
    }
}

/// A request, filled in as for the first attempt.
fn one(
    target: &Target,
    request: &hookwright_model::Request,
    facts: Facts,
) -> Result<Rehearsed, (Outcome, String)> {
    let signers = target.bound.signing.as_ref();
    let signers = signers.map_err(|problem| (Outcome::Waits, problem.clone()))?;
    let access = target.access.as_ref().map_err(|problem| (Outcome::Waits, problem.clone()))?;
    let mut sent = rehearse(request, &target.bound, facts)
        .map_err(|problem| (Outcome::Fails, problem.to_string()))?;
    access.rehearse(&mut sent);
    let names = signers.names().into_iter().map(|name| name.as_str().to_owned());
    Ok(Rehearsed { sent, signature_headers: names.collect(), is_token: signers.token.is_some() })
}

/// The id of a delivery that there will not be, now.
#[must_use]
pub fn facts() -> Facts {
    Facts { delivery: DeliveryId::new(), sent_at: Timestamp::now() }
}
