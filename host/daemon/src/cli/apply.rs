//! `hookwright apply`: a file with secrets, plugins, policies, connections, sources and
//! subscriptions becomes what the daemon has.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use hookwright_model::{JournalSettings, Limits, MailSettings, Name, PluginVersion};
use serde::{Deserialize, Serialize};

use super::client::Client;
use super::output;
use crate::setup::{
    Action, Change, ConnectionWanted, PluginWanted, PolicyWanted, SecretWanted, Setup,
    SourceWanted, SubscriptionWanted,
};

#[derive(clap::Args)]
pub(super) struct Apply {
    /// The file, in TOML.
    #[arg(short, long)]
    file: PathBuf,
    /// Show what would change, and change nothing but install the plugins.
    #[arg(long)]
    dry_run: bool,
}

/// The file.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    secret: Vec<SecretEntry>,
    plugin: Vec<PluginEntry>,
    policy: Vec<PolicyWanted>,
    connection: Vec<ConnectionWanted>,
    source: Vec<SourceWanted>,
    subscription: Vec<SubscriptionWanted>,
    journal: Option<JournalSettings>,
    mail: Option<MailSettings>,
}

/// A secret is never in the file, only where to find it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretEntry {
    name: Name,
    /// The name of an environment variable.
    env: Option<String>,
    /// A file, relative to this one. A line end at its end is not part of the secret.
    file: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PluginEntry {
    /// A component or core module, relative to this file.
    file: PathBuf,
    limits: Option<Limits>,
}

#[derive(Serialize, Deserialize)]
struct Applied {
    dry_run: bool,
    changes: Vec<Change>,
}

impl Apply {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        let shown = self.file.display();
        let text =
            std::fs::read_to_string(&self.file).with_context(|| format!("cannot read {shown}"))?;
        let file: File = toml::from_str(&text).with_context(|| format!("{shown} is not usable"))?;
        let dir = self.file.parent().unwrap_or(Path::new("."));
        let names = Names::of(&file);
        let setup = file.resolve(dir, client).await?;
        // First only to see: nothing changes unless all of it is right.
        let planned: Applied = client
            .post("/v1/apply?dry_run=true", &setup)
            .await
            .map_err(|error| names.explain(&error))?;
        if !client.json {
            show(&planned.changes);
        }
        let changed = planned.changes.iter().any(|change| change.action != Action::Unchanged);
        let applied = if self.dry_run || !changed {
            planned
        } else {
            client.post("/v1/apply", &setup).await?
        };
        if client.json {
            return output::json(&applied);
        }
        match (applied.dry_run, changed) {
            (_, false) => println!("Nothing to change."),
            (true, true) => println!("Nothing was changed (--dry-run)."),
            (false, true) => println!("Done."),
        }
        Ok(())
    }
}

impl File {
    async fn resolve(self, dir: &Path, client: &Client) -> anyhow::Result<Setup> {
        let mut setup = Setup {
            policies: self.policy,
            journal: self.journal,
            mail: self.mail,
            connections: self.connection,
            sources: self.source,
            subscriptions: self.subscription,
            ..Setup::default()
        };
        for secret in self.secret {
            setup.secrets.push(secret.resolve(dir)?);
        }
        for plugin in self.plugin {
            let path = dir.join(&plugin.file);
            let bytes = std::fs::read(&path)
                .with_context(|| format!("cannot read the plugin {}", path.display()))?;
            let version: PluginVersion = client
                .post_bytes("/v1/plugins", "application/wasm", bytes.into())
                .await
                .with_context(|| format!("cannot install {}", path.display()))?;
            setup.plugins.push(PluginWanted { digest: version.digest, limits: plugin.limits });
        }
        Ok(setup)
    }
}

impl SecretEntry {
    fn resolve(self, dir: &Path) -> anyhow::Result<SecretWanted> {
        let name = self.name;
        let value = match (self.env, self.file) {
            (Some(variable), None) => std::env::var(&variable).with_context(|| {
                format!("the secret `{name}`: the environment variable {variable} is not usable")
            })?,
            (None, Some(file)) => {
                let path = dir.join(file);
                let text = std::fs::read_to_string(&path).with_context(|| {
                    format!("the secret `{name}`: cannot read {}", path.display())
                })?;
                text.trim_end_matches(['\r', '\n']).to_owned()
            }
            _ => bail!("the secret `{name}` needs either `env` or `file`"),
        };
        Ok(SecretWanted { name, value })
    }
}

