//! `hookwright plugin`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use hookwright_model::{Name, PluginVersion, SecretSlot};
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::complete::candidates;
use super::paint::inert;
use super::run_plugin::{self, RunPlugin};
use super::setup::edit::{Assignment, Yes};
use super::setup::upload;
use super::versions::{self, Which};
use super::{Daemon, exit, output};

#[derive(clap::Subcommand)]
pub(super) enum Plugin {
    /// Install a plugin: a component, or a core module with its component type.
    Install {
        /// The file.
        file: PathBuf,
    },
    /// List the versions that are installed, newest first, and what of them is suspended.
    List,
    /// Have a version called again that is suspended since it only fails. What waits for that is
    /// delivered.
    Resume {
        /// The plugin's name, for all its versions, or the start of a version's digest.
        #[arg(add = candidates("/v1/plugins"))]
        plugin: String,
    },
    /// Show what a plugin says of itself, and what it imports.
    #[command(visible_alias = "show")]
    Inspect {
        /// A file, or the name or digest of an installed plugin.
        #[arg(add = candidates("/v1/plugins"))]
        plugin: String,
    },
    /// Remove a version that nothing uses.
    Remove {
        /// Its digest, or the start of it, as `plugin list` shows it.
        digest: String,
        #[command(flatten)]
        yes: Yes,
    },
    /// Have subscriptions and connections use this version of a plugin.
    #[command(after_help = "Examples:
  hookwright plugin pin telegram 3fa9c1           all that use it
  hookwright plugin pin telegram 3fa9c1 --only duty --dry-run")]
    Pin {
        /// The plugin's name.
        #[arg(add = candidates("/v1/plugins"))]
        plugin: Name,
        /// The start of the version's digest, as `plugin list` shows it.
        digest: String,
        #[command(flatten)]
        which: Which,
    },
    /// Have subscriptions and connections use the version of a plugin that was installed before
    /// the one they use.
    Rollback {
        /// The plugin's name.
        #[arg(add = candidates("/v1/plugins"))]
        plugin: Name,
        #[command(flatten)]
        which: Which,
    },
    /// Show the bounds of a plugin's calls, or change them.
    #[command(after_help = "Examples:
  hookwright plugin limits telegram
  hookwright plugin limits source/zammad fuel=400000000 deadline_ms=2000
  hookwright plugin limits telegram fuel=null     as published again")]
    Limits {
        /// The plugin's name, as `telegram` or `destination/telegram`.
        #[arg(add = candidates("/v1/plugins"))]
        plugin: String,
        /// Bounds, such as fuel=400000000; null for the published one.
        #[arg(value_name = "LIMIT=VALUE")]
        limits: Vec<Assignment>,
        /// Show what would change, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Call a plugin here, exactly as the daemon would, and show what it answers.
    Run(RunPlugin),
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<PluginVersion>,
}

/// With all that the daemon says of them.
#[derive(Deserialize)]
struct Full {
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(try_from = "Value")]
struct Item {
    version: PluginVersion,
    all: Value,
}

impl TryFrom<Value> for Item {
    type Error = serde_json::Error;

