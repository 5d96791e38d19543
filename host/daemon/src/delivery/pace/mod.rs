//! How quickly receivers are called: requests that have a chat, a token or a host in common share
//! a bucket, and each takes its turn.
//!
//! Own code, since what there is (`governor`) asks one limiter at a time and lets whoever comes
//! first have it: here a request needs room in several buckets at once, takes its turn after
//! those that came before it, is told when to come back if that is long, and a receiver can close
//! a bucket.
//!
//! What is sent is held against the meters at the very moment it goes. What waits is only given a
//! promise: if many come back late and together, they still go one by one.

mod book;
mod key;
mod meter;
pub mod preset;
#[cfg(test)]
mod tests;

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use hookwright_model::Timestamp;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use book::{Book, IN_PLACE, Later, Plan, Why};
use key::{Key, Need};

pub(super) use book::Turn;
pub use key::Paces;

/// How many deliveries may wait where they are, each in one of the places of those that are
/// under way: a quarter of these. More go back to the store, so that paced subscriptions, however
/// many, leave room for others.
const MAX_IN_PLACE: usize = 256;
/// One that waits longer than was expected, because the bucket was closed or others were late,
/// goes back to the store after this while.
const PATIENCE: Duration = IN_PLACE.saturating_mul(2);

/// Says when a request may be sent. Cheap to clone.
#[derive(Clone)]
pub struct Pacer(Arc<Inner>);

struct Inner {
    /// Moments in the book are counted from here.
    started: Instant,
    book: std::sync::Mutex<Book>,
    in_place: Semaphore,
}

/// Whether a request may be sent.
#[derive(Debug, PartialEq)]
pub(super) enum Admission {
    /// At once.
    Now,
    /// Now, but some time has passed.
    Waited,
    /// Not before this while has passed.
    Later {
        /// How long.
        wait: Duration,
        /// For people.
        reason: String,
    },
}

impl Default for Pacer {
    fn default() -> Self {
        let in_place = Semaphore::new(MAX_IN_PLACE);
        Self(Arc::new(Inner {
            started: Instant::now(),
            book: std::sync::Mutex::default(),
            in_place,
        }))
    }
}

impl Pacer {
    /// Waits until every bucket of the request has room, if that is soon. The caller sends it at
    /// once if it is admitted.
    pub(super) async fn turn(&self, needs: &[Need], turn: Turn) -> Admission {
        let inner = &self.0;
        let arrived = inner.now();
        let (from, _permit) = {
            let mut book = inner.book();
            if book.admit(needs, turn, arrived) {
                return Admission::Now;
            }
            let permit = inner.in_place.try_acquire().ok();
            match book.plan(needs, turn, arrived, permit.is_some()) {
                Plan::Wait(from) => (from, permit),
                Plan::Later(later) => return inner.later(later, arrived),
            }
        };
        tokio::time::sleep_until(inner.started + from).await;
        if inner.queue(needs, arrived + PATIENCE).await.is_ok() {
            return Admission::Waited;
        }
        let now = inner.now();
        match inner.book().plan(needs, turn, now, false) {
            Plan::Later(later) => inner.later(later, now),
            // A bucket that has gone: it was idle.
            Plan::Wait(_) => Admission::Later {
                wait: IN_PLACE,
                reason: "waits its turn: it was kept waiting for too long".to_owned(),
            },
        }
    }

    /// Lets nothing more pass in the most specific bucket for a while, which began when the
    /// receiver asked for it.
    pub(super) fn close(&self, needs: &[Need], asked_at: Instant, wait: Duration) {
        let until = asked_at.saturating_duration_since(self.0.started).saturating_add(wait);
        let now = self.0.now();
        self.0.book().close(needs, now, until);
    }
}

/// A place in a bucket's queue.
struct Place<'a> {
    inner: &'a Inner,
    key: &'a Key,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.inner.book().leave(self.key);
    }
}

/// It takes too long.
struct TooLong;

impl Inner {
    /// Queues in one bucket after the other, the most specific first: whoever waits for its chat
    /// is in nobody's way at the token that all chats share.
    async fn queue(&self, needs: &[Need], deadline: Duration) -> Result<(), TooLong> {
        let mut places = Vec::with_capacity(needs.len());
        for need in needs.iter().filter(|need| !need.limits.is_empty()) {
            let gate = self.book().queue(need, self.now(), deadline).ok_or(TooLong)?;
            let place = Place { inner: self, key: &need.key };
            places.push((place, gate.lock_owned().await));
            while let Some(ready) = self.not_ready(std::slice::from_ref(need), deadline, false)? {
                tokio::time::sleep_until(self.started + ready).await;
            }
        }
        while let Some(ready) = self.not_ready(needs, deadline, true)? {
            tokio::time::sleep_until(self.started + ready).await;
        }
        Ok(())
    }

    /// When all of these have room; nothing if they have it now, and then it is taken if it is
    /// to be.
    fn not_ready(
        &self,
        needs: &[Need],
        deadline: Duration,
        take: bool,
    ) -> Result<Option<Duration>, TooLong> {
        let mut book = self.book();
        let now = self.now();
        let ready = book.ready(needs, now);
        if ready > deadline {
            return Err(TooLong);
        }
        if ready > now {
            return Ok(Some(ready));
        }
        if take {
            book.take(needs, now);
        }
        Ok(None)
    }

    fn later(&self, later: Later, now: Duration) -> Admission {
        let wait = later.at.saturating_sub(now);
        let why = match later.why {
            Why::Closed(until) => {
                let until = Timestamp::now().after(until.saturating_sub(now));
                format!("the receiver asked to wait until {until}")
            }
            Why::Limit(words) => words,
            Why::NoRoom => "too many chats, tokens or hosts are waited for at once".to_owned(),
        };
        Admission::Later { wait, reason: format!("waits its turn: {why}") }
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // Nothing inside panics half way; what the lock guards is whole.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
