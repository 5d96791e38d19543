//! Who changed what, and when.

use std::fmt::{self, Display};
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Timestamp;
use crate::id::AuditId;

/// Something that somebody did. No secret's value is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub actor: AuditActor,
    /// What was done: the kind of thing and a verb, such as `subscription.update`.
    pub action: String,
    /// What it was done to.
    pub target: AuditTarget,
    /// What became different. What was made has one change of the whole, from nothing; what was
    /// removed, one to nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// Where the actor's request came from, if it came over the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub address: Option<IpAddr>,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AuditActor {
    /// What they are.
    pub kind: ActorKind,
    /// What they are called: the name of a token or a user, or of a user of the machine.
    pub name: String,
}

/// What somebody is who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A program with an API token, or a person with one.
    Token,
    /// A person in the console.
    User,
    /// Who ran a command in the data directory.
    CommandLine,
    /// The daemon by itself.
    Daemon,
}

/// A text that is no kind of actor.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a kind of actor: use token, user, command_line or daemon")]
pub struct BadActorKind(String);

impl ActorKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Token, Self::User, Self::CommandLine, Self::Daemon];

    /// In one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::User => "user",
            Self::CommandLine => "command_line",
            Self::Daemon => "daemon",
        }
    }
}

impl Display for ActorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ActorKind {
    type Err = BadActorKind;
    fn from_str(text: &str) -> Result<Self, BadActorKind> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| BadActorKind(text.chars().take(40).collect()))
    }
}

/// What something was done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AuditTarget {
    /// What it is, such as `subscription`.
    pub kind: String,
    /// What it is called: its name, or its id if it has none.
    pub name: String,
}

impl AuditTarget {
    /// The one of this kind and name.
    #[must_use]
    pub fn new(kind: &str, name: impl Display) -> Self {
        Self { kind: kind.to_owned(), name: name.to_string() }
    }
}

/// What happens to one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldChange {
    /// A JSON Pointer into the thing.
    pub pointer: String,
    /// Before.
    pub from: Value,
    /// After.
    pub to: Value,
}

impl FieldChange {
    /// The whole of something that was made.
    #[must_use]
    pub fn made<T: Serialize>(what: &T) -> Self {
        Self { pointer: String::new(), from: Value::Null, to: json(what) }
    }

    /// The whole of something that was removed.
    #[must_use]
    pub fn removed<T: Serialize>(what: &T) -> Self {
        Self { pointer: String::new(), from: json(what), to: Value::Null }
    }

    /// A fact of what was done, such as how much: it was not there before.
    #[must_use]
    pub fn fact(pointer: &str, value: impl Into<Value>) -> Self {
        Self { pointer: pointer.to_owned(), from: Value::Null, to: value.into() }
    }
}

/// What cannot be written as JSON is not stored as such either.
fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
