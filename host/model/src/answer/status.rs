//! Sets of HTTP statuses, as rules name them.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Statuses: `"2xx"`, `"404"` (also as a number), `"200..=400"`, or a list of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses(Vec<StatusRange>);

/// Statuses from one to another, both included; within 100 to 999.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusRange(RangeInclusive<u16>);

/// A text that names no statuses.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` names no HTTP statuses: write a class such as 2xx, a number such as 404, or a range \
     such as 200..=400, within 100 to 999"
)]
pub struct BadStatus(String);

impl Statuses {
    /// Whether it is one of them.
    #[must_use]
    pub fn contains(&self, status: u16) -> bool {
        self.0.iter().any(|range| range.0.contains(&status))
    }
}

impl StatusRange {
    /// The first and the last.
    #[must_use]
    pub fn bounds(&self) -> (u16, u16) {
        (*self.0.start(), *self.0.end())
    }
}

impl FromStr for StatusRange {
    type Err = BadStatus;
    fn from_str(text: &str) -> Result<Self, BadStatus> {
        let number = |text: &str| {
            let plain = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| text.parse::<u16>().ok()).flatten().filter(|status| *status >= 100)
        };
        let class = |text: &str| {
            let first = number(&text.strip_suffix("xx").map(|class| format!("{class}00"))?)?;
            Some(first..=first + 99)
        };
        let range = |text: &str| {
            let (first, last) = text.split_once("..=")?;
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(first..=last)
        };
        let one = |text: &str| number(text).map(|status| status..=status);
        let found = one(text).or_else(|| class(text)).or_else(|| range(text));
        found.map(Self).ok_or_else(|| BadStatus(text.chars().take(40).collect()))
    }
}

impl fmt::Display for StatusRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.0.start(), self.0.end());
        if first == last {
            write!(f, "{first}")
        } else if first % 100 == 0 && *last == first + 99 {
            write!(f, "{}xx", first / 100)
        } else {
            write!(f, "{first}..={last}")
        }
    }
}

impl Serialize for Statuses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => serializer.collect_str(one),
            several => serializer.collect_seq(several.iter().map(StatusRange::to_string)),
        }
    }
}

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl<'de> de::Visitor<'de> for Visitor {
    type Value = Statuses;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HTTP statuses: \"2xx\", 404, \"200..=400\" or a list of these")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Statuses, E> {
        text.parse().map(|range| Statuses(vec![range])).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Statuses, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Statuses, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Statuses, A::Error> {
        let mut ranges = Vec::new();
        while let Some(Statuses(more)) = list.next_element()? {
            ranges.extend(more);
        }
        if ranges.is_empty() {
            return Err(de::Error::custom("no status is named; leave `status` out for all"));
        }
        Ok(Statuses(ranges))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json};

    use super::*;

    fn read(document: &Value) -> Result<Statuses, serde_json::Error> {
        from_value(document.clone())
    }

    #[test]
    fn each_way_to_write_them() {
        let all = |document: Value| {
            let statuses = read(&document).unwrap();
            (100..=999).filter(|status| statuses.contains(*status)).collect::<Vec<_>>()
        };
        assert_eq!(all(json!("2xx")), (200..300).collect::<Vec<_>>());
        assert_eq!(all(json!("404")), [404]);
        assert_eq!(all(json!(404)), [404]);
        assert_eq!(all(json!("200..=400")), (200..=400).collect::<Vec<_>>());
        assert_eq!(all(json!(["401", 403, "409..=410"])), [401, 403, 409, 410]);
    }

    #[test]
    fn they_are_written_as_they_are_read() {
        for document in [json!("2xx"), json!("404"), json!("200..=400"), json!(["2xx", "304"])] {
            assert_eq!(serde_json::to_value(read(&document).unwrap()).unwrap(), document);
        }
        assert_eq!(serde_json::to_value(read(&json!("200..=299")).unwrap()).unwrap(), "2xx");
    }

    #[test]
    fn what_is_none_is_told() {
        for bad in [
            json!(""),
            json!("xx"),
            json!("2XX"),
            json!("99"),
            json!(1000),
            json!("0xx"),
            json!("+20"),
            json!("300..=200"),
            json!("200..300"),
            json!("200..="),
            json!([]),
            json!(-1),
            json!(true),
        ] {
            assert!(read(&bad).is_err(), "{bad}");
        }
        let told = read(&json!("20x")).unwrap_err().to_string();
        assert!(told.starts_with("`20x` names no HTTP statuses: write a class such as 2xx"));
    }
}
