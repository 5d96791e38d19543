//! One delivery, from where it is to where it waits or ends.
//!
//! Each step is recorded before the next is taken: after a crash the delivery goes on at the
//! request that may not have arrived, under the same id.

use std::sync::Arc;
use std::time::Duration;

use hookwright_model::{
    AfterFailure, Attempt, Delivery, DeliveryState, Event, Judgement, Name, Original, Request,
    Timestamp, Verdict,
};
use hookwright_store::{Lease, Mail, NewRequest, OutageChange, Progress, Store, Work};

use super::admit::Passage;
use super::authorize::renewal;
use super::brake::Brake;
use super::breaker::Breaker;
use super::client::Sender;
use super::fill::{Facts, Filled};
use super::gone::Gone;
use super::health::{Disabling, Healths};
use super::judge;
use super::means::{Means, Stopped, connection_of, means};
use super::note::{Tried, child, result_of, scrubbed};
use super::pace::{Pacer, Turn};
use super::target::Target;
use super::turn::Ended;
use super::write_back::WriteBacks;
use crate::access::Pass;
use crate::control::{self, Course, Kind};
use crate::crash::{self, Point};
use crate::live::{Live, Topic};
use crate::operations::{Operation, Operations};
use crate::plugins::PluginHost;
use crate::registry::Registry;
use crate::statistics::Statistics;

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
    /// What says when.
    pub pacer: Pacer,
    /// What stops loops that run through a helpdesk.
    pub brake: Arc<Brake>,
    /// What is not to be delivered any more.
    pub gone: Arc<Gone>,
    /// What is not tried for now.
    pub breaker: Breaker,
    /// Subscriptions whose deliveries fail.
    pub health: Arc<Healths>,
    /// What is counted.
    pub statistics: Arc<Statistics>,
    /// Told that deliveries went on.
    pub live: Live,
    /// What is told of it, by events and by mail.
    pub operations: Arc<Operations>,
}

