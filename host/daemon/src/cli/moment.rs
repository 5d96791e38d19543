//! Moments, as people say them.

use std::str::FromStr;

use hookwright_model::Timestamp;
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};
use serde::{Serialize, Serializer};

/// A time such as `2026-12-31T23:59:59Z`, or a while ago such as `2h` or `3d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(Timestamp);

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        at(text, &Zoned::now().with_time_zone(TimeZone::UTC))
    }
}

fn at(text: &str, now: &Zoned) -> Result<Moment, String> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(Moment(Timestamp::from_millis(time.as_millisecond())));
    }
    let ago = text.parse::<Span>().ok().filter(|span| !span.is_negative());
    let time = ago.and_then(|ago| now.checked_sub(ago).ok());
    let time = time.map(|time| Moment(Timestamp::from_millis(time.timestamp().as_millisecond())));
    time.ok_or_else(|| {
        "use a time such as 2026-12-31T23:59:59Z, or a while ago such as 30m, 2h or 3d".to_owned()
    })
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_whiles() {
        let now: Zoned = "2026-03-01T12:00:00+00:00[UTC]".parse().unwrap();
        let shown = |text: &str| at(text, &now).map(|moment| moment.0.to_string());
        assert_eq!(shown("2026-02-03T04:05:06+02:00").unwrap(), "2026-02-03T02:05:06.000Z");
        assert_eq!(shown("90s").unwrap(), "2026-03-01T11:58:30.000Z");
        assert_eq!(shown("2h 30m").unwrap(), "2026-03-01T09:30:00.000Z");
        assert_eq!(shown("1d").unwrap(), "2026-02-28T12:00:00.000Z");
        for bad in ["", "yesterday", "2026-02-03", "-2h", "12", "2026-02-03T04:05:06", "99999y"] {
            assert!(shown(bad).unwrap_err().contains("such as"), "{bad}");
        }
    }
}
