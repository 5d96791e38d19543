//! The buckets: who is admitted now, who waits where he is, and who comes back when. Knows no
//! clock; moments are told to it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::key::{Key, Need};
use super::meter::{Limit, Meter};

/// How long a delivery may be expected to wait where it is. Putting it back into the store costs
/// two commits and reading it again, which no wait of moments is worth. At Telegram's 30 per
/// second it is 60 deliveries that wait so: about as many as a subscription may have under way.
pub(super) const IN_PLACE: Duration = Duration::from_secs(2);
/// The most buckets. Those that are idle make room first; a request whose bucket has no room
/// waits.
const MAX_BUCKETS: usize = 65_536;
/// How long it waits then.
const NO_ROOM: Duration = Duration::from_secs(10);
/// How often idle buckets are looked for, when all are in use.
const SWEEPS: Duration = Duration::from_secs(1);
/// The longest that a receiver can have others wait. The one that it refused waits as long as it
/// was asked to.
const MAX_CLOSED: Duration = Duration::from_secs(86_400);

/// Who asks for room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::delivery) enum Turn {
    /// A delivery that has not been tried or put back yet. It queues behind all others.
    New,
    /// One that comes back: it was promised this moment, or fails and tries again.
    Back,
    /// The next request of a delivery whose last one has just been answered.
    Next,
}

/// A place that everyone passes one at a time, in the order they came: the mutex is fair.
pub(super) type Gate = Arc<Mutex<()>>;

/// All buckets in use.
#[derive(Default)]
pub(super) struct Book {
    buckets: HashMap<Key, Bucket>,
    /// Idle buckets are looked for when there are so many.
    sweep_at: usize,
    swept: Duration,
}

#[derive(Default)]
struct Bucket {
    /// Subscriptions with the same keys and other numbers have meters of their own.
    meters: Vec<Meter>,
    /// The receiver asked for silence.
    closed_until: Duration,
    /// Moments up to this one are promised to deliveries that were put back.
    promised: Duration,
    /// The first of the moments that are promised.
    promised_from: Duration,
    last_taken: Duration,
    /// Waiting at the gate, or past it and not admitted yet.
    queue: u32,
    gate: Gate,
}

/// When a request is admitted that is not admitted now.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plan {
    /// It may wait where it is, and queue from this moment on.
    Wait(Duration),
    /// It is to come back.
    Later(Later),
}

/// When to come back, and why.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Later {
    pub(super) at: Duration,
    pub(super) why: Why,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Why {
    /// The receiver asked to wait until then.
    Closed(Duration),
    /// A limit, in words.
    Limit(String),
    /// Too many buckets are in use.
    NoRoom,
}

impl Book {
    /// Admits a request if nothing holds it up.
    pub(super) fn admit(&mut self, needs: &[Need], turn: Turn, now: Duration) -> bool {
        for need in needs {
            let Ok(bucket) = self.bucket(need, now) else { return false };
            let Some(bucket) = bucket else { continue };
            if bucket.queue > 0 || bucket.expected(need, turn, now) > now {
                return false;
            }
        }
        self.take(needs, now);
        true
    }

    /// What becomes of a request that is not admitted now. `may_wait` says whether it may wait
    /// where it is.
    pub(super) fn plan(
        &mut self,
        needs: &[Need],
        turn: Turn,
        now: Duration,
        may_wait: bool,
    ) -> Plan {
        // The bucket that holds it up the longest is the one that gives it a moment.
        let mut slowest: Option<(&Need, Duration)> = None;
        for need in needs {
            let Ok(bucket) = self.bucket(need, now) else {
                return Plan::Later(Later { at: now + NO_ROOM, why: Why::NoRoom });
            };
            let at = bucket.map_or(now, |bucket| bucket.expected(need, turn, now));
            if slowest.is_none_or(|(_, slowest)| at > slowest) {
                slowest = Some((need, at));
            }
        }
        let Some((need, at)) = slowest else { return Plan::Wait(now) };
        let Some(bucket) = self.buckets.get_mut(&need.key) else { return Plan::Wait(now) };
        if may_wait && at <= now + IN_PLACE {
            let promised = turn == Turn::New && at == bucket.promised;
            if promised {
                bucket.promise(need, at, now);
            }
            return Plan::Wait(if promised { at } else { now });
        }
        let at = match turn {
            // The rest of a message comes before the next one.
            Turn::Next => at,
            Turn::New | Turn::Back => at.max(bucket.promised),
        };
        let at = at.max(now + IN_PLACE);
        bucket.promise(need, at, now);
        let why = match need.slowest() {
            _ if bucket.closed_until > now => Why::Closed(bucket.closed_until),
            Some(limit) => Why::Limit(limit.words.clone()),
            None => Why::Closed(at),
        };
        Plan::Later(Later { at, why })
    }

    /// Queues in a bucket, unless that would take longer than until `deadline`.
    pub(super) fn queue(&mut self, need: &Need, now: Duration, deadline: Duration) -> Option<Gate> {
        let bucket = self.bucket(need, now).ok()??;
        if bucket.expected(need, Turn::Back, now) > deadline {
            return None;
        }
        bucket.queue += 1;
        Some(Arc::clone(&bucket.gate))
    }

