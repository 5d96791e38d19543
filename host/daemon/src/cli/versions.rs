//! Which versions of plugins are used, and within which bounds they are called.

use hookwright_model::{Digest, Limits, Name, PluginVersion, Role};
use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::setup::edit::{self, Assignment};
use super::{exit, output};
use crate::merge_patch::merge_members;
use crate::setup::{Current, PluginWanted, Setup};

/// Of those that use a plugin, which.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Which {
    /// Only these subscriptions and connections; can be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<Name>,
    /// Show what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Deserialize)]
struct Listing {
    /// Newest first.
    items: Vec<PluginVersion>,
}

impl Listing {
    fn of(self, plugin: &Name) -> Vec<PluginVersion> {
        let is_meant = |version: &PluginVersion| {
            version.key.role == Role::Destination && version.key.name == *plugin
        };
        self.items.into_iter().filter(is_meant).collect()
    }
}

/// Has them use the version whose digest starts so.
pub(super) async fn pin(
    client: &Client,
    plugin: &Name,
    start: &str,
    which: &Which,
) -> anyhow::Result<()> {
    let versions = client.get::<Listing>("/v1/plugins").await?.of(plugin);
    let starts = |version: &&PluginVersion| version.digest.to_string().starts_with(start);
    let found: Vec<_> = versions.iter().filter(starts).collect();
    match found.as_slice() {
        [one] => repin(client, plugin, which, |_| Some(one.digest)).await,
        [] => {
            let text = format!(
                "there is no version of the destination `{plugin}` that starts so: {start}"
            );
            Err(exit::not_found(text))
        }
        _ => Err(exit::usage(format!("several versions of `{plugin}` start with {start}"))),
    }
}

/// Has them use the version that was installed before theirs.
pub(super) async fn roll_back(client: &Client, plugin: &Name, which: &Which) -> anyhow::Result<()> {
    let versions = client.get::<Listing>("/v1/plugins").await?.of(plugin);
    let before = |digest: Digest| {
        let place = versions.iter().position(|version| version.digest == digest)?;
        versions.get(place + 1).map(|version| version.digest)
    };
    repin(client, plugin, which, before).await
}

/// Removes the version whose digest starts so.
pub(super) async fn remove(client: &Client, start: &str, yes: bool) -> anyhow::Result<()> {
    let versions = client.get::<Listing>("/v1/plugins").await?.items;
    let starts = |version: &&PluginVersion| version.digest.to_string().starts_with(start);
    let found: Vec<_> = versions.iter().filter(starts).collect();
    let [version] = found.as_slice() else {
        return Err(match found.len() {
            0 => exit::not_found(format!("there is no plugin whose digest starts so: {start}")),
            _ => exit::usage(format!("several versions of plugins start with {start}")),
        });
    };
    let PluginVersion { key, descriptor, digest, .. } = version;
    let question = format!("Remove {key} {} ({})?", descriptor.version, digest.short());
    output::confirm(&question, yes)?;
    client.run(Method::DELETE, &format!("/v1/plugins/{digest}")).await
}

async fn repin(
    client: &Client,
    plugin: &Name,
    Which { only, dry_run }: &Which,
    version: impl Fn(Digest) -> Option<Digest>,
) -> anyhow::Result<()> {
    let current: Current = client.get("/v1/setup").await?;
    let is_meant =
        |name: &Name, uses: &Name| uses == plugin && (only.is_empty() || only.contains(name));
    let mut setup = Setup::default();
    for one in current.subscriptions.into_iter().filter(|one| is_meant(&one.name, &one.plugin)) {
        let digest = one.digest.and_then(&version);
        let digest = Some(digest.ok_or_else(|| none_before(plugin, &one.name))?);
        setup.subscriptions.push(crate::setup::SubscriptionWanted { digest, ..one });
    }
    for one in current.connections.into_iter().filter(|one| is_meant(&one.name, &one.plugin)) {
        let digest = one.digest.and_then(&version);
        let digest = Some(digest.ok_or_else(|| none_before(plugin, &one.name))?);
        setup.connections.push(crate::setup::ConnectionWanted { digest, ..one });
    }
    let found = |name: &Name| {
        setup.subscriptions.iter().any(|one| one.name == *name)
            || setup.connections.iter().any(|one| one.name == *name)
    };
    if let Some(name) = only.iter().find(|name| !found(name)) {
        return Err(exit::not_found(format!("nothing named `{name}` uses the plugin `{plugin}`")));
    }
    if setup.subscriptions.is_empty() && setup.connections.is_empty() {
        return Err(exit::not_found(format!("nothing uses the plugin `{plugin}`")));
    }
    edit::apply(client, &setup, "", *dry_run).await
}

fn none_before(plugin: &Name, user: &Name) -> anyhow::Error {
    exit::not_found(format!(
        "`{user}` uses the first version of `{plugin}` that is installed: there is none before"
    ))
}

/// Shows the bounds of a plugin's calls, or changes those that are named.
pub(super) async fn limits(
    client: &Client,
    version: &PluginVersion,
    wanted: Vec<Assignment>,
    dry_run: bool,
) -> anyhow::Result<()> {
    let current: Current = client.get("/v1/setup").await?;
    let key = &version.key;
    let mut known = current.limits.into_iter();
    let known = known.find(|known| known.role == key.role && known.name == key.name);
    let limits = known.map(|known| known.limits).unwrap_or_default();
    let Value::Object(mut fields) = serde_json::to_value(&limits)? else { return Ok(()) };
    if wanted.is_empty() {
        if client.json {
            return output::json(&fields);
        }
        let published = serde_json::to_value(Limits::default())?;
        let rows = fields.iter().map(|(name, value)| {
            let published = &published[name.as_str()];
            let changed = if published == value { String::new() } else { published.to_string() };
            vec![name.clone(), value.to_string(), changed]
        });
        output::table(&["limit", "value", "published"], rows);
        return Ok(());
    }
    merge_members(&mut fields, edit::patch(wanted));
    let limits: Limits = serde_json::from_value(Value::Object(fields))?;
    let limits = Some(limits).filter(|limits| *limits != Limits::default());
    let plugins = vec![PluginWanted { digest: version.digest, limits }];
    let setup = Setup { plugins, ..Setup::default() };
    edit::apply(client, &setup, "/plugins/0", dry_run).await
}
