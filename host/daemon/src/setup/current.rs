//! What is set up, in the words of a set-up: what `hookwright export` writes down.

use std::collections::HashSet;

use hookwright_model::{
    AfterFailure, Connection, Digest, JournalSettings, Limits, Name, Policy, Role, Source,
    Subscription,
};
use hookwright_store::Configuration;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ConnectionWanted, PolicyWanted, SourceWanted, SubscriptionWanted};
use crate::registry::newest;

/// Everything that a set-up can name, each list in the order of its names. Secrets only by name.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Current {
    /// Which there are.
    pub secrets: Vec<Name>,
    /// The versions that are used, those of one plugin in the order they were installed in.
    pub plugins: Vec<PluginUsed>,
    /// Bounds of plugins' calls that are not the published ones.
    #[serde(default)]
    pub limits: Vec<(Role, Name, Limits)>,
    /// With the versions they are pinned to.
    pub connections: Vec<ConnectionWanted>,
    /// All of them.
    pub sources: Vec<SourceWanted>,
    /// With the versions they are pinned to.
    pub subscriptions: Vec<SubscriptionWanted>,
    /// Without their keys.
    pub policies: Vec<PolicyWanted>,
    /// What the journal keeps.
    pub journal: JournalSettings,
}

/// A version of a plugin that something uses.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct PluginUsed {
    /// What it is for.
    pub role: Role,
    /// Its name.
    pub name: Name,
    /// Its own version.
    pub version: String,
    /// Of its bytes.
    pub digest: Digest,
    /// Bounds of its calls, if they are not the published ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
}

impl Current {
    /// What is set up in this configuration.
    #[must_use]
    pub fn of(configuration: &Configuration) -> Self {
        let mut secrets = configuration.secrets.clone();
        secrets.sort();
        let mut connections: Vec<_> =
            configuration.connections.iter().map(connection_wanted).collect();
        connections.sort_by(|one, other| one.name.cmp(&other.name));
        let mut sources: Vec<_> = configuration.sources.iter().map(source_wanted).collect();
        sources.sort_by(|one, other| one.name.cmp(&other.name));
        let mut subscriptions: Vec<_> =
            configuration.subscriptions.iter().map(subscription_wanted).collect();
        subscriptions.sort_by(|one, other| one.name.cmp(&other.name));
        let mut policies: Vec<_> = configuration.policies.iter().map(policy_wanted).collect();
        policies.sort_by(|one, other| one.name.cmp(&other.name));
        Self {
            secrets,
            plugins: plugins_used(configuration),
            limits: configuration
                .limits
                .iter()
                .filter(|(_, limits)| **limits != Limits::default())
                .map(|(key, limits)| (key.role, key.name.clone(), limits.clone()))
                .collect(),
            connections,
            sources,
            subscriptions,
            policies,
            journal: configuration.journal.clone(),
        }
    }
}

/// The versions that something is pinned to, and the newest of those that sources name.
fn plugins_used(configuration: &Configuration) -> Vec<PluginUsed> {
    let pinned = configuration.subscriptions.iter().map(|one| one.digest);
    let pinned = pinned.chain(configuration.connections.iter().map(|one| one.digest));
    let named = configuration.sources.iter();
    let named = named.filter_map(|one| newest(configuration, Role::Source, &one.plugin));
    let used: HashSet<_> = pinned.chain(named).collect();
    let versions = configuration.plugins.iter().filter(|one| used.contains(&one.digest));
    let mut plugins: Vec<_> = versions
        .map(|version| PluginUsed {
            role: version.key.role,
            name: version.key.name.clone(),
            version: version.descriptor.version.clone(),
            digest: version.digest,
            limits: configuration
                .limits
                .get(&version.key)
                .filter(|limits| **limits != Limits::default())
                .cloned(),
        })
        .collect();
    // Stable: what was installed later stays behind what was installed before.
    plugins.sort_by(|one, other| (one.role, &one.name).cmp(&(other.role, &other.name)));
    plugins
}

/// It was JSON when it was taken in.
fn settings(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::Object(serde_json::Map::new()))
}

// Each field by its name, so that the compiler asks about those that are added.

fn connection_wanted(connection: &Connection) -> ConnectionWanted {
    let Connection {
        id: _,
        name,
        enabled,
        plugin,
        digest,
        settings: text,
        secrets,
        auth,
        tls,
        proxy,
        preset,
        answers,
        retry,
        retry_unknown,
        timeout_s,
        pace,
        max_concurrent,
        reserve_hosts,
        time_zone,
        writes_per_ticket_per_hour,
        updated_at: _,
    } = connection.clone();
    ConnectionWanted {
        name,
        plugin,
        digest: Some(digest),
        settings: settings(&text),
        secrets,
        auth,
        tls,
        proxy,
        preset,
        answers,
        retry,
        retry_unknown,
        timeout_s,
        pace,
        max_concurrent,
        reserve_hosts,
        time_zone,
        writes_per_ticket_per_hour,
        enabled,
    }
}

fn source_wanted(source: &Source) -> SourceWanted {
    let Source {
        id: _,
        name,
        enabled,
        plugin,
        settings: text,
        auth,
        time_zone,
        repeat_window_s,
        track_changes,
        connection,
        updated_at: _,
    } = source.clone();
    SourceWanted {
        name,
        plugin,
        auth,
        settings: settings(&text),
        time_zone,
        repeat_window_s,
        track_changes,
        connection,
        enabled,
    }
}

fn subscription_wanted(subscription: &Subscription) -> SubscriptionWanted {
    let Subscription {
        id: _,
        name,
        description,
        enabled,
        sources,
        events,
        groups,
        condition,
        plugin,
        digest,
        settings: text,
        verify,
        secrets,
        signing,
        preset,
        answers,
        retry,
        retry_unknown,
        auth,
        tls,
        proxy,
        timeout_s,
        pace,
        max_concurrent,
        reserve_hosts,
        time_zone,
        order,
        after_failure,
        write_back,
        disable_on_failure,
        mail_exceptions_to,
        created_at: _,
        updated_at: _,
    } = subscription.clone();
    SubscriptionWanted {
        name,
        description,
        sources,
        events,
        groups,
        condition: condition.map(|text| text.to_string()),
        plugin,
        digest: Some(digest),
        settings: settings(&text),
        verify,
        secrets,
        signing,
        preset,
        answers,
        auth,
        tls,
        proxy,
        retry,
        retry_unknown,
        timeout_s,
        pace,
        max_concurrent,
        reserve_hosts,
        time_zone,
        order,
        after_failure: Some(after_failure).filter(|what| *what != AfterFailure::default()),
        write_back,
        disable_on_failure,
        mail_exceptions_to,
        enabled,
    }
}

fn policy_wanted(policy: &Policy) -> PolicyWanted {
    let Policy {
        name,
        algorithm,
        audience,
        expires_in_s,
        secret,
        disabled,
        created_at: _,
        updated_at: _,
        keys: _,
    } = policy.clone();
    PolicyWanted { name, algorithm, audience, expires_in_s, secret, disabled }
}
