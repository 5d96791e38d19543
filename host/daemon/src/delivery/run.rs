//! One delivery, from where it is to where it waits or ends.
//!
//! Each step is recorded before the next is taken: after a crash the delivery goes on at the
//! request that may not have arrived, under the same id.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookwright_model::{
    Attempt, AttemptId, AttemptResult, CallRecord, Decision, Delivery, DeliveryState, Event,
    Failure, FollowUp, Judgement, Original, Received, Request, Sent, Timestamp, Timings, Verdict,
};
use hookwright_sandbox::{Context, Exchange, Plugin};
use hookwright_store::{Lease, NewRequest, Progress, Store, Work};

use super::client::{Answer, MAX_ANSWER, Sender};
use super::fill::{Facts, Filled, fill};
use super::judge;
use crate::plugins::PluginHost;
use crate::registry::{Registry, SubscriptionEntry};

/// How often a request may be changed because of an answer.
const MAX_RESENDS: u32 = 2;
/// Tries that do not count, because the receiver only asked to slow down, up to which they do
/// not: a receiver that always asks is failing too.
const MAX_UNCOUNTED: u32 = 1_000;
/// How long a delivery waits whose subscription cannot deliver now.
const HOLD: Duration = Duration::from_secs(60);

/// What deliveries are worked on with.
#[derive(Clone)]
pub struct Runner {
    /// Where progress is noted.
    pub store: Arc<dyn Store>,
    /// What is set up.
    pub registry: Arc<Registry>,
    /// Where plugins run.
    pub plugins: PluginHost,
    /// What sends.
    pub sender: Sender,
}

/// What there is to note after a step.
#[derive(Default)]
struct Step {
    new_requests: Vec<NewRequest>,
    attempt: Option<Attempt>,
    follow_ups: Vec<Delivery>,
}

impl Runner {
    /// Works on a delivery until it waits or has ended, and returns when there is next
    /// something to do because of it: another try, or at once what an answer has caused. Calls
    /// `sent` when only the last step is yet to be noted.
    pub async fn run(
        &self,
        work: Work,
        lease: impl Fn() -> Lease + Send,
        sent: impl FnOnce() + Send,
    ) -> Option<Timestamp> {
        let Work { mut delivery, event, original } = work;
        let snapshot = self.registry.snapshot();
        let mut step = Step::default();
        let mut delivery_caused = false;
        match snapshot.subscriptions.get(&delivery.subscription_id) {
            None => end(&mut delivery, DeliveryState::Canceled, "the subscription was removed"),
            Some(entry) if !entry.subscription.enabled => {
                hold(&mut delivery, "the subscription is disabled");
            }
            Some(entry) => {
                let go = Go { runner: self, entry, event: &event, original: &original };
                delivery_caused = go.through(&mut delivery, &mut step, &lease).await;
            }
        }
        sent();
        let caused = self.record(&delivery, step, None).await | delivery_caused;
        if caused { Some(Timestamp::now()) } else { delivery.next_attempt_at }
    }

    /// Notes progress, however long it takes: what was sent must not be sent again only because
    /// the disk was full. Says whether there are follow-ups.
    async fn record(&self, delivery: &Delivery, step: Step, lease: Option<Lease>) -> bool {
        let Step { new_requests, attempt, follow_ups } = step;
        let caused = !follow_ups.is_empty();
        let delivery = delivery.clone();
        let id = delivery.id;
        let progress = Arc::new(Progress { delivery, new_requests, attempt, follow_ups, lease });
        let mut wait = Duration::from_millis(100);
        loop {
            match self.store.record(Arc::clone(&progress)).await {
                Ok(()) => return caused,
                Err(error) => {
                    tracing::error!(delivery = %id, %error, "progress cannot be noted; trying again");
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(30));
        }
    }
}

/// A delivery's surroundings.
struct Go<'a> {
    runner: &'a Runner,
    entry: &'a Arc<SubscriptionEntry>,
    event: &'a Arc<Event>,
    original: &'a Arc<Original>,
}

