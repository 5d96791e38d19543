//! Helpdesks' own interfaces, through which fields and comments are written back.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::json_text;
use crate::{
    AnswerRule, Auth, ConnectionId, Digest, Name, Pace, Preset, Proxy, RetryPolicy, Sending,
    Timestamp, Tls,
};

/// A helpdesk's interface: a destination plugin that knows how fields and comments are written
/// there, with its settings and secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
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
    #[schema(value_type = serde_json::Value)]
    pub settings: Arc<str>,
    /// The plugin's slots and the names of the secrets bound to them.
    pub secrets: BTreeMap<String, Name>,
    /// How requests prove where they come from; by what the plugin puts into them, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// Whom the host trusts, and who it is, in TLS.
    #[serde(default, skip_serializing_if = "Tls::is_empty")]
    pub tls: Tls,
    /// What requests go through; straight to the receiver, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
    /// Whose customs it keeps to where it says nothing itself; the one that the plugin suggests
    /// if absent.
    #[serde(default)]
    pub preset: Option<Preset>,
    /// What answers mean, before the plugin or the preset is asked. The first that fits decides.
    #[serde(default)]
    pub answers: Vec<AnswerRule>,
    /// When failed requests are sent again; the preset's or the usual if absent.
    #[serde(default)]
    pub retry: Option<RetryPolicy>,
    /// Whether a request is sent again that was sent already and not answered, so that it may be
    /// written twice; as the preset says, or true, if absent.
    #[serde(default)]
    pub retry_unknown: Option<bool>,
    /// How long an attempt may take in all, in seconds; the preset's or the usual if absent.
    #[serde(default)]
    pub timeout_s: Option<f64>,
    /// How quickly the helpdesk may be called: as the plugin's preset says if absent, as quickly
    /// as it answers if empty.
    #[serde(default)]
    pub pace: Option<Vec<Pace>>,
    /// How many of its requests may be under way at once;
    /// [`Sending::DEFAULT_MAX_CONCURRENT`] if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrent: Option<u32>,
    /// Hosts (`host` or `host:port`) that take the place of the URL's, in turn, when a try has
    /// failed; those of the preset if absent.
    #[serde(default)]
    pub reserve_hosts: Option<Vec<String>>,
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
            auth: None,
            tls: Tls::default(),
            proxy: None,
            preset: None,
            answers: Vec::new(),
            retry: None,
            retry_unknown: None,
            timeout_s: None,
            pace: None,
            max_concurrent: None,
            reserve_hosts: None,
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
            auth: self.auth.as_ref(),
            tls: &self.tls,
            proxy: self.proxy.as_ref(),
            preset: self.preset,
            answers: &self.answers,
            retry: self.retry.as_ref(),
            retry_unknown: self.retry_unknown,
            timeout_s: self.timeout_s,
            pace: self.pace.as_deref(),
            max_concurrent: self.max_concurrent,
            reserve_hosts: self.reserve_hosts.as_deref(),
            time_zone: self.time_zone.as_deref(),
        }
    }
}
