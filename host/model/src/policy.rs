//! Webhook policies: how the tokens are signed that subscriptions send.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{JwtAlgorithm, Name, Timestamp};

/// How tokens are signed. Its private key is not here: nobody but the store and what signs has
/// it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Policy {
    /// Unique; the last part of its issuer.
    pub name: Name,
    /// With what tokens are signed.
    pub algorithm: PolicyAlgorithm,
    /// The claim `aud`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// How long after the attempt a token expires (`exp`), in seconds; never if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_s: Option<u32>,
    /// The name of the secret that holds the key of HS256, HS384 and HS512.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Name>,
    /// What is to be signed by a disabled policy waits.
    #[serde(default)]
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed. A new key is no change of it.
    pub updated_at: Timestamp,
    /// The public parts of its generated keys, newest first. They are changed by themselves, and
    /// so are not part of the document.
    #[serde(skip)]
    pub keys: Vec<PolicyKey>,
}

impl Policy {
    /// The longest audience, in bytes: R-Service's.
    pub const MAX_AUDIENCE: usize = 2048;
    /// How long the public part of a key stays published after a new one has taken its place,
    /// in seconds, if nothing else is said: a day. Receivers keep keys for an hour, as a rule,
    /// and look at a token that was held up a while later.
    pub const DEFAULT_KEEP_S: u32 = 86_400;
    /// The longest that can be asked for, in seconds: a year.
    pub const MAX_KEEP_S: u32 = 31_536_000;
    /// The most earlier keys that stay published. A set of keys has to be small: receivers take
    /// 64 KiB.
    pub const MAX_KEPT_KEYS: usize = 8;

    /// The key that signs.
    #[must_use]
    pub fn key(&self) -> Option<&PolicyKey> {
        self.keys.first().filter(|key| key.kept_until.is_none())
    }

    /// The public keys that tokens may be checked with now.
    pub fn published(&self, now: Timestamp) -> impl Iterator<Item = &PolicyKey> {
        let is_kept = move |key: &&PolicyKey| key.kept_until.is_none_or(|until| now < until);
        self.keys.iter().filter(is_kept)
    }
}

/// The public part of a key that was generated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PolicyKey {
    /// Its id in tokens and key sets: the thumbprint of RFC 7638.
    pub kid: String,
    /// The algorithm it was generated for.
    pub algorithm: JwtAlgorithm,
    /// The public key in PEM.
    pub public_key_pem: String,
    /// When it was generated.
    pub created_at: Timestamp,
    /// Set when another key has taken its place: it is published until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<Timestamp>,
}

/// An algorithm of RFC 7518, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyAlgorithm {
    /// Tokens are not signed: anyone could have made them.
    None,
    /// Tokens are signed.
    Signed(JwtAlgorithm),
}

impl PolicyAlgorithm {
    /// As tokens name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Signed(algorithm) => algorithm.as_str(),
        }
    }

    /// The algorithm whose key both sides know, if it is one of these.
    #[must_use]
    pub fn shared(self) -> Option<JwtAlgorithm> {
        match self {
            Self::Signed(algorithm) if algorithm.is_shared() => Some(algorithm),
            _ => None,
        }
    }

    /// The algorithm whose key is generated, if it is one of these.
    #[must_use]
    pub fn generated(self) -> Option<JwtAlgorithm> {
        match self {
            Self::Signed(algorithm) if !algorithm.is_shared() => Some(algorithm),
            _ => None,
        }
    }
}

impl fmt::Display for PolicyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for PolicyAlgorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for PolicyAlgorithm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "none" {
            return Ok(Self::None);
        }
        // As R-Service writes them, or as tokens do.
        let named = |algorithm: &JwtAlgorithm| {
            let name = algorithm.as_str();
            text == name || text == name.to_ascii_lowercase()
        };
        JwtAlgorithm::ALL.into_iter().find(named).map(Self::Signed).ok_or_else(|| {
            serde::de::Error::custom(
                "an algorithm is one of none, hs256, hs384, hs512, rs256, rs384, rs512, es256, \
                 es384 and es512",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_are_written_as_either_side_does() {
        let read = |text: &str| serde_json::from_value::<PolicyAlgorithm>(text.into());
        assert_eq!(read("none").unwrap(), PolicyAlgorithm::None);
        for algorithm in JwtAlgorithm::ALL {
            let signed = PolicyAlgorithm::Signed(algorithm);
            assert_eq!(read(algorithm.as_str()).unwrap(), signed);
            assert_eq!(read(&algorithm.as_str().to_lowercase()).unwrap(), signed);
            assert_eq!(serde_json::to_value(signed).unwrap(), algorithm.as_str());
            assert_ne!(signed.shared().is_some(), signed.generated().is_some());
        }
        for bad in ["", "None", "NONE", "Hs256", "PS256", "EdDSA"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn earlier_keys_are_published_until_their_time() {
        let key = |kid: &str, kept_until: Option<i64>| PolicyKey {
            kid: kid.into(),
            algorithm: JwtAlgorithm::ES256,
            public_key_pem: String::new(),
            created_at: Timestamp::default(),
            kept_until: kept_until.map(Timestamp::from_millis),
        };
        let policy = Policy {
            name: "prod".parse().unwrap(),
            algorithm: PolicyAlgorithm::Signed(JwtAlgorithm::ES256),
            audience: None,
            expires_in_s: None,
            secret: None,
            disabled: false,
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
            keys: vec![key("new", None), key("old", Some(10)), key("oldest", Some(5))],
        };
        let kids = |now: i64| {
            let keys = policy.published(Timestamp::from_millis(now));
            keys.map(|key| key.kid.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(kids(4), ["new", "old", "oldest"]);
        assert_eq!(kids(5), ["new", "old"]);
        assert_eq!(kids(10), ["new"]);
        assert_eq!(policy.key().unwrap().kid, "new");
        let unsigned = Policy { keys: vec![key("old", Some(10))], ..policy.clone() };
        assert_eq!(unsigned.key(), None);
        // Keys are no part of the document.
        let document = serde_json::to_value(&policy).unwrap();
        assert!(document.get("keys").is_none(), "{document}");
    }
}
