//! `hookwright plugin`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use hookwright_model::{PluginVersion, SecretSlot};
use serde::Deserialize;

use super::client::Client;
use super::run_plugin::{self, RunPlugin};
use super::{Daemon, output};

#[derive(clap::Subcommand)]
pub(super) enum Plugin {
    /// Install a plugin: a component, or a core module with its component type.
    Install {
        /// The file.
        file: PathBuf,
    },
    /// List the versions that are installed, newest first.
    List,
    /// Show what a plugin says of itself, and what it imports.
    Inspect {
        /// A file, or the name or digest of an installed plugin.
        plugin: String,
    },
    /// Call a plugin here, exactly as the daemon would, and show what it answers.
    Run(RunPlugin),
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<PluginVersion>,
}

impl Plugin {
    pub(super) async fn run(self, daemon: &Daemon) -> anyhow::Result<()> {
        match self {
            Self::Install { file } => {
                let bytes = std::fs::read(&file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                let client = Client::new(daemon)?;
                let version: PluginVersion =
                    client.post_bytes("/v1/plugins", "application/wasm", bytes.into()).await?;
                if daemon.json {
                    return output::json(&version);
                }
                let PluginVersion { key, descriptor, digest, .. } = &version;
                println!("{key} {} {digest}", descriptor.version);
                Ok(())
            }
            Self::List => {
                let listing: Listing = Client::new(daemon)?.get("/v1/plugins").await?;
                if daemon.json {
                    return output::json(&listing.items);
                }
                let rows = listing.items.iter().map(|version| {
                    vec![
                        version.key.role.to_string(),
                        version.key.name.to_string(),
                        version.descriptor.version.clone(),
                        version.digest.short(),
                        format!("{} KiB", version.size >> 10),
                        version.installed_at.to_string(),
                    ]
                });
                let head = ["role", "name", "version", "digest", "size", "installed"];
                output::table(&head, rows);
                Ok(())
            }
            Self::Inspect { plugin } => {
                let version = if Path::new(&plugin).is_file() {
                    run_plugin::inspect(Path::new(&plugin))?
                } else {
                    find(&Client::new(daemon)?, &plugin).await?
                };
                if daemon.json {
                    return output::json(&version);
                }
                show(&version);
                Ok(())
            }
            Self::Run(run) => run.run(daemon.json),
        }
    }
}

/// By name, as `telegram` or `destination/telegram`, the newest version; or by the start of its
/// digest.
async fn find(client: &Client, wanted: &str) -> anyhow::Result<PluginVersion> {
    let listing: Listing = client.get("/v1/plugins").await?;
    let named = |version: &PluginVersion| {
        version.key.name.as_str() == wanted || version.key.to_string() == wanted
    };
    let has_digest = |version: &PluginVersion| {
        wanted.len() >= 6 && version.digest.to_string().starts_with(wanted)
    };
    let found: Vec<_> = listing.items.into_iter().filter(|v| named(v) || has_digest(v)).collect();
    let roles = found.iter().any(|version| version.key != found[0].key);
    if roles {
        bail!(
            "`{wanted}` is a source and a destination: say source/{wanted} or destination/{wanted}"
        );
    }
    let found = found.into_iter().next();
    found.with_context(|| format!("`{wanted}` is neither a file nor an installed plugin"))
}

fn show(version: &PluginVersion) {
    let descriptor = &version.descriptor;
    println!("{} {} — {}", version.key, descriptor.version, descriptor.title);
    if !descriptor.description.is_empty() {
        println!("{}", descriptor.description);
    }
    let also = [(version.judges, "reads answers"), (version.checks_settings, "checks settings")];
    let also: Vec<_> = also.iter().filter(|(does, _)| *does).map(|(_, what)| *what).collect();
    let facts = [
        ("digest", version.digest.to_string()),
        ("size", format!("{} bytes", version.size)),
        ("contract", version.contract.clone()),
        ("events", descriptor.events.join(", ")),
        ("wants to reach", descriptor.origins.join(", ")),
        ("also", also.join(", ")),
        ("inert imports", version.wasi_imports.join(", ")),
    ];
    for (name, value) in facts {
        if !value.is_empty() {
            println!("  {name:<14} {value}");
        }
    }
    for SecretSlot { name, title, description, required } in &descriptor.secrets {
        let needed = if *required { "needed" } else { "optional" };
        println!("  {:<14} {name} ({title}, {needed}): {description}", "secret");
    }
    println!("  settings schema:");
    let schema: serde_json::Value =
        serde_json::from_str(&descriptor.settings_schema).unwrap_or_default();
    for line in serde_json::to_string_pretty(&schema).unwrap_or_default().lines() {
        println!("    {line}");
    }
}