/// What is where in the document that was sent, to say it in the words of the file.
struct Names(BTreeMap<String, String>);

impl Names {
    fn of(file: &File) -> Self {
        let mut names = BTreeMap::new();
        let mut add = |list: &str, kind: &str, all: Vec<String>| {
            for (number, name) in all.into_iter().enumerate() {
                names.insert(format!("/{list}/{number}"), format!("{kind} `{name}`"));
            }
        };
        add("secrets", "secret", file.secret.iter().map(|entry| entry.name.to_string()).collect());
        let files = file.plugin.iter().map(|entry| entry.file.display().to_string());
        add("plugins", "plugin", files.collect());
        let policies = file.policy.iter().map(|entry| entry.name.to_string());
        add("policies", "policy", policies.collect());
        let connections = file.connection.iter().map(|entry| entry.name.to_string());
        add("connections", "connection", connections.collect());
        add("sources", "source", file.source.iter().map(|entry| entry.name.to_string()).collect());
        let subscriptions = file.subscription.iter().map(|entry| entry.name.to_string());
        add("subscriptions", "subscription", subscriptions.collect());
        Self(names)
    }

    fn explain(&self, error: &anyhow::Error) -> anyhow::Error {
        let mut text = format!("{error:#}");
        // From the last, so that `/subscriptions/1` is not found in `/subscriptions/10`.
        for (pointer, name) in self.0.iter().rev() {
            text = text.replace(&format!("{pointer}/"), &format!("{name}: "));
            text = text.replace(&format!("{pointer}:"), &format!("{name}:"));
        }
        anyhow::anyhow!(text)
    }
}

fn show(changes: &[Change]) {
    let rows = changes.iter().map(|change| {
        let fields = change
            .fields
            .iter()
            .map(|field| format!("{}: {} → {}", field.pointer, field.from, field.to));
        let fields = fields.map(|field| output::short(&field, 120)).collect::<Vec<_>>().join("\n");
        vec![change.action.to_string(), change.kind.clone(), change.name.clone(), fields]
    });
    output::table(&["action", "kind", "name", "changes"], rows);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_example_is_one() {
        let page = include_str!("../../../../docs/connections.md");
        let example = page.split("```").find_map(|block| block.strip_prefix("toml\n")).unwrap();
        let file: File = toml::from_str(example).unwrap();
        assert_eq!(file.connection[0].name.as_str(), "eddy-api");
        assert_eq!(file.source[0].connection.as_ref(), Some(&file.connection[0].name));
        assert_eq!(file.subscription[0].write_back.len(), 3);
    }

    #[test]
    fn the_mails_example_is_one() {
        let page = include_str!("../../../../docs/mail.md");
        let examples = page.split("```").filter_map(|block| block.strip_prefix("toml\n"));
        let files: Vec<File> = examples.map(|example| toml::from_str(example).unwrap()).collect();
        let mail = files[0].mail.as_ref().unwrap();
        assert_eq!(mail.password.as_ref(), Some(&files[0].secret[0].name));
        assert_eq!((mail.port(), mail.timeout_s), (587, MailSettings::default_timeout_s()));
        let addresses = mail.to.iter().chain(&files[0].subscription[0].mail_exceptions_to);
        assert!(addresses.into_iter().all(|to| crate::mail::address::address(to).is_ok()));
        assert!(crate::mail::address::mailbox(&mail.from).is_ok());
        assert_eq!(files[1].subscription.len(), 2);
    }

    #[test]
    fn the_journals_example_is_one() {
        let page = include_str!("../../../../docs/journal.md");
        let example = page.split("```").find_map(|block| block.strip_prefix("toml\n")).unwrap();
        let journal = toml::from_str::<File>(example).unwrap().journal.unwrap();
        assert_eq!(journal.redact.len(), 3);
        assert_eq!(crate::redaction::Redaction::new(&journal).1, []);
        // The page says that these are the defaults.
        let plain = JournalSettings { redact: Vec::new(), keep_bytes: None, ..journal };
        assert_eq!(plain, JournalSettings::default());
    }
}
