//! Which events go where, and how.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::json_text;
use crate::{Digest, Name, RetryPolicy, Signing, SubscriptionId, Timestamp, TypePattern};

/// An event filter, a plugin with its settings and secrets, and how to deliver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// Never changes.
    pub id: SubscriptionId,
    /// Unique.
    pub name: Name,
    /// Whether events are routed to it.
    pub enabled: bool,
    /// The sources it takes events from; empty for all.
    pub sources: Vec<Name>,
    /// The event types it takes.
    pub events: Vec<TypePattern>,
    /// The groups (departments, teams) whose tickets it takes events of, without regard to case
    /// and outer spaces; empty for all.
    #[serde(default)]
    pub groups: Vec<String>,
    /// In CEL: only events for which it holds are taken.
    #[serde(default)]
    pub condition: Option<Arc<str>>,
    /// The destination plugin.
    pub plugin: Name,
    /// The version it is pinned to.
    pub digest: Digest,
    /// For the plugin, as JSON text.
    #[serde(with = "json_text")]
    pub settings: Arc<str>,
    /// The plugin's slots and the names of the secrets bound to them.
    pub secrets: BTreeMap<String, Name>,
    /// Signatures that the host adds to every request.
    pub signing: Vec<Signing>,
    /// When failed requests are sent again.
    pub retry: RetryPolicy,
    /// How long an attempt may take in all, in seconds: resolving, connecting, TLS, sending,
    /// waiting and reading.
    pub timeout_s: f64,
    /// IANA name of the zone that the plugin shows times in; UTC if absent.
    pub time_zone: Option<String>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Subscription {
    /// The total deadline when none is set: the upper end of what Standard Webhooks advises.
    pub const DEFAULT_TIMEOUT_S: f64 = 30.0;

    /// How long an attempt may take in all.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::try_from_secs_f64(self.timeout_s).unwrap_or(Duration::from_secs(30))
    }
}
