//! What an attempt proves itself with, and what it means if there is nothing or if it is too old.

use std::time::Instant;

use hookwright_model::{Delivery, Judgement, Timestamp, Timings, Verdict};

use super::client::{Answer, Failed};
use super::fill::Filled;
use super::note::{Tried, result_of};
use super::run::{Go, Step, hold};
use super::turn::Ended;
use crate::access::{Access, Pass};

impl Go<'_> {
    /// Gets what the next attempt proves itself with. If there is nothing, the delivery waits,
    /// and nothing is left to do.
    pub(super) async fn pass(
        &self,
        delivery: &mut Delivery,
        step: &mut Step,
    ) -> Option<(&Access, Pass)> {
        let access = match &self.target.access {
            Ok(access) => access,
            Err(problem) => {
                hold(delivery, problem);
                return None;
            }
        };
        let (started_at, started) = (Timestamp::now(), Instant::now());
        let failure = match access.pass(self.target.timeout).await {
            Ok(pass) => return Some((access, pass)),
            Err(failure) => failure,
        };
        // A try like any other, but that nothing was sent.
        let took = Some(micros(started));
        let timings = Timings { token_us: took, total_us: micros(started), ..Timings::default() };
        let verdict = Verdict::Retry {
            reason: failure.reason,
            not_before: failure.not_before,
            counted: true,
        };
        delivery.attempts += 1;
        let tried = Tried { started_at, sent: None, received: None, timings, record: None };
        step.attempt = Some(tried.into_attempt(delivery, result_of(&verdict)));
        self.obey(delivery, step, verdict, Ended::now());
        None
    }

    /// Sends a request, within what getting the token has left of the deadline.
    pub(super) async fn send(
        &self,
        filled: &Filled,
        pass: &Pass,
    ) -> (Result<Answer, Failed>, Timings) {
        let everyones = &self.runner.sender;
        let sender = self.target.access.as_ref().map_or(everyones, |own| own.sender(everyones));
        let took = pass.took.unwrap_or_default();
        let left = self.target.timeout.saturating_sub(took);
        let (outcome, mut timings) = sender.send(filled, left).await;
        timings.token_us =
            pass.took.map(|took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        timings.total_us = timings.total_us.saturating_add(timings.token_us.unwrap_or(0));
        (outcome, timings)
    }
}

/// The access token was kept from before and may only be too old: another is fetched, and the
/// request sent once more at once. That is no failure of the receiver's.
pub(super) fn renewal() -> Judgement {
    let reason = "401 Unauthorized: the access token that was kept is not taken; sent again at \
                  once with a new one";
    let verdict = Verdict::Retry { reason: reason.into(), not_before: None, counted: false };
    Judgement { verdict, follow_ups: Vec::new() }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
