//! Policies as they are written in documents: which one is meant is seen from the fields.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use super::{Exponential, Interval, RetryPolicy};

/// A policy as it is written.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Document {
    Word(Off),
    Interval(Interval),
    Waits { waits_s: Vec<f64> },
    Exponential(Exponential),
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Off {
    Off,
}

/// The fields of all of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    attempts: Option<u32>,
    first_wait_s: Option<f64>,
    factor: Option<f64>,
    max_wait_s: Option<f64>,
    jitter: Option<f64>,
    every_s: Option<f64>,
    for_s: Option<f64>,
    waits_s: Option<Vec<f64>>,
}

impl Fields {
    fn read(self) -> Result<Document, &'static str> {
        let Self { attempts, first_wait_s, factor, max_wait_s, jitter, every_s, for_s, waits_s } =
            self;
        let grows = attempts.is_some()
            || [first_wait_s, factor, max_wait_s, jitter].iter().any(Option::is_some);
        match (every_s, for_s, waits_s, grows) {
            (None, None, None, _) => {
                let usual = Exponential::default();
                Ok(Document::Exponential(Exponential {
                    attempts: attempts.unwrap_or(usual.attempts),
                    first_wait_s: first_wait_s.unwrap_or(usual.first_wait_s),
                    factor: factor.unwrap_or(usual.factor),
                    max_wait_s: max_wait_s.unwrap_or(usual.max_wait_s),
                    jitter: jitter.unwrap_or(usual.jitter),
                }))
            }
            (Some(every_s), Some(for_s), None, false) => {
                Ok(Document::Interval(Interval { every_s, for_s }))
            }
            (None, None, Some(waits_s), false) => Ok(Document::Waits { waits_s }),
            (Some(_), None, None, false) => {
                Err("`every_s` needs `for_s`: for how long it is tried")
            }
            (None, Some(_), None, false) => Err("`for_s` needs `every_s`: the wait between tries"),
            _ => Err("it is one policy: `every_s` with `for_s`, or `waits_s`, or waits that \
                      grow, with `attempts`, `first_wait_s`, `factor`, `max_wait_s`, `jitter`"),
        }
    }
}

impl From<Document> for RetryPolicy {
    fn from(document: Document) -> Self {
        match document {
            Document::Word(Off::Off) => Self::Off,
            Document::Interval(policy) => Self::Interval(policy),
            Document::Waits { waits_s } => Self::Waits(waits_s),
            Document::Exponential(policy) => Self::Exponential(policy),
        }
    }
}

impl From<RetryPolicy> for Document {
    fn from(policy: RetryPolicy) -> Self {
        match policy {
            RetryPolicy::Off => Self::Word(Off::Off),
            RetryPolicy::Interval(policy) => Self::Interval(policy),
            RetryPolicy::Waits(waits_s) => Self::Waits { waits_s },
            RetryPolicy::Exponential(policy) => Self::Exponential(policy),
        }
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl<'de> de::Visitor<'de> for Visitor {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"off\", or an object such as { \"attempts\": 5 }")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Document, E> {
        match word {
            "off" => Ok(Document::Word(Off::Off)),
            _ => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
        }
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Document, A::Error> {
        let fields = Fields::deserialize(de::value::MapAccessDeserializer::new(map))?;
        fields.read().map_err(de::Error::custom)
    }
}
