//! `hookwright user`.

use std::io::{IsTerminal, Read};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use hookwright_model::{AccessRole, Language, Name};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::client::Client;
use super::exit::Refused;
use super::setup::edit::Yes;
use super::{Daemon, Data, output};
use crate::app;
use crate::people::{People, UserPatch, UserWanted};
use crate::server::auth::Actor;
use crate::server::problem::Problem;

/// More than any password takes.
const MOST: u64 = 4_096;

#[derive(clap::Args)]
pub(super) struct UserCommand {
    #[command(flatten)]
    data: Data,
    #[command(subcommand)]
    what: What,
}

/// Without a token to ask the daemon with, all of it is done in the data directory: this is how
/// the first user comes about, and how a forgotten password is replaced.
#[derive(clap::Subcommand)]
enum What {
    /// Add someone who can log in to the console.
    Create {
        /// What they log in with.
        #[arg(long)]
        name: Name,
        /// What they may do: reader, operator or admin.
        #[arg(long)]
        role: AccessRole,
        /// What the console speaks to them: en, de, ru or uk; what their browser asks for if not
        /// given.
        #[arg(long)]
        language: Option<Language>,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// List those who can log in.
    List,
    /// Change someone. Another role, and disabling, log them out.
    #[command(after_help = "Example:
  hookwright user set anna --role operator --language de")]
    Set {
        /// Their name.
        name: Name,
        /// What they may do.
        #[arg(long)]
        role: Option<AccessRole>,
        /// What the console speaks to them; `auto` for what their browser asks for.
        #[arg(long)]
        language: Option<String>,
        /// They cannot log in any more.
        #[arg(long)]
        disable: bool,
        /// They can log in again.
        #[arg(long, conflicts_with = "disable")]
        enable: bool,
    },
    /// Give someone another password, which logs them out everywhere.
    Password {
        /// Their name.
        name: Name,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Remove someone.
    Remove {
        /// Their name.
        name: Name,
        #[command(flatten)]
        yes: Yes,
    },
}

/// Where a password comes from: typed, or one line of standard input.
#[derive(clap::Args)]
struct PasswordSource {
    /// Make a password and print it, this once, in place of asking for one.
    #[arg(long)]
    generate: bool,
}

impl PasswordSource {
    /// None if one is to be generated.
    fn read(&self) -> anyhow::Result<Option<String>> {
        if self.generate {
            return Ok(None);
        }
        let password = if std::io::stdin().is_terminal() { typed()? } else { piped()? };
        if password.is_empty() {
            bail!("there is no password: give one on standard input, or say --generate");
        }
        Ok(Some(password))
    }
}

fn typed() -> anyhow::Result<String> {
    let terminal = ::console::Term::stderr();
    let ask = |what: &str| -> anyhow::Result<String> {
        terminal.write_str(what)?;
        Ok(terminal.read_secure_line()?)
    };
    let password = ask("Password: ")?;
    if ask("Once more: ")? != password {
        bail!("these are two different passwords");
    }
    Ok(password)
}

fn piped() -> anyhow::Result<String> {
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(MOST);
    input.read_to_string(&mut text).context("standard input cannot be read")?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

/// Where it is done.
enum Place {
    Daemon(Client),
    Directory(People),
}

impl UserCommand {
    pub(super) async fn run(self, daemon: &Daemon) -> anyhow::Result<()> {
        let Self { data, what } = self;
        let place = if daemon.token.is_some() {
            Place::Daemon(Client::new(daemon)?)
        } else {
            let store = app::open_store_beside(&data.data, data.key.as_deref())?;
            Place::Directory(People::new(Arc::new(store)))
        };
        match what {
            What::Create { name, role, language, password } => {
                let password = password.read()?;
                let added = place.add(name, role, language, password).await?;
                show(daemon, &added)
            }
            What::List => list(daemon, &place.all().await?),
            What::Set { name, role, language, disable, enable } => {
                let mut patch = Map::new();
                patch.extend(role.map(|role| ("role".to_owned(), json!(role))));
                if let Some(language) = language {
                    let language = match language.as_str() {
                        "auto" => None,
                        other => Some(other.parse::<Language>()?),
                    };
                    patch.insert("language".to_owned(), json!(language));
                }
                if disable || enable {
                    patch.insert("disabled".to_owned(), disable.into());
                }
                if patch.is_empty() {
                    bail!("say what is to be different: --role, --language, --disable or --enable");
                }
                show(daemon, &place.change(&name, patch).await?)
            }
            What::Password { name, password } => {
                let mut patch = Map::new();
                match password.read()? {
                    Some(password) => patch.insert("password".to_owned(), password.into()),
                    None => patch.insert("generate_password".to_owned(), true.into()),
                };
                show(daemon, &place.change(&name, patch).await?)
            }
            What::Remove { name, yes } => {
                output::confirm(&format!("Remove the user {name}?"), yes.yes)?;
                place.remove(&name).await
            }
        }
    }
}

impl Place {
    async fn all(&self) -> anyhow::Result<Vec<Value>> {
        match self {
            Self::Daemon(client) => Ok(client.get::<Listing>("/v1/users").await?.items),
            Self::Directory(people) => {
                let users = people.all().await.map_err(said)?;
                users.iter().map(|user| Ok(serde_json::to_value(user)?)).collect()
            }
        }
    }

    async fn add(
        &self,
        name: Name,
        role: AccessRole,
        language: Option<Language>,
        password: Option<String>,
    ) -> anyhow::Result<Value> {
        match self {
            Self::Daemon(client) => {
                let wanted = json!({
                    "name": name, "role": role, "language": language, "password": password,
                });
                client.post("/v1/users", &wanted).await
            }
            Self::Directory(people) => {
                let wanted = UserWanted { name, role, language, password, disabled: false };
                let added = people.add(&Actor::command_line(), wanted).await.map_err(said)?;
                Ok(serde_json::to_value(added)?)
            }
        }
    }

    async fn change(&self, name: &Name, patch: Map<String, Value>) -> anyhow::Result<Value> {
        match self {
            Self::Daemon(client) => client.patch(&format!("/v1/users/{name}"), &patch).await,
            Self::Directory(people) => {
                let patch: UserPatch = serde_json::from_value(patch.into())?;
                let actor = Actor::command_line();
                let changed = people.change(&actor, name.as_str(), patch).await.map_err(said)?;
                Ok(serde_json::to_value(changed)?)
            }
        }
    }

    async fn remove(&self, name: &Name) -> anyhow::Result<()> {
        match self {
            Self::Daemon(client) => client.run(Method::DELETE, &format!("/v1/users/{name}")).await,
            Self::Directory(people) => {
                people.remove(&Actor::command_line(), name.as_str()).await.map_err(said)
            }
        }
    }
}

/// As the daemon's answers are shown.
#[allow(clippy::needless_pass_by_value, reason = "it is what errors are mapped by")]
fn said(problem: Problem) -> anyhow::Error {
    let status = StatusCode::from_u16(problem.status()).unwrap_or_default();
    Refused { status, text: format!("{}: {}", problem.title(), problem.detail()) }.into()
}

/// A password that was made is all that is printed, so that it can be passed on.
fn show(daemon: &Daemon, user: &Value) -> anyhow::Result<()> {
    if daemon.json {
        return output::json(user);
    }
    if let Some(password) = user["password"].as_str() {
        println!("{password}");
    }
    Ok(())
}

fn list(daemon: &Daemon, users: &[Value]) -> anyhow::Result<()> {
    if daemon.json {
        return output::json(&users);
    }
    let rows = users.iter().map(|user| {
        let or = |field: &str, none: &str| user[field].as_str().unwrap_or(none).to_owned();
        let disabled = if user["disabled"] == true { "no" } else { "yes" };
        vec![
            or("name", ""),
            or("role", ""),
            or("language", "auto"),
            disabled.to_owned(),
            or("created_at", ""),
            or("last_login_at", "never"),
        ]
    });
    output::table(&["name", "role", "language", "can log in", "added", "last login"], rows);
    Ok(())
}