    /// Leaves the queue.
    pub(super) fn leave(&mut self, key: &Key) {
        if let Some(bucket) = self.buckets.get_mut(key) {
            bucket.queue = bucket.queue.saturating_sub(1);
        }
    }

    /// When the one whose turn it is in all of these is admitted.
    pub(super) fn ready(&mut self, needs: &[Need], now: Duration) -> Duration {
        let ready = needs.iter().map(|need| match self.bucket(need, now) {
            Ok(Some(bucket)) => bucket.ready(need, now, 0),
            // No bucket goes while somebody queues in it.
            Ok(None) | Err(NoRoom) => now,
        });
        ready.max().unwrap_or(now)
    }

    /// Takes note that a request is sent.
    pub(super) fn take(&mut self, needs: &[Need], now: Duration) {
        for need in needs {
            if let Some(bucket) = self.buckets.get_mut(&need.key) {
                bucket.last_taken = now;
                need.limits.iter().for_each(|limit| bucket.meter(limit, now).take(now));
            }
        }
    }

    /// Admits nothing more until a moment in the most specific bucket, and leaves the first moment
    /// after it to the request that was refused.
    pub(super) fn close(&mut self, needs: &[Need], now: Duration, until: Duration) {
        let Some(need) = needs.first() else { return };
        let until = until.min(now.saturating_add(MAX_CLOSED));
        if !self.has_room(&need.key, now) {
            return;
        }
        let bucket = self.buckets.entry(Arc::clone(&need.key)).or_default();
        bucket.closed_until = bucket.closed_until.max(until);
        for limit in &*need.limits {
            bucket.meter(limit, now);
        }
        bucket.meters.iter_mut().for_each(|meter| meter.close(until));
        bucket.promised = bucket.promised.max(until.saturating_add(need.interval()));
    }

    /// The bucket; nothing if it has no limits and nobody closed it.
    fn bucket(&mut self, need: &Need, now: Duration) -> Result<Option<&mut Bucket>, NoRoom> {
        if need.limits.is_empty() {
            return Ok(self.buckets.get_mut(&need.key));
        }
        if !self.has_room(&need.key, now) {
            return Err(NoRoom);
        }
        Ok(Some(self.buckets.entry(Arc::clone(&need.key)).or_default()))
    }

    fn has_room(&mut self, key: &Key, now: Duration) -> bool {
        let count = self.buckets.len();
        if count < self.sweep_at.min(MAX_BUCKETS) || self.buckets.contains_key(key) {
            return true;
        }
        if count >= MAX_BUCKETS && now < self.swept + SWEEPS {
            return false;
        }
        self.swept = now;
        self.buckets.retain(|_, bucket| !bucket.is_idle(now));
        // Each bucket is looked at about once for each that is made.
        self.sweep_at = (self.buckets.len() * 2).max(1_024);
        self.buckets.len() < MAX_BUCKETS
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.buckets.len()
    }
}

#[derive(Debug)]
struct NoRoom;

impl Need {
    /// The limit that spaces requests the furthest.
    fn slowest(&self) -> Option<&Limit> {
        self.limits.iter().max_by_key(|limit| limit.interval)
    }

    fn interval(&self) -> Duration {
        self.slowest().map_or(Duration::ZERO, |limit| limit.interval)
    }
}

impl Bucket {
    fn meter(&mut self, limit: &Limit, now: Duration) -> &mut Meter {
        let found = self.meters.iter().position(|meter| meter.is_of(limit));
        let place = found.unwrap_or_else(|| {
            self.meters.retain(|meter| !meter.is_idle(now));
            self.meters.push(Meter::new(limit));
            self.meters.len() - 1
        });
        &mut self.meters[place]
    }

    /// When a request is admitted before which so many others are.
    fn ready(&mut self, need: &Need, now: Duration, ahead: u32) -> Duration {
        let limits = need.limits.iter();
        let ready = limits.map(|limit| self.meter(limit, now).ready(now, ahead)).max();
        ready.unwrap_or(now).max(self.closed_until)
    }

    /// When one is admitted that comes now.
    fn expected(&mut self, need: &Need, turn: Turn, now: Duration) -> Duration {
        let ready = self.ready(need, now, self.queue);
        // New ones keep behind those that were promised a moment. If nobody has come for much
        // longer than they are apart, they will not: they were canceled, say.
        let last = self.last_taken.max(self.closed_until).max(self.promised_from);
        if last.saturating_add(need.interval()).saturating_add(IN_PLACE) < now {
            self.promised = Duration::ZERO;
        }
        if turn == Turn::New { ready.max(self.promised) } else { ready }
    }

    fn promise(&mut self, need: &Need, at: Duration, now: Duration) {
        if self.promised <= now {
            self.promised_from = at;
        }
        self.promised = self.promised.max(at.saturating_add(need.interval()));
    }

    fn is_idle(&self, now: Duration) -> bool {
        let moments = [self.closed_until, self.promised];
        self.queue == 0
            && moments.iter().all(|&moment| moment <= now)
            && self.meters.iter().all(|meter| meter.is_idle(now))
    }
}
