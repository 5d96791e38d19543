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

#[cfg(test)]
mod tests {
    use hookwright_model::RetryPolicy;
    use serde::Deserialize;

    use super::*;
    use crate::setup::SubscriptionWanted;

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Example {
        Subscriptions { subscription: Vec<SubscriptionWanted> },
        Retry { retry: RetryPolicy },
    }

    #[test]
    fn the_page_on_answers_shows_what_can_be_written() {
        let page = include_str!("../../../../docs/answers.md");
        let blocks: Vec<_> =
            page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert_eq!(blocks.len(), 2);
        let Example::Subscriptions { subscription } = toml::from_str(blocks[0]).unwrap() else {
            panic!()
        };
        assert_eq!(subscription[0].answers.len(), 3);
        Rules::new(Origin::Subscription, &subscription[0].answers).unwrap();
        for line in blocks[1].lines() {
            let Example::Retry { retry } = toml::from_str(line).unwrap() else { panic!("{line}") };
            retry.check().unwrap();
            let is_usual = retry == RetryPolicy::default();
            assert_eq!(is_usual, line.contains("attempts"), "{line}");
        }
    }
}
