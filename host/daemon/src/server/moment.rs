//! Moments as people ask for them.

use hookwright_model::Timestamp;
use jiff::Span;
use jiff::tz::TimeZone;

/// What a moment looks like in a query.
pub(super) struct Moment;

impl utoipa::PartialSchema for Moment {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        const PATTERN: &str = concat!(
            "^([1-9][0-9]{0,2}(s|m|h|d|w)|[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])",
            "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{3})?Z)$",
        );
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(PATTERN))
            .description(Some(
                "A time after RFC 3339, or how long ago it was: `2h`, `7d`. Other ways to write \
                 them are read as well, such as `PT2H` or a time in another zone.",
            ))
            .examples(["7d"])
            .into()
    }
}

impl utoipa::ToSchema for Moment {}

/// Reads a time after RFC 3339, or how long ago it was: `2h`, `7d`, `1h 30m`, `PT2H`.
///
/// # Errors
/// Says how to write one.
pub(super) fn read(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let millis = absolute(text).or_else(|| ago(text, now)).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        format!(
            "`{shown}` is no moment: write a time with its zone, such as 2026-12-31T23:59:59Z, or \
             how long ago it was, such as 2h or 7d"
        )
    })?;
    Ok(Timestamp::from_millis(millis))
}

fn absolute(text: &str) -> Option<i64> {
    let parse = |text: &str| text.parse().ok().map(jiff::Timestamp::as_millisecond);
    // In a query a plus sign that is not escaped is a space.
    let escaped = || parse(&text.rsplit_once(' ').map(|(time, zone)| format!("{time}+{zone}"))?);
    parse(text).or_else(escaped)
}

fn ago(text: &str, now: Timestamp) -> Option<i64> {
    // With a sign or without, it was before.
    let span = text.parse::<Span>().ok()?.abs();
    let now = jiff::Timestamp::from_millisecond(now.millis()).ok()?.to_zoned(TimeZone::UTC);
    Some(now.checked_sub(span).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-03-02T12:00:00Z";

    fn at(text: &str) -> Result<String, String> {
        let now = read(NOW, Timestamp::default()).unwrap();
        read(text, now).map(|moment| moment.to_string())
    }

    #[test]
    fn times_and_spans() {
        for (text, moment) in [
            ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00.000Z"),
            ("2026-03-01T10:00:00.25+03:00", "2026-03-01T07:00:00.250Z"),
            ("2026-03-01T10:00:00 03:00", "2026-03-01T07:00:00.000Z"),
            ("2026-03-01T10:00:00-03:00", "2026-03-01T13:00:00.000Z"),
            ("2h", "2026-03-02T10:00:00.000Z"),
            ("-2h", "2026-03-02T10:00:00.000Z"),
            ("2 hours ago", "2026-03-02T10:00:00.000Z"),
            ("1h 30m", "2026-03-02T10:30:00.000Z"),
            ("PT90M", "2026-03-02T10:30:00.000Z"),
            ("7d", "2026-02-23T12:00:00.000Z"),
            ("1w", "2026-02-23T12:00:00.000Z"),
            ("1mo", "2026-02-02T12:00:00.000Z"),
            ("0s", "2026-03-02T12:00:00.000Z"),
        ] {
            assert_eq!(at(text).as_deref(), Ok(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment() {
        for text in
            ["", " ", "yesterday", "2h!", "2026-03-01", "2026-03-01T10:00:00", "7", "99999y"]
        {
            assert!(at(text).is_err(), "{text}");
        }
        let long = at(&"9".repeat(10_000)).unwrap_err();
        assert!(long.len() < 300 && long.contains("such as 2h or 7d"), "{long}");
    }
}