impl Go<'_> {
    /// Says whether there were follow-ups on the way.
    async fn through(
        &self,
        delivery: &mut Delivery,
        step: &mut Step,
        lease: &(impl Fn() -> Lease + Send),
    ) -> bool {
        let mut caused = false;
        if let Some(FollowUp::SetField { .. } | FollowUp::AddComment { .. }) = &delivery.follow_up {
            let source = &self.event.source;
            let reason = format!("the source `{source}` has no connection to write back through");
            end(delivery, DeliveryState::Failed, reason);
            return caused;
        }
        if delivery.requests.is_none() && !self.transform(delivery, step).await {
            return caused;
        }
        while self.next(delivery, step).await {
            delivery.state = DeliveryState::Running;
            caused |= self.runner.record(delivery, std::mem::take(step), Some(lease())).await;
        }
        caused
    }

    /// Sends the current request once. Says whether there is more to send at once.
    async fn next(&self, delivery: &mut Delivery, step: &mut Step) -> bool {
        let Some(request) = current(delivery) else {
            end(delivery, DeliveryState::Failed, "the delivery has no such request");
            return false;
        };
        if let Err(problem) = &self.entry.bound.signing {
            hold(delivery, problem);
            return false;
        }
        match fill(&request, &self.entry.bound, self.facts(delivery)) {
            Ok(filled) => self.attempt(delivery, step, &request, filled).await,
            Err(unfillable) => {
                end(delivery, DeliveryState::Failed, unfillable.to_string());
                false
            }
        }
    }

    fn facts(&self, delivery: &Delivery) -> Facts {
        Facts { delivery: delivery.id, sent_at: Timestamp::now() }
    }

    fn context(&self, attempt: u32) -> Context {
        Context {
            settings: Arc::clone(&self.entry.subscription.settings),
            now: self.event.received_at,
            attempt,
            original: Some(Arc::clone(self.original)),
            time_zone: self.entry.time_zone.clone(),
            subject: self.event.id.to_string(),
        }
    }

    /// Asks the plugin what to send. Says whether there is something to send.
    async fn transform(&self, delivery: &mut Delivery, step: &mut Step) -> bool {
        let plugin = match &self.entry.plugin {
            Ok(plugin) => plugin,
            Err(problem) => {
                hold(delivery, problem);
                return false;
            }
        };
        let context = self.context(delivery.counted + 1);
        let subject = context.subject.clone();
        let (call, event, entry) = (plugin.clone(), Arc::clone(self.event), Arc::clone(self.entry));
        let report = self
            .runner
            .plugins
            .call(self.entry.subscription.id.uuid(), plugin, &subject, move || {
                call.transform(&event, &context, &entry.limits)
            })
            .await;
        delivery.digest = Some(plugin.digest());
        delivery.transform = Some(report.record);
        match report.outcome {
            Ok(Ok(Decision::Deliver(requests))) => {
                let requests: Vec<_> = requests.into_iter().map(Arc::new).collect();
                let new = |(request, position): (&Arc<Request>, u32)| NewRequest {
                    position,
                    revision: 0,
                    request: Arc::clone(request),
                };
                step.new_requests = requests.iter().zip(0..).map(new).collect();
                delivery.requests = Some(requests);
                delivery.counted = 0;
                return true;
            }
            Ok(Ok(Decision::Skip(reason))) => end(delivery, DeliveryState::Skipped, reason),
            Ok(Err(Failure::Transient(reason))) => {
                delivery.counted += 1;
                self.wait(delivery, reason, None);
            }
            Ok(Err(Failure::Rejected(reason) | Failure::Other(reason))) => {
                let reason = format!("the plugin rejects the event: {reason}");
                end(delivery, DeliveryState::Failed, reason);
            }
            Ok(Err(Failure::Misconfigured(reason))) => {
                let reason = format!("the plugin finds the settings wrong: {reason}");
                end(delivery, DeliveryState::Failed, reason);
            }
            Err(fault) if fault.kind.is_deterministic() => {
                end(delivery, DeliveryState::Failed, fault.to_string());
            }
            Err(fault) => {
                delivery.counted += 1;
                self.wait(delivery, fault.to_string(), None);
            }
        }
        false
    }

    /// Sends the current request once and does what the answer means. Says whether there is
    /// more to send at once.
    async fn attempt(
        &self,
        delivery: &mut Delivery,
        step: &mut Step,
        request: &Arc<Request>,
        filled: Filled,
    ) -> bool {
        let started_at = Timestamp::now();
        let timeout = self.entry.subscription.timeout();
        let (outcome, timings) = self.runner.sender.send(&filled, timeout).await;
        let (received, judgement, record) = match outcome {
            Ok(answer) => {
                let asked = judge::retry_after(&answer.headers, Timestamp::now());
                let received = scrubbed(&filled, &answer);
                let (judgement, record) = self.judge(delivery, request, &received).await;
                (Some(received), not_before(judgement, asked), record)
            }
            Err(failed) => {
                // Words of the network, but a name can be a secret.
                let reason = filled.scrubber.text(&failed.reason);
                let verdict = Verdict::Retry { reason, not_before: None, counted: true };
                (None, Judgement { verdict, follow_ups: Vec::new() }, None)
            }
        };
        let result = result_of(&judgement.verdict);
        delivery.attempts += 1;
        let tried = Tried { started_at, sent: filled.sent, received, timings, record };
        step.attempt = Some(tried.into_attempt(delivery, result));
        if delivery.parent.is_none() {
            step.follow_ups = follow_ups(delivery, judgement.follow_ups);
        }
        self.obey(delivery, step, judgement.verdict)
    }

    /// What the answer means: as the plugin says if it reads answers, else by its status.
    async fn judge(
        &self,
        delivery: &Delivery,
        request: &Arc<Request>,
        received: &Received,
    ) -> (Judgement, Option<CallRecord>) {
        let by_status =
            || Judgement { verdict: judge::by_status(received.status), follow_ups: Vec::new() };
        // A follow-up's answer is not the plugin's to read.
        let plugin = self.entry.plugin.as_ref().ok().filter(|plugin| plugin.judges());
        let Some(plugin) = plugin.filter(|_| delivery.parent.is_none()) else {
            return (by_status(), None);
        };
        let report = self.ask(plugin, delivery, request, received).await;
        let judgement = match report.outcome {
            Ok(judgement) => judgement,
            // The receiver may have it or not; only it knows. Sending again could do it twice.
            Err(fault) => Judgement {
                verdict: Verdict::Failed {
                    reason: format!(
                        "the answer ({}) came, and the plugin failed to read it: {fault}",
                        received.status
                    ),
                },
                follow_ups: Vec::new(),
            },
        };
        (judgement, Some(report.record))
    }

    async fn ask(
        &self,
        plugin: &Plugin,
        delivery: &Delivery,
        request: &Arc<Request>,
        received: &Received,
    ) -> hookwright_sandbox::Report<Judgement> {
        let context = self.context(delivery.counted + 1);
        let subject = context.subject.clone();
        let (call, event, entry) = (plugin.clone(), Arc::clone(self.event), Arc::clone(self.entry));
        let (request, received) = (Arc::clone(request), received.clone());
        let (position, resends) = (delivery.position, delivery.resends);
        self.runner
            .plugins
            .call(self.entry.subscription.id.uuid(), plugin, &subject, move || {
                let headers: Vec<_> = received
                    .headers
                    .iter()
                    .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
                    .collect();
                let answer = hookwright_sandbox::Answer {
                    status: received.status,
                    headers: &headers,
                    body: &received.body,
                    complete: received.complete,
                };
                let exchange =
                    Exchange { event: &event, request: &request, position, resends, answer };
                call.judge(&exchange, &context, &entry.limits)
            })
            .await
    }

    /// Moves the delivery on. Says whether there is more to send at once.
    fn obey(&self, delivery: &mut Delivery, step: &mut Step, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Delivered { remote_id, note: _ } => {
                delivery.remote_id = remote_id.or(delivery.remote_id.take());
                let total = delivery.requests.as_ref().map_or(0, Vec::len);
                delivery.counted = 0;
                if delivery.position as usize + 1 < total {
                    delivery.position += 1;
                    delivery.resends = 0;
                    delivery.reason = None;
                    return true;
                }
                end(delivery, DeliveryState::Delivered, "");
                delivery.reason = None;
                false
            }
            Verdict::Failed { reason } => {
                end(delivery, DeliveryState::Failed, reason);
                false
            }
            Verdict::Retry { reason, not_before, counted } => {
                if counted || delivery.attempts >= MAX_UNCOUNTED {
                    delivery.counted += 1;
                }
                self.wait(delivery, reason, not_before);
                false
            }
            Verdict::Resend { reason, .. } if delivery.resends >= MAX_RESENDS => {
                let reason = format!(
                    "the plugin asked to change the request more than {MAX_RESENDS} times: {reason}"
                );
                end(delivery, DeliveryState::Failed, reason);
                false
            }
            Verdict::Resend { reason, request } => {
                delivery.resends += 1;
                delivery.reason = Some(reason);
                let request = Arc::new(request);
                let (position, revision) = (delivery.position, delivery.resends);
                if let Some(requests) = &mut delivery.requests
                    && let Some(place) = requests.get_mut(position as usize)
                {
                    *place = Arc::clone(&request);
                }
                step.new_requests.push(NewRequest { position, revision, request });
                true
            }
        }
    }

    /// Puts the delivery off as the policy says, or gives it up.
    fn wait(&self, delivery: &mut Delivery, reason: String, asked: Option<Duration>) {
        let policy = &self.entry.subscription.retry;
        match policy.wait(delivery.counted, asked, fastrand::f64()) {
            Some(wait) => {
                delivery.state = DeliveryState::Pending;
                delivery.next_attempt_at = Some(Timestamp::now().after(wait));
                delivery.reason = Some(reason);
            }
            None => {
                let tries = match delivery.counted {
                    1 => "once".to_owned(),
                    counted => format!("{counted} times"),
                };
                let reason = format!("given up after it was tried {tries}: {reason}");
                end(delivery, DeliveryState::Failed, reason);
            }
        }
    }
}

