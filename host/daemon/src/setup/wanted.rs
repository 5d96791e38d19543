//! What a set-up asks for: the document of `POST /v1/apply`.

use std::collections::BTreeMap;

use hookwright_model::{
    AfterFailure, AnswerRule, Auth, Connection, Digest, External, JournalSettings, Limits,
    MailSettings, Name, Order, Pace, PolicyAlgorithm, Preset, Proxy, RetryPolicy, Sending, Signing,
    Source, SourceAuth, Tls, TypePattern, WriteBack,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Sources, subscriptions, and what they need. What is not named stays as it is.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// Secrets, with their values.
    pub secrets: Vec<SecretWanted>,
    /// Installed plugins, with their bounds.
    pub plugins: Vec<PluginWanted>,
    /// Helpdesks' interfaces, through which fields and comments are written back.
    pub connections: Vec<ConnectionWanted>,
    /// Where events come from.
    pub sources: Vec<SourceWanted>,
    /// Where they go.
    pub subscriptions: Vec<SubscriptionWanted>,
    /// How tokens are signed.
    pub policies: Vec<PolicyWanted>,
    /// What the journal keeps; as it is if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal: Option<JournalSettings>,
    /// How mail is sent; as it is if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailSettings>,
    /// What is to be there no more.
    #[serde(skip_serializing_if = "Removals::is_empty")]
    pub remove: Removals,
}

/// What is to be removed, by name.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Removals {
    /// What they have to deliver is canceled; the journal keeps what was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subscriptions: Vec<Name>,
    /// Posts to them are refused from then on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Name>,
    /// What was to be written through them fails.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<Name>,
    /// With their keys.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Name>,
    /// Only those that nothing uses any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Name>,
    /// How mail is sent. What was to be sent waits for a day.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub mail: bool,
}

impl Removals {
    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A secret.
#[derive(Clone, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretWanted {
    /// What subscriptions and sources call it.
    pub name: Name,
    /// The secret itself.
    pub value: String,
}

impl std::fmt::Debug for SecretWanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretWanted({}, …)", self.name)
    }
}

/// A plugin that is installed.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginWanted {
    /// Of its bytes. Subscriptions to this plugin are pinned to it.
    pub digest: Digest,
    /// Bounds of its calls; the published ones if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
}

/// A webhook policy.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyWanted {
    /// Unique; the last part of its issuer.
    pub name: Name,
    /// With what tokens are signed. Keys for RS… and ES… are generated here.
    pub algorithm: PolicyAlgorithm,
    /// The claim `aud`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// How long after the attempt a token expires, in seconds; never if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_s: Option<u32>,
    /// The name of the secret that holds the key of HS….
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Name>,
    /// What is to be signed by a disabled policy waits.
    #[serde(default)]
    pub disabled: bool,
}

/// A connection.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionWanted {
    /// What sources and subscriptions call it; unique.
    pub name: Name,
    /// The destination plugin that makes its requests.
    pub plugin: Name,
    /// A version to pin it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// For the plugin.
    #[serde(default = "no_settings")]
    pub settings: Value,
    /// The plugin's slots and the names of the secrets for them.
    #[serde(default)]
    pub secrets: BTreeMap<String, Name>,
    /// How requests prove where they come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// Whom the host trusts, and who it is, in TLS.
    #[serde(default, skip_serializing_if = "Tls::is_empty")]
    pub tls: Tls,
    /// What requests go through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
    /// Whose customs it keeps to where it says nothing itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// What answers mean; the first rule that fits decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<AnswerRule>,
    /// When failed requests are sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryPolicy>,
    /// Whether a request is sent again that the receiver may have acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_unknown: Option<bool>,
    /// How long an attempt may take in all, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<f64>,
    /// How quickly the receiver may be called; as the plugin's preset says if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Vec<Pace>>,
    /// How many requests may be under way to the receiver at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrent: Option<u32>,
    /// Hosts that take the place of the URL's when a try has failed; those of the preset if
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve_hosts: Option<Vec<String>>,
    /// IANA name of the zone that the plugin shows times in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// How often one ticket is written to within an hour, at most.
    #[serde(default = "Connection::default_writes_per_ticket_per_hour")]
    pub writes_per_ticket_per_hour: u32,
    /// Whether anything is written.
    #[serde(default = "yes")]
    pub enabled: bool,
}

