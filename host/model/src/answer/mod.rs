//! Rules by which answers are judged.

mod document;
mod status;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::Extract;
pub(crate) use document::Document;
pub use status::{BadStatus, StatusRange, Statuses};

/// One rule: the answers it is for, and what they mean. Of several rules the first that fits
/// decides.
///
/// In documents `{"status": "2xx", "json": {"at": "/ok", "equals": true}, "verdict":
/// "delivered"}`. All that a rule asks for must hold; one that asks for nothing fits always.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct AnswerRule {
    /// The answer's status is one of these.
    pub status: Option<Statuses>,
    /// A header is like this.
    pub header: Option<Match>,
    /// The body, or something in it, is like this.
    pub body: Option<Match>,
    /// What such an answer means.
    pub verdict: RuleVerdict,
    /// How long to wait at least before the next try.
    pub wait: Option<Wait>,
    /// Whether a try that is answered so uses up one of the policy's attempts.
    pub counted: bool,
    /// Where the answer says why, for the journal.
    pub detail: Option<Extract>,
}

/// Something in an answer, and what it must be like.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Where it is found.
    pub at: Extract,
    /// What it must be like.
    pub test: Test,
}

/// What a value must be like. Values of headers, of XML and of text are compared as text, those
/// of JSON by their type.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// This.
    Equals(Scalar),
    /// One of these.
    OneOf(Vec<Scalar>),
    /// Text, a number or a truth value in which the regular expression is found.
    Regex(String),
    /// Whether it is there at all.
    Exists(bool),
}

/// A value without parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is a text, a number or a truth value")]
pub enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
}

/// What a rule says that an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleVerdict {
    /// The receiver has it.
    Delivered,
    /// It is sent again.
    Retry,
    /// It is given up.
    Failed,
}

/// How long to wait.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
    /// So many seconds: 0 to [`Wait::LONGEST_S`].
    Seconds(f64),
    /// As many seconds as the answer says there; in a header also a date.
    At(Extract),
}

impl Wait {
    /// The longest that can be set, in seconds: a week.
    pub const LONGEST_S: f64 = 604_800.0;
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
        }
    }
}

#[cfg(test)]
mod tests;
