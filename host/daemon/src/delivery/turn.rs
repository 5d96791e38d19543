//! Before a request is sent: which host it goes to, and whether it is its turn. After it was
//! refused: who waits because of it.

use std::time::Duration;

use hookwright_model::retry::Tries;
use hookwright_model::{Delivery, DeliveryState, FollowUp, Request, Timestamp, Verdict};
use tokio::time::Instant;
use url::Url;

use super::admit::Chosen;
use super::fill::{Filled, fill};
use super::pace::{Admission, Turn};
use super::reserve::{ReserveHost, redirect};
use super::run::{Go, end};

/// How an attempt ended.
#[derive(Clone, Copy)]
pub(super) struct Ended {
    /// When.
    pub(super) at: Timestamp,
    /// The same, by a clock that nobody sets.
    pub(super) instant: Instant,
    /// Whether the receiver cannot have got the request, and there is another host to try.
    pub(super) elsewhere: bool,
    /// Whether it was the delivery's only try: it had waited for as long as its policy tries.
    pub(super) is_last: bool,
}

impl Ended {
    /// Just now, with an answer.
    pub(super) fn now() -> Self {
        Self { at: Timestamp::now(), instant: Instant::now(), elsewhere: false, is_last: false }
    }
}

impl Go<'_> {
    /// Fills a request in, finds the host that it goes to, and waits for its turn. Nothing if that
    /// is for later, or never: then the delivery says so.
    pub(super) async fn in_turn(
        &self,
        delivery: &mut Delivery,
        request: &Request,
        turn: Turn,
    ) -> Option<(Filled, Chosen)> {
        let mut filled = self.filled(delivery, request, None)?;
        let chosen = self.choose(delivery, &filled)?;
        if let Some(host) = &chosen.host {
            redirect(&mut filled, host);
        }
        let needs = self.target.paces.needs(&filled.url);
        match self.runner.pacer.turn(&needs, turn).await {
            Admission::Now => Some((filled, chosen)),
            // Its times and signatures are of now.
            Admission::Waited => {
                Some((self.filled(delivery, request, chosen.host.as_ref())?, chosen))
            }
            Admission::Later { wait, reason } => {
                delivery.state = DeliveryState::Pending;
                delivery.reason = Some(reason);
                // Rounded up: not a moment too soon.
                let wait = wait + Duration::from_nanos(999_999);
                delivery.next_attempt_at = Some(Timestamp::now().after(wait));
                None
            }
        }
    }

    fn filled(
        &self,
        delivery: &mut Delivery,
        request: &Request,
        host: Option<&ReserveHost>,
    ) -> Option<Filled> {
        match fill(request, &self.target.bound, self.facts(delivery)) {
            Ok(mut filled) => {
                if let Some(host) = host {
                    redirect(&mut filled, host);
                }
                Some(filled)
            }
            Err(unfillable) => {
                end(delivery, DeliveryState::Failed, unfillable.to_string());
                None
            }
        }
    }

    /// The hosts in reserve. A request that an answer asked for may go anywhere; they are not in
    /// reserve for that.
    pub(super) fn reserve_hosts(&self, delivery: &Delivery, url: &Url) -> Vec<ReserveHost> {
        match &delivery.follow_up {
            Some(FollowUp::Send(_)) => Vec::new(),
            _ => self.target.reserve_hosts(url),
        }
    }

    /// Has the others wait too, if the receiver asked for it. `asked_by` is the status of an
    /// answer with `Retry-After`. Says whether it did.
    pub(super) fn slow_down(
        &self,
        url: &Url,
        asked_by: Option<u16>,
        verdict: &Verdict,
        ended: Ended,
    ) -> bool {
        let Verdict::Retry { not_before: Some(wait), counted, .. } = verdict else { return false };
        // A plugin may also put off one request for reasons of its own.
        let for_all = !counted || matches!(asked_by, Some(429 | 503));
        let asks = for_all && !wait.is_zero();
        if asks {
            self.runner.pacer.close(&self.target.paces.needs(url), ended.instant, *wait);
        }
        asks
    }

    /// Puts a delivery off after an attempt. Says whether it is tried again at once.
    pub(super) fn again(
        &self,
        delivery: &mut Delivery,
        verdict: (String, Option<Duration>, bool),
        ended: Ended,
    ) -> bool {
        let (reason, asked, counted) = verdict;
        delivery.counted += u32::from(counted);
        if counted && ended.is_last {
            let reason = format!("{reason}; it had waited for longer than its policy tries");
            give_up(delivery, &reason);
            return false;
        }
        self.put_off(delivery, reason, asked, counted);
        if delivery.state != DeliveryState::Pending {
            return false;
        }
        // From the answer, and to the second if it is no failure.
        if let Some(asked) = asked.filter(|asked| !asked.is_zero()) {
            let at = Some(ended.at.after(asked));
            let by_policy = delivery.next_attempt_at;
            delivery.next_attempt_at = if counted { by_policy.max(at) } else { at };
        }
        // The first host in reserve is tried without delay; it may be as dead as this one, and
        // further tries wait as the policy says.
        let at_once = counted && delivery.counted == 1 && ended.elsewhere;
        if at_once {
            delivery.next_attempt_at = Some(ended.at);
        }
        at_once
    }

    /// Puts the delivery off after a try that counts.
    pub(super) fn wait(&self, delivery: &mut Delivery, reason: String, asked: Option<Duration>) {
        self.put_off(delivery, reason, asked, true);
    }

    /// Puts the delivery off as the policy says, or gives it up.
    fn put_off(
        &self,
        delivery: &mut Delivery,
        reason: String,
        asked: Option<Duration>,
        last_counted: bool,
    ) {
        let now = Timestamp::now();
        let since = now.since(*delivery.tried_since.get_or_insert(now));
        let tries = Tries { counted: delivery.counted, last_counted, since, asked };
        match self.target.retry.wait(tries, fastrand::f64()) {
            Some(wait) => {
                delivery.state = DeliveryState::Pending;
                delivery.next_attempt_at = Some(now.after(wait));
                delivery.reason = Some(reason);
            }
            None => give_up(delivery, &reason),
        }
    }
}

/// Ends a delivery that was tried often enough.
fn give_up(delivery: &mut Delivery, reason: &str) {
    let tries = match delivery.counted {
        1 => "once".to_owned(),
        counted => format!("{counted} times"),
    };
    let reason = format!("given up after it was tried {tries}: {reason}");
    end(delivery, DeliveryState::Failed, reason);
}
