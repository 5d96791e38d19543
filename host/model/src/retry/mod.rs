//! When a failed attempt is tried again.

mod document;
mod span;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use document::Document;

/// When a failed attempt is tried again.
///
/// In documents `"off"`, or an object: `{"every_s": 1800, "for_s": 86400}`, `{"waits_s": [10,
/// 20, 30, 40]}`, or the fields of [`Exponential`], each of which can be left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Document", into = "Document")]
pub enum RetryPolicy {
    /// After waits that grow.
    Exponential(Exponential),
    /// Always after the same wait, for some time.
    Interval(Interval),
    /// After these waits, in seconds, and not again after the last.
    Waits(Vec<f64>),
    /// Never.
    Off,
}

/// Waits that grow by a factor, each a little longer by chance so that deliveries that
/// failed together do not come back together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Exponential {
    /// How often a request is sent in all, counting the first try. 1 means no retry.
    #[schema(minimum = 1, maximum = 1000)]
    pub attempts: u32,
    /// The wait after the first failure, in seconds.
    #[schema(minimum = 0.01, maximum = 86400.0)]
    pub first_wait_s: f64,
    /// What each wait is multiplied by for the next.
    #[schema(minimum = 1.0, maximum = 100.0)]
    pub factor: f64,
    /// The longest wait, in seconds.
    #[schema(minimum = 0.01, maximum = 604800.0)]
    pub max_wait_s: f64,
    /// The most that chance adds to a wait, as a share of it: 0 to 1.
    #[schema(minimum = 0.0, maximum = 1.0)]
    pub jitter: f64,
}

/// The same wait again and again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The wait, in seconds.
    #[schema(minimum = 0.01, maximum = 604800.0)]
    pub every_s: f64,
    /// For how long after the first try a failure is tried again, in seconds.
    #[schema(minimum = 0.01, maximum = 2419200.0)]
    pub for_s: f64,
}

/// What has been tried, and what is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tries {
    /// Tries that count.
    pub counted: u32,
    /// Whether the last of them did.
    pub last_counted: bool,
    /// How long ago the first was.
    pub since: Duration,
    /// What the receiver asked to wait.
    pub asked: Option<Duration>,
}

/// A policy that makes no sense.
#[derive(Debug, thiserror::Error, PartialEq)]
#[error("retry.{} is {value}: it must be between {min} and {max}", name.replace('/', "."))]
pub struct BadRetryPolicy {
    /// Where: a JSON Pointer without its first `/`.
    pub name: String,
    value: f64,
    min: f64,
    max: f64,
}

/// The shortest and longest wait that can be set, in seconds; the longest is a week.
const WAITS: (f64, f64) = (0.01, 604_800.0);
/// How long an interval can be kept to, at most: four weeks.
const LONGEST_S: f64 = 2_419_200.0;
/// How many waits can be listed.
const MAX_WAITS: usize = 100;
/// A receiver that asks for hardly any wait, again and again, is still not run into.
const SHORTEST_ASKED: Duration = Duration::from_secs(1);

impl Default for Exponential {
    /// About the span and density of the schedule in the Standard Webhooks specification:
    /// 5 s, 25 s, 2 min, 10 min, 52 min, 4 h, then every 14 h, 10 tries over some two days.
    fn default() -> Self {
        Self { attempts: 10, first_wait_s: 5.0, factor: 5.0, max_wait_s: 50_400.0, jitter: 0.1 }
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::Exponential(Exponential::default())
    }
}

impl RetryPolicy {
    /// Checks that every number is within its range.
    ///
    /// # Errors
    /// Names the first number that is not, and its range.
    pub fn check(&self) -> Result<(), BadRetryPolicy> {
        let (shortest, longest) = WAITS;
        let in_range = |name: &str, value: f64, min: f64, max: f64| {
            if (min..=max).contains(&value) {
                return Ok(());
            }
            Err(BadRetryPolicy { name: name.to_owned(), value, min, max })
        };
        match self {
            Self::Off => Ok(()),
            Self::Exponential(policy) => {
                in_range("attempts", f64::from(policy.attempts), 1.0, 1_000.0)?;
                in_range("first_wait_s", policy.first_wait_s, shortest, 86_400.0)?;
                in_range("factor", policy.factor, 1.0, 100.0)?;
                in_range("max_wait_s", policy.max_wait_s, shortest, longest)?;
                in_range("jitter", policy.jitter, 0.0, 1.0)
            }
            Self::Interval(policy) => {
                in_range("every_s", policy.every_s, shortest, longest)?;
                in_range("for_s", policy.for_s, policy.every_s, LONGEST_S)
            }
            Self::Waits(waits) => {
                let count = u32::try_from(waits.len()).map_or(f64::INFINITY, f64::from);
                in_range("waits_s/length", count, 1.0, MAX_WAITS as f64)?;
                let mut waits = waits.iter().enumerate();
                waits.try_for_each(|(number, &wait)| {
                    in_range(&format!("waits_s/{number}"), wait, shortest, longest)
                })
            }
        }
    }

    /// The wait before the next try, or none if there were enough of them. It is never shorter
    /// than what the receiver asked for; after a try that does not count it is just that.
    ///
    /// `chance` is between 0 and 1.
    #[must_use]
    pub fn wait(&self, tried: Tries, chance: f64) -> Option<Duration> {
        let asked = tried.asked.map(|asked| asked.max(SHORTEST_ASKED));
        if !tried.last_counted && asked.is_some() {
            return asked;
        }
        let wait = self.own_wait(tried, chance)?;
        let wait = Duration::try_from_secs_f64(wait).unwrap_or(Duration::from_secs(86_400));
        Some(wait.max(asked.unwrap_or_default()))
    }

    /// In seconds.
    fn own_wait(&self, tried: Tries, chance: f64) -> Option<f64> {
        // After a try that does not count another follows, whatever the number of those that do.
        let is_over = |over: bool| tried.last_counted && over;
        match self {
            Self::Off => (!tried.last_counted).then_some(Exponential::default().first_wait_s),
            Self::Exponential(policy) => {
                if is_over(tried.counted >= policy.attempts) {
                    return None;
                }
                // powi of a large exponent gives infinity, which `min` brings back.
                let exponent = i32::try_from(tried.counted.saturating_sub(1)).unwrap_or(i32::MAX);
                let wait = policy.first_wait_s * policy.factor.powi(exponent);
                Some(wait.min(policy.max_wait_s) * (1.0 + policy.jitter * chance))
            }
            Self::Interval(policy) => {
                let is_late = tried.since.as_secs_f64() >= policy.for_s;
                (!is_over(is_late)).then_some(policy.every_s)
            }
            Self::Waits(waits) => {
                let place = usize::try_from(tried.counted.saturating_sub(1)).unwrap_or(usize::MAX);
                let last = if tried.last_counted { None } else { waits.last() };
                waits.get(place).or(last).copied()
            }
        }
    }
}

#[cfg(test)]
mod tests;
