//! API tokens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::TokenId;
use crate::{Digest, Name, Timestamp};

/// What a token allows.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Post events to `/v1/events`.
    PostEvents,
    /// Read everything but secrets.
    Read,
    /// Everything.
    Admin,
}

/// A text that is no scope.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a scope: use post-events, read or admin")]
pub struct BadScope(String);

impl Scope {
    /// In one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PostEvents => "post-events",
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = BadScope;
    fn from_str(text: &str) -> Result<Self, BadScope> {
        let known = [Self::PostEvents, Self::Read, Self::Admin];
        let found = known.into_iter().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| BadScope(text.chars().take(40).collect()))
    }
}

/// An API token, without the token itself, of which only a hash is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Token {
    /// Never changes.
    pub id: TokenId,
    /// What it is for.
    pub name: Name,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// SHA-256 of the token.
    #[serde(skip_serializing, default = "no_hash")]
    pub hash: Digest,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Token {
    /// Whether it allows this.
    #[must_use]
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope) || self.scopes.contains(&Scope::Admin)
    }
}

/// The hash is never sent, so it is not there to be read back.
fn no_hash() -> Digest {
    Digest::from_bytes([0; 32])
}
