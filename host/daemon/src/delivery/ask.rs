//! What the plugin is asked: what to send, and what an answer means.

use std::sync::Arc;

use hookwright_model::{
    CallRecord, Decision, Delivery, DeliveryState, Event, Failure, FollowUp, Judgement, Original,
    Received, Request, Verdict,
};
use hookwright_sandbox::{Answer, Context, Exchange, Plugin, Report, Transformed};
use hookwright_store::NewRequest;

use super::admit::Passage;
use super::breaker::Call;
use super::judge;
use super::run::{Go, Step, end, hold};
use super::target::Target;

/// What a plugin is told beside the event.
pub(super) fn context(
    target: &Target,
    event: &Event,
    original: &Arc<Original>,
    attempt: u32,
) -> Context {
    Context {
        settings: Arc::clone(&target.settings),
        now: event.received_at,
        attempt,
        original: Some(Arc::clone(original)),
        time_zone: target.time_zone.clone(),
        subject: event.id.to_string(),
    }
}

impl Go<'_> {
    fn context(&self, attempt: u32) -> Context {
        context(self.target, self.event, self.original, attempt)
    }

    /// Asks the plugin what to send. Says whether there is something to send.
    pub(super) async fn transform(&self, delivery: &mut Delivery, step: &mut Step) -> bool {
        let plugin = match &self.target.plugin {
            Ok(plugin) => plugin,
            Err(problem) => {
                hold(delivery, problem);
                return false;
            }
        };
        let Some(report) = self.call(delivery, step, plugin).await else { return false };
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
                delivery.tried_since = None;
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

    /// Calls the plugin. Nothing if it is suspended, also if that comes while the call waits for
    /// a thread: then the delivery waits.
    async fn call(
        &self,
        delivery: &mut Delivery,
        step: &mut Step,
        plugin: &Plugin,
    ) -> Option<Report<Transformed>> {
        loop {
            let ticket = self.may_call(delivery, plugin, Call::Transform)?;
            let still_wanted = ticket.still_wanted();
            let context = self.context(delivery.counted + 1);
            let subject = context.subject.clone();
            let (call, event, target) =
                (plugin.clone(), Arc::clone(self.event), Arc::clone(self.target));
            let called = self.runner.plugins.call(self.target.id, plugin, &subject, move || {
                if !still_wanted.get() {
                    return Report { outcome: Ok(None), record: CallRecord::default() };
                }
                let Report { outcome, record } = call.transform(&event, &context, &target.limits);
                Report { outcome: outcome.map(Some), record }
            });
            let Report { outcome, record } = called.await;
            let outcome = match outcome {
                Ok(None) => continue,
                Ok(Some(transformed)) => Ok(transformed),
                Err(fault) => Err(fault),
            };
            let (wake, shift) = ticket.ended(outcome.as_ref().err().map(|fault| &**fault));
            self.runner.wake(wake, step).await;
            self.tell(shift, step);
            return Some(Report { outcome, record });
        }
    }

    /// The plugin that reads the answers to this delivery, if one does.
    pub(super) fn reader(&self, delivery: &Delivery) -> Option<&Plugin> {
        // A request that an answer asked for goes elsewhere, where other rules hold.
        if matches!(delivery.follow_up, Some(FollowUp::Send(_))) {
            return None;
        }
        self.target.plugin.as_ref().ok().filter(|plugin| plugin.judges())
    }

    /// What the answer means: by the subscription's own rules, else as the plugin says if it
    /// reads answers, else by the rules of the preset, else by its status.
    pub(super) async fn judge(
        &self,
        delivery: &Delivery,
        request: &Arc<Request>,
        received: &Received,
        passage: &mut Passage,
    ) -> (Judgement, Option<CallRecord>) {
        let decided = |verdict| (Judgement { verdict, follow_ups: Vec::new() }, None);
        let judging = &self.target.judging;
        if matches!(delivery.follow_up, Some(FollowUp::Send(_))) {
            return decided(judge::by_status(received.status));
        }
        if let Some(verdict) = judging.by_own_rules(received) {
            return decided(verdict);
        }
        let Some(plugin) = self.reader(delivery) else {
            let verdict = judging.by_preset(received);
            return decided(verdict.unwrap_or_else(|| judge::by_status(received.status)));
        };
        let report = self.ask(plugin, delivery, request, received).await;
        if let Some(ticket) = passage.reader.take() {
            let fault = report.outcome.as_ref().err().map(|fault| &**fault);
            let (wake, shift) = ticket.ended(fault);
            passage.wake.extend(wake);
            passage.shifts.extend(shift);
        }
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
    ) -> Report<Judgement> {
        let context = self.context(delivery.counted + 1);
        let subject = context.subject.clone();
        let (call, event, target) =
            (plugin.clone(), Arc::clone(self.event), Arc::clone(self.target));
        let (request, received) = (Arc::clone(request), received.clone());
        let (position, resends) = (delivery.position, delivery.resends);
        self.runner
            .plugins
            .call(self.target.id, plugin, &subject, move || {
                let headers: Vec<_> = received
                    .headers
                    .iter()
                    .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
                    .collect();
                let answer = Answer {
                    status: received.status,
                    headers: &headers,
                    body: &received.body,
                    complete: received.complete,
                };
                let exchange =
                    Exchange { event: &event, request: &request, position, resends, answer };
                call.judge(&exchange, &context, &target.limits)
            })
            .await
    }
}