impl ConnectionWanted {
    /// How its requests are to be sent.
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

/// A source.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceWanted {
    /// Unique; the last part of its URL.
    pub name: Name,
    /// The source plugin that reads its posts.
    pub plugin: Name,
    /// How posts prove where they come from. It must be said, also if it is `none`.
    pub auth: SourceAuth,
    /// For the plugin.
    #[serde(default = "no_settings")]
    pub settings: Value,
    /// IANA name of the zone of times that carry none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// For how many seconds the same post counts as a repetition.
    #[serde(default = "Source::default_repeat_window")]
    pub repeat_window_s: u32,
    /// Whether updates are compared with the ticket's last event.
    #[serde(default)]
    pub track_changes: bool,
    /// The connection through which fields and comments of its tickets are written back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<Name>,
    /// Whether posts are taken in.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// A subscription.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionWanted {
    /// Unique.
    pub name: Name,
    /// What it is for, in an admin's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The sources it takes events from; all if empty.
    #[serde(default)]
    pub sources: Vec<Name>,
    /// The event types it takes.
    pub events: Vec<TypePattern>,
    /// The groups (departments, teams) whose tickets it takes events of; all if empty.
    #[serde(default)]
    pub groups: Vec<String>,
    /// In CEL: only events for which it holds are taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The destination plugin.
    pub plugin: Name,
    /// A version to pin it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// For the plugin.
    #[serde(default = "no_settings")]
    pub settings: Value,
    /// Whether whoever owns its address has to confirm it first.
    #[serde(default)]
    pub verify: bool,
    /// The plugin's slots and the names of the secrets for them.
    #[serde(default)]
    pub secrets: BTreeMap<String, Name>,
    /// Signatures that the host adds.
    #[serde(default)]
    pub signing: Vec<Signing>,
    /// Whose customs it keeps to where it says nothing itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// What answers mean; the first rule that fits decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<AnswerRule>,
    /// How requests prove where they come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// Whom the host trusts, and who it is, in TLS.
    #[serde(default, skip_serializing_if = "Tls::is_empty")]
    pub tls: Tls,
    /// What requests go through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
    /// When failed requests are sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryPolicy>,
    /// Whether a request is sent again that the receiver may have acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_unknown: Option<bool>,
    /// How long an attempt may take in all, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<f64>,
    /// How quickly the receiver may be called; as the plugin's preset says if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Vec<Pace>>,
    /// How many requests may be under way to the receiver at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrent: Option<u32>,
    /// Hosts that take the place of the URL's when a try has failed; those of the preset if
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve_hosts: Option<Vec<String>>,
    /// IANA name of the zone that the plugin shows times in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Which of its deliveries wait for earlier ones.
    #[serde(default, skip_serializing_if = "Order::is_none")]
    pub order: Order,
    /// What becomes of those that wait for one which fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_failure: Option<AfterFailure>,
    /// What of its answers is written to the event's ticket.
    #[serde(default)]
    pub write_back: Vec<WriteBack>,
    /// Whether it is disabled by itself when its deliveries have failed for long, or its receiver
    /// wants no more.
    #[serde(default = "yes")]
    pub disable_on_failure: bool,
    /// Addresses of people who are told by mail when its deliveries fail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mail_exceptions_to: Vec<String>,
    /// What it is known by in the system that has it set up.
    #[serde(default, skip_serializing_if = "External::is_empty")]
    pub external: External,
    /// Whether events are routed to it.
    #[serde(default = "yes")]
    pub enabled: bool,
}

impl SubscriptionWanted {
    /// How its requests are to be sent.
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

fn no_settings() -> Value {
    Value::Object(serde_json::Map::new())
}

fn yes() -> bool {
    true
}
