//! Helpdesks' own interfaces, through which fields and comments are written back.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::json_text;
use crate::{ConnectionId, Digest, Name, RetryPolicy, Sending, Subscription, Timestamp};

/// A helpdesk's interface: a destination plugin that knows how fields and comments are written
/// there, with its settings and secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// Never changes.
    pub id: ConnectionId,
    /// What sources and subscriptions call it; unique.
    pub name: Name,
    /// Whether anything is written. What is to be written through a disabled one waits.
    pub enabled: bool,
    /// The destination plugin that makes its requests.
    pub plugin: Name,
    /// The version it is pinned to.
    pub digest: Digest,
    /// For the plugin, as JSON text.
    #[serde(with = "json_text")]
    pub settings: Arc<str>,
    /// The plugin's slots and the names of the secrets bound to them.
    pub secrets: BTreeMap<String, Name>,
    /// When failed requests are sent again.
    pub retry: RetryPolicy,
    /// How long an attempt may take in all, in seconds.
    pub timeout_s: f64,
    /// IANA name of the zone that the plugin shows times in; UTC if absent.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// How often one ticket is written to within an hour, at most: what we write can be what
    /// makes the helpdesk post again, without end.
    #[serde(default = "Connection::default_writes_per_ticket_per_hour")]
    pub writes_per_ticket_per_hour: u32,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Connection {
    /// One a minute: more than people and rules write to a ticket, and few enough for a loop to
    /// be found before it does harm.
    pub const DEFAULT_WRITES_PER_TICKET_PER_HOUR: u32 = 60;

    /// One without settings and secrets, used as is usual.
    #[must_use]
    pub fn new(name: Name, plugin: Name, digest: Digest) -> Self {
        Self {
            id: ConnectionId::new(),
            name,
            enabled: true,
            plugin,
            digest,
            settings: "{}".into(),
            secrets: BTreeMap::new(),
            retry: RetryPolicy::default(),
            timeout_s: Subscription::DEFAULT_TIMEOUT_S,
            time_zone: None,
            writes_per_ticket_per_hour: Self::DEFAULT_WRITES_PER_TICKET_PER_HOUR,
            updated_at: Timestamp::default(),
        }
    }

    /// [`Connection::DEFAULT_WRITES_PER_TICKET_PER_HOUR`], for reading documents that do not say.
    #[must_use]
    pub fn default_writes_per_ticket_per_hour() -> u32 {
        Self::DEFAULT_WRITES_PER_TICKET_PER_HOUR
    }

    /// How its requests are sent.
    #[must_use]
    pub fn sending(&self) -> Sending<'_> {
        Sending {
            secrets: &self.secrets,
            signing: &[],
            retry: &self.retry,
            timeout_s: self.timeout_s,
            time_zone: self.time_zone.as_deref(),
        }
    }
}
