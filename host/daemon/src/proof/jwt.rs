//! Signed tokens (RFC 7519), in a header or as the body.

use std::borrow::Cow;

use hookwright_model::{JwtAlgorithm, JwtAuth, Secret, TokenLocation};
use serde::Deserialize;

use super::claims::{Claims, Expected};
use super::header::authorization;
use super::issuer::{IssuerUrl, Issuers};
use super::jws::{Jws, MAX_TOKEN};
use super::key::{Key, KeySet};
use super::{Mistake, Post, Proven, Refused, jwk, object, pem, wrong_signature};
use crate::policy::SHORTEST_SHARED_KEY as SHORTEST_KEY;

/// The longest body with a token: JSON may write each byte in six.
const MAX_BODY: usize = 6 * MAX_TOKEN + 1024;
/// The most that clocks may differ: beyond an hour, the time zone of one is wrong.
const MAX_LEEWAY_S: u32 = 3600;

#[derive(Debug)]
pub(super) struct Jwt {
    location: TokenLocation,
    keys: Keys,
    algorithms: Vec<JwtAlgorithm>,
    expected: Expected,
}

#[derive(Debug)]
enum Keys {
    Given(KeySet),
    At(IssuerUrl),
}

/// A body that is a token. What stood beside it would not be signed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapper<'a> {
    #[serde(borrow)]
    jwt: Cow<'a, str>,
}

impl Jwt {
    pub(super) fn new(wanted: &JwtAuth, secret: Option<Secret>) -> Result<Self, Mistake> {
        if wanted.leeway_s > MAX_LEEWAY_S {
            let detail = format!("clocks may differ by {MAX_LEEWAY_S} seconds at most");
            return Err(Mistake::new("leeway_s", detail));
        }
        let keys = match (&wanted.public_key, secret, &wanted.issuer) {
            (Some(_), Some(_), _) => {
                let detail = "a source has either a `secret` or a `public_key`";
                return Err(Mistake::new("public_key", detail));
            }
            (None, Some(secret), _) if secret.expose().len() < SHORTEST_KEY => {
                let detail = format!("a key for tokens has at least {SHORTEST_KEY} bytes");
                return Err(Mistake::new("secret", detail));
            }
            (None, Some(secret), _) => Keys::Given(KeySet::of(Key::Shared(secret))),
            (Some(text), None, _) => {
                let keys = public_keys(text);
                Keys::Given(keys.map_err(|detail| Mistake::new("public_key", detail))?)
            }
            (None, None, Some(issuer)) => {
                let url = IssuerUrl::parse(issuer);
                Keys::At(url.map_err(|detail| Mistake::new("issuer", detail))?)
            }
            (None, None, None) => {
                let detail = "give the key: `secret`, `public_key`, or the `issuer` that has it";
                return Err(Mistake::new("issuer", detail));
            }
        };
        let good_for = match &keys {
            Keys::Given(keys) => keys.algorithms(),
            // Whatever can be published.
            Keys::At(_) => JwtAlgorithm::ALL.into_iter().filter(|a| !a.is_shared()).collect(),
        };
        if let Some(other) = wanted.algorithms.iter().find(|wanted| !good_for.contains(wanted)) {
            let names: Vec<_> = good_for.iter().map(|algorithm| algorithm.as_str()).collect();
            let detail =
                format!("the key is not one for {}, but for {}", other.as_str(), names.join(", "));
            return Err(Mistake::new("algorithms", detail));
        }
        let algorithms =
            if wanted.algorithms.is_empty() { good_for } else { wanted.algorithms.clone() };
        let expected = Expected {
            issuer: wanted.issuer.clone(),
            audience: wanted.audience.clone(),
            leeway_s: wanted.leeway_s,
        };
        Ok(Self { location: wanted.location, keys, algorithms, expected })
    }

    /// Whose keys have to be fetched, if any.
    pub(super) fn issuer(&self) -> Option<&IssuerUrl> {
        match &self.keys {
            Keys::Given(_) => None,
            Keys::At(url) => Some(url),
        }
    }

    pub(super) async fn check(
        &self,
        issuers: &Issuers,
        post: &Post<'_>,
    ) -> Result<Proven, Refused> {
        let token = self.token(post)?;
        let jws = Jws::parse(&token).map_err(Refused::Wrong)?;
        if !self.algorithms.contains(&jws.algorithm) {
            let names: Vec<_> = self.algorithms.iter().map(|one| one.as_str()).collect();
            let detail = format!(
                "the token is signed with {}, and the source takes {}",
                jws.algorithm.as_str(),
                names.join(", ")
            );
            return Err(Refused::Wrong(detail));
        }
        let claims = Claims::read(&jws.claims).map_err(Refused::Wrong)?;
        let is_right = match &self.keys {
            Keys::Given(keys) => is_signed(&jws, keys)?,
            Keys::At(url) => {
                // A token of someone else shall not make us ask.
                if !claims.is_from(url.as_str()) {
                    let detail = format!("the token's issuer (`iss`) is not `{}`", url.as_str());
                    return Err(Refused::Wrong(detail));
                }
                let kid = jws.kid.as_deref();
                is_signed(&jws, &*issuers.keys(url, kid, jws.algorithm).await?)?
            }
        };
        if !is_right {
            return Err(wrong_signature());
        }
        #[expect(clippy::cast_precision_loss, reason = "exact until the year 285000")]
        let now_s = post.now.millis() as f64 / 1000.0;
        claims.check(&self.expected, now_s).map_err(Refused::Wrong)?;
        let jti = match self.location {
            TokenLocation::Body => claims.into_id(),
            TokenLocation::Header => None,
        };
        Ok(Proven { jti })
    }

    fn token<'a>(&self, post: &Post<'a>) -> Result<Cow<'a, str>, Refused> {
        match self.location {
            TokenLocation::Header => {
                authorization(post.headers, "bearer").map(Cow::Borrowed).ok_or_else(|| {
                    Refused::Wrong("send a token as `Authorization: Bearer`".to_owned())
                })
            }
            TokenLocation::Body => {
                let read = if post.body.len() <= MAX_BODY {
                    object::read::<Wrapper<'_>>(post.body)
                } else {
                    None
                };
                let token = read.map(|wrapper| wrapper.jwt).filter(|token| !token.is_empty());
                token.ok_or_else(|| {
                    Refused::Wrong(format!(
                        "the body is not {{\"jwt\": \"…\"}} with a token of at most {} KiB and \
                         nothing else: check that the other side signs what it posts",
                        MAX_TOKEN >> 10
                    ))
                })
            }
        }
    }
}

fn is_signed(jws: &Jws<'_>, keys: &KeySet) -> Result<bool, Refused> {
    let mut fitting = keys.fitting(jws.kid.as_deref(), jws.algorithm).peekable();
    if fitting.peek().is_none() {
        let detail = "the token is signed with a key (`kid`) that the source does not know";
        return Err(Refused::Wrong(detail.into()));
    }
    Ok(fitting.any(|key| key.verify(jws.algorithm, jws.signed, &jws.signature)))
}

fn public_keys(text: &str) -> Result<KeySet, String> {
    if !text.trim_start().starts_with('{') {
        return pem::read(text).map(KeySet::of);
    }
    if jwk::holds_private(text.as_bytes()) {
        return Err("this holds a private or shared key; public keys have no `d` or `k`".into());
    }
    jwk::read(text.as_bytes())
}
