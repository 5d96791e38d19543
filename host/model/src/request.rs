//! HTTP requests as plugins ask for them: templates whose secrets, signatures and delivery
//! ids are filled in when an attempt is sent.

use serde::{Deserialize, Serialize};

/// One HTTP request, secrets unresolved. This is what is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Request {
    /// In upper case.
    pub method: String,
    /// Absolute, `http` or `https`.
    pub url: Template,
    /// Sent in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, Template)>,
    /// Empty for no body.
    #[serde(default, skip_serializing_if = "Template::is_empty")]
    pub body: Template,
}

/// A URL, a header value or a body: parts, joined without anything between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Template(pub Vec<Part>);

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// UTF-8 text, sent as it is.
    Text(String),
    /// Bytes, sent as they are.
    #[schema(value_type = String)]
    Bytes(#[serde(with = "base64_bytes")] Vec<u8>),
    /// A secret.
    Secret {
        /// The plugin's slot.
        slot: String,
        /// How it is written.
        encoding: Encoding,
    },
    /// Base64 of `username:password`.
    Basic {
        /// Before the colon.
        username: Credential,
        /// After it.
        password: Credential,
    },
    /// An HMAC.
    Signature(Signature),
    /// The delivery's UUID.
    DeliveryId,
    /// Unix time of the attempt, in seconds.
    SentAt,
}

/// How a secret is written into the text around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// As it is.
    Raw,
    /// Everything but RFC 3986's unreserved characters percent-encoded.
    Percent,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// The inside of a JSON string.
    Json,
    /// XML character data.
    Xml,
    /// Standard alphabet, padded.
    Base64,
}

/// Half of a user name and password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// Known to the plugin.
    Text(String),
    /// A slot.
    Secret(String),
}

/// An HMAC over parts of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Signature {
    /// The slot of the key.
    pub slot: String,
    /// The hash function.
    pub digest: HmacDigest,
    /// How the result is written.
    pub encoding: DigestEncoding,
    /// What is signed.
    pub message: Vec<SignedPart>,
}

/// A hash function for HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HmacDigest {
    /// For receivers that know nothing newer.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DigestEncoding {
    /// Lower case.
    Hex,
    /// Standard alphabet, padded.
    Base64,
}

/// A piece of a signed message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignedPart {
    /// As it is.
    Text(String),
    /// The body as sent.
    Body,
    /// As [`Part::DeliveryId`].
    DeliveryId,
    /// As [`Part::SentAt`].
    SentAt,
}

impl Template {
    /// A template of one text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The slots of the secrets it uses, each time it uses one.
    pub fn slots(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(Part::slots).flatten()
    }

    /// The slots of signatures that cover the body: none can be in the body itself.
    pub fn slots_of_body_signatures(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Signature(signature) if signature.message.contains(&SignedPart::Body) => {
                Some(signature.slot.as_str())
            }
            _ => None,
        })
    }

    /// Whether these bytes are what it says, with nothing left to fill in.
    #[must_use]
    pub fn is_exactly(&self, bytes: &[u8]) -> bool {
        let left = self.0.iter().try_fold(bytes, |left, part| match part {
            Part::Text(text) => left.strip_prefix(text.as_bytes()),
            Part::Bytes(bytes) => left.strip_prefix(bytes.as_slice()),
            _ => None,
        });
        left.is_some_and(<[u8]>::is_empty)
    }
}

impl Part {
    fn slots(&self) -> [Option<&str>; 2] {
        fn of(credential: &Credential) -> Option<&str> {
            match credential {
                Credential::Secret(slot) => Some(slot),
                Credential::Text(_) => None,
            }
        }
        match self {
            Self::Secret { slot, .. } | Self::Signature(Signature { slot, .. }) => {
                [Some(slot), None]
            }
            Self::Basic { username, password } => [of(username), of(password)],
            Self::Text(_) | Self::Bytes(_) | Self::DeliveryId | Self::SentAt => [None, None],
        }
    }
}

impl Request {
    /// The slots of the secrets it uses, each time it uses one.
    pub fn slots(&self) -> impl Iterator<Item = &str> {
        let headers = self.headers.iter().flat_map(|(_, value)| value.slots());
        self.url.slots().chain(headers).chain(self.body.slots())
    }
}

mod base64_bytes {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        BASE64_STANDARD.decode(String::deserialize(d)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_exactly_its_bytes() {
        let fixed = Template(vec![Part::Text("a".into()), Part::Bytes(b"bc".to_vec())]);
        assert!(fixed.is_exactly(b"abc") && Template::default().is_exactly(b""));
        for other in [&b"ab"[..], b"abcd", b"", b"abd"] {
            assert!(!fixed.is_exactly(other));
        }
        assert!(!Template(vec![Part::Text("a".into()), Part::SentAt]).is_exactly(b"a"));
    }
}
