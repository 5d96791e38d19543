//! Keeps an issuer's keys, and decides when they are fetched: when there are none, when they are
//! old, and when a token names one that is not among them, but then not too often, since anyone
//! can name a key.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use tokio::sync::Mutex;

/// How long keys are used without asking again, which is as long as a key that the issuer has
/// withdrawn is still taken.
const FRESH: Duration = Duration::from_secs(3600);
/// The least time between two requests that nothing but a token or a failure gave rise to.
const PAUSE: Duration = Duration::from_secs(30);

/// What was fetched, and when.
#[derive(Debug)]
struct Known<T> {
    keys: Arc<T>,
    at: Instant,
}

/// An unplanned request.
#[derive(Clone, Debug)]
struct Asked {
    at: Instant,
    failed: bool,
}

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct Cache<T> {
    known: ArcSwapOption<Known<T>>,
    /// One request at a time; those whose key is known do not wait for it.
    asking: Mutex<Option<Asked>>,
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The issuer does not have it.
    Unknown,
    /// The issuer cannot be asked.
    Unavailable,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self { known: ArcSwapOption::empty(), asking: Mutex::new(None) }
    }
}

impl<T> Cache<T> {
    fn fresh(&self, now: Instant) -> Option<Arc<T>> {
        let known = self.known.load();
        let known = known.as_ref()?;
        let is_fresh = now.saturating_duration_since(known.at) < FRESH;
        is_fresh.then(|| Arc::clone(&known.keys))
    }

    /// Keys that hold what is wanted, if they are at hand.
    pub(super) fn ready(&self, now: Instant, wanted: impl Fn(&T) -> bool) -> Option<Arc<T>> {
        self.fresh(now).filter(|keys| wanted(keys))
    }

    /// Keys that hold what is wanted, asking for them if need be. Dropped halfway, it would
    /// forget that it has asked.
    pub(super) async fn find(
        &self,
        now: Instant,
        wanted: impl Fn(&T) -> bool,
        fetch: impl Future<Output = Option<T>>,
    ) -> Result<Arc<T>, Missing> {
        if let Some(keys) = self.ready(now, &wanted) {
            return Ok(keys);
        }
        let mut asked = self.asking.lock().await;
        // Another may have asked meanwhile.
        let fresh = self.fresh(now);
        let is_planned = fresh.is_none();
        if let Some(keys) = fresh.filter(|keys| wanted(keys)) {
            return Ok(keys);
        }
        if let Some(asked) = &*asked
            && now.saturating_duration_since(asked.at) < PAUSE
            && (asked.failed || !is_planned)
        {
            return Err(if asked.failed { Missing::Unavailable } else { Missing::Unknown });
        }
        let found = fetch.await.map(Arc::new);
        if !is_planned || found.is_none() {
            *asked = Some(Asked { at: now, failed: found.is_none() });
        }
        let keys = found.ok_or(Missing::Unavailable)?;
        self.known.store(Some(Arc::new(Known { keys: Arc::clone(&keys), at: now })));
        if wanted(&keys) { Ok(keys) } else { Err(Missing::Unknown) }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// An issuer with one key, which is a number.
    struct Desk {
        cache: Cache<u32>,
        key: Cell<Option<u32>>,
        asked: Cell<u32>,
        started: Instant,
    }

    impl Desk {
        fn new(key: u32) -> Self {
            let started = Instant::now();
            Self {
                cache: Cache::default(),
                key: Cell::new(Some(key)),
                asked: Cell::new(0),
                started,
            }
        }

        /// What is found after so many seconds, and how often the issuer was asked by then.
        async fn find(&self, seconds: u64, wanted: u32) -> (Result<u32, Missing>, u32) {
            let now = self.started + Duration::from_secs(seconds);
            let fetch = async {
                self.asked.set(self.asked.get() + 1);
                self.key.get()
            };
            let found = self.cache.find(now, |key| *key == wanted, fetch).await;
            (found.map(|key| *key), self.asked.get())
        }
    }

    #[tokio::test]
    async fn keys_are_used_for_an_hour() {
        let desk = Desk::new(1);
        assert_eq!(desk.find(0, 1).await, (Ok(1), 1));
        assert_eq!(desk.find(3599, 1).await, (Ok(1), 1));
        desk.key.set(Some(2));
        // Withdrawn, and noticed after an hour.
        assert_eq!(desk.find(3600, 1).await, (Err(Missing::Unknown), 2));
        assert_eq!(desk.find(3601, 2).await, (Ok(2), 2));
    }

    #[tokio::test]
    async fn a_new_key_is_fetched_when_it_is_named() {
        let desk = Desk::new(1);
        assert_eq!(desk.find(0, 1).await, (Ok(1), 1));
        desk.key.set(Some(2));
        assert_eq!(desk.find(1, 2).await, (Ok(2), 2));
        desk.key.set(Some(3));
        assert_eq!(desk.find(30, 3).await, (Err(Missing::Unknown), 2));
        assert_eq!(desk.find(31, 3).await, (Ok(3), 3));
    }

    #[tokio::test]
    async fn invented_keys_do_not_make_many_requests() {
        let desk = Desk::new(1);
        for number in 0..100 {
            assert_eq!(desk.find(0, 100 + number).await.0, Err(Missing::Unknown));
        }
        assert_eq!(desk.find(0, 1).await, (Ok(1), 2));
    }

    #[tokio::test]
    async fn an_issuer_that_fails_is_left_alone_for_a_while() {
        let desk = Desk::new(1);
        desk.key.set(None);
        assert_eq!(desk.find(0, 1).await, (Err(Missing::Unavailable), 1));
        assert_eq!(desk.find(29, 1).await, (Err(Missing::Unavailable), 1));
        desk.key.set(Some(1));
        assert_eq!(desk.find(30, 1).await, (Ok(1), 2));
        // Keys that are known are used while the issuer fails; others may or may not exist.
        desk.key.set(None);
        assert_eq!(desk.find(40, 2).await, (Err(Missing::Unavailable), 3));
        assert_eq!(desk.find(41, 2).await, (Err(Missing::Unavailable), 3));
        assert_eq!(desk.find(41, 1).await, (Ok(1), 3));
    }
}
