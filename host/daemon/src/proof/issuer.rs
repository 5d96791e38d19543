//! Keys that are kept by their issuers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use hookwright_model::JwtAlgorithm;
use url::Url;

use super::Refused;
use super::cache::{Cache, Missing};
use super::discovery::Discovery;
use super::key::KeySet;
use crate::delivery::client::Sender;
use crate::delivery::guard::Guard;

/// The address of an issuer, which is also its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerUrl {
    /// As it is set up: `iss` must be the same letter for letter.
    text: String,
    url: Url,
}

/// The keys of issuers, fetched when they are needed.
pub struct Issuers {
    discovery: Discovery,
    known: Mutex<HashMap<String, Arc<Cache<KeySet>>>>,
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
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        if url.query().is_some() || url.fragment().is_some() || has_credentials {
            return Err("an issuer has no query, no fragment and no password".into());
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// As it is set up.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As an address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl Issuers {
    /// Asks issuers through this sender. The guard says where a connection may be without TLS.
    #[must_use]
    pub fn new(sender: Sender, guard: Guard) -> Self {
        Self { discovery: Discovery::new(sender, guard), known: Mutex::default() }
    }

    /// Whether an issuer may be asked: by https, or at an address that the admin has put on the
    /// allow-list.
    ///
    /// # Errors
    /// Says what to do.
    pub fn may_ask(&self, issuer: &IssuerUrl) -> Result<(), String> {
        self.discovery.may_ask(issuer)
    }

    /// The issuer's keys, with the one that a token names among them.
    pub(super) async fn keys(
        &self,
        issuer: &IssuerUrl,
        kid: Option<&str>,
        algorithm: JwtAlgorithm,
    ) -> Result<Arc<KeySet>, Refused> {
        let (cache, now) = (self.cache(issuer.as_str()), Instant::now());
        let holds = |keys: &KeySet| keys.fitting(kid, algorithm).next().is_some();
        if let Some(keys) = cache.ready(now, holds) {
            return Ok(keys);
        }
        // A task of its own: whoever posts may go away, and what was begun goes on.
        let (issuer, kid) = (issuer.clone(), kid.map(ToOwned::to_owned));
        let discovery = self.discovery.clone();
        let finding = tokio::spawn(async move {
            let holds = |keys: &KeySet| keys.fitting(kid.as_deref(), algorithm).next().is_some();
            let fetch = async {
                let fetched = discovery.fetch(&issuer).await;
                let log = |error: &String| {
                    tracing::warn!(issuer = issuer.as_str(), %error, "keys cannot be fetched");
                };
                fetched.inspect_err(log).ok()
            };
            cache.find(now, holds, fetch).await
        });
        match finding.await.unwrap_or(Err(Missing::Unavailable)) {
            Ok(keys) => Ok(keys),
            Err(Missing::Unknown) => Err(Refused::Wrong(
                "the token is signed with a key (`kid`) that its issuer does not publish".into(),
            )),
            // Why is in the log: it is no concern of whoever posts.
            Err(Missing::Unavailable) => Err(Refused::Unavailable(
                "the keys of the token's issuer cannot be fetched now".into(),
            )),
        }
    }

    /// Never more than sources have been set up with since the start.
    fn cache(&self, issuer: &str) -> Arc<Cache<KeySet>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(issuer.to_owned()).or_default())
    }
}