/// What an attempt was, before its delivery is moved on.
struct Tried {
    started_at: Timestamp,
    sent: Sent,
    received: Option<Received>,
    timings: Timings,
    record: Option<CallRecord>,
}

impl Tried {
    fn into_attempt(self, delivery: &Delivery, result: AttemptResult) -> Attempt {
        Attempt {
            id: AttemptId::new(),
            delivery_id: delivery.id,
            number: delivery.attempts,
            position: delivery.position,
            revision: delivery.resends,
            started_at: self.started_at,
            sent: Some(self.sent),
            received: self.received,
            timings: self.timings,
            result,
            judge: self.record,
        }
    }
}

fn current(delivery: &Delivery) -> Option<Arc<Request>> {
    delivery.requests.as_ref()?.get(delivery.position as usize).cloned()
}

/// The answer without secrets.
fn scrubbed(filled: &Filled, answer: &Answer) -> Received {
    let scrubber = &filled.scrubber;
    let headers = answer.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), scrubber.text(&value))
    });
    let mut body = Bytes::from(scrubber.bytes(&answer.body).into_owned());
    // It was read a little further than it is kept, for the scrubber's sake.
    let complete = answer.complete && body.len() <= MAX_ANSWER;
    body.truncate(MAX_ANSWER);
    Received { status: answer.status, headers: headers.collect(), body, complete }
}

