//! How the host proves itself to receivers, and how it reaches them.

use serde::{Deserialize, Serialize};

use crate::Name;

/// How requests of a subscription prove where they come from. It replaces a header of the same
/// name that the plugin sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "scheme", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Auth {
    /// A user name and password (`Authorization: Basic`).
    Basic {
        /// The user name.
        username: String,
        /// The name of the secret that holds the password.
        secret: Name,
    },
    /// A token that does not change (`Authorization: Bearer`).
    Bearer {
        /// The name of the secret that holds the token.
        secret: Name,
    },
    /// A secret in a header of any name.
    Header {
        /// The header.
        header: String,
        /// The name of the secret that stands in it.
        secret: Name,
        /// What stands before the secret, such as `Token `.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        prefix: String,
    },
    /// A token that is fetched when it is needed (`Authorization: Bearer`).
    #[serde(rename = "oauth2")]
    OAuth2(Box<OAuth2>),
}

impl Auth {
    /// The name of the header that it sets.
    #[must_use]
    pub fn header(&self) -> &str {
        match self {
            Self::Header { header, .. } => header,
            Self::Basic { .. } | Self::Bearer { .. } | Self::OAuth2(_) => "authorization",
        }
    }

    /// The name of the secret that it uses.
    #[must_use]
    pub fn secret(&self) -> &Name {
        match self {
            Self::Basic { secret, .. } | Self::Bearer { secret } | Self::Header { secret, .. } => {
                secret
            }
            Self::OAuth2(account) => &account.secret,
        }
    }
}

/// An account at an authorization server that gives tokens for the client itself: the grant
/// `client_credentials` of RFC 6749, section 4.4.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OAuth2 {
    /// Where tokens are fetched.
    pub token_url: String,
    /// Who fetches them.
    pub client_id: String,
    /// The name of the secret that holds the client's secret.
    pub secret: Name,
    /// What the token is to be good for: names with spaces between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Who the token is for, as some servers want to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// How the client proves itself to the authorization server.
    #[serde(default)]
    pub client_auth: ClientAuth,
}

/// How a client proves itself to an authorization server (RFC 6749, section 2.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// In `Authorization: Basic`, which every server has to take.
    #[default]
    Basic,
    /// With `client_id` and `client_secret` in the body.
    Body,
}

/// Whom the host trusts, and who it is, in TLS. Empty: Mozilla's certificate authorities, and
/// nobody in particular.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// The name of the secret that holds the certificates, in PEM, of the authorities that are
    /// trusted instead of Mozilla's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<Name>,
    /// Whether Mozilla's are trusted beside those of `ca`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub and_public: bool,
    /// The name of the secret that holds, in PEM, the client's certificate, those that lead from
    /// it to its authority, and the private key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<Name>,
}

impl Tls {
    /// Whether it is as for everyone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A proxy that requests go through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// `http://host:port`.
    pub url: String,
    /// The user name that the proxy wants, if it wants one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The name of the secret that holds the password for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Name>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn again(auth: &Value) -> Value {
        let auth: Auth = serde_json::from_value(auth.clone()).unwrap();
        serde_json::to_value(auth).unwrap()
    }

    #[test]
    fn every_scheme_is_written_as_it_is_read() {
        for auth in [
            json!({"scheme": "basic", "username": "desk", "secret": "s"}),
            json!({"scheme": "bearer", "secret": "s"}),
            json!({"scheme": "header", "header": "X-Key", "secret": "s", "prefix": "Token "}),
            json!({"scheme": "oauth2", "token_url": "https://a.example/token", "client_id": "c",
                   "secret": "s", "scope": "a b", "client_auth": "body"}),
        ] {
            assert_eq!(again(&auth), auth);
        }
        let short = json!({"scheme": "oauth2", "token_url": "https://a.example/", "client_id": "c",
                           "secret": "s"});
        assert_eq!(again(&short)["client_auth"], "basic");
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for auth in [
            json!({"scheme": "digest", "secret": "s"}),
            json!({"scheme": "bearer", "secret": "s", "prefix": "x"}),
            json!({"scheme": "oauth2", "token_url": "https://a.example/", "client_id": "c",
                   "secret": "s", "client_secret": "x"}),
        ] {
            assert!(serde_json::from_value::<Auth>(auth.clone()).is_err(), "{auth}");
        }
        assert!(serde_json::from_value::<Tls>(json!({"insecure": true})).is_err());
        assert!(serde_json::from_value::<Proxy>(json!({"url": "x", "password": "y"})).is_err());
    }
}
