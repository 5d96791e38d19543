//! What is set up, in the words of a set-up: what `hookwright export` writes down.

use std::collections::HashSet;

use hookwright_model::{Digest, JournalSettings, Limits, MailSettings, Name, Role};
use hookwright_store::Configuration;
use serde::{Deserialize, Serialize};

use super::{ConnectionWanted, PolicyWanted, SourceWanted, SubscriptionWanted};
use crate::registry::newest;

/// Everything that a set-up can name, each list in the order of its names. Secrets only by name.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
pub struct Current {
    /// Which there are.
    pub secrets: Vec<Name>,
    /// The versions that are used, those of one plugin in the order they were installed in; and the
    /// newest of a plugin that nothing uses and that has bounds of its own.
    pub plugins: Vec<PluginUsed>,
    /// Bounds of plugins' calls that are not the published ones.
    #[serde(default)]
    pub limits: Vec<PluginLimits>,
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
    /// How mail is sent, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailSettings>,
}

/// Bounds of a plugin's calls.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
pub struct PluginLimits {
    /// What it is for.
    pub role: Role,
    /// Its name.
    pub name: Name,
    /// All of them.
    pub limits: Limits,
}

/// A version of a plugin that something uses, or that has bounds of its own.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
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
            configuration.connections.iter().map(ConnectionWanted::from).collect();
        connections.sort_by(|one, other| one.name.cmp(&other.name));
        let mut sources: Vec<_> = configuration.sources.iter().map(SourceWanted::from).collect();
        sources.sort_by(|one, other| one.name.cmp(&other.name));
        let mut subscriptions: Vec<_> =
            configuration.subscriptions.iter().map(SubscriptionWanted::from).collect();
        subscriptions.sort_by(|one, other| one.name.cmp(&other.name));
        let mut policies: Vec<_> = configuration.policies.iter().map(PolicyWanted::from).collect();
        policies.sort_by(|one, other| one.name.cmp(&other.name));
        Self {
            secrets,
            plugins: plugins_used(configuration),
            limits: configuration
                .limits
                .iter()
                .filter(|(_, limits)| **limits != Limits::default())
                .map(|(key, limits)| PluginLimits {
                    role: key.role,
                    name: key.name.clone(),
                    limits: limits.clone(),
                })
                .collect(),
            connections,
            sources,
            subscriptions,
            policies,
            journal: configuration.journal.clone(),
            mail: configuration.mail.clone(),
        }
    }
}

/// The versions that something is pinned to, the newest of those that sources name, and of those
/// whose bounds an admin has set.
fn plugins_used(configuration: &Configuration) -> Vec<PluginUsed> {
    let pinned = configuration.subscriptions.iter().map(|one| one.digest);
    let pinned = pinned.chain(configuration.connections.iter().map(|one| one.digest));
    let named = configuration.sources.iter();
    let named = named.filter_map(|one| newest(configuration, Role::Source, &one.plugin));
    let mut used: HashSet<_> = pinned.chain(named).collect();
    for (key, _) in configuration.limits.iter().filter(|(_, limits)| **limits != Limits::default())
    {
        let mut versions = configuration.plugins.iter().filter(|one| one.key == *key);
        if !versions.any(|one| used.contains(&one.digest)) {
            used.extend(newest(configuration, key.role, &key.name));
        }
    }
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
