//! What the journal keeps: for how long, how much of it, and what is taken out of it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::{Span, SpanRelativeTo};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Name, Timestamp};

/// What stands in the journal in place of what was taken out of it.
pub const REDACTED: &str = "[redacted]";

const DAY: u64 = 24 * 60 * 60;

/// What the journal keeps, for the whole daemon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JournalSettings {
    /// How long an event is kept, with all that belongs to it, after the last of its deliveries
    /// has ended.
    pub keep_for: Age,
    /// How much the journal may hold, in bytes: beyond it the oldest events go whose deliveries
    /// have ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_bytes: Option<Size>,
    /// How long posts that could not be read are kept after they came last.
    pub keep_rejects_for: Age,
    /// How long it is kept who changed what.
    pub keep_audit_for: Age,
    /// How long what did not arrive can still be sent again before it is redacted.
    pub redact_failed_after: Age,
    /// What is taken out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redact: Vec<Redact>,
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self {
            keep_for: Age::days(90),
            keep_bytes: None,
            keep_rejects_for: Age::days(30),
            keep_audit_for: Age::days(365),
            redact_failed_after: Age::days(7),
            redact: Vec::new(),
        }
    }
}

/// Something to be taken out: exactly one of `header`, `pointer` and `pattern` says what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redact {
    /// The value of the header of this name, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The value at this JSON Pointer in a body; `*` stands for any one member or item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Whatever this regular expression matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Where; everywhere if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub what: Vec<Redactable>,
    /// Only of events of this source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Name>,
    /// Only of requests and answers of this subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<Name>,
}

/// What a rule can take something out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Redactable {
    /// What was posted.
    Inbound,
    /// The event that it became.
    Event,
    /// What plugins asked for, and what was sent.
    Request,
    /// What came back.
    Answer,
}

impl Redactable {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Inbound, Self::Event, Self::Request, Self::Answer];
}

/// How long something is kept. In documents such as `"90d"`, `"2w"`, `"36h"`, `"15m"`, `"0s"` or
/// `"forever"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// So long, in whole seconds.
    For(Duration),
    /// Without end.
    Forever,
}

/// A text that says no age.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no age: use a number and a unit, such as \"90d\", \"2w\", \"36h\" or \"15m\", up to \
     100 years of 365 days, or \"forever\""
)]
pub struct BadAge(String);

impl Age {
    /// The longest, in days: a hundred years.
    const MAX_DAYS: u64 = 36_500;

    /// So many days.
    #[must_use]
    pub const fn days(days: u64) -> Self {
        Self::For(Duration::from_secs(days * DAY))
    }

    /// What is older than this moment has reached the age; none if nothing ever has.
    #[must_use]
    pub fn reached_before(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::For(age) => Some(now.before(age)),
            Self::Forever => None,
        }
    }
}

impl FromStr for Age {
    type Err = BadAge;
    fn from_str(text: &str) -> Result<Self, BadAge> {
        if text == "forever" {
            return Ok(Self::Forever);
        }
        let bad = || BadAge(text.chars().take(40).collect());
        let span: Span = text.parse().map_err(|_| bad())?;
        let whole = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| bad())?;
        let seconds = u64::try_from(whole.as_secs()).map_err(|_| bad())?;
        if whole.is_negative() || seconds > Self::MAX_DAYS * DAY {
            return Err(bad());
        }
        Ok(Self::For(Duration::from_secs(seconds)))
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::For(age) = self else { return f.write_str("forever") };
        let seconds = age.as_secs();
        let units = [("d", DAY), ("h", 60 * 60), ("m", 60)];
        let fits = |(_, unit): &(&str, u64)| seconds > 0 && seconds.is_multiple_of(*unit);
        match units.into_iter().find(fits) {
            Some((name, unit)) => write!(f, "{}{name}", seconds / unit),
            None => write!(f, "{seconds}s"),
        }
    }
}

impl Serialize for Age {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A number of bytes. In documents a number, or a text such as `"500MB"` or `"20GiB"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

/// A text that says no size.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no size: use a whole number of bytes, or one with a unit, such as \"500MB\" or \
     \"20GiB\""
)]
pub struct BadSize(String);

const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

impl FromStr for Size {
    type Err = BadSize;
    fn from_str(text: &str) -> Result<Self, BadSize> {
        let unit = UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)));
        let (number, unit) = unit.unwrap_or((text, 1));
        let number = number.trim_end().parse::<u64>().ok();
        let bytes = number.and_then(|number| number.checked_mul(unit));
        bytes.map(Self).ok_or_else(|| BadSize(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, unit): &(&str, u64)| self.0 > 0 && self.0.is_multiple_of(*unit);
        match UNITS.into_iter().find(fits) {
            Some((name, unit)) => write!(f, "{}{name}", self.0 / unit),
            None => write!(f, "{}B", self.0),
        }
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrText)
    }
}

struct NumberOrText;

impl Visitor<'_> for NumberOrText {
    type Value = Size;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of bytes, or a text such as \"20GiB\"")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Size, E> {
        Ok(Size(number))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Size, E> {
        u64::try_from(number).map(Size).map_err(|_| E::custom(BadSize(number.to_string())))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Size, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_and_shown() {
        for (text, seconds, shown) in [
            ("90d", 90 * DAY, "90d"),
            ("2w", 14 * DAY, "14d"),
            ("36h", 36 * 3600, "36h"),
            ("1 day 12 hours", 36 * 3600, "36h"),
            ("P1D", DAY, "1d"),
            ("15m", 900, "15m"),
            ("90s", 90, "90s"),
            ("0s", 0, "0s"),
        ] {
            let age: Age = text.parse().unwrap();
            assert_eq!(age, Age::For(Duration::from_secs(seconds)), "{text}");
            assert_eq!(age.to_string(), shown);
            assert_eq!(shown.parse::<Age>(), Ok(age));
        }
        assert_eq!("forever".parse::<Age>(), Ok(Age::Forever));
        for bad in ["", "90", "-1d", "3 months", "soon", "200y", "36501d", "P1D ago"] {
            assert_eq!(bad.parse::<Age>(), Err(BadAge(bad.into())), "{bad}");
        }
    }

    #[test]
    fn sizes_are_read_and_shown() {
        for (text, bytes, shown) in [
            ("20GiB", 20 << 30, "20GiB"),
            ("500MB", 500_000_000, "500MB"),
            ("1 kB", 1_000, "1kB"),
            ("1024", 1024, "1KiB"),
            ("7B", 7, "7B"),
            ("0", 0, "0B"),
        ] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
            assert_eq!(Size(bytes).to_string(), shown);
        }
        for bad in ["", "GiB", "-1", "1.5GiB", "20gb", "99999999999TiB"] {
            assert_eq!(bad.parse::<Size>(), Err(BadSize(bad.into())), "{bad}");
        }
    }

    #[test]
    fn documents_are_read_as_written() {
        let settings: JournalSettings = serde_json::from_str(
            r#"{"keep_for":"forever","keep_bytes":1048576,"redact":[{"header":"X-Key"}]}"#,
        )
        .unwrap();
        assert_eq!((settings.keep_for, settings.keep_bytes), (Age::Forever, Some(Size(1 << 20))));
        let shown = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<JournalSettings>(&shown).unwrap(), settings);
        assert!(shown.contains(r#""keep_bytes":"1MiB""#), "{shown}");
        let error = serde_json::from_str::<JournalSettings>(r#"{"keep":"1d"}"#).unwrap_err();
        assert!(error.to_string().contains("unknown field `keep`"), "{error}");
    }
}
