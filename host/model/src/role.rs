//! What people and programs may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What someone may do.
///
/// Tokens made before there were roles have the words `post-events` and `read`.
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
#[serde(rename_all = "lowercase")]
pub enum AccessRole {
    /// Post events to `/v1/events`, and nothing else.
    #[serde(alias = "post-events")]
    Poster,
    /// Read everything but secrets.
    #[serde(alias = "read")]
    Reader,
    /// Read, post, and look after deliveries: retry and cancel them, replay, send tests, enable
    /// and disable subscriptions, resume plugins.
    Operator,
    /// Everything.
    Admin,
}

/// A text that is no role.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a role: use poster, reader, operator or admin")]
pub struct BadRole(String);

impl AccessRole {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Poster, Self::Reader, Self::Operator, Self::Admin];

    /// In one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Poster => "poster",
            Self::Reader => "reader",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// Whether who has this role may do what needs another.
    #[must_use]
    pub fn allows(self, needed: Self) -> bool {
        match self {
            Self::Admin => true,
            Self::Operator => needed != Self::Admin,
            Self::Reader | Self::Poster => needed == self,
        }
    }
}

impl fmt::Display for AccessRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for AccessRole {
    type Err = BadRole;
    fn from_str(text: &str) -> Result<Self, BadRole> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found
            .or(match text {
                "post-events" => Some(Self::Poster),
                "read" => Some(Self::Reader),
                _ => None,
            })
            .ok_or_else(|| BadRole(text.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_allows() {
        use AccessRole::{Admin, Operator, Poster, Reader};
        for (role, allowed) in [
            (Poster, &[Poster][..]),
            (Reader, &[Reader]),
            (Operator, &[Poster, Reader, Operator]),
            (Admin, &[Poster, Reader, Operator, Admin]),
        ] {
            let found: Vec<_> = AccessRole::ALL.into_iter().filter(|n| role.allows(*n)).collect();
            assert_eq!(found, allowed, "{role}");
        }
    }

    #[test]
    fn words_from_before_are_understood() {
        let roles: Vec<AccessRole> =
            serde_json::from_str(r#"["post-events", "read", "admin", "operator"]"#).unwrap();
        let words: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
        assert_eq!(words, ["poster", "reader", "admin", "operator"]);
        assert_eq!("read".parse(), Ok(AccessRole::Reader));
        assert_eq!(serde_json::to_string(&roles[0]).unwrap(), r#""poster""#);
        assert!("root".parse::<AccessRole>().unwrap_err().to_string().contains("use poster"));
    }
}
