//! Whether what is asked for makes sense: what answers mean, and when to try again.

use hookwright_model::{RetryPolicy, Sending};

use super::Planner;
use crate::delivery::rules::{Origin, Rules};

/// The shortest and longest total deadline of an attempt, in seconds.
const TIMEOUTS: std::ops::RangeInclusive<f64> = 0.1..=600.0;

impl Planner<'_> {
    /// Rules for answers, retries and the deadline.
    pub(super) fn answers(&mut self, at: &str, wanted: Sending<'_>) {
        if let Err(mistakes) = Rules::new(Origin::Subscription, wanted.answers) {
            for mistake in mistakes {
                self.wrong(format!("{at}/answers{}", mistake.pointer), mistake.detail);
            }
        }
        if let Some(Err(error)) = wanted.retry.map(RetryPolicy::check) {
            self.wrong(format!("{at}/retry/{}", error.name), error.to_string());
        }
        if wanted.timeout_s.is_some_and(|timeout| !TIMEOUTS.contains(&timeout)) {
            let (shortest, longest) = (TIMEOUTS.start(), TIMEOUTS.end());
            let detail = format!("it must be between {shortest} and {longest} seconds");
            self.wrong(format!("{at}/timeout_s"), detail);
        }
    }
}
