//! Keys that are found at their issuer, after OpenID Connect Discovery 1.0. Requests go the way
//! of deliveries: through the address guard, bounded in time and size, redirects not followed.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hookwright_model::{JwtAlgorithm, Sent};
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Deserialize;
use url::{Host, Url};

use super::cache::{Cache, Missing};
use super::key::KeySet;
use super::{Refused, jwk, object};
use crate::delivery::client::Sender;
use crate::delivery::fill::Filled;
use crate::delivery::guard::Guard;
use crate::delivery::scrub::Scrubber;

/// How long both requests may take together. A helpdesk waits meanwhile; R-Service for 10 s.
const PATIENCE: Duration = Duration::from_secs(8);
/// Where OpenID Connect Discovery has an issuer's configuration.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// The address of an issuer, which is also its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerUrl {
    /// As it is set up: `iss` must be the same letter for letter.
    text: String,
    url: Url,
}

/// Fetches and keeps the keys of issuers.
pub struct Issuers {
    sender: Sender,
    guard: Guard,
    known: Mutex<HashMap<String, Arc<Cache<KeySet>>>>,
}

#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    jwks_uri: String,
}

impl IssuerUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("this is not a URL: {error}"))?;
        if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
            return Err("an issuer is an address such as `https://desk.example`".into());
        }
        if url.query().is_some() || url.fragment().is_some() || has_credentials(&url) {
            return Err("an issuer has no query, no fragment and no password".into());
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// As it is set up.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn configuration(&self) -> Result<Url, String> {
        let text = format!("{}{WELL_KNOWN}", self.url.as_str().trim_end_matches('/'));
        Url::parse(&text).map_err(|error| error.to_string())
    }
}

impl Issuers {
    /// Asks issuers through this sender. The guard says where a connection may be without TLS.
    #[must_use]
    pub fn new(sender: Sender, guard: Guard) -> Self {
        Self { sender, guard, known: Mutex::default() }
    }

    /// Whether an issuer may be asked: by https, or at an address that the admin has put on the
    /// allow-list.
    ///
    /// # Errors
    /// Says what to do.
    pub fn may_ask(&self, issuer: &IssuerUrl) -> Result<(), String> {
        let address = match issuer.url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        let is_listed = address.is_some_and(|address| self.guard.is_listed(address));
        if issuer.url.scheme() == "https" || is_listed {
            return Ok(());
        }
        Err("keys are fetched by https only, or from an address in `--allow-addresses`".into())
    }

    /// The issuer's keys, with the one that a token names among them.
    pub(super) async fn keys(
        &self,
        issuer: &IssuerUrl,
        kid: Option<&str>,
        algorithm: JwtAlgorithm,
    ) -> Result<Arc<KeySet>, Refused> {
        let cache = self.cache(issuer.as_str());
        let wanted = |keys: &KeySet| keys.fitting(kid, algorithm).next().is_some();
        let fetch = async || match self.fetch(issuer).await {
            Ok(keys) => Some(keys),
            Err(error) => {
                tracing::warn!(issuer = issuer.as_str(), %error, "keys cannot be fetched");
                None
            }
        };
        cache.find(Instant::now(), wanted, fetch).await.map_err(|missing| match missing {
            Missing::Unknown => Refused::Wrong(
                "the token is signed with a key (`kid`) that its issuer does not publish".into(),
            ),
            // Why is in the log: it is no concern of whoever posts.
            Missing::Unavailable => {
                Refused::Unavailable("the keys of the token's issuer cannot be fetched now".into())
            }
        })
    }

    /// Never more than sources have been set up with since the start.
    fn cache(&self, issuer: &str) -> Arc<Cache<KeySet>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(issuer.to_owned()).or_default())
    }

    async fn fetch(&self, issuer: &IssuerUrl) -> Result<KeySet, String> {
        self.may_ask(issuer)?;
        let fetching = async {
            let configuration = self.get(&issuer.configuration()?).await?;
            let configuration: Configuration = object::read(&configuration)
                .ok_or_else(|| format!("{WELL_KNOWN} has no `issuer` and `jwks_uri`"))?;
            if configuration.issuer != issuer.text {
                return Err(format!("{WELL_KNOWN} is that of another issuer"));
            }
            let keys = Url::parse(&configuration.jwks_uri)
                .map_err(|error| format!("`jwks_uri` is not a URL: {error}"))?;
            // What is published elsewhere is not the issuer's own.
            if keys.origin() != issuer.url.origin() || has_credentials(&keys) {
                return Err("`jwks_uri` is at another host than the issuer".into());
            }
            jwk::read(&self.get(&keys).await?)
        };
        let late = |_| Err(format!("no answer within {} s", PATIENCE.as_secs()));
        tokio::time::timeout(PATIENCE, fetching).await.unwrap_or_else(late)
    }

    async fn get(&self, url: &Url) -> Result<Bytes, String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let agent = concat!("Hookwright/", env!("CARGO_PKG_VERSION"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
        let request = Filled {
            method: Method::GET,
            url: url.clone(),
            headers,
            body: Bytes::new(),
            // Not a delivery: nothing of it is kept.
            sent: Sent {
                method: String::new(),
                url: String::new(),
                headers: Vec::new(),
                body: Bytes::new(),
            },
            scrubber: Arc::new(Scrubber::new([])),
        };
        let (answer, _) = self.sender.send(&request, PATIENCE).await;
        let answer = answer.map_err(|failed| format!("{}: {}", url.path(), failed.reason))?;
        if answer.status != 200 {
            return Err(format!("{}: the answer is {}, not 200", url.path(), answer.status));
        }
        if !answer.complete {
            return Err(format!("{}: the answer is too long", url.path()));
        }
        Ok(answer.body)
    }
}

fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}
