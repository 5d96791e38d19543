//! Signatures that the host adds to what it sends.

use serde::{Deserialize, Serialize};

use crate::request::{DigestEncoding, HmacDigest};
use crate::{Name, Timestamp};

/// A signature that the host adds to every request of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "scheme", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Signing {
    /// `X-Hub-Signature: sha1=…`, `X-Hub-Signature-256: sha256=…` or `X-Hub-Signature-512:
    /// sha512=…`: an HMAC of the body.
    HubSignature {
        /// The name of the secret that holds the key.
        secret: Name,
        /// SHA-1, as Zammad does, SHA-256 or SHA-512.
        digest: HmacDigest,
    },
    /// An HMAC in a header of any name.
    Hmac(Box<HmacSigning>),
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature` after Standard Webhooks 1.0.
    StandardWebhooks {
        /// The name of the secret that holds the key: `whsec_…` for scheme `v1` (HMAC), `whsk_…`
        /// for scheme `v1a` (ed25519).
        secret: Name,
        /// The name of the secret that held the key before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous: Option<Name>,
        /// Until then requests are signed with `previous` too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous_until: Option<Timestamp>,
    },
    /// The body is put into a token (JSON Web Token), and the token becomes the body.
    Jwt {
        /// The policy that says how tokens are signed.
        policy: Name,
    },
}

/// An HMAC in a header of any name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HmacSigning {
    /// The name of the secret that holds the key.
    pub secret: Name,
    /// The hash function.
    #[serde(default = "sha256")]
    pub digest: HmacDigest,
    /// How the signature is written.
    #[serde(default = "hex")]
    pub encoding: DigestEncoding,
    /// The header that holds the signature.
    #[serde(default = "x_signature")]
    pub header: String,
    /// The header's value: a text with `{signature}`, and perhaps `{timestamp}` and
    /// `{delivery_id}`.
    #[serde(default = "signature_alone")]
    pub format: String,
    /// What is signed: a text with `{body}`, and perhaps `{timestamp}` and `{delivery_id}`.
    #[serde(default = "body_alone")]
    pub message: String,
    /// A header that holds the time of the attempt, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp_header: Option<String>,
    /// A header that holds the delivery's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_header: Option<String>,
}

impl Signing {
    /// The names of the secrets that it uses, and the fields they stand in.
    pub fn secrets(&self) -> impl Iterator<Item = (&'static str, &Name)> {
        let (secret, previous) = match self {
            Self::HubSignature { secret, .. } => (Some(secret), None),
            Self::Hmac(hmac) => (Some(&hmac.secret), None),
            Self::StandardWebhooks { secret, previous, .. } => (Some(secret), previous.as_ref()),
            Self::Jwt { .. } => (None, None),
        };
        let secret = secret.map(|name| ("secret", name));
        secret.into_iter().chain(previous.map(|name| ("previous", name)))
    }

    /// The policy that it uses.
    #[must_use]
    pub fn policy(&self) -> Option<&Name> {
        match self {
            Self::Jwt { policy } => Some(policy),
            _ => None,
        }
    }
}

fn sha256() -> HmacDigest {
    HmacDigest::Sha256
}

fn hex() -> DigestEncoding {
    DigestEncoding::Hex
}

fn x_signature() -> String {
    "X-Signature".into()
}

fn signature_alone() -> String {
    "{signature}".into()
}

fn body_alone() -> String {
    "{body}".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As stores have it that were made before there were more schemes.
    #[test]
    fn older_documents_are_read() {
        let old = r#"[{"scheme":"hub-signature","secret":"hub","digest":"sha1"},
                      {"scheme":"standard-webhooks","secret":"whsec"}]"#;
        let read: Vec<Signing> = serde_json::from_str(old).unwrap();
        let names: Vec<_> = read.iter().flat_map(Signing::secrets).collect();
        assert_eq!(
            names,
            [("secret", &"hub".parse().unwrap()), ("secret", &"whsec".parse().unwrap())]
        );
        let again = serde_json::to_value(&read).unwrap();
        assert_eq!(again, serde_json::from_str::<serde_json::Value>(old).unwrap());
    }

    #[test]
    fn what_an_hmac_is_by_itself() {
        let read: Signing = serde_json::from_str(r#"{"scheme":"hmac","secret":"key"}"#).unwrap();
        let Signing::Hmac(hmac) = read else { panic!("{read:?}") };
        assert_eq!((hmac.digest, hmac.encoding), (HmacDigest::Sha256, DigestEncoding::Hex));
        assert_eq!((hmac.header.as_str(), hmac.format.as_str()), ("X-Signature", "{signature}"));
        assert_eq!(hmac.message, "{body}");
        for unknown in [
            r#"{"scheme":"hmac","secret":"key","prefix":"sha256="}"#,
            r#"{"scheme":"jwt","policy":"prod","secret":"key"}"#,
            r#"{"scheme":"hmac"}"#,
        ] {
            assert!(serde_json::from_str::<Signing>(unknown).is_err(), "{unknown}");
        }
    }
}
