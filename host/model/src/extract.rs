//! Where in an answer a value is found.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Where in an answer a value is found.
///
/// In documents an object with one key: `{"json": "/result/id"}`, `{"xml": "reply/code"}`,
/// `{"header": "X-Id"}`, `{"regex": "id=(\\d+)"}` or `{"body": true}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Extract {
    /// A JSON Pointer (RFC 6901) into the body; empty for all of it.
    Json(String),
    /// Names of XML elements from the root on, with `/` between them; the last may be an
    /// attribute, with `@` before it. The first that is there is meant, and its text.
    Xml(String),
    /// A header's name, without regard to case.
    Header(String),
    /// A regular expression, searched for in the body: its first group, or without groups all
    /// that it matches.
    Regex(String),
    /// The whole body as text.
    Body(Whole),
}

/// Stands for all of it: `true`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Whole;

impl fmt::Display for Extract {
    /// As the subject of a sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(pointer) if pointer.is_empty() => f.write_str("the JSON document"),
            Self::Json(path) | Self::Xml(path) => f.write_str(path),
            Self::Header(name) => write!(f, "the header {name}"),
            Self::Regex(pattern) => write!(f, "what matches `{pattern}`"),
            Self::Body(Whole) => f.write_str("the body"),
        }
    }
}

impl Serialize for Whole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match bool::deserialize(deserializer)? {
            true => Ok(Self),
            false => Err(D::Error::custom("it is `true`, or left out")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn each_has_one_key() {
        for (document, extract) in [
            (json!({"json": "/a/b"}), Extract::Json("/a/b".into())),
            (json!({"xml": "reply/code"}), Extract::Xml("reply/code".into())),
            (json!({"header": "X-Id"}), Extract::Header("X-Id".into())),
            (json!({"regex": "id=(\\d+)"}), Extract::Regex("id=(\\d+)".into())),
            (json!({"body": true}), Extract::Body(Whole)),
        ] {
            assert_eq!(from_value::<Extract>(document.clone()).unwrap(), extract);
            assert_eq!(serde_json::to_value(&extract).unwrap(), document);
        }
        for bad in [json!({"body": false}), json!({"json": "/a", "xml": "b"}), json!({}), json!(1)]
        {
            assert!(from_value::<Extract>(bad.clone()).is_err(), "{bad}");
        }
    }
}
