//! Conditions on fields, as R-Service's clients write them into the query: `event=a,b`,
//! `disabled=!true`, `last_error=!`, `id=>=2`, `created_at=>2016-01-01<2017-01-01`.

use serde_json::Value;

use super::record::Record;

/// What kind of values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Time,
    /// One of few texts.
    Choice,
    /// Absent means false.
    Boolean,
    /// Without regard to case.
    Text,
    /// To a record that has a number.
    Reference,
    /// Not to be compared.
    Other,
}

/// A value, to be compared with others of its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Number(i64),
    Text(String),
}

impl Kind {
    /// What a record's value is compared by.
    pub(super) fn key(self, value: Option<&Value>) -> Option<Key> {
        let text = || value.and_then(Value::as_str);
        match self {
            Self::Integer => value.and_then(Value::as_i64).map(Key::Number),
            Self::Time => text().and_then(seconds).map(Key::Number),
            Self::Choice => text().map(|text| Key::Text(text.to_owned())),
            Self::Boolean => Some(Key::Text(
                match value {
                    Some(Value::Bool(true)) => "true",
                    Some(Value::String(text)) if text == "true" => "true",
                    _ => "false",
                }
                .to_owned(),
            )),
            Self::Text => text().map(|text| Key::Text(text.to_lowercase())),
            Self::Reference => value?.get("id")?.as_i64().map(Key::Number),
            Self::Other => None,
        }
    }

    /// What somebody has written, to compare with.
    fn operand(self, text: &str) -> Result<Key, String> {
        let shown = || text.chars().take(80).collect::<String>();
        match self {
            Self::Integer | Self::Reference => {
                let number = text.parse().map(Key::Number);
                number.map_err(|_| format!("`{}` is not an integer", shown()))
            }
            Self::Time => seconds(text).map(Key::Number).ok_or_else(|| {
                format!("`{}` is not a time such as 2016-01-15T23:00:00Z or a date", shown())
            }),
            Self::Boolean if !matches!(text, "true" | "false") => {
                Err(format!("`{}` is neither true nor false", shown()))
            }
            Self::Boolean | Self::Choice => Ok(Key::Text(text.to_owned())),
            Self::Text | Self::Other => Ok(Key::Text(text.to_lowercase())),
        }
    }

    /// Whether several values can be named, with commas between them.
    fn is_listed(self) -> bool {
        matches!(self, Self::Integer | Self::Choice | Self::Reference)
    }

    /// Whether there are smaller and larger ones.
    fn is_ordered(self) -> bool {
        matches!(self, Self::Integer | Self::Time)
    }
}

/// Seconds since 1970 of a time or a date; a date begins in UTC.
fn seconds(text: &str) -> Option<i64> {
    // A `+` that was not encoded comes out of a query as a space.
    let text = text.replace(' ', "+");
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_second());
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|start| start.timestamp().as_second())
}

/// A condition on one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) field: &'static str,
    pub(super) kind: Kind,
    pub(super) test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Empty,
    Present,
    In(Vec<Key>),
    NotIn(Vec<Key>),
    /// All of these hold.
    Bounds(Vec<(Bound, Key)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Test {
    /// Reads what stands behind `field=`; the error says what is wrong with it.
    pub(super) fn read(kind: Kind, text: &str) -> Result<Self, String> {
        match text {
            "" => return Ok(Self::Empty),
            "!" => return Ok(Self::Present),
            _ => {}
        }
        if kind.is_ordered() && text.starts_with(['<', '>']) {
            return bounds(kind, text).map(Self::Bounds);
        }
        match text.strip_prefix('!') {
            Some(others) => operands(kind, others).map(Self::NotIn),
            None => operands(kind, text).map(Self::In),
        }
    }

    /// Reads what stands behind `field!=`.
    pub(super) fn read_not(kind: Kind, text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::Present);
        }
        operands(kind, text).map(Self::NotIn)
    }

    fn holds(&self, key: Option<&Key>) -> bool {
        match self {
            Self::Empty => key.is_none(),
            Self::Present => key.is_some(),
            Self::In(keys) => key.is_some_and(|key| keys.contains(key)),
            // What has no value has another one.
            Self::NotIn(keys) => key.is_none_or(|key| !keys.contains(key)),
            Self::Bounds(bounds) => key.is_some_and(|key| {
                bounds.iter().all(|(bound, limit)| match bound {
                    Bound::Less => key < limit,
                    Bound::LessOrEqual => key <= limit,
                    Bound::Greater => key > limit,
                    Bound::GreaterOrEqual => key >= limit,
                })
            }),
        }
    }
}

impl Filter {
    /// Whether a record is one of those that are asked for.
    pub(super) fn holds(&self, record: &Record) -> bool {
        self.test.holds(self.kind.key(record.get(self.field)).as_ref())
    }
}

fn operands(kind: Kind, text: &str) -> Result<Vec<Key>, String> {
    if kind.is_listed() {
        text.split(',').map(|one| kind.operand(one.trim())).collect()
    } else {
        kind.operand(text).map(|one| vec![one])
    }
}

fn bounds(kind: Kind, mut rest: &str) -> Result<Vec<(Bound, Key)>, String> {
    let mut bounds = Vec::new();
    while !rest.is_empty() {
        let signs = [
            ("<=", Bound::LessOrEqual),
            ("<", Bound::Less),
            (">=", Bound::GreaterOrEqual),
            (">", Bound::Greater),
        ];
        let found =
            signs.into_iter().find_map(|(sign, bound)| Some((bound, rest.strip_prefix(sign)?)));
        let Some((bound, behind)) = found else { break };
        let end = behind.find(['<', '>']).unwrap_or(behind.len());
        bounds.push((bound, kind.operand(&behind[..end])?));
        rest = &behind[end..];
    }
    Ok(bounds)
}
