//! How finely time is divided.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// How finely time is divided. Hours and days are those of UTC.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Kept for two days.
    Minute,
    /// Kept for 30 days.
    Hour,
    /// Kept for 400 days.
    Day,
}

/// A text that is no step.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no step: use minute, hour, day or auto")]
pub struct BadStep(String);

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

impl Step {
    /// All of them, the finest first.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    /// How long one is.
    #[must_use]
    pub fn length(self) -> Duration {
        Duration::from_secs(match self {
            Self::Minute => 60,
            Self::Hour => HOUR,
            Self::Day => DAY,
        })
    }

    /// How long figures are kept that are divided so finely: two days of minutes, 30 of hours, 400
    /// of days, and the one that has begun with each.
    #[must_use]
    pub fn kept(self) -> Duration {
        Duration::from_secs(match self {
            Self::Minute => 2 * DAY,
            Self::Hour => 30 * DAY,
            Self::Day => 400 * DAY,
        }) + self.length()
    }

    /// When the one began that this moment is in.
    #[must_use]
    pub fn start(self, moment: Timestamp) -> Timestamp {
        let length = self.millis();
        Timestamp::from_millis(moment.millis().div_euclid(length).saturating_mul(length))
    }

    /// When the first one begins that is not before this moment.
    #[must_use]
    pub fn end(self, moment: Timestamp) -> Timestamp {
        let start = self.start(moment);
        if start == moment { start } else { start.after(self.length()) }
    }

    /// How long one is, in milliseconds.
    #[must_use]
    pub fn millis(self) -> i64 {
        i64::try_from(self.length().as_millis()).unwrap_or(i64::MAX)
    }

    /// The one that is coarser next.
    #[must_use]
    pub fn coarser(self) -> Option<Self> {
        match self {
            Self::Minute => Some(Self::Hour),
            Self::Hour => Some(Self::Day),
            Self::Day => None,
        }
    }

    /// In one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Step {
    type Err = BadStep;
    fn from_str(text: &str) -> Result<Self, BadStep> {
        let found = Self::ALL.into_iter().find(|step| step.as_str() == text);
        found.ok_or_else(|| BadStep(text.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_fall_into_steps() {
        let at = |text: &str| {
            serde_json::from_value::<Timestamp>(serde_json::Value::from(text)).unwrap()
        };
        let moment = at("2026-03-02T12:34:56.789Z");
        for (step, start, end) in [
            (Step::Minute, "2026-03-02T12:34:00Z", "2026-03-02T12:35:00Z"),
            (Step::Hour, "2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z"),
            (Step::Day, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"),
        ] {
            assert_eq!((step.start(moment), step.end(moment)), (at(start), at(end)));
            assert_eq!(step.end(at(start)), at(start), "it is not before itself");
            assert_eq!(step.as_str().parse(), Ok(step));
        }
        let before = at("1969-12-31T23:59:59Z");
        assert_eq!(Step::Day.start(before), at("1969-12-31T00:00:00Z"));
        assert!("auto".parse::<Step>().unwrap_err().to_string().contains("use minute"));
    }
}
