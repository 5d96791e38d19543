//! Which events go where, and how.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::json_text;
use crate::{
    AfterFailure, AnswerRule, Auth, Digest, External, Name, Order, Pace, Preset, Proxy,
    RetryPolicy, Sending, Signing, SubscriptionId, Timestamp, Tls, TypePattern, WriteBack,
};

/// An event filter, a plugin with its settings and secrets, and how to deliver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Subscription {
    /// Never changes.
    pub id: SubscriptionId,
    /// Unique.
    pub name: Name,
    /// What it is for, in an admin's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
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
    #[schema(value_type = Option<String>)]
    pub condition: Option<Arc<str>>,
    /// The destination plugin.
    pub plugin: Name,
    /// The version it is pinned to.
    pub digest: Digest,
    /// For the plugin, as JSON text.
    #[serde(with = "json_text")]
    #[schema(value_type = serde_json::Value)]
    pub settings: Arc<str>,
    /// Whether whoever owns its address has to confirm it before events are routed to it.
    #[serde(default)]
    pub verify: bool,
    /// The plugin's slots and the names of the secrets bound to them.
    pub secrets: BTreeMap<String, Name>,
    /// Signatures that the host adds to every request.
    pub signing: Vec<Signing>,
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
    /// Whether a request is sent again that was sent already and not answered, so that the
    /// receiver may act on it twice; as the preset says, or true, if absent.
    #[serde(default)]
    pub retry_unknown: Option<bool>,
    /// How requests prove where they come from; by what the plugin puts into them, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// Whom the host trusts, and who it is, in TLS.
    #[serde(default, skip_serializing_if = "Tls::is_empty")]
    pub tls: Tls,
    /// What requests go through; straight to the receiver, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
    /// How long an attempt may take in all, in seconds: resolving, connecting, TLS, sending,
    /// waiting and reading. The preset's or the usual if absent.
    #[serde(default)]
    pub timeout_s: Option<f64>,
    /// How quickly the receiver may be called: as the plugin's preset says if absent, as quickly
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
    pub time_zone: Option<String>,
    /// Which of its deliveries wait for earlier ones.
    #[serde(default, skip_serializing_if = "Order::is_none")]
    pub order: Order,
    /// What becomes of those that wait for one which fails.
    #[serde(default, skip_serializing_if = "AfterFailure::is_skip")]
    pub after_failure: AfterFailure,
    /// What of its answers is written to the event's ticket.
    #[serde(default)]
    pub write_back: Vec<WriteBack>,
    /// Whether it is disabled by itself when its deliveries have failed for long, or when its
    /// receiver says by 410 that it wants no more.
    #[serde(default = "Subscription::default_disable_on_failure")]
    pub disable_on_failure: bool,
    /// Addresses of people who are told by mail when its deliveries fail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mail_exceptions_to: Vec<String>,
    /// What it is known by in the system that had it set up.
    #[serde(default, skip_serializing_if = "External::is_empty")]
    pub external: External,
    /// When it was made; unknown of those that an older version made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Subscription {
    /// The longest description, in bytes: what R-Service takes of a webhook's.
    pub const MAX_DESCRIPTION: usize = 64 << 10;
    /// The most addresses that are told of failures.
    pub const MAX_MAIL_ADDRESSES: usize = 50;
    /// The total deadline when none is set: the upper end of what Standard Webhooks advises.
    pub const DEFAULT_TIMEOUT_S: f64 = 30.0;

    /// One that takes nothing yet, delivered as is usual.
    #[must_use]
    pub fn new(name: Name, plugin: Name, digest: Digest) -> Self {
        Self {
            id: SubscriptionId::new(),
            name,
            description: None,
            enabled: true,
            sources: Vec::new(),
            events: Vec::new(),
            groups: Vec::new(),
            condition: None,
            plugin,
            digest,
            settings: "{}".into(),
            verify: false,
            secrets: BTreeMap::new(),
            signing: Vec::new(),
            preset: None,
            answers: Vec::new(),
            retry: None,
            retry_unknown: None,
            timeout_s: None,
            auth: None,
            tls: Tls::default(),
            proxy: None,
            pace: None,
            max_concurrent: None,
            reserve_hosts: None,
            time_zone: None,
            order: Order::None,
            after_failure: AfterFailure::Skip,
            write_back: Vec::new(),
            disable_on_failure: true,
            mail_exceptions_to: Vec::new(),
            external: External::default(),
            created_at: None,
            updated_at: Timestamp::default(),
        }
    }

    /// True, for reading documents that do not say.
    #[must_use]
    pub fn default_disable_on_failure() -> bool {
        true
    }

    /// How its requests are sent.
    #[must_use]
    pub fn sending(&self) -> Sending<'_> {
        Sending {
            secrets: &self.secrets,
            signing: &self.signing,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// As the first version stored it.
    #[test]
    fn old_documents_are_read() {
        let document = r#"{
            "id": "sub_0193456789ab7cde8f0123456789abcd", "name": "duty", "enabled": true,
            "sources": [], "events": ["ticket.*"], "plugin": "telegram",
            "digest": "0000000000000000000000000000000000000000000000000000000000000000",
            "settings": "{}", "secrets": {}, "signing": [],
            "retry": {"attempts": 3, "first_wait_s": 1.0, "factor": 2.0, "max_wait_s": 60.0,
                      "jitter": 0.5},
            "timeout_s": 12.5, "time_zone": null, "updated_at": "2026-01-01T00:00:00.000Z"
        }"#;
        let read: Subscription = serde_json::from_str(document).unwrap();
        assert_eq!(read.timeout_s, Some(12.5));
        assert!(
            matches!(read.retry, Some(RetryPolicy::Exponential(policy)) if policy.attempts == 3)
        );
        assert_eq!((read.preset, read.retry_unknown, read.answers), (None, None, Vec::new()));
        assert!(read.disable_on_failure);
    }
}
