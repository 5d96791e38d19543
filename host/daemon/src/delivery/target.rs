//! What requests are made and sent with: a subscription's plugin, settings, secrets and policy,
//! ready for use.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use hookwright_model::{Limits, Preset, RetryPolicy};
use hookwright_sandbox::{Plugin, TimeZone};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::fill::Bound;
use super::pace::{Paces, preset};
use super::policy::{Judging, Policy};
use super::reserve::ReserveHost;
use super::sign::Signers;
use crate::access::Access;

/// What requests are made and sent with.
pub struct Target {
    /// Whose turn it is when its plugin runs.
    pub id: Uuid,
    /// What makes its requests, or why nothing does.
    pub plugin: Result<Plugin, String>,
    /// For the plugin, as JSON text.
    pub settings: Arc<str>,
    /// The plugin's bounds.
    pub limits: Limits,
    /// That the plugin shows times in.
    pub time_zone: TimeZone,
    /// Its secrets.
    pub bound: Bound,
    /// What answers mean.
    pub judging: Judging,
    /// How its requests prove themselves and reach the receiver, or why they cannot.
    pub access: Result<Access, String>,
    /// When failed requests are sent again.
    pub retry: RetryPolicy,
    /// Whether a request is sent again that the receiver may have acted on.
    pub retry_unknown: bool,
    /// How long an attempt may take in all.
    pub timeout: Duration,
    /// How quickly the receiver may be called.
    pub paces: Paces,
    /// Hosts that take the place of the URL's when a try has failed; those of the preset if
    /// absent.
    pub reserve: Option<Vec<ReserveHost>>,
    /// What the receiver is known as.
    pub preset: Option<Preset>,
}

impl Target {
    /// One that makes no requests, for this reason.
    #[must_use]
    pub fn idle(reason: &str) -> Self {
        let Policy { preset, judging, retry, retry_unknown, timeout } = Policy::default();
        Self {
            id: Uuid::nil(),
            plugin: Err(reason.to_owned()),
            settings: "{}".into(),
            limits: Limits::default(),
            time_zone: TimeZone::UTC,
            bound: Bound::new(HashMap::new(), Vec::new(), Ok(Signers::default())),
            judging,
            retry,
            retry_unknown,
            timeout,
            access: Ok(Access::plain()),
            paces: Paces::new(Uuid::nil(), &[], &BTreeMap::new(), &Value::Null),
            reserve: None,
            preset,
        }
    }

    /// The hosts in reserve for a URL.
    #[must_use]
    pub fn reserve_hosts(&self, url: &Url) -> Vec<ReserveHost> {
        match (&self.reserve, self.preset) {
            (Some(hosts), _) => hosts.clone(),
            (None, None) => Vec::new(),
            (None, Some(preset)) => {
                let hosts = preset::reserve_hosts_of(preset, url.host_str().unwrap_or_default());
                hosts.iter().filter_map(|host| host.parse().ok()).collect()
            }
        }
    }
}
