//! What a receiver answers.

use std::str::FromStr;
use std::time::Duration;

use http::StatusCode;

/// What is answered to those that are to fail.
pub(super) const FAILED: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;

/// What a receiver answers, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answering {
    /// The status, but for those that fail.
    pub(super) status: StatusCode,
    /// How long it takes.
    pub(super) delay: Duration,
    /// Which part fails.
    pub(super) fail: Share,
    /// Whether it answers at all.
    pub(super) hangs: bool,
}

impl Answering {
    /// What the request is answered that so many came before; nothing if it hangs.
    pub(super) fn status(&self, before: u64) -> Option<StatusCode> {
        let status = if self.fail.takes(before) { FAILED } else { self.status };
        (!self.hangs).then_some(status)
    }
}

/// A part of a whole, in thousandths of a percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share(u32);

const WHOLE: u32 = 100_000;

impl Share {
    /// Whether the one is in it that so many came before. They are spread evenly, so that a run
    /// can be repeated.
    fn takes(self, before: u64) -> bool {
        let until = |count: u64| u128::from(count) * u128::from(self.0) / u128::from(WHOLE);
        until(before.saturating_add(1)) > until(before)
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.strip_suffix('%').unwrap_or(text).trim_end();
        let percent: Option<f64> = number.parse().ok();
        let percent = percent.filter(|percent| (0.0..=100.0).contains(percent));
        let share = percent.map(|percent| Self((percent * 1_000.0).round() as u32));
        share.ok_or_else(|| "a part is a number from 0% to 100%, such as 10%".into())
    }
}
