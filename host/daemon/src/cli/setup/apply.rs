//! `hookwright apply`: files with secrets, plugins, policies, connections, sources and
//! subscriptions become what the daemon has.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use hookwright_model::{Digest, Name, PluginVersion};
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};

use super::super::client::Client;
use super::super::exit::{Refused, Stop};
use super::super::output;
use super::super::run_plugin::inspect;
use super::file::{File, PluginEntry, Value};
use super::missing::Withheld;
use super::tidy::{self, Wanted};
use super::{change, prune};
use crate::setup::{Action, Change, Current, PluginWanted, SecretWanted, Setup};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  hookwright apply --file desk.toml --dry-run       what would change
  hookwright apply --file desk.toml                 change it
  hookwright apply --file desk.d --prune            only what the folder's files name stays
  hookwright export | hookwright apply --file -     changes nothing

A secret's value is never in a file. An entry says where it is found: `env` (a variable) or `file`;
with `keep = true` the value that the daemon has stays if there is none; with neither, the daemon
must have it already.")]
pub(in crate::cli) struct Apply {
    /// A file in TOML, a folder of such files, or `-` for the standard input; can be given several
    /// times.
    #[arg(short, long = "file", required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Show what would change, and change nothing. What uses a plugin that is not installed yet is
    /// shown, too, and not checked.
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: end with the exit code 6 if something would change.
    #[arg(long, requires = "dry_run")]
    exit_code: bool,
    /// Remove what the daemon has and the files do not name: subscriptions, sources, connections,
    /// policies and secrets. Plugins, people, tokens, the journal and mail stay.
    #[arg(long)]
    prune: bool,
    /// Remove without asking.
    #[arg(long, short)]
    yes: bool,
}

/// The daemon's answer.
#[derive(Serialize, Deserialize)]
pub(in crate::cli) struct Applied {
    pub(in crate::cli) dry_run: bool,
    pub(in crate::cli) changes: Vec<Change>,
    /// What a dry run did not check, as it uses plugins that are not installed yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::cli) unchecked: Vec<String>,
}

impl Apply {
    pub(in crate::cli) async fn run(self, client: &Client) -> anyhow::Result<()> {
        let file = File::read(&self.files)?;
        let current: Current = client.get("/v1/setup").await?;
        let Resolved { mut setup, kept, files, missing } =
            file.resolve(&current, client, self.dry_run).await?;
        if self.prune {
            setup.remove = prune::removals(&current, &setup, &kept);
        }
        let whole = setup.clone();
        let withheld = Withheld::of(&missing, &mut setup, &current);
        let names = Names::of(&setup, files);
        // First only to see: nothing changes unless all of it is right.
        let planned: anyhow::Result<Applied> = client.post("/v1/apply?dry_run=true", &setup).await;
        let mut planned = planned.map_err(|error| names.explain(error))?;
        let kept = kept.into_iter().map(|name| Change {
            kind: "secret".into(),
            name: name.to_string(),
            action: Action::Unchanged,
            fields: Vec::new(),
        });
        planned.changes.extend(kept);
        planned.changes.extend(withheld.changes);
        planned.unchecked = withheld.names;
        let changed = planned.changes.iter().any(|change| change.action != Action::Unchanged);
        if !client.json {
            show(client, &planned.changes, &whole).await?;
        }
        let applied = if self.dry_run || !changed {
            planned
        } else {
            self.ask(&planned.changes)?;
            client.post("/v1/apply", &setup).await.map_err(|error| names.explain(error))?
        };
        if client.json {
            output::json(&applied)?;
        } else {
            let summary = change::summary(&applied.changes);
            if !applied.unchecked.is_empty() {
                let names = applied.unchecked.join(", ");
                println!("Not checked, before the plugins are installed: {names}.");
            }
            match (applied.dry_run, changed) {
                (_, false) => println!("Nothing to change."),
                (true, true) => println!("{summary}. Nothing was changed (--dry-run)."),
                (false, true) => println!("Done."),
            }
        }
        if self.exit_code && changed { Err(Stop::Changes.into()) } else { Ok(()) }
    }

    /// Whether what is to be removed is meant.
    fn ask(&self, changes: &[Change]) -> anyhow::Result<()> {
        let removed = changes.iter().filter(|change| change.action == Action::Remove);
        let removed: Vec<_> =
            removed.map(|change| format!("{} {}", change.kind, change.name)).collect();
        if removed.is_empty() {
            return Ok(());
        }
        output::confirm(&format!("Remove {}?", change::named(&removed)), self.yes)
    }
}

async fn show(client: &Client, changes: &[Change], setup: &Setup) -> anyhow::Result<()> {
    let gone = prune::consequences(client, changes).await?;
    change::show(changes, &|change| match change.action {
        Action::Create => new(change, setup),
        Action::Remove => {
            let mut gone = gone.iter();
            let found = gone.find(|((kind, name), _)| *kind == change.kind && *name == change.name);
            found.map(|(_, text)| text.clone())
        }
        _ => None,
    });
    Ok(())
}

/// Something new in full.
fn new(change: &Change, setup: &Setup) -> Option<String> {
    fn find<T: Wanted>(all: &[T], is_meant: impl Fn(&T) -> bool) -> Option<String> {
        let text = tidy::body(all.iter().find(|one| is_meant(one))?).ok()?;
        // The name is in the line above.
        Some(text.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default())
    }
    let name = change.name.as_str();
    match change.kind.as_str() {
        "subscription" => find(&setup.subscriptions, |one| one.name.as_str() == name),
        "source" => find(&setup.sources, |one| one.name.as_str() == name),
        "connection" => find(&setup.connections, |one| one.name.as_str() == name),
        "policy" => find(&setup.policies, |one| one.name.as_str() == name),
        _ => None,
    }
}

