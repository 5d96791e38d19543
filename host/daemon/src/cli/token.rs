//! `hookwright token`.

use anyhow::bail;
use hookwright_model::{Name, Scope, TokenId};
use hookwright_store::Store;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Client;
use super::setup::edit::Yes;
use super::{Daemon, Data, output};
use crate::app;
use crate::server::auth;

#[derive(clap::Subcommand)]
pub(super) enum Token {
    /// Make a token and print it, this once. Without a token to ask the daemon with, it is made
    /// in the data directory: this is how the first one comes about.
    Create {
        #[command(flatten)]
        data: Data,
        /// What it is for.
        #[arg(long)]
        name: Name,
        /// What it allows: post-events, read or admin.
        #[arg(long = "scope", required = true, value_delimiter = ',')]
        scopes: Vec<Scope>,
    },
    /// List the tokens.
    List,
    /// Remove a token.
    Remove {
        /// Its id, as `token list` shows it.
        id: TokenId,
        #[command(flatten)]
        yes: Yes,
    },
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

impl Token {
    pub(super) async fn run(self, daemon: &Daemon) -> anyhow::Result<()> {
        match self {
            Self::Create { name, scopes, .. } if daemon.token.is_some() => {
                let wanted = json!({ "name": name, "scopes": scopes });
                let created: Value = Client::new(daemon)?.post("/v1/tokens", &wanted).await?;
                if daemon.json {
                    return output::json(&created);
                }
                println!("{}", created["secret"].as_str().unwrap_or_default());
            }
            Self::Create { data, name, scopes } => {
                let store = app::open_store(&data.data, data.key.as_deref())?;
                let (token, secret) = match auth::make(name, scopes) {
                    Ok(made) => made,
                    Err(error) => bail!(error),
                };
                store.add_token(token).await?;
                println!("{secret}");
            }
            Self::List => {
                let listing: Listing = Client::new(daemon)?.get("/v1/tokens").await?;
                if daemon.json {
                    return output::json(&listing.items);
                }
                let rows = listing.items.iter().map(|token| {
                    let text = |field: &str| token[field].as_str().unwrap_or_default().to_owned();
                    let scopes = token["scopes"].as_array().map(Vec::as_slice).unwrap_or_default();
                    let scopes: Vec<_> = scopes.iter().filter_map(Value::as_str).collect();
                    vec![text("id"), text("name"), scopes.join(", "), text("created_at")]
                });
                output::table(&["id", "name", "scopes", "created"], rows);
            }
            Self::Remove { id, yes } => {
                let question = format!("Remove {id}? Programs that use it are refused.");
                output::confirm(&question, yes.yes)?;
                Client::new(daemon)?.run(Method::DELETE, &format!("/v1/tokens/{id}")).await?;
            }
        }
        Ok(())
    }
}
