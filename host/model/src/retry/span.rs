//! How long a policy goes on.

use std::time::Duration;

use super::RetryPolicy;

impl RetryPolicy {
    /// How long after its first try a request is tried for the last time, at most, if every try
    /// takes as long as it may. What receivers ask for by `Retry-After` comes on top of this.
    #[must_use]
    pub fn span(&self, timeout: Duration) -> Duration {
        let (tries, waits) = match self {
            Self::Off => (1.0, 0.0),
            Self::Exponential(policy) => {
                let mut wait = policy.first_wait_s;
                let mut waits = 0.0;
                for _ in 1..policy.attempts {
                    waits += wait.min(policy.max_wait_s);
                    wait *= policy.factor;
                }
                (f64::from(policy.attempts), waits * (1.0 + policy.jitter))
            }
            // The last try may begin just before the end.
            Self::Interval(policy) => (1.0, policy.for_s + policy.every_s),
            Self::Waits(waits) => (waits.len() as f64 + 1.0, waits.iter().sum()),
        };
        let all = waits + tries * timeout.as_secs_f64();
        Duration::try_from_secs_f64(all).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::{Exponential, Interval, Tries};

    const TIMEOUT: Duration = Duration::from_secs(30);

    /// The moment of the last try, by the policy itself, when chance is not kind.
    fn last_try(policy: &RetryPolicy) -> Duration {
        let (mut now, mut counted) = (Duration::ZERO, 0);
        loop {
            now += TIMEOUT;
            counted += 1;
            let tries = Tries { counted, last_counted: true, since: now, asked: None };
            match policy.wait(tries, 1.0) {
                Some(wait) => now += wait,
                None => return now,
            }
        }
    }

    #[test]
    fn the_last_try_is_within_the_span() {
        let policies = [
            RetryPolicy::Off,
            RetryPolicy::default(),
            RetryPolicy::Exponential(Exponential { attempts: 1, ..Exponential::default() }),
            RetryPolicy::Exponential(Exponential { attempts: 1_000, ..Exponential::default() }),
            RetryPolicy::Interval(Interval { every_s: 1_800.0, for_s: 86_400.0 }),
            RetryPolicy::Interval(Interval { every_s: 7.0, for_s: 100.0 }),
            RetryPolicy::Waits(vec![10.0, 20.0, 30.0, 40.0]),
        ];
        for policy in policies {
            let (span, last) = (policy.span(TIMEOUT), last_try(&policy));
            assert!(last <= span + Duration::from_millis(1), "{policy:?}: {last:?} {span:?}");
            // And it is no longer than it has to be: by a round of the interval at most.
            assert!(span <= last + Duration::from_secs(1_900), "{policy:?}: {last:?} {span:?}");
        }
        assert_eq!(RetryPolicy::Off.span(TIMEOUT), TIMEOUT);
    }
}
