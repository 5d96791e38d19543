//! Numbers, sizes and spans of time as people of a language write them.

use std::time::Duration;

use fluent_bundle::FluentArgs;

use super::language::Language;
use super::text::text;

/// A whole number with its thousands apart.
#[must_use]
pub fn whole(language: Language, number: u64) -> String {
    grouped(language, &number.to_string())
}

fn grouped(language: Language, digits: &str) -> String {
    let separator = match language {
        Language::English => ',',
        Language::German => '.',
        // A space at which no line is broken.
        Language::Russian | Language::Ukrainian => '\u{a0}',
    };
    let mut text = String::with_capacity(digits.len() * 2);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// A number that may have a fraction, with so many digits of it at most.
#[must_use]
pub fn decimal(language: Language, number: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", number.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let sign = if number.is_sign_negative() && number != 0.0 { "\u{2212}" } else { "" };
    let point = if language == Language::English { '.' } else { ',' };
    let whole = grouped(language, whole);
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}{point}{fraction}")
    }
}

/// Bytes, in the unit that fits.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "two or three digits are shown")]
pub fn size(language: Language, bytes: u64) -> String {
    let units = ["unit-kilobytes", "unit-megabytes", "unit-gigabytes", "unit-terabytes"];
    let mut number = bytes as f64;
    let mut unit = "unit-bytes";
    for larger in units {
        if number < 999.5 {
            break;
        }
        number /= 1000.0;
        unit = larger;
    }
    with_unit(language, unit, number)
}

/// How long something took.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "two or three digits are shown")]
pub fn took(language: Language, time: Duration) -> String {
    let micros = time.as_micros() as f64;
    let (unit, divisor) = match time.as_secs() {
        0 if micros < 999.5 => ("unit-microseconds", 1.0),
        0 if micros < 999_500.0 => ("unit-milliseconds", 1e3),
        0..60 => ("unit-seconds", 1e6),
        60..3_600 => ("unit-minutes", 60e6),
        3_600..86_400 => ("unit-hours", 3_600e6),
        _ => ("unit-days", 86_400e6),
    };
    with_unit(language, unit, micros / divisor)
}

fn with_unit(language: Language, unit: &str, number: f64) -> String {
    let digits = usize::from(number < 9.95);
    let mut args = FluentArgs::new();
    args.set("number", decimal(language, number, digits));
    text(language, unit, Some(&args))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, German, Russian, Ukrainian};

    #[test]
    fn numbers() {
        assert_eq!(whole(English, 1_234_567), "1,234,567");
        assert_eq!(whole(German, 1_234), "1.234");
        assert_eq!(whole(Russian, 12_345), "12\u{a0}345");
        assert_eq!(whole(Ukrainian, 999), "999");
        assert_eq!(whole(English, 0), "0");
        assert_eq!(decimal(English, 1_234.50, 2), "1,234.5");
        assert_eq!(decimal(German, -0.25, 2), "\u{2212}0,25");
        assert_eq!(decimal(Russian, 3.0, 1), "3");
    }

    #[test]
    fn sizes_and_times() {
        assert_eq!(size(English, 999), "999\u{a0}B");
        assert_eq!(size(English, 1_500), "1.5\u{a0}kB");
        assert_eq!(size(German, 12_345_678), "12\u{a0}MB");
        assert_eq!(size(Russian, 1_500_000), "1,5\u{a0}МБ");
        assert_eq!(size(Ukrainian, 0), "0\u{a0}Б");
        let micros = |micros| took(English, Duration::from_micros(micros));
        assert_eq!(micros(0), "0\u{a0}µs");
        assert_eq!(micros(1_240), "1.2\u{a0}ms");
        assert_eq!(micros(999_700), "1\u{a0}s");
        assert_eq!(micros(61_000_000), "1\u{a0}min");
        assert_eq!(micros(5_400_000_000), "1.5\u{a0}h");
        assert_eq!(took(German, Duration::from_secs(86_400 * 3)), "3\u{a0}d");
    }
}
