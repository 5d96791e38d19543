//! `hookwright export`: all that is set up as a file that `apply` takes.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hookwright_model::{Digest, Name, Role};
use serde::Serialize;

use super::super::client::Client;
use super::super::output;
use super::tidy;
use crate::setup::{Current, PluginUsed};

/// What the file begins with. Without a time, so that the same set-up is the same file.
const HEAD: &str = "\
# What is set up in Hookwright, as `hookwright export` writes it.
# `hookwright apply --file FILE` sets it up, here or in another daemon, and changes nothing where
# it is set up already. Change what you like and apply it.
#
# Secrets are not in it. `env` names the variable that apply takes a secret's value from; where the
# variable is not set, the value that the daemon has stays (`keep`). The keys of policies are not
# in it either: another daemon makes its own. Neither are users, tokens and the journal's contents.
";

#[derive(clap::Args)]
#[command(after_help = "Examples:
  hookwright export --file desk.toml --with-plugins plugins     all that another daemon needs
  hookwright export | diff desk.toml -                          what was changed since
  hookwright export | hookwright apply --file - --dry-run       nothing to change")]
pub(in crate::cli) struct Export {
    /// Write to this file; without this, to the standard output.
    #[arg(short, long)]
    file: Option<PathBuf>,
    /// Write the plugins that are named into this folder too. Without this the file names them by
    /// their digests, and a daemon must have them before it takes the file.
    #[arg(long, value_name = "DIR")]
    with_plugins: Option<PathBuf>,
}

impl Export {
    pub(in crate::cli) async fn run(self, client: &Client) -> anyhow::Result<()> {
        let current: Current = client.get("/v1/setup").await?;
        if let Some(dir) = &self.with_plugins {
            write_plugins(client, &current.plugins, dir).await?;
        }
        if client.json {
            return output::json(&current);
        }
        let folder = self.with_plugins.as_deref().map(|dir| self.folder(dir)).transpose()?;
        let text = render(current, folder.as_deref())?;
        let Some(file) = &self.file else {
            print!("{text}");
            return Ok(());
        };
        let cannot = || format!("cannot write {}", file.display());
        let mut part = file.clone().into_os_string();
        part.push(".part");
        std::fs::write(&part, text).with_context(cannot)?;
        std::fs::rename(&part, file).with_context(cannot)
    }

    /// The folder of the plugins as the file names it: relative to it, if it is below it.
    fn folder(&self, dir: &Path) -> anyhow::Result<PathBuf> {
        let whole = |path: &Path| {
            path.canonicalize().with_context(|| format!("cannot find {}", path.display()))
        };
        let beside = match &self.file {
            None => PathBuf::from("."),
            Some(file) => match file.parent() {
                Some(parent) if parent != Path::new("") => parent.to_owned(),
                _ => PathBuf::from("."),
            },
        };
        let (dir, beside) = (whole(dir)?, whole(&beside)?);
        Ok(dir.strip_prefix(&beside).map(Path::to_owned).unwrap_or(dir))
    }
}

async fn write_plugins(client: &Client, plugins: &[PluginUsed], dir: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    for plugin in plugins {
        let path = dir.join(file_name(plugin));
        let cannot = || format!("cannot write {}", path.display());
        if std::fs::read(&path).is_ok_and(|bytes| Digest::of(&bytes) == plugin.digest) {
            continue;
        }
        let bytes = client.get_bytes(&format!("/v1/plugins/{}/component", plugin.digest)).await?;
        anyhow::ensure!(
            Digest::of(&bytes) == plugin.digest,
            "what the daemon gives for {} {} is something else",
            plugin.name,
            plugin.digest
        );
        std::fs::write(&path, bytes).with_context(cannot)?;
    }
    Ok(())
}

/// The version is the plugin's own word, and might be anything.
fn file_name(plugin: &PluginUsed) -> String {
    let PluginUsed { role, name, version, digest, .. } = plugin;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    let version: String = version.chars().filter(|c| plain(*c)).take(32).collect();
    format!("{role}-{name}-{version}-{}.wasm", digest.short())
}

#[derive(Serialize)]
struct Entries<T> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    secret: Vec<T>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    plugin: Vec<T>,
}

/// The file.
fn render(mut current: Current, folder: Option<&Path>) -> anyhow::Result<String> {
    unpin(&mut current);
    let mut text = HEAD.to_owned();
    let mut used = HashSet::new();
    for name in &current.secrets {
        let fields = tidy::Fields(vec![
            ("name".into(), name.as_str().into()),
            ("env".into(), variable(name, &mut used).into()),
            ("keep".into(), true.into()),
        ]);
        let entry = Entries { secret: vec![fields], plugin: Vec::new() };
        add(&mut text, &toml::to_string_pretty(&entry)?);
    }
    for plugin in &current.plugins {
        let mut fields = Vec::new();
        if let Some(folder) = folder {
            let file = folder.join(file_name(plugin)).display().to_string();
            fields.push(("file".into(), file.into()));
        }
        fields.push(("digest".into(), plugin.digest.to_string().into()));
        if let Some(limits) = &plugin.limits {
            fields.push(("limits".into(), serde_json::to_value(limits)?));
        }
        let entry = Entries { secret: Vec::new(), plugin: vec![tidy::Fields(fields)] };
        let version: String = plugin.version.chars().filter(char::is_ascii_graphic).collect();
        let comment = format!("# {}/{} {version}\n", plugin.role, plugin.name);
        add(&mut text, &format!("{comment}{}", toml::to_string_pretty(&entry)?));
    }
    let entries = current.policies.iter().map(tidy::entry);
    let entries = entries.chain(current.connections.iter().map(tidy::entry));
    let entries = entries.chain(current.sources.iter().map(tidy::entry));
    for entry in entries.chain(current.subscriptions.iter().map(tidy::entry)) {
        add(&mut text, &entry?);
    }
    add(&mut text, &tidy::alone("journal", &current.journal)?);
    if let Some(mail) = &current.mail {
        add(&mut text, &tidy::alone("mail", mail)?);
    }
    Ok(text)
}

fn add(text: &mut String, entry: &str) {
    for part in ["\n", entry.trim_end(), "\n"] {
        text.push_str(part);
    }
}

/// A plugin of which one version is used pins all to that version: then each need not say it, and
/// another file can take its place.
fn unpin(current: &mut Current) {
    let mut versions: BTreeMap<&Name, HashSet<Digest>> = BTreeMap::new();
    for plugin in current.plugins.iter().filter(|plugin| plugin.role == Role::Destination) {
        versions.entry(&plugin.name).or_default().insert(plugin.digest);
    }
    let is_only = |name: &Name| versions.get(name).is_some_and(|versions| versions.len() == 1);
    for one in current.subscriptions.iter_mut().filter(|one| is_only(&one.plugin)) {
        one.digest = None;
    }
    for one in current.connections.iter_mut().filter(|one| is_only(&one.plugin)) {
        one.digest = None;
    }
}

/// The variable for a secret's value. `a-b` and `a.b` shall not have the same.
fn variable(name: &Name, used: &mut HashSet<String>) -> String {
    let upper = name.as_str().to_ascii_uppercase().replace(['-', '.'], "_");
    let plain = format!("HOOKWRIGHT_SECRET_{upper}");
    let mut variable = plain.clone();
    let mut number = 2;
    while !used.insert(variable.clone()) {
        variable = format!("{plain}_{number}");
        number += 1;
    }
    variable
}
