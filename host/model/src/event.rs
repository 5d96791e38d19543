//! What happened, in canonical form.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{EventId, Name, Timestamp};

/// What happened: an envelope after CloudEvents 1.0 and a body. Immutable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Event {
    /// Unique per event.
    pub id: EventId,
    /// The name of the source that posted it.
    pub source: Name,
    /// Such as `ticket.created`.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// What it is about: the ticket's id at the source.
    #[schema(value_type = Option<String>)]
    pub subject: Option<Arc<str>>,
    /// When the helpdesk recorded it.
    pub occurred_at: Timestamp,
    /// When it was taken in here.
    pub received_at: Timestamp,
    /// The name of the schema of `data`, such as `ticket/1`.
    #[schema(value_type = String)]
    pub data_schema: Arc<str>,
    /// The body, as JSON text.
    #[serde(with = "json_text")]
    #[schema(value_type = serde_json::Value)]
    pub data: Arc<str>,
    /// The helpdesk's own name for what happened.
    #[schema(value_type = Option<String>)]
    pub upstream_name: Option<Arc<str>>,
    /// The helpdesk's own id for the post.
    #[schema(value_type = Option<String>)]
    pub dedupe_key: Option<Arc<str>>,
}

/// What the helpdesk posted, kept so that a plugin can pass it on as it was. One post can
/// hold several events; they share it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Original {
    /// Names in lower case, in the order they came, without those that carry credentials.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, byte for byte.
    pub body: Bytes,
}

impl Original {
    /// The value of a header; names are matched without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_slice())
    }
}

/// The type of an event: 1 to 128 letters, digits, `.`, `_` or `-`, such as
/// `ticket.created`. Canonical types are `noun.verb` in lower case; what posts CloudEvents
/// may use its own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct EventType(Arc<str>);

/// A text that cannot be the type of an event.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` cannot be an event type: use 1 to 128 letters, digits, `.`, `_` or `-`, as in \
     `ticket.created`"
)]
pub struct BadEventType(String);

impl EventType {
    /// The type as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn fits_event_type(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

impl FromStr for EventType {
    type Err = BadEventType;
    fn from_str(text: &str) -> Result<Self, BadEventType> {
        if fits_event_type(text) {
            Ok(Self(text.into()))
        } else {
            Err(BadEventType(text.chars().take(80).collect()))
        }
    }
}

impl Borrow<str> for EventType {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Which event types are meant: `*` (all), `ticket.*` (all that start with `ticket.`), or
/// one type by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TypePattern {
    /// `*`
    Any,
    /// `ticket.*`, kept with its dot: `ticket.`
    Prefix(Arc<str>),
    /// `ticket.created`
    Exact(EventType),
}

/// A text that is no pattern of event types.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no event pattern: use `*`, a prefix such as `ticket.*`, or one event type")]
pub struct BadTypePattern(String);

impl TypePattern {
    /// Whether the pattern means this type.
    #[must_use]
    pub fn matches(&self, event_type: &EventType) -> bool {
        match self {
            Self::Any => true,
            Self::Prefix(prefix) => event_type.as_str().starts_with(prefix.as_ref()),
            Self::Exact(exact) => exact == event_type,
        }
    }
}

impl FromStr for TypePattern {
    type Err = BadTypePattern;
    fn from_str(text: &str) -> Result<Self, BadTypePattern> {
        let bad = || BadTypePattern(text.chars().take(80).collect());
        if text == "*" {
            return Ok(Self::Any);
        }
        match text.strip_suffix('*') {
            Some(prefix) if prefix.ends_with('.') && fits_event_type(prefix) => {
                Ok(Self::Prefix(prefix.into()))
            }
            Some(_) => Err(bad()),
            None => text.parse().map(Self::Exact).map_err(|_| bad()),
        }
    }
}

impl fmt::Display for TypePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
            Self::Exact(exact) => f.write_str(exact.as_str()),
        }
    }
}

impl Serialize for TypePattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TypePattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// JSON text, shown as the JSON it is and not as a string with quotes in it.
pub mod json_text {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error};
    use serde_json::value::RawValue;

    /// Writes the text as JSON.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn serialize<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(text).map_err(S::Error::custom)?.serialize(serializer)
    }

    /// Takes the text of a JSON value, without reading it.
    ///
    /// # Errors
    /// When there is no JSON value.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
        Ok(Box::<RawValue>::deserialize(deserializer)?.get().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, event_type: &str) -> bool {
        pattern.parse::<TypePattern>().unwrap().matches(&event_type.parse().unwrap())
    }

    #[test]
    fn patterns() {
        assert!(matches("*", "ticket.created"));
        assert!(matches("ticket.*", "ticket.created"));
        assert!(!matches("ticket.*", "ticketing.created"));
        assert!(!matches("ticket.*", "ticket"));
        assert!(matches("ticket.created", "ticket.created"));
        assert!(!matches("ticket.created", "ticket.created2"));
        for bad in ["", "ticket*", "*.created", "ticket.**", "a b", ".ü*", "ticket."] {
            let parsed = bad.parse::<TypePattern>();
            assert!(parsed.is_err() || bad == "ticket.", "{bad}: {parsed:?}");
        }
        for text in ["*", "ticket.*", "ticket.created"] {
            assert_eq!(text.parse::<TypePattern>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn headers_are_found_in_any_case() {
        let original = Original {
            headers: vec![("x-zammad-trigger".into(), b"new".to_vec())],
            body: Bytes::new(),
        };
        assert_eq!(original.header("X-Zammad-Trigger"), Some(&b"new"[..]));
        assert_eq!(original.header("x-zammad"), None);
    }
}
