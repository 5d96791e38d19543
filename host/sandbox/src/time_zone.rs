//! Local times, for plugins, which have no zone table of their own.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz;

/// A time zone of the IANA database, which is built in.
#[derive(Clone, PartialEq)]
pub struct TimeZone(tz::TimeZone);

/// A name that is no zone.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a time zone: use a name of the IANA database, such as `Europe/Berlin`")]
pub struct UnknownTimeZone(String);

impl TimeZone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(tz::TimeZone::UTC);

    /// The zone with this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(name: &str) -> Result<Self, UnknownTimeZone> {
        let unknown = |_| UnknownTimeZone(name.chars().take(80).collect());
        tz::TimeZone::get(name).map(Self).map_err(unknown)
    }

    /// Milliseconds since the Unix epoch of a local time such as `2019-06-11 11:24:18`, or of
    /// a time that carries its own offset.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn to_utc(&self, local: &str) -> Result<u64, String> {
        let local = local.trim();
        let shown = || local.chars().take(40).collect::<String>();
        let instant = match local.parse::<jiff::Timestamp>() {
            Ok(instant) => instant,
            Err(_) => {
                let civil: DateTime = local
                    .parse()
                    .map_err(|_| format!("`{}` is not a time like 2019-06-11 11:24:18", shown()))?;
                // Skipped times move on as if the clock had not changed; of times that occur
                // twice, the first is taken.
                self.0
                    .to_ambiguous_timestamp(civil)
                    .compatible()
                    .map_err(|error| format!("`{}`: {error}", shown()))?
            }
        };
        u64::try_from(instant.as_millisecond()).map_err(|_| format!("`{}` is before 1970", shown()))
    }

    /// The local time with its offset: `2019-06-11T11:24:18+03:00`.
    #[must_use]
    pub fn to_local(&self, milliseconds: u64) -> String {
        let milliseconds = i64::try_from(milliseconds).unwrap_or(i64::MAX);
        let instant = jiff::Timestamp::from_millisecond(milliseconds)
            .unwrap_or(jiff::Timestamp::MAX)
            // Leaves room for the offset at the end of the calendar.
            .min(jiff::Timestamp::MAX - jiff::SignedDuration::from_hours(26));
        instant.to_zoned(self.0.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_times() {
        let moscow = TimeZone::named("Europe/Moscow").unwrap();
        let utc = moscow.to_utc("2019-06-11 11:24:18").unwrap();
        assert_eq!(utc, 1_560_241_458_000);
        assert_eq!(moscow.to_local(utc), "2019-06-11T11:24:18+03:00");
        assert_eq!(TimeZone::UTC.to_local(utc), "2019-06-11T08:24:18+00:00");
        assert_eq!(moscow.to_utc("2019-06-11T08:24:18Z"), Ok(utc));
        assert_eq!(moscow.to_utc("2019-06-11T11:24:18.000"), Ok(utc));
    }

    #[test]
    fn clock_changes() {
        let berlin = TimeZone::named("Europe/Berlin").unwrap();
        // 02:30 did not exist on 2024-03-31; the clock went from 02:00 to 03:00.
        let skipped = berlin.to_utc("2024-03-31 02:30:00").unwrap();
        assert_eq!(berlin.to_local(skipped), "2024-03-31T03:30:00+02:00");
        // 02:30 occurred twice on 2024-10-27; the first is still summer time.
        let twice = berlin.to_utc("2024-10-27 02:30:00").unwrap();
        assert_eq!(berlin.to_local(twice), "2024-10-27T02:30:00+02:00");
    }

    #[test]
    fn bad_texts_are_named() {
        let error = TimeZone::UTC.to_utc("yesterday").unwrap_err();
        assert_eq!(error, "`yesterday` is not a time like 2019-06-11 11:24:18");
        assert!(TimeZone::UTC.to_utc("1969-12-31 23:59:59").unwrap_err().contains("before 1970"));
        assert!(TimeZone::UTC.to_utc(&"9".repeat(100_000)).is_err());
        assert!(TimeZone::named("Mars/Olympus").is_err());
        assert_eq!(TimeZone::UTC.to_local(u64::MAX).len(), "9999-12-29T22:00:00+00:00".len());
    }
}
