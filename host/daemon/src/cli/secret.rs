//! `hookwright secret`.

use std::io::{IsTerminal as _, Read as _};
use std::path::PathBuf;

use anyhow::Context as _;
use hookwright_model::Name;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Client;
use super::complete::candidates;
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
        #[arg(add = candidates("/v1/secrets"))]
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
        #[arg(required = true, add = candidates("/v1/secrets"))]
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

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

async fn list(client: &Client) -> anyhow::Result<()> {
    let listing: Listing = client.get("/v1/secrets").await?;
    if client.json {
        return output::json(&listing.items);
    }
    let rows = listing.items.iter().map(|secret| {
        let users = secret["used_by"].as_array().map(Vec::as_slice).unwrap_or_default();
        let users = users.iter().map(|user| {
            let (kind, name) = (output::plain(&user["kind"]), output::plain(&user["name"]));
            format!("{kind} {name}")
        });
        let users = users.collect::<Vec<_>>().join(", ");
        vec![output::plain(&secret["name"]), output::plain(&secret["set_at"]), users]
    });
    output::table(&["name", "set", "used by"], rows);
    Ok(())
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