/// What there is to note after a step.
#[derive(Default)]
pub(super) struct Step {
    pub(super) new_requests: Vec<NewRequest>,
    pub(super) attempt: Option<Attempt>,
    pub(super) follow_ups: Vec<Delivery>,
    /// The access token was not taken, and another is tried at once: what comes next is judged.
    pub(super) is_renewed: bool,
    /// Those that follow the delivery wait on though it has ended.
    pub(super) keeps_turn: bool,
    /// Deliveries that waited are due now.
    pub(super) has_woken: bool,
    /// The subscription is to be disabled because of it.
    pub(super) disabling: Option<Disabling>,
    /// What is told because of it.
    pub(super) operations: Vec<Operation>,
    /// How an outage of the subscription goes on, with the mails that say so.
    pub(super) outage: Option<(OutageChange, Vec<Mail>)>,
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
        if self.gone.holds(event.id) {
            sent();
            return None;
        }
        let snapshot = self.registry.snapshot();
        let mut step = Step::default();
        let mut delivery_caused = false;
        match snapshot.subscriptions.get(&delivery.subscription_id) {
            None => end(&mut delivery, DeliveryState::Canceled, "the subscription was removed"),
            Some(entry) => match control::course(&delivery, &event, entry, Timestamp::now()) {
                Course::Hold(reason) => hold(&mut delivery, reason),
                Course::End(state, reason) => end(&mut delivery, state, reason),
                Course::Go => match means(&mut delivery, &event, entry, &snapshot, &self.brake) {
                    Ok(Means { target, event }) => {
                        let go = Go {
                            runner: self,
                            target: &target,
                            event: &event,
                            original: &original,
                            write_backs: &entry.write_backs,
                            connection: connection_of(&snapshot, &event),
                            is_forced: Kind::of(&event) == Some(Kind::Test)
                                || self.breaker.take_by_hand(delivery.id),
                            may_disable: entry.subscription.disable_on_failure,
                        };
                        delivery_caused = go.through(&mut delivery, &mut step, &lease).await;
                        if let Some(reason) = control::settle(&delivery, &event) {
                            end(&mut delivery, DeliveryState::Failed, reason);
                        }
                    }
                    Err(Stopped::Held(reason)) => hold(&mut delivery, &reason),
                    Err(Stopped::Failed(reason)) => {
                        end(&mut delivery, DeliveryState::Failed, reason);
                    }
                },
            },
        }
        let after_failure = snapshot.subscriptions.get(&delivery.subscription_id);
        let after_failure = after_failure.map(|entry| entry.subscription.after_failure);
        let failed = matches!(delivery.state, DeliveryState::Failed | DeliveryState::Unknown);
        step.keeps_turn = failed && after_failure == Some(AfterFailure::Wait);
        self.note_test(&delivery, &event);
        self.tell_of_end(&delivery, &event, &snapshot, &mut step);
        sent();
        let disabling = step.disabling.take();
        let caused = self.record(&delivery, &event, step, None).await | delivery_caused;
        if let Some(disabling) = disabling {
            self.disable(disabling, &event).await;
            // There may be those who take the event that tells of it.
            return Some(Timestamp::now());
        }
        // Another that it was in the way of may be next.
        let caused = caused || delivery.lane.is_some() && delivery.state.is_final();
        if caused { Some(Timestamp::now()) } else { delivery.next_attempt_at }
    }

    /// Notes progress, however long it takes: what was sent must not be sent again only because
    /// the disk was full. Says whether there is something due now: follow-ups, or what was woken.
    async fn record(
        &self,
        delivery: &Delivery,
        event: &Event,
        step: Step,
        lease: Option<Lease>,
    ) -> bool {
        let aside = self.aside(step.operations, step.outage);
        let Step { new_requests, attempt, follow_ups, has_woken, keeps_turn, .. } = step;
        let caused = has_woken || !follow_ups.is_empty() || aside.events.is_some();
        let has_mails = !aside.mails.is_empty();
        let (delivery, attempt) = self.redacted(delivery, event, attempt);
        let id = delivery.id;
        let progress =
            Progress { delivery, new_requests, attempt, follow_ups, lease, keeps_turn, aside };
        let progress = Arc::new(progress);
        let mut wait = Duration::from_millis(100);
        loop {
            match self.store.record(Arc::clone(&progress)).await {
                Ok(noted) => {
                    self.live.tell(Topic::Deliveries, 1);
                    crash::pass(Point::RecordAfterCommit);
                    self.statistics.recorded(&progress, noted);
                    if has_mails {
                        self.operations.mail_due.notify_one();
                    }
                    if caused {
                        crash::pass(Point::ChildAfter);
                    }
                    return caused;
                }
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
pub(super) struct Go<'a> {
    pub(super) runner: &'a Runner,
    pub(super) target: &'a Arc<Target>,
    pub(super) event: &'a Arc<Event>,
    pub(super) original: &'a Arc<Original>,
    /// What of the answers is written to the event's ticket.
    pub(super) write_backs: &'a WriteBacks,
    /// Through which connection, if not said otherwise.
    pub(super) connection: Option<&'a Name>,
    /// It is tried also if what it is for fails now: a test, or an admin's wish.
    pub(super) is_forced: bool,
    /// Whether failures can disable the subscription.
    pub(super) may_disable: bool,
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
        if delivery.requests.is_none() {
            if !self.transform(delivery, step).await {
                self.write_back(delivery, step);
                return caused;
            }
            crash::pass(Point::TransformAfter);
        }
        let untried = delivery.attempts == 0 && delivery.reason.is_none();
        let mut turn = if untried { Turn::New } else { Turn::Back };
        loop {
            let more = self.next(delivery, step, turn).await;
            self.write_back(delivery, step);
            self.note_health(delivery, step);
            if !more {
                return caused;
            }
            turn = Turn::Next;
            delivery.state = DeliveryState::Running;
            let (is_renewed, disabling) = (step.is_renewed, step.disabling.take());
            let next = Step { is_renewed, disabling, ..Step::default() };
            let done = std::mem::replace(step, next);
            caused |= self.runner.record(delivery, self.event, done, Some(lease())).await;
        }
    }

    /// Sends the current request once. Says whether there is more to send at once.
    async fn next(&self, delivery: &mut Delivery, step: &mut Step, turn: Turn) -> bool {
        let Some(request) = current(delivery) else {
            end(delivery, DeliveryState::Failed, "the delivery has no such request");
            return false;
        };
        if let Err(problem) = &self.target.bound.signing {
            hold(delivery, problem);
            return false;
        }
        let Ok(reader) = self.may_judge(delivery) else { return false };
        let Some((mut filled, chosen)) = self.in_turn(delivery, &request, turn).await else {
            return false;
        };
        let (ticket, is_last) = (chosen.ticket, chosen.is_last);
        let (wake, shifts) = (Vec::new(), Vec::new());
        let mut passage = Passage { ticket, reader, is_last, wake, shifts };
        if self.runner.gone.holds(delivery.event_id) {
            return false;
        }
        let Some((access, pass)) = self.pass(delivery, step).await else { return false };
        access.authorize(&pass, &mut filled);
        let more = self.attempt(delivery, step, &request, filled, (&pass, &mut passage)).await;
        self.runner.wake(passage.wake, step).await;
        self.tell(passage.shifts, step);
        more
    }

    pub(super) fn facts(&self, delivery: &Delivery) -> Facts {
        Facts { delivery: delivery.id, sent_at: Timestamp::now() }
    }

    /// Sends the current request once and does what the answer means. Says whether there is
    /// more to send at once.
    async fn attempt(
        &self,
        delivery: &mut Delivery,
        step: &mut Step,
        request: &Arc<Request>,
        filled: Filled,
        (pass, passage): (&Pass, &mut Passage),
    ) -> bool {
        let started_at = Timestamp::now();
        delivery.tried_since.get_or_insert(started_at);
        crash::pass(Point::SendBefore);
        let (outcome, timings) = self.send(&filled, pass).await;
        let mut ended = Ended { is_last: passage.is_last, ..Ended::now() };
        if let Ok(answer) = &outcome {
            crash::pass(Point::AnswerAfter);
            passage.answered(answer.status);
        }
        let is_renewed = std::mem::take(&mut step.is_renewed);
        let (received, judgement, record) = match outcome {
            Ok(answer) if answer.status == 401 && !is_renewed && pass.is_renewable() => {
                step.is_renewed = true;
                (Some(scrubbed(&filled, &answer)), renewal(), None)
            }
            Ok(answer) => {
                let asked = judge::retry_after(&answer.headers, ended.at);
                let received = scrubbed(&filled, &answer);
                let (judgement, record) = self.judge(delivery, request, &received, passage).await;
                let judgement = not_before(judgement, asked);
                let asked_by = asked.map(|_| answer.status);
                let asks = self.slow_down(&filled.url, asked_by, &judgement.verdict, ended);
                let is_delivered = matches!(judgement.verdict, Verdict::Delivered { .. });
                passage.judged(answer.status, is_delivered, asks);
                (Some(received), judgement, record)
            }
            Err(failed) => {
                let reserve = self.reserve_hosts(delivery, &filled.url);
                ended.elsewhere = !failed.sent && !reserve.is_empty();
                // Words of the network, but a name can be a secret.
                let reason = filled.scrubber.text(&failed.reason);
                passage.failed(&reason);
                let verdict = judge::unanswered(reason, failed.sent);
                (None, Judgement { verdict, follow_ups: Vec::new() }, None)
            }
        };
        let result = result_of(&judgement.verdict);
        delivery.attempts += 1;
        let sent = Some(filled.sent);
        let tried = Tried { started_at, sent, received, timings, record };
        step.attempt = Some(tried.into_attempt(delivery, result));
        if step.is_renewed {
            return true;
        }
        if delivery.parent.is_none() {
            let wanted = judgement.follow_ups.into_iter();
            step.follow_ups = wanted.map(|one| child(delivery, one, self.connection)).collect();
        }
        self.obey(delivery, step, judgement.verdict, ended)
    }

    /// Moves the delivery on. Says whether there is more to send at once.
    pub(super) fn obey(
        &self,
        delivery: &mut Delivery,
        step: &mut Step,
        verdict: Verdict,
        ended: Ended,
    ) -> bool {
        match verdict {
            Verdict::Delivered { remote_id, note: _ } => {
                delivery.remote_id = remote_id.or(delivery.remote_id.take());
                let total = delivery.requests.as_ref().map_or(0, Vec::len);
                delivery.counted = 0;
                delivery.tried_since = None;
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
                let counted = counted || delivery.attempts >= MAX_UNCOUNTED;
                self.again(delivery, (reason, not_before, counted), ended)
            }
            Verdict::Unknown { reason } if self.target.retry_unknown => {
                self.again(delivery, (reason, None, true), ended)
            }
            Verdict::Unknown { reason } => {
                let retry = format!("`hookwright delivery retry {}` sends it again", delivery.id);
                end(delivery, DeliveryState::Unknown, format!("{reason}; {retry}"));
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
}

fn current(delivery: &Delivery) -> Option<Arc<Request>> {
    delivery.requests.as_ref()?.get(delivery.position as usize).cloned()
}

/// What the receiver asks for by `Retry-After` holds whatever the plugin says.
fn not_before(mut judgement: Judgement, asked: Option<Duration>) -> Judgement {
    if let Verdict::Retry { not_before, .. } = &mut judgement.verdict {
        *not_before = (*not_before).max(asked);
    }
    judgement
}

pub(super) fn end(delivery: &mut Delivery, state: DeliveryState, reason: impl Into<String>) {
    delivery.state = state;
    delivery.reason = Some(reason.into());
    delivery.next_attempt_at = None;
    delivery.finished_at = Some(Timestamp::now());
}

/// Waits for an admin to put something right; uses up no try.
pub(super) fn hold(delivery: &mut Delivery, reason: &str) {
    delivery.state = DeliveryState::Pending;
    delivery.reason = Some(reason.to_owned());
    delivery.next_attempt_at = Some(Timestamp::now().after(HOLD));
}
