//! Times in writing.

const DAY: u64 = 24 * 60 * 60;

/// A time in UTC after RFC 3339, with milliseconds if there are any. `now` and the like of the
/// standard library are of no use here: a plugin has no clock, and needs no more of a calendar.
#[must_use]
pub fn rfc3339(milliseconds: u64) -> String {
    // The last millisecond of the year 9999, after which years have five digits.
    const LAST: u64 = 253_402_300_799_999;
    let milliseconds = milliseconds.min(LAST);
    let (seconds, fraction) = (milliseconds / 1000, milliseconds % 1000);
    let (year, month, day) = civil(seconds / DAY);
    let second = seconds % DAY;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:03}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// Year, month and day, so many days after 1970-01-01, by Howard Hinnant's `civil_from_days`:
/// years that begin in March have their leap day at the end.
fn civil(days: u64) -> (u64, u64, u64) {
    // From 0000-03-01 on; the calendar repeats itself after 400 years.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_times() {
        for (milliseconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_560_241_458_000, "2019-06-11T08:24:18Z"),
            (1_605_278_075_318, "2020-11-13T14:34:35.318Z"),
            (1_709_164_800_007, "2024-02-29T00:00:00.007Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (u64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(rfc3339(milliseconds), expected);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_calendar_is_everybodys(milliseconds in 0..253_402_200_000_000_u64) {
            let theirs = jiff::Timestamp::from_millisecond(milliseconds.cast_signed()).unwrap();
            let ours: jiff::Timestamp = rfc3339(milliseconds).parse().unwrap();
            prop_assert_eq!(ours, theirs);
        }
    }
}