    fn try_from(all: Value) -> Result<Self, serde_json::Error> {
        Ok(Self { version: serde_json::from_value(all.clone())?, all })
    }
}

/// Where a version is suspended, and why, in a line.
fn suspended(version: &Value) -> String {
    let all = version["suspended"].as_array().map(Vec::as_slice).unwrap_or_default();
    let all = all.iter().map(|one| {
        let text = |field: &str| one[field].as_str().unwrap_or_default();
        let place = match (text("subscription"), text("connection")) {
            ("", "") => "everywhere",
            ("", connection) => connection,
            (subscription, _) => subscription,
        };
        format!("{place} since {}: {}", text("since"), output::short(text("last_error"), 40))
    });
    all.collect::<Vec<_>>().join("; ")
}

/// By the plugin's name, all its versions.
async fn resume(client: &Client, wanted: &str) -> anyhow::Result<()> {
    let listing: Listing = client.get("/v1/plugins").await?;
    let is_meant = |version: &&PluginVersion| is_named(version, wanted);
    let found: Vec<_> = listing.items.iter().filter(is_meant).collect();
    if found.is_empty() {
        return Err(exit::not_found(format!("`{wanted}` is not an installed plugin")));
    }
    let mut answers = Vec::new();
    for version in found {
        let path = format!("/v1/plugins/{}/resume", version.digest);
        let answer: Value = client.post(&path, &Value::Null).await?;
        if answer["was_suspended"] == true {
            answers.push(format!("{} {}", version.key, version.digest.short()));
        }
    }
    if client.json {
        return output::json(&serde_json::json!({ "resumed": answers }));
    }
    match answers.as_slice() {
        [] => println!("`{wanted}` was not suspended."),
        resumed => resumed.iter().for_each(|one| println!("{one} is called again")),
    }
    Ok(())
}

/// By name, as `telegram` or `destination/telegram`, or by the start of its digest.
fn is_named(version: &PluginVersion, wanted: &str) -> bool {
    let is_name = version.key.name.as_str() == wanted || version.key.to_string() == wanted;
    is_name || (wanted.len() >= 6 && version.digest.to_string().starts_with(wanted))
}

impl Plugin {
    pub(super) async fn run(self, daemon: &Daemon) -> anyhow::Result<()> {
        match self {
            Self::Install { file } => {
                let bytes = std::fs::read(&file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                let client = Client::new(daemon)?;
                let version = upload(&client, &file.display().to_string(), bytes).await?;
                if daemon.json {
                    return output::json(&version);
                }
                let PluginVersion { key, descriptor, digest, .. } = &version;
                println!("{key} {} {digest}", inert(&descriptor.version));
                Ok(())
            }
            Self::List => {
                let listing: Full = Client::new(daemon)?.get("/v1/plugins").await?;
                if daemon.json {
                    let items: Vec<_> = listing.items.iter().map(|item| &item.all).collect();
                    return output::json(&items);
                }
                let rows = listing.items.iter().map(|Item { version, all }| {
                    vec![
                        version.key.role.to_string(),
                        version.key.name.to_string(),
                        version.descriptor.version.clone(),
                        version.digest.short(),
                        format!("{} KiB", version.size >> 10),
                        version.installed_at.to_string(),
                        suspended(all),
                    ]
                });
                let head = ["role", "name", "version", "digest", "size", "installed", "suspended"];
                output::table(&head, rows);
                Ok(())
            }
            Self::Remove { digest, yes } => {
                let client = Client::new(daemon)?;
                versions::remove(&client, &digest, yes.yes).await
            }
            Self::Pin { plugin, digest, which } => {
                versions::pin(&Client::new(daemon)?, &plugin, &digest, &which).await
            }
            Self::Rollback { plugin, which } => {
                versions::roll_back(&Client::new(daemon)?, &plugin, &which).await
            }
            Self::Limits { plugin, limits, dry_run } => {
                let client = Client::new(daemon)?;
                let version = find(&client, &plugin).await?;
                versions::limits(&client, &version, limits, dry_run).await
            }
            Self::Resume { plugin } => resume(&Client::new(daemon)?, &plugin).await,
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
    let found: Vec<_> =
        listing.items.into_iter().filter(|version| is_named(version, wanted)).collect();
    let roles = found.iter().any(|version| version.key != found[0].key);
    if roles {
        bail!(
            "`{wanted}` is a source and a destination: say source/{wanted} or destination/{wanted}"
        );
    }
    found.into_iter().next().ok_or_else(|| {
        exit::not_found(format!("`{wanted}` is neither a file nor an installed plugin"))
    })
}

fn show(version: &PluginVersion) {
    let descriptor = &version.descriptor;
    let title = format!("{} {} — {}", version.key, descriptor.version, descriptor.title);
    println!("{}", inert(&title));
    if !descriptor.description.is_empty() {
        println!("{}", inert(&descriptor.description));
    }
    let also = [(version.judges, "reads answers"), (version.checks_settings, "checks settings")];
    let also: Vec<_> = also.iter().filter(|(does, _)| *does).map(|(_, what)| *what).collect();
    output::facts([
        ("digest", version.digest.to_string()),
        ("size", format!("{} bytes", version.size)),
        ("contract", version.contract.clone()),
        ("events", descriptor.events.join(", ")),
        ("wants to reach", descriptor.origins.join(", ")),
        ("also", also.join(", ")),
        ("inert imports", version.wasi_imports.join(", ")),
    ]);
    for SecretSlot { name, title, description, required } in &descriptor.secrets {
        let needed = if *required { "needed" } else { "optional" };
        let slot = format!("{name} ({title}, {needed}): {description}");
        println!("  {:<14} {}", "secret", inert(&slot));
    }
    println!("  settings schema:");
    let schema: serde_json::Value =
        serde_json::from_str(&descriptor.settings_schema).unwrap_or_default();
    for line in serde_json::to_string_pretty(&schema).unwrap_or_default().lines() {
        println!("    {}", inert(line));
    }
}
