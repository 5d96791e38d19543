//! How long the API lets nobody in after too many requests.

/// How long a ban takes that does not say how long, in seconds.
const USUAL: u64 = 20 * 60;

/// The longest that there ever was, in seconds: 48 hours, in older versions.
const LONGEST: u64 = 48 * 60 * 60;

/// How long a ban takes by its details, such as `Ban for 20 min. …`, in milliseconds. It is from
/// one second to 48 hours: what claims to be longer, by however large a number, is taken for the
/// longest, and what names no time or none that passes for the usual 20 minutes.
pub(crate) fn milliseconds(details: &str) -> u64 {
    seconds(details).filter(|seconds| *seconds > 0).unwrap_or(USUAL).min(LONGEST) * 1_000
}

fn seconds(details: &str) -> Option<u64> {
    let (_, rest) = details.split_once("for ")?;
    let rest = rest.trim_start();
    let (number, rest) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
    if number.is_empty() {
        return None;
    }
    let rest = rest.trim_start();
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let unit = match rest[..letters].to_ascii_lowercase().as_str() {
        unit if unit == "s" || unit.starts_with("sec") => 1,
        unit if unit == "m" || unit.starts_with("min") => 60,
        unit if unit == "h" || unit.starts_with("hour") => 60 * 60,
        unit if unit == "d" || unit.starts_with("day") => 24 * 60 * 60,
        _ => return None,
    };
    // Digits alone are no number only if there are too many of them.
    Some(number.parse().unwrap_or(u64::MAX).saturating_mul(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bans_are_as_long_as_they_say() {
        for (details, expected) in [
            ("Ban for 20 min. API limit reached (300 request per minute).", 1_200),
            ("Ban for 5 minutes", 300),
            ("Ban for 20min", 1_200),
            ("Ban for 5 m", 300),
            ("Ban for 90s", 90),
            ("Ban for 90 Seconds", 90),
            ("Ban for 2 hours", 7_200),
            ("Ban for 48 h.", 172_800),
            ("Ban for 1 day", 86_400),
        ] {
            assert_eq!(milliseconds(details), expected * 1_000, "{details}");
        }
    }

    #[test]
    fn bans_that_name_no_time_are_the_usual_ones() {
        for details in [
            "API limit reached (300 request per minute).",
            "Ban for ever",
            "Ban for a while",
            "Ban for 20",
            "Ban for 1 month",
            "Ban for -5 min",
            "Ban for 0 min",
            "for №",
            "for ",
            "",
        ] {
            assert_eq!(milliseconds(details), USUAL * 1_000, "{details}");
        }
    }

    #[test]
    fn no_ban_is_longer_than_the_longest() {
        for details in [
            "Ban for 49 hours",
            "Ban for 999999999 days",
            "Ban for 9999999999999999999 min",
            "Ban for 99999999999999999999 min",
            &format!("Ban for {} s", "9".repeat(10_000)),
        ] {
            assert_eq!(milliseconds(details), LONGEST * 1_000, "{details}");
        }
    }
}
