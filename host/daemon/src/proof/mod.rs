//! How posts prove where they come from. Each kind of proof has a file; [`check`] is the way in.
//!
//! What a post is refused for is said to its sender in words that help to set the other side
//! up, and that tell nothing of the secret. Secrets are compared in a time that does not tell
//! how much of them was right.

mod basic;
mod cache;
mod claims;
mod discovery;
mod header;
mod hmac;
mod hub_signature;
pub mod issuer;
pub(crate) mod jwk;
mod jws;
mod jwt;
pub(crate) mod key;
mod object;
pub(crate) mod pem;
mod standard_webhooks;
#[cfg(test)]
mod tests;
mod token;

use hookwright_model::{Name, Secret, SourceAuth, Timestamp};
use http::HeaderMap;
use subtle::ConstantTimeEq;

use crate::registry::SourceEntry;
use issuer::{IssuerUrl, Issuers};

/// A source's way of proving posts, with its keys ready for use.
#[derive(Debug)]
pub struct Proof(Kind);

#[derive(Debug)]
enum Kind {
    None,
    Token(token::Token),
    HubSignature(hub_signature::HubSignature),
    Hmac(hmac::HmacHeader),
    Basic(basic::Basic),
    StandardWebhooks(standard_webhooks::StandardWebhooks),
    Jwt(Box<jwt::Jwt>),
}

/// What of a post proves it.
#[derive(Clone, Copy)]
pub struct Post<'a> {
    /// The name of the source it was sent to.
    pub source: &'a str,
    /// The token in its URL, if there is one.
    pub token: Option<&'a str>,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body, byte for byte.
    pub body: &'a [u8],
    /// When it came.
    pub now: Timestamp,
}

/// A post has proved where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proven {
    /// The id of its token (the claim `jti`), if the token is all of the post: a post with the
    /// same id is then the same post again. A token in a header may be that of many posts.
    pub jti: Option<String>,
}

/// A post has not proved where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// What is wrong with it, and what to do. Never holds anything of a secret, nor anything
    /// that was sent.
    Wrong(String),
    /// The same, for a source that wants a user name and a password.
    WrongPassword(String),
    /// Whether it is right cannot be found out now.
    Unavailable(String),
}

impl Refused {
    /// In words.
    #[must_use]
    pub fn detail(&self) -> &str {
        let (Self::Wrong(detail) | Self::WrongPassword(detail) | Self::Unavailable(detail)) = self;
        detail
    }
}

/// What is wrong with how a source is set up to be proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Mistake {
    /// The field of [`SourceAuth`] that it is in.
    pub field: &'static str,
    /// What is wrong there.
    pub detail: String,
}

impl Mistake {
    fn new(field: &'static str, detail: impl Into<String>) -> Self {
        Self { field, detail: detail.into() }
    }
}

impl Proof {
    /// Makes keys ready. The secret is the one that [`SourceAuth::secret`] names.
    ///
    /// # Errors
    /// When the secret is not there, or something cannot be used.
    pub fn new(auth: &SourceAuth, secret: Option<Secret>) -> Result<Self, Mistake> {
        let secret = match (auth.secret(), secret) {
            (Some(name), None) => return Err(no_secret(name)),
            (_, secret) => secret,
        };
        Ok(Self(match (auth, secret) {
            (SourceAuth::None {}, _) => Kind::None,
            (SourceAuth::Jwt(wanted), secret) => {
                Kind::Jwt(Box::new(jwt::Jwt::new(wanted, secret)?))
            }
            (SourceAuth::Token { .. }, Some(secret)) => Kind::Token(token::Token { secret }),
            (SourceAuth::HubSignature { .. }, Some(secret)) => {
                Kind::HubSignature(hub_signature::HubSignature { secret })
            }
            (SourceAuth::Hmac { header, digest, prefix, encoding, .. }, Some(secret)) => {
                Kind::Hmac(hmac::HmacHeader::new(header, *digest, prefix, *encoding, secret)?)
            }
            (SourceAuth::Basic { username, .. }, Some(secret)) => {
                Kind::Basic(basic::Basic::new(username, &secret)?)
            }
            (SourceAuth::StandardWebhooks { .. }, Some(secret)) => {
                Kind::StandardWebhooks(standard_webhooks::StandardWebhooks::new(&secret)?)
            }
            // All that have a secret, which was found to be there.
            (_, None) => return Err(Mistake::new("secret", "the secret is not set")),
        }))
    }

    /// Whose keys have to be fetched, if any.
    #[must_use]
    pub fn issuer(&self) -> Option<&IssuerUrl> {
        match &self.0 {
            Kind::Jwt(jwt) => jwt.issuer(),
            _ => None,
        }
    }

    async fn check(&self, issuers: &Issuers, post: &Post<'_>) -> Result<Proven, Refused> {
        match &self.0 {
            Kind::None => {}
            Kind::Token(token) => token.check(post)?,
            Kind::HubSignature(hub_signature) => hub_signature.check(post)?,
            Kind::Hmac(hmac) => hmac.check(post)?,
            Kind::Basic(basic) => basic.check(post)?,
            Kind::StandardWebhooks(standard_webhooks) => standard_webhooks.check(post)?,
            Kind::Jwt(jwt) => return jwt.check(issuers, post).await,
        }
        Ok(Proven::default())
    }
}

/// Checks that a post comes from the source.
///
/// # Errors
/// When it does not, or when that cannot be found out.
pub async fn check(
    entry: &SourceEntry,
    issuers: &Issuers,
    post: &Post<'_>,
) -> Result<Proven, Refused> {
    let source = &entry.source.name;
    let proof = entry.proof.as_ref().map_err(|mistake| {
        Refused::Unavailable(format!("the source `{source}` is not set up: {mistake}"))
    })?;
    let checked = proof.check(issuers, post).await;
    if let Err(refused) = &checked {
        tracing::warn!(%source, "a post was refused: {}", refused.detail());
    }
    checked
}

fn no_secret(name: &Name) -> Mistake {
    Mistake::new("secret", format!("the secret `{name}` is not set"))
}

/// In a time that does not tell how much of it was right.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// What every kind of signature says when it is wrong.
fn wrong_signature() -> Refused {
    Refused::Wrong(
        "the signature is wrong: check that both sides have the same key, and that nothing \
         changes the body on the way"
            .into(),
    )
}
