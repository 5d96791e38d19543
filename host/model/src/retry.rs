//! When a failed attempt is tried again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Waits that grow by a factor, each a little longer by chance so that deliveries that
/// failed together do not come back together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryPolicy {
    /// How often a request is sent in all, counting the first try. 1 means no retry.
    pub attempts: u32,
    /// The wait after the first failure, in seconds.
    pub first_wait_s: f64,
    /// What each wait is multiplied by for the next.
    pub factor: f64,
    /// The longest wait, in seconds.
    pub max_wait_s: f64,
    /// The most that chance adds to a wait, as a share of it: 0 to 1.
    pub jitter: f64,
}

/// A policy that makes no sense.
#[derive(Debug, thiserror::Error, PartialEq)]
#[error("retry.{name} is {value}: it must be between {min} and {max}")]
pub struct BadRetryPolicy {
    /// The field.
    pub name: &'static str,
    value: f64,
    min: f64,
    max: f64,
}

impl Default for RetryPolicy {
    /// About the span and density of the schedule in the Standard Webhooks specification:
    /// 5 s, 25 s, 2 min, 10 min, 52 min, 4 h, then every 14 h, 10 tries over some two days.
    fn default() -> Self {
        Self { attempts: 10, first_wait_s: 5.0, factor: 5.0, max_wait_s: 50_400.0, jitter: 0.1 }
    }
}

impl RetryPolicy {
    /// Checks that every number is within its range.
    ///
    /// # Errors
    /// Names the first number that is not, and its range.
    pub fn check(&self) -> Result<(), BadRetryPolicy> {
        let ranges = [
            ("attempts", f64::from(self.attempts), 1.0, 1_000.0),
            ("first_wait_s", self.first_wait_s, 0.01, 86_400.0),
            ("factor", self.factor, 1.0, 100.0),
            ("max_wait_s", self.max_wait_s, 0.01, 604_800.0),
            ("jitter", self.jitter, 0.0, 1.0),
        ];
        for (name, value, min, max) in ranges {
            if !(min..=max).contains(&value) {
                return Err(BadRetryPolicy { name, value, min, max });
            }
        }
        Ok(())
    }

    /// The wait after so many counted attempts, or none if there were enough of them.
    ///
    /// `asked` is what the receiver asked for: the wait is never shorter. `chance` is
    /// between 0 and 1.
    #[must_use]
    pub fn wait(&self, attempts: u32, asked: Option<Duration>, chance: f64) -> Option<Duration> {
        if attempts >= self.attempts {
            return None;
        }
        // powi of a large exponent gives infinity, which `min` brings back.
        let exponent = i32::try_from(attempts.saturating_sub(1)).unwrap_or(i32::MAX);
        let wait = (self.first_wait_s * self.factor.powi(exponent)).min(self.max_wait_s);
        let wait = Duration::try_from_secs_f64(wait * (1.0 + self.jitter * chance))
            .unwrap_or(Duration::from_secs(86_400));
        Some(wait.max(asked.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let policy = RetryPolicy::default();
        let wait = |attempts| policy.wait(attempts, None, 0.0).map(|wait| wait.as_secs());
        assert_eq!(wait(1), Some(5));
        assert_eq!(wait(2), Some(25));
        assert_eq!(wait(3), Some(125));
        assert_eq!(wait(7), Some(50_400));
        assert_eq!(wait(9), Some(50_400));
        assert_eq!(wait(10), None);
    }

    #[test]
    fn what_the_receiver_asks_for_is_never_undercut() {
        let policy = RetryPolicy::default();
        let asked = Some(Duration::from_secs(3600));
        assert_eq!(policy.wait(1, asked, 1.0), Some(Duration::from_secs(3600)));
        assert_eq!(policy.wait(1, Some(Duration::from_secs(1)), 0.0), Some(Duration::from_secs(5)));
    }

    #[test]
    fn chance_only_adds() {
        let policy = RetryPolicy::default();
        for chance in [0.0, 0.3, 1.0] {
            let wait = policy.wait(1, None, chance).unwrap().as_secs_f64();
            assert!((5.0..=5.5).contains(&wait), "{wait}");
        }
    }

    #[test]
    fn extreme_policies_do_not_panic() {
        let policy = RetryPolicy { attempts: u32::MAX, factor: 100.0, ..RetryPolicy::default() };
        assert!(policy.wait(u32::MAX - 1, None, 1.0).is_some());
        assert!(RetryPolicy { factor: f64::NAN, ..RetryPolicy::default() }.check().is_err());
    }
}
