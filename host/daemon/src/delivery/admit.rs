//! Before a plugin is called and before a request is sent: whether that is tried now, and where
//! the request goes. What is not tried waits for its turn and uses up no try.

use hookwright_model::{Delivery, DeliveryState, Timestamp};
use hookwright_sandbox::Plugin;
use url::Url;

use super::breaker::{Call, CallTicket, Later, Outcome, Place, Shift, Ticket, Wake};
use super::fill::Filled;
use super::judge;
use super::reserve::{ReserveHost, moved, with_host};
use super::run::{Go, Runner, Step};
use crate::access::Access;

/// What an attempt has passed on its way.
pub(super) struct Passage {
    /// To its destination.
    pub(super) ticket: Option<Ticket>,
    /// To the plugin that reads the answer.
    pub(super) reader: Option<CallTicket>,
    /// It has waited for its destination longer than its policy tries: this is its only try.
    pub(super) is_last: bool,
    /// Whom to wake because of what came of it.
    pub(super) wake: Vec<Wake>,
    /// What is tried no more, or again, because of it.
    pub(super) shifts: Vec<Shift>,
}

/// Where a request goes, and what lets it.
pub(super) struct Chosen {
    /// None if it is the URL's own.
    pub(super) host: Option<ReserveHost>,
    pub(super) ticket: Option<Ticket>,
    pub(super) is_last: bool,
}

impl Passage {
    /// The receiver answered.
    pub(super) fn answered(&mut self, status: u16) {
        if status < 500 {
            self.ended(Outcome::Good, None);
        }
    }

    /// What an answer means is known. One that only asks others to wait says nothing.
    pub(super) fn judged(&mut self, status: u16, is_delivered: bool, asks_to_wait: bool) {
        match (is_delivered, asks_to_wait) {
            (true, _) => self.ended(Outcome::Good, None),
            (false, true) => self.ended(Outcome::Neither, None),
            (false, false) => self.ended(Outcome::Bad, Some(judge::words(status))),
        }
    }

    /// No answer came, for this reason, which holds no secret.
    pub(super) fn failed(&mut self, reason: &str) {
        self.ended(Outcome::Bad, Some(reason.to_owned()));
    }

    fn ended(&mut self, outcome: Outcome, error: Option<String>) {
        if let Some(mut ticket) = self.ticket.take() {
            self.wake.extend(ticket.ended(outcome, error));
            self.shifts.extend(ticket.shift());
        }
    }
}

impl Go<'_> {
    /// Lets the plugin be called. Nothing if it is suspended: then the delivery waits.
    pub(super) fn may_call(
        &self,
        delivery: &mut Delivery,
        plugin: &Plugin,
        call: Call,
    ) -> Option<CallTicket> {
        let breaker = &self.runner.breaker;
        let target = self.target.id;
        match breaker.call(plugin, call, target, self.is_forced) {
            Ok(ticket) => Some(ticket),
            Err(later) => {
                let wake = (delivery.id, later.at);
                breaker.wait_for_plugin((plugin.digest(), call), target, wake);
                put_off(delivery, later);
                None
            }
        }
    }

    /// Lets the plugin be asked what the answer means. Nothing to do if it reads none.
    pub(super) fn may_judge(&self, delivery: &mut Delivery) -> Result<Option<CallTicket>, ()> {
        let Some(plugin) = self.reader(delivery) else { return Ok(None) };
        self.may_call(delivery, plugin, Call::Judge).map(Some).ok_or(())
    }

    /// Finds a host that the request may be sent to: the one whose turn it is, or else one that
    /// takes its place. Nothing if there is none now: then the delivery waits.
    pub(super) fn choose(&self, delivery: &mut Delivery, own: &Filled) -> Option<Chosen> {
        let hosts = self.reserve_hosts(delivery, &own.url);
        let count = hosts.len() + 1;
        let turn = if delivery.counted == 0 { 0 } else { delivery.counted as usize % count };
        let in_turn = (0..count).map(|n| (turn + n) % count);
        let routes: Vec<_> =
            in_turn.map(|n| self.route(own, n.checked_sub(1).and_then(|n| hosts.get(n)))).collect();
        let breaker = &self.runner.breaker;
        let mut refused: Option<Later> = None;
        for route in &routes {
            match breaker.send(&route.place(), false) {
                Ok(ticket) => return Some(route.chosen(ticket, false)),
                Err(later) => {
                    refused = Some(match refused {
                        // The reason is that of the host whose turn it is.
                        Some(first) => Later { at: first.at.min(later.at), ..first },
                        None => later,
                    });
                }
            }
        }
        let mut later = refused?;
        let now = Timestamp::now();
        let since = *delivery.tried_since.get_or_insert(now);
        let span = self.target.retry.span(self.target.timeout);
        let is_over = now >= since.after(span);
        if (is_over || self.is_forced)
            && let Some(route) = routes.first()
            && let Ok(ticket) = breaker.send(&route.place(), true)
        {
            return Some(route.chosen(ticket, !self.is_forced));
        }
        later.at = later.at.min(since.after(span));
        for route in &routes {
            breaker.wait_for_destination(&route.place(), (delivery.id, later.at));
        }
        put_off(delivery, later);
        None
    }

    fn route<'a>(&'a self, own: &'a Filled, host: Option<&ReserveHost>) -> Route<'a> {
        let access = self.target.access.as_ref().ok();
        let (url, masked) = match host {
            None => (own.url.clone(), own.sent.url.clone()),
            Some(host) => {
                let url = moved(&own.url, host);
                let masked = with_host(&own.sent.url, &url);
                (url, masked)
            }
        };
        let way = access.map_or(0, Access::way);
        Route { way, through: access.and_then(Access::proxy), url, masked, host: host.cloned() }
    }
}

/// A host that a request can go to.
struct Route<'a> {
    way: usize,
    through: Option<&'a str>,
    url: Url,
    masked: String,
    host: Option<ReserveHost>,
}

impl Route<'_> {
    fn place(&self) -> Place<'_> {
        let Self { way, through, url, masked, .. } = self;
        Place { way: *way, through: *through, url, masked }
    }

    fn chosen(&self, ticket: Option<Ticket>, is_last: bool) -> Chosen {
        Chosen { host: self.host.clone(), ticket, is_last }
    }
}

impl Runner {
    /// Wakes deliveries that waited for what works again.
    pub(super) async fn wake(&self, wake: Vec<Wake>, step: &mut Step) {
        if wake.is_empty() {
            return;
        }
        match self.store.wake(wake, Timestamp::now()).await {
            Ok(()) => step.has_woken = true,
            // They come when they were told to.
            Err(error) => tracing::warn!(%error, "deliveries that wait could not be woken"),
        }
    }
}

/// Has a delivery wait, without a try.
fn put_off(delivery: &mut Delivery, later: Later) {
    delivery.state = DeliveryState::Pending;
    delivery.reason = Some(later.reason);
    delivery.next_attempt_at = Some(later.at);
}
