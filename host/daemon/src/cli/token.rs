//! `hookwright token`.

use anyhow::bail;
use hookwright_model::{AccessRole, Age, Name, Timestamp, TokenId};
use hookwright_store::Accounts;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Client;
use super::setup::edit::Yes;
use super::{Daemon, Data, output};
use crate::app;
use crate::server::auth::{self, Actor};
use crate::server::tokens::created;

#[derive(clap::Subcommand)]
pub(super) enum Token {
    /// Make a token and print it, this once. Without a token to ask the daemon with, it is made
    /// in the data directory: this is how the first one comes about.
    Create(Create),
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

#[derive(clap::Args)]
pub(super) struct Create {
    #[command(flatten)]
    data: Data,
    /// What it is for.
    #[arg(long)]
    name: Name,
    /// What it allows: poster, reader, operator or admin.
    #[arg(long = "role", alias = "scope", required = true, value_delimiter = ',')]
    roles: Vec<AccessRole>,
    /// For how long it is valid, such as 90d or 12h; until it is removed if not given.
    #[arg(long, value_name = "AGE")]
    expires_in: Option<Age>,
    /// Until when it is valid, such as 2026-12-31T23:59:59Z.
    #[arg(long, value_name = "TIME", conflicts_with = "expires_in")]
    expires_at: Option<jiff::Timestamp>,
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

impl Create {
    fn expires_at(&self) -> anyhow::Result<Option<Timestamp>> {
        let now = Timestamp::now();
        let at = match (self.expires_in, self.expires_at) {
            (Some(Age::For(age)), _) => Some(now.after(age)),
            (_, Some(at)) => Some(Timestamp::from_millis(at.as_millisecond())),
            (Some(Age::Forever) | None, None) => None,
        };
        if at.is_some_and(|at| at <= now) {
            bail!("the token would never be valid: it expires before it is made");
        }
        Ok(at)
    }

    async fn run(self, daemon: &Daemon) -> anyhow::Result<()> {
        let expires_at = self.expires_at()?;
        let Self { data, name, roles, .. } = self;
        if daemon.token.is_some() {
            let mut wanted = json!({ "name": name, "roles": roles });
            if let Some(at) = expires_at {
                wanted["expires_at"] = json!(at);
            }
            let created: Value = Client::new(daemon)?.post("/v1/tokens", &wanted).await?;
            if daemon.json {
                return output::json(&created);
            }
            println!("{}", created["secret"].as_str().unwrap_or_default());
            return Ok(());
        }
        let store = app::open_store_beside(&data.data, data.key.as_deref())?;
        let (token, secret) = match auth::make(name, roles, expires_at) {
            Ok(made) => made,
            Err(error) => bail!(error),
        };
        let entry = created(&Actor::command_line(), &token);
        store.add_token(token, entry).await?;
        println!("{secret}");
        Ok(())
    }
}

impl Token {
    pub(super) async fn run(self, daemon: &Daemon) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => return create.run(daemon).await,
            Self::List => {
                let listing: Listing = Client::new(daemon)?.get("/v1/tokens").await?;
                if daemon.json {
                    return output::json(&listing.items);
                }
                let rows = listing.items.iter().map(|token| {
                    let text = |field: &str| token[field].as_str().unwrap_or_default().to_owned();
                    let or =
                        |field: &str, none: &str| token[field].as_str().unwrap_or(none).to_owned();
                    let roles = token["roles"].as_array().map(Vec::as_slice).unwrap_or_default();
                    let roles: Vec<_> = roles.iter().filter_map(Value::as_str).collect();
                    vec![
                        text("id"),
                        text("name"),
                        roles.join(", "),
                        text("created_at"),
                        or("expires_at", "never"),
                        or("used_at", "never"),
                    ]
                });
                let head = ["id", "name", "roles", "created", "expires", "last used"];
                output::table(&head, rows);
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