/// What the receiver asks for by `Retry-After` holds whatever the plugin says.
fn not_before(mut judgement: Judgement, asked: Option<Duration>) -> Judgement {
    if let Verdict::Retry { not_before, .. } = &mut judgement.verdict {
        *not_before = (*not_before).max(asked);
    }
    judgement
}

fn result_of(verdict: &Verdict) -> AttemptResult {
    match verdict {
        Verdict::Delivered { note, .. } => AttemptResult::Delivered { note: note.clone() },
        Verdict::Failed { reason } => AttemptResult::Failed { reason: reason.clone() },
        Verdict::Resend { reason, .. } => AttemptResult::Resend { reason: reason.clone() },
        Verdict::Retry { reason, not_before, .. } => {
            AttemptResult::Retry { reason: reason.clone(), asked: *not_before }
        }
    }
}

/// Deliveries of their own, children of this one.
fn follow_ups(delivery: &Delivery, wanted: Vec<FollowUp>) -> Vec<Delivery> {
    let now = Timestamp::now();
    let child = |follow_up: FollowUp| {
        let requests = match &follow_up {
            FollowUp::Send(request) => Some(vec![Arc::new(request.clone())]),
            FollowUp::SetField { .. } | FollowUp::AddComment { .. } => None,
        };
        Delivery {
            parent: Some(delivery.id),
            follow_up: Some(follow_up),
            requests,
            digest: delivery.digest,
            ..Delivery::new(delivery.event_id, delivery.subscription_id, now)
        }
    };
    wanted.into_iter().map(child).collect()
}

fn end(delivery: &mut Delivery, state: DeliveryState, reason: impl Into<String>) {
    delivery.state = state;
    delivery.reason = Some(reason.into());
    delivery.next_attempt_at = None;
    delivery.finished_at = Some(Timestamp::now());
}

/// Waits for an admin to put something right; uses up no try.
fn hold(delivery: &mut Delivery, reason: &str) {
    delivery.state = DeliveryState::Pending;
    delivery.reason = Some(reason.to_owned());
    delivery.next_attempt_at = Some(Timestamp::now().after(HOLD));
}
