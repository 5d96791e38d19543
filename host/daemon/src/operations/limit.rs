//! How much is told of one thing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hookwright_model::Timestamp;

/// The most things that are counted. One that came long ago makes room first; one for which there
/// is none is told.
const MAX: usize = 10_000;

/// At most so many of each thing within a time. In memory.
#[derive(Debug)]
pub(super) struct Limit {
    most: u32,
    within: Duration,
    counts: Mutex<HashMap<String, Count>>,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    since: Timestamp,
    told: u32,
    left_out: u64,
}

impl Limit {
    pub(super) fn new(most: u32, seconds: u64) -> Self {
        Self { most, within: Duration::from_secs(seconds), counts: Mutex::default() }
    }

    /// How many were left out before, if this one is told.
    pub(super) fn take(&self, what: &str, now: Timestamp) -> Option<u64> {
        // Nothing inside panics half way; what the lock guards is whole.
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |count: &Count| now.since(count.since) < self.within && count.since <= now;
        if counts.len() >= MAX && !counts.contains_key(what) {
            counts.retain(|_, count| fresh(count) || count.left_out > 0);
            if counts.len() >= MAX {
                return Some(0);
            }
        }
        let new = Count { since: now, told: 0, left_out: 0 };
        let count = counts.entry(what.to_owned()).or_insert(new);
        if !fresh(count) {
            *count = Count { left_out: count.left_out, ..new };
        }
        if count.told >= self.most {
            count.left_out += 1;
            return None;
        }
        count.told += 1;
        Some(std::mem::take(&mut count.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_counted_and_told_with_the_next() {
        let limit = Limit::new(2, 60);
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000);
        let told: Vec<_> = (0..5).map(|second| limit.take("a", at(second))).collect();
        assert_eq!(told, [Some(0), Some(0), None, None, None]);
        assert_eq!(limit.take("b", at(5)), Some(0), "each thing has its own");
        assert_eq!(limit.take("a", at(59)), None);
        assert_eq!([limit.take("a", at(60)), limit.take("a", at(61))], [Some(4), Some(0)]);
        assert_eq!(limit.take("a", at(62)), None);
        // The clock was set back.
        assert_eq!(limit.take("a", at(-100)), Some(1));
    }
}
