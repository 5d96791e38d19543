//! How tokens (JSON Web Tokens, RFC 7519) prove where posts come from.

use serde::{Deserialize, Serialize};

use crate::Name;

/// What a source's tokens must be like. The key is the one in `secret` or in `public_key`; if
/// neither is given, it is found at the `issuer` (OpenID Connect Discovery).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JwtAuth {
    /// Where the token is.
    #[serde(default)]
    pub location: TokenLocation,
    /// The name of the secret that holds the key of HS256, HS384 and HS512.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Name>,
    /// The other side's public key: PEM, or a JWK or JWK set in JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// What the claim `iss` must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The algorithms that are taken; those that the key is good for if none are given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<JwtAlgorithm>,
    /// What the claim `aud` must be or hold. Tokens with an `aud` are refused if this is not
    /// given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// How far the clocks may differ, in seconds.
    #[serde(default = "default_leeway")]
    pub leeway_s: u32,
}

impl JwtAuth {
    /// What clocks differ by that nobody looks after.
    pub const DEFAULT_LEEWAY_S: u32 = 60;
}

fn default_leeway() -> u32 {
    JwtAuth::DEFAULT_LEEWAY_S
}

/// Where a post holds its token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenLocation {
    /// In `Authorization: Bearer`. It says who posts, not what.
    #[default]
    Header,
    /// The body is `{"jwt": "…"}`, and the token holds what is posted.
    Body,
}

/// A signature algorithm of RFC 7518. There is no `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum JwtAlgorithm {
    /// HMAC with SHA-256.
    #[serde(alias = "hs256")]
    HS256,
    /// HMAC with SHA-384.
    #[serde(alias = "hs384")]
    HS384,
    /// HMAC with SHA-512.
    #[serde(alias = "hs512")]
    HS512,
    /// RSA (PKCS #1 1.5) with SHA-256.
    #[serde(alias = "rs256")]
    RS256,
    /// RSA (PKCS #1 1.5) with SHA-384.
    #[serde(alias = "rs384")]
    RS384,
    /// RSA (PKCS #1 1.5) with SHA-512.
    #[serde(alias = "rs512")]
    RS512,
    /// ECDSA on P-256 with SHA-256.
    #[serde(alias = "es256")]
    ES256,
    /// ECDSA on P-384 with SHA-384.
    #[serde(alias = "es384")]
    ES384,
    /// ECDSA on P-521 with SHA-512.
    #[serde(alias = "es512")]
    ES512,
}

impl JwtAlgorithm {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::HS256,
        Self::HS384,
        Self::HS512,
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::ES256,
        Self::ES384,
        Self::ES512,
    ];

    /// As tokens name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
        }
    }

    /// Whether both sides have the same key.
    #[must_use]
    pub fn is_shared(self) -> bool {
        matches!(self, Self::HS256 | Self::HS384 | Self::HS512)
    }

    /// The algorithm that a token names, letter for letter.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}
