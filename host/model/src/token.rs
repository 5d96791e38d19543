//! API tokens.

use serde::{Deserialize, Serialize};

use crate::id::TokenId;
use crate::{AccessRole, Digest, Name, Timestamp};

/// An API token, without the token itself, of which only a hash is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Token {
    /// Never changes.
    pub id: TokenId,
    /// What it is for.
    pub name: Name,
    /// What it allows: whatever one of them does.
    #[serde(alias = "scopes")]
    pub roles: Vec<AccessRole>,
    /// SHA-256 of the token.
    #[serde(skip_serializing, default = "no_hash")]
    pub hash: Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is not valid any more; none if it is until it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, give or take a minute; none if it never was. It is changed by
    /// itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
}

impl Token {
    /// Whether it allows what needs this role.
    #[must_use]
    pub fn allows(&self, needed: AccessRole) -> bool {
        self.roles.iter().any(|role| role.allows(needed))
    }

    /// When it expired, if it has.
    #[must_use]
    pub fn expired_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.expires_at.filter(|at| *at <= now)
    }
}

/// The hash is never sent, so it is not there to be read back.
fn no_hash() -> Digest {
    Digest::from_bytes([0; 32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_from_before_there_were_roles_is_read() {
        let stored = r#"{"id": "tok_01234567890123456789012345678901", "name": "desk",
                         "scopes": ["post-events", "read"], "created_at": "2026-01-01T00:00:00Z"}"#;
        let token: Token = serde_json::from_str(stored).unwrap();
        assert_eq!(token.roles, [AccessRole::Poster, AccessRole::Reader]);
        assert!(token.allows(AccessRole::Reader) && !token.allows(AccessRole::Operator));
        assert_eq!(token.expired_at(Timestamp::from_millis(i64::MAX)), None);
        let json = serde_json::to_value(&token).unwrap();
        assert_eq!(json["roles"], serde_json::json!(["poster", "reader"]));
        assert!(json.get("hash").is_none() && json.get("scopes").is_none(), "{json}");
    }
}
