//! Signatures that the host adds to requests: each scheme has a file. Keys are made ready when
//! something is set up; what is wrong is found then, with the same code.

mod hmac_header;
mod hub_signature;
mod mac;
mod standard_webhooks;
mod template;
pub mod token;

use hookwright_model::{Name, Secret, Signing, Timestamp};
use http::HeaderName;

pub use hub_signature::hub_signature;
pub use mac::{hmac, written};
pub use standard_webhooks::{Keys, symmetric, v1};
use token::TokenSigner;

/// All signatures of a subscription, with their keys ready for use.
#[derive(Clone, Debug, Default)]
pub struct Signers {
    /// Those that are headers.
    pub headers: Vec<Signer>,
    /// What makes a token of the body, before the body is signed.
    pub token: Option<TokenSigner>,
}

impl Signers {
    /// The names of the headers that they add.
    #[must_use]
    pub fn names(&self) -> Vec<HeaderName> {
        self.headers.iter().flat_map(Signer::names).collect()
    }
}

/// A signature that is a header, or several.
#[derive(Clone, Debug)]
pub struct Signer(Kind);

#[derive(Clone, Debug)]
enum Kind {
    HubSignature(hub_signature::HubSignature),
    Hmac(Box<hmac_header::HmacHeader>),
    StandardWebhooks(Box<standard_webhooks::StandardWebhooks>),
}

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The delivery's id.
    pub id: &'a str,
    /// When it is sent.
    pub sent_at: Timestamp,
    /// As it goes out.
    pub body: &'a [u8],
}

/// What is wrong with how something is set up to be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Mistake {
    /// The field of [`Signing`] that it is in.
    pub field: &'static str,
    /// What is wrong there. Never holds anything of a secret.
    pub detail: String,
}

impl Mistake {
    fn new(field: &'static str, detail: impl Into<String>) -> Self {
        Self { field, detail: detail.into() }
    }
}

impl Signer {
    /// Makes keys ready. `secret` gives the value of a secret that [`Signing::secrets`] names.
    /// Nothing if the scheme is not one of headers.
    ///
    /// # Errors
    /// When a secret is not there, or something cannot be used.
    pub fn new<'s>(
        signing: &Signing,
        secret: impl Fn(&Name) -> Option<&'s Secret>,
    ) -> Result<Option<Self>, Mistake> {
        let value = |field, name: &Name| {
            secret(name)
                .cloned()
                .ok_or_else(|| Mistake::new(field, format!("the secret `{name}` is not set")))
        };
        let kind = match signing {
            Signing::HubSignature { secret, digest } => {
                let key = value("secret", secret)?;
                Kind::HubSignature(hub_signature::HubSignature { digest: *digest, key })
            }
            Signing::Hmac(wanted) => {
                let key = value("secret", &wanted.secret)?;
                Kind::Hmac(Box::new(hmac_header::HmacHeader::new(wanted, key)?))
            }
            Signing::StandardWebhooks { secret, previous, previous_until } => {
                let key = value("secret", secret)?;
                let previous = match (previous, previous_until) {
                    (Some(name), _) if name == secret => {
                        let detail = "this is the name of the present secret: keep the old key \
                                      under a name of its own";
                        return Err(Mistake::new("previous", detail));
                    }
                    (Some(name), Some(until)) => Some((value("previous", name)?, *until)),
                    (None, None) => None,
                    (Some(_), None) => {
                        let detail = "say until when requests are signed with `previous` too";
                        return Err(Mistake::new("previous_until", detail));
                    }
                    (None, Some(_)) => {
                        let detail = "`previous_until` is of no use without `previous`";
                        return Err(Mistake::new("previous", detail));
                    }
                };
                let signer = standard_webhooks::StandardWebhooks::new(&key, previous)?;
                Kind::StandardWebhooks(Box::new(signer))
            }
            Signing::Jwt { .. } => return Ok(None),
        };
        Ok(Some(Self(kind)))
    }

    /// The names of the headers that it adds, in lower case.
    #[must_use]
    pub fn names(&self) -> Vec<HeaderName> {
        match &self.0 {
            Kind::HubSignature(hub) => vec![hub.name()],
            Kind::Hmac(hmac) => hmac.names(),
            Kind::StandardWebhooks(_) => standard_webhooks::NAMES.to_vec(),
        }
    }

    /// The headers that it adds.
    #[must_use]
    pub fn headers(&self, outgoing: Outgoing<'_>) -> Vec<(HeaderName, String)> {
        match &self.0 {
            Kind::HubSignature(hub) => vec![hub.header(outgoing)],
            Kind::Hmac(hmac) => hmac.headers(outgoing),
            Kind::StandardWebhooks(webhooks) => webhooks.headers(outgoing),
        }
    }
}
