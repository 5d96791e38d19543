//! `hookwright secret`.

use std::io::{IsTerminal as _, Read as _};
use std::path::PathBuf;

use anyhow::Context as _;
use hookwright_model::Name;
use serde_json::json;

use super::client::Client;
use super::setup::edit::{self, Yes};
use super::{Daemon, exit, output};
use crate::delivery::sign::Keys;
use crate::setup::{Current, Removals, SecretWanted, Setup};

#[derive(clap::Subcommand)]
pub(super) enum SecretCommand {
    /// List the secrets by name, and what uses them. What they are is never shown.
    List,
    /// Give a secret its value, or another one. It is read from the standard input, a file or a
    /// variable: arguments are seen by others on this machine.
    #[command(after_help = "Examples:
  hookwright secret set telegram-bot < token.txt
  hookwright secret set telegram-bot --env TELEGRAM_BOT")]
    Set {
        /// Its name.
        name: Name,
        /// Read it from this file. A line end at its end is not part of it.
        #[arg(short, long, conflicts_with = "env")]
        file: Option<PathBuf>,
        /// Take it from this environment variable.
        #[arg(long, value_name = "VARIABLE")]
        env: Option<String>,
    },
    /// Remove secrets that nothing uses.
    Remove {
        /// Their names.
        #[arg(required = true)]
        names: Vec<Name>,
        #[command(flatten)]
        yes: Yes,
    },
    /// Make a key and print it. Nothing is kept, and no daemon is asked.
    #[command(subcommand)]
    Generate(Generate),
}

#[derive(clap::Subcommand)]
pub(super) enum Generate {
    /// A key for signatures after Standard Webhooks: `whsec_…`, which sender and receiver have.
    StandardWebhooks {
        /// Make a key pair instead: `whsk_…`, which signs and nobody else has, and `whpk_…` for
        /// the receiver.
        #[arg(long)]
        asymmetric: bool,
    },
}

impl SecretCommand {
    pub(super) async fn run(self, daemon: &Daemon) -> anyhow::Result<()> {
        match self {
            Self::List => list(&Client::new(daemon)?).await,
            Self::Set { name, file, env } => {
                let value = read(file, env)?;
                let secrets = vec![SecretWanted { name, value }];
                let setup = Setup { secrets, ..Setup::default() };
                edit::apply(&Client::new(daemon)?, &setup, "/secrets/0", false).await
            }
            Self::Remove { names, yes } => {
                let client = Client::new(daemon)?;
                let there: Current = client.get("/v1/setup").await?;
                if let Some(name) = names.iter().find(|name| !there.secrets.contains(name)) {
                    return Err(exit::not_found(format!("there is no secret `{name}`")));
                }
                edit::ask_to_remove(&client, "secret", &names, yes.yes).await?;
                let remove = Removals { secrets: names, ..Removals::default() };
                let setup = Setup { remove, ..Setup::default() };
                edit::apply(&client, &setup, "/remove", false).await
            }
            Self::Generate(Generate::StandardWebhooks { asymmetric }) => {
                generate(asymmetric, daemon.json)
            }
        }
    }
}

fn read(file: Option<PathBuf>, env: Option<String>) -> anyhow::Result<String> {
    let text = match (file, env) {
        (_, Some(variable)) => {
            return std::env::var(&variable)
                .with_context(|| format!("the environment variable {variable} is not usable"));
        }
        (Some(file), None) => std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?,
        (None, None) => {
            if std::io::stdin().is_terminal() {
                // It would be seen while it is typed.
                return Err(exit::usage(
                    "give the secret on the standard input (`… < FILE`), with --file or --env",
                ));
            }
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("cannot read the input")?;
            text
        }
    };
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

async fn list(client: &Client) -> anyhow::Result<()> {
    let there: Current = client.get("/v1/setup").await?;
    let uses = |name: &Name| {
        let mut users = Vec::new();
        let mut add = |kind: &str, user: &Name, document: serde_json::Result<serde_json::Value>| {
            if document.is_ok_and(|document| names(&document, name.as_str())) {
                users.push(format!("{kind} {user}"));
            }
        };
        for one in &there.sources {
            add("source", &one.name, serde_json::to_value(&one.auth));
        }
        for one in &there.policies {
            add("policy", &one.name, serde_json::to_value(&one.secret));
        }
        for one in &there.connections {
            let parts = (&one.secrets, &one.auth, &one.tls, &one.proxy);
            add("connection", &one.name, serde_json::to_value(parts));
        }
        for one in &there.subscriptions {
            let parts = (&one.secrets, &one.auth, &one.tls, &one.proxy, &one.signing);
            add("subscription", &one.name, serde_json::to_value(parts));
        }
        users
    };
    if client.json {
        let items = there.secrets.iter();
        let items = items.map(|name| json!({ "name": name, "used_by": uses(name) }));
        return output::json(&items.collect::<Vec<_>>());
    }
    let rows = there.secrets.iter().map(|name| vec![name.to_string(), uses(name).join(", ")]);
    output::table(&["name", "used by"], rows);
    Ok(())
}

/// Whether a text in it is this name.
fn names(document: &serde_json::Value, name: &str) -> bool {
    match document {
        serde_json::Value::String(text) => text == name,
        serde_json::Value::Array(items) => items.iter().any(|item| names(item, name)),
        serde_json::Value::Object(fields) => fields.values().any(|value| names(value, name)),
        _ => false,
    }
}

fn generate(asymmetric: bool, as_json: bool) -> anyhow::Result<()> {
    let keys = if asymmetric { Keys::asymmetric() } else { Keys::symmetric() };
    let Keys { secret, public } = keys.context("there are no random numbers")?;
    if as_json {
        return output::json(&match public {
            Some(public_key) => json!({ "secret": secret, "public_key": public_key }),
            None => json!({ "secret": secret }),
        });
    }
    println!("{secret}");
    if let Some(public) = public {
        println!("{public}");
    }
    Ok(())
}
