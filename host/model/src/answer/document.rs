//! Rules as they are written in documents.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{AnswerRule, Match, RuleVerdict, Scalar, Statuses, Test, Wait};
use crate::Extract;
use crate::extract::Whole;

/// A rule as it is written.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<Statuses>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    header: Option<MatchDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    json: Option<MatchDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    xml: Option<MatchDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<MatchDocument>,
    verdict: RuleVerdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wait: Option<Wait>,
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    counted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<Extract>,
}

fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_true(value: &bool) -> bool {
    *value
}

#[derive(Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
struct MatchDocument {
    /// Of a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// In JSON or XML.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    equals: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_of: Option<Vec<Scalar>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    regex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exists: Option<bool>,
}

impl TryFrom<Document> for AnswerRule {
    type Error = String;
    fn try_from(document: Document) -> Result<Self, String> {
        let Document { status, header, json, xml, text, verdict, wait, counted, detail } = document;
        let header = header.map(|found| found.read("header")).transpose()?;
        let mut bodies = [("json", json), ("xml", xml), ("text", text)]
            .into_iter()
            .filter_map(|(kind, found)| Some(found?.read(kind)));
        let body = bodies.next().transpose()?;
        if bodies.next().is_some() {
            return Err("a rule looks at one of `json`, `xml` and `text`; use several rules".into());
        }
        if verdict != RuleVerdict::Retry && (wait.is_some() || !counted) {
            return Err("`wait` and `counted` belong to the verdict `retry`".into());
        }
        Ok(Self { status, header, body, verdict, wait, counted, detail })
    }
}

impl MatchDocument {
    fn read(self, kind: &str) -> Result<Match, String> {
        let Self { name, at, equals, one_of, regex, exists } = self;
        let at = match (kind, name, at) {
            ("header", Some(name), None) => Extract::Header(name),
            ("json", None, Some(at)) => Extract::Json(at),
            ("xml", None, Some(at)) => Extract::Xml(at),
            ("text", None, None) => Extract::Body(Whole),
            ("header", ..) => return Err("`header` needs a `name`, and no `at`".into()),
            ("text", ..) => return Err("`text` is all of the body: no `at` or `name`".into()),
            _ => return Err(format!("`{kind}` needs `at`, and no `name`")),
        };
        let tests = [
            equals.map(Test::Equals),
            one_of.map(Test::OneOf),
            regex.map(Test::Regex),
            exists.map(Test::Exists),
        ];
        let mut tests = tests.into_iter().flatten();
        match (tests.next(), tests.next()) {
            (Some(test), None) => Ok(Match { at, test }),
            _ => Err(format!("`{kind}` needs one of `equals`, `one_of`, `regex` and `exists`")),
        }
    }

    fn write(test: Test) -> Self {
        let mut document = Self::default();
        match test {
            Test::Equals(value) => document.equals = Some(value),
            Test::OneOf(values) => document.one_of = Some(values),
            Test::Regex(pattern) => document.regex = Some(pattern),
            Test::Exists(there) => document.exists = Some(there),
        }
        document
    }
}

impl From<AnswerRule> for Document {
    fn from(rule: AnswerRule) -> Self {
        let AnswerRule { status, header, body, verdict, wait, counted, detail } = rule;
        let mut document = Self {
            status,
            header: None,
            json: None,
            xml: None,
            text: None,
            verdict,
            wait,
            counted,
            detail,
        };
        for Match { at, test } in header.into_iter().chain(body) {
            let test = MatchDocument::write(test);
            match at {
                Extract::Header(name) => {
                    document.header = Some(MatchDocument { name: Some(name), ..test });
                }
                Extract::Json(at) => document.json = Some(MatchDocument { at: Some(at), ..test }),
                Extract::Xml(at) => document.xml = Some(MatchDocument { at: Some(at), ..test }),
                Extract::Regex(_) | Extract::Body(Whole) => document.text = Some(test),
            }
        }
        document
    }
}

impl Serialize for Wait {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Seconds(seconds) => serializer.serialize_f64(*seconds),
            Self::At(extract) => extract.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Wait {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WaitVisitor)
    }
}

struct WaitVisitor;

impl<'de> de::Visitor<'de> for WaitVisitor {
    type Value = Wait;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("seconds, or where the answer says them, such as { \"json\": \"/wait\" }")
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Wait, E> {
        if (0.0..=Wait::LONGEST_S).contains(&seconds) {
            Ok(Wait::Seconds(seconds))
        } else {
            Err(E::custom(format!("a wait is between 0 and {} seconds", Wait::LONGEST_S)))
        }
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Wait, E> {
        self.visit_f64(u32::try_from(seconds).map_or(f64::INFINITY, f64::from))
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Wait, E> {
        self.visit_f64(u32::try_from(seconds).map_or(f64::INFINITY, f64::from))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Wait, A::Error> {
        Extract::deserialize(de::value::MapAccessDeserializer::new(map)).map(Wait::At)
    }
}
