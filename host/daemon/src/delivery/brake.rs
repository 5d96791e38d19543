//! Stops loops that run through a helpdesk: what we write to a ticket can be what makes the
//! helpdesk post again, upon which we write again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hookwright_model::{ConnectionId, DeliveryId, Name};

/// What writes are counted over.
const SPAN: Duration = Duration::from_secs(3_600);
/// After so many writes those that are too old are let go of, in all tickets.
const SWEEP: usize = 1_024;

/// A ticket, as a connection writes to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Written {
    /// Through which connection.
    pub connection: ConnectionId,
    /// Of which source.
    pub source: Name,
    /// The ticket's id there.
    pub ticket: String,
}

/// Counts what is written to each ticket within an hour. In memory: a restart gives each ticket
/// its whole share again, which a loop uses up as quickly.
#[derive(Debug, Default)]
pub struct Brake(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    tickets: HashMap<Written, VecDeque<(Instant, DeliveryId)>>,
    since_sweep: usize,
}

impl Brake {
    /// Whether a delivery may write, which is counted then. One that was counted before is not
    /// counted again.
    pub fn may_write(&self, to: Written, delivery: DeliveryId, most: u32, now: Instant) -> bool {
        // Nothing inside panics half way; what the lock guards is whole.
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.since_sweep += 1;
        if counts.since_sweep >= SWEEP {
            counts.since_sweep = 0;
            counts.tickets.retain(|_, writes| {
                forget(writes, now);
                !writes.is_empty()
            });
        }
        let writes = counts.tickets.entry(to).or_default();
        forget(writes, now);
        if writes.iter().any(|(_, known)| *known == delivery) {
            return true;
        }
        let may = writes.len() < most as usize;
        if may {
            writes.push_back((now, delivery));
        }
        may
    }
}

fn forget(writes: &mut VecDeque<(Instant, DeliveryId)>, now: Instant) {
    while writes.front().is_some_and(|(at, _)| now.duration_since(*at) >= SPAN) {
        writes.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(number: usize) -> Written {
        Written {
            connection: ConnectionId::from_uuid(uuid::Uuid::nil()),
            source: "desk".parse().unwrap(),
            ticket: number.to_string(),
        }
    }

    #[test]
    fn so_many_an_hour_for_each_ticket() {
        let brake = Brake::default();
        let start = Instant::now();
        let may = |number, seconds| {
            let now = start + Duration::from_secs(seconds);
            brake.may_write(ticket(number), DeliveryId::new(), 3, now)
        };
        assert!(may(1, 0) && may(1, 10) && may(1, 20));
        assert!(!may(1, 30) && !may(1, 3_599));
        assert!(may(2, 30), "another ticket has a share of its own");
        assert!(may(1, 3_600), "the first is an hour old");
        assert!(!may(1, 3_601));
    }

    #[test]
    fn the_same_delivery_counts_once() {
        let brake = Brake::default();
        let (now, delivery) = (Instant::now(), DeliveryId::new());
        for _ in 0..5 {
            assert!(brake.may_write(ticket(1), delivery, 1, now));
        }
        assert!(!brake.may_write(ticket(1), DeliveryId::new(), 1, now));
    }

    #[test]
    fn what_is_old_takes_no_memory() {
        let brake = Brake::default();
        let start = Instant::now();
        for number in 0..10 * SWEEP {
            let now = start + SPAN * u32::try_from(number / SWEEP).unwrap();
            assert!(brake.may_write(ticket(number), DeliveryId::new(), 1, now));
        }
        let tickets = brake.0.lock().unwrap().tickets.len();
        assert!(tickets <= 2 * SWEEP, "{tickets}");
    }
}
