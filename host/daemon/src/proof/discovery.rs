//! Finding an issuer's keys, after OpenID Connect Discovery 1.0. Requests go the way of
//! deliveries: through the address guard, bounded in time and size, redirects not followed.

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use url::Url;

use super::issuer::IssuerUrl;
use super::key::KeySet;
use super::{jwk, object};
use crate::delivery::client::Sender;
use crate::delivery::fetch;
use crate::delivery::guard::Guard;

/// How long both requests may take together. A helpdesk waits meanwhile; R-Service for 10 s.
const PATIENCE: Duration = Duration::from_secs(8);
/// Where an issuer has its configuration.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// Asks issuers.
#[derive(Clone)]
pub(super) struct Discovery {
    sender: Sender,
    guard: Guard,
}

#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    jwks_uri: String,
}

impl Discovery {
    pub(super) fn new(sender: Sender, guard: Guard) -> Self {
        Self { sender, guard }
    }

    /// Whether an issuer may be asked: by https, or at an address on the allow-list.
    pub(super) fn may_ask(&self, issuer: &IssuerUrl) -> Result<(), String> {
        if self.guard.allows_plain(issuer.url()) {
            return Ok(());
        }
        Err("keys are fetched by https only, or from an address in `--allow-addresses`".into())
    }

    /// The keys that the issuer publishes.
    pub(super) async fn fetch(&self, issuer: &IssuerUrl) -> Result<KeySet, String> {
        self.may_ask(issuer)?;
        let fetching = async {
            let text = format!("{}{WELL_KNOWN}", issuer.url().as_str().trim_end_matches('/'));
            let at = Url::parse(&text).map_err(|error| error.to_string())?;
            let configuration: Configuration = object::read(&self.get(at).await?)
                .ok_or_else(|| format!("{WELL_KNOWN} has no `issuer` and `jwks_uri`"))?;
            if configuration.issuer != issuer.as_str() {
                return Err(format!("{WELL_KNOWN} is that of another issuer"));
            }
            let keys = Url::parse(&configuration.jwks_uri)
                .map_err(|error| format!("`jwks_uri` is not a URL: {error}"))?;
            // What is published elsewhere is not the issuer's own.
            if keys.origin() != issuer.url().origin() {
                return Err("`jwks_uri` is at another host or port than the issuer".into());
            }
            jwk::read(&self.get(keys).await?)
        };
        let late = |_| Err(format!("no answer within {} s", PATIENCE.as_secs()));
        tokio::time::timeout(PATIENCE, fetching).await.unwrap_or_else(late)
    }

    /// A document of at most 64 KiB, as much as is read of any answer.
    async fn get(&self, url: Url) -> Result<Bytes, String> {
        let path = url.path().to_owned();
        let answer = fetch::get(&self.sender, url, PATIENCE).await;
        let answer = answer.map_err(|problem| format!("{path}: {problem}"))?;
        if answer.status != 200 {
            return Err(format!("{path}: the answer is {}, not 200", answer.status));
        }
        if !answer.complete {
            return Err(format!("{path}: the answer has more than 64 KiB"));
        }
        Ok(answer.body)
    }
}