/// What a file asks for.
struct Resolved {
    /// The document for the daemon.
    setup: Setup,
    /// Secrets that are named without their values.
    kept: Vec<Name>,
    /// What the file calls the document's plugins.
    files: Vec<String>,
    /// Plugins that would be installed.
    missing: Vec<PluginVersion>,
}

#[derive(Deserialize)]
struct Installed {
    items: Vec<PluginVersion>,
}

impl File {
    async fn resolve(
        self,
        current: &Current,
        client: &Client,
        dry_run: bool,
    ) -> anyhow::Result<Resolved> {
        let mut setup = Setup {
            policies: self.policy,
            journal: self.journal,
            mail: self.mail,
            connections: self.connection,
            sources: self.source,
            subscriptions: self.subscription,
            ..Setup::default()
        };
        let mut kept = Vec::new();
        for secret in self.secret {
            match secret.value(current.secrets.contains(&secret.name))? {
                Value::Given(value) => {
                    setup.secrets.push(SecretWanted { name: secret.name, value });
                }
                Value::Kept => kept.push(secret.name),
            }
        }
        let (mut files, mut missing) = (Vec::new(), Vec::new());
        let installed: Installed = client.get("/v1/plugins").await?;
        for plugin in self.plugin {
            let shown = plugin.shown();
            let digest = match find(&plugin, &installed.items)? {
                Found::Installed(digest) => digest,
                Found::File(path, _) if dry_run => {
                    missing.push(inspect(&path)?);
                    continue;
                }
                Found::File(_, bytes) => upload(client, &shown, bytes).await?.digest,
            };
            setup.plugins.push(PluginWanted { digest, limits: plugin.limits });
            files.push(shown);
        }
        Ok(Resolved { setup, kept, files, missing })
    }
}

/// Where the version is that an entry means.
enum Found {
    Installed(Digest),
    /// In a file, and not in the daemon.
    File(PathBuf, Vec<u8>),
}

fn find(plugin: &PluginEntry, installed: &[PluginVersion]) -> anyhow::Result<Found> {
    let Some(path) = &plugin.file else {
        let digest = plugin.digest;
        return digest
            .map(Found::Installed)
            .context("a plugin needs `file`, or the `digest` of one that is there");
    };
    let shown = path.display();
    let is_there = |digest| installed.iter().any(|version| version.digest == digest);
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        // The daemon has it, so it is not missed.
        Err(error) => match plugin.digest.filter(|digest| is_there(*digest)) {
            Some(digest) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Found::Installed(digest));
            }
            _ => return Err(error).with_context(|| format!("cannot read the plugin {shown}")),
        },
    };
    let digest = Digest::of(&bytes);
    if let Some(wanted) = plugin.digest.filter(|wanted| *wanted != digest) {
        bail!(
            "the plugin {shown} has the digest {digest}, and the file says {wanted}: one of them \
             was changed"
        );
    }
    Ok(if is_there(digest) { Found::Installed(digest) } else { Found::File(path.clone(), bytes) })
}

/// Installs a plugin. Its compilation can take long; on a terminal one sees that it goes on.
pub(in crate::cli) async fn upload(
    client: &Client,
    shown: &str,
    bytes: Vec<u8>,
) -> anyhow::Result<PluginVersion> {
    let bar = ProgressBar::new_spinner().with_message(format!("installing {shown}"));
    bar.enable_steady_tick(Duration::from_millis(100));
    let version = client.post_bytes("/v1/plugins", "application/wasm", bytes.into()).await;
    bar.finish_and_clear();
    version.with_context(|| format!("cannot install {shown}"))
}

/// What is where in the document that was sent, to say it in the words of the file.
struct Names(BTreeMap<String, String>);

impl Names {
    /// Of the document, and what the file calls its plugins.
    fn of(setup: &Setup, files: Vec<String>) -> Self {
        let mut names = BTreeMap::new();
        let mut add = |list: &str, kind: &str, all: Vec<String>| {
            for (number, name) in all.into_iter().enumerate() {
                names.insert(format!("/{list}/{number}"), format!("{kind} `{name}`"));
            }
        };
        add("plugins", "plugin", files);
        let policies = setup.policies.iter().map(|entry| entry.name.to_string());
        add("policies", "policy", policies.collect());
        let connections = setup.connections.iter().map(|entry| entry.name.to_string());
        add("connections", "connection", connections.collect());
        add("sources", "source", setup.sources.iter().map(|one| one.name.to_string()).collect());
        let subscriptions = setup.subscriptions.iter().map(|entry| entry.name.to_string());
        add("subscriptions", "subscription", subscriptions.collect());
        add("secrets", "secret", setup.secrets.iter().map(|one| one.name.to_string()).collect());
        Self(names)
    }

    fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        match error.downcast::<Refused>() {
            Ok(refused) => Refused { text: self.in_words(&refused.text), ..refused }.into(),
            Err(other) => other,
        }
    }

    fn in_words(&self, text: &str) -> String {
        let mut text = text.to_owned();
        // From the last, so that `/subscriptions/1` is not found in `/subscriptions/10`.
        for (pointer, name) in self.0.iter().rev() {
            text = text.replace(&format!("{pointer}/"), &format!("{name}: "));
            text = text.replace(&format!("{pointer}:"), &format!("{name}:"));
        }
        text
    }
}
