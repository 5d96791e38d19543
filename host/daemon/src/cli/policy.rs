//! `hookwright policy`.

use hookwright_model::{Name, Policy};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Client;
use super::complete::candidates;
use super::output;
use super::setup::edit::{self, Create, Set, Yes};
use crate::setup::PolicyWanted;

#[derive(clap::Subcommand)]
pub(super) enum PolicyCommand {
    /// List the policies by which bodies are put into tokens.
    List,
    /// Show a policy with its issuer and its public keys.
    Show {
        /// Its name.
        #[arg(add = candidates("/v1/policies"))]
        name: Name,
    },
    /// Sign with a new key from now on.
    Rotate {
        /// Its name.
        #[arg(add = candidates("/v1/policies"))]
        name: Name,
        /// For how many seconds the public parts of the keys before stay published. With 0 they
        /// are withdrawn at once.
        #[arg(long, default_value_t = Policy::DEFAULT_KEEP_S)]
        keep_s: u32,
    },
    /// Make one.
    #[command(after_help = "Example:
  hookwright policy create name=prod algorithm=es256 audience=desk expires_in_s=600")]
    Create(Create),
    /// Change fields of one.
    #[command(after_help = "Example:
  hookwright policy set prod expires_in_s=300")]
    Set {
        /// Its name.
        #[arg(add = candidates("/v1/policies"))]
        name: Name,
        #[command(flatten)]
        how: Set,
    },
    /// Open one in your editor (VISUAL or EDITOR), and change it as it was saved.
    Edit {
        /// Its name.
        #[arg(add = candidates("/v1/policies"))]
        name: Name,
    },
    /// Remove policies that nothing uses, with their keys.
    Remove {
        /// Their names.
        #[arg(required = true, add = candidates("/v1/policies"))]
        names: Vec<Name>,
        #[command(flatten)]
        yes: Yes,
    },
    /// Sign by one again.
    Enable {
        /// Its name.
        #[arg(add = candidates("/v1/policies"))]
        name: Name,
    },
    /// Sign nothing by one. What is to be signed by it waits.
    Disable {
        /// Its name.
        #[arg(add = candidates("/v1/policies"))]
        name: Name,
    },
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

impl PolicyCommand {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List => list(client).await,
            Self::Show { name } => {
                show(client, &client.get(&format!("/v1/policies/{name}")).await?)
            }
            Self::Rotate { name, keep_s } => {
                let path = format!("/v1/policies/{name}/rotate");
                show(client, &client.post(&path, &json!({ "keep_s": keep_s })).await?)
            }
            Self::Create(create) => create.run::<PolicyWanted>(client).await,
            Self::Set { name, how } => how.run::<PolicyWanted>(client, &name).await,
            Self::Edit { name } => edit::edit::<PolicyWanted>(client, &name).await,
            Self::Remove { names, yes } => {
                edit::remove::<PolicyWanted>(client, names, yes.yes).await
            }
            Self::Enable { name } => {
                edit::set_field::<PolicyWanted>(client, &name, "disabled", false).await
            }
            Self::Disable { name } => {
                edit::set_field::<PolicyWanted>(client, &name, "disabled", true).await
            }
        }
    }
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

async fn list(client: &Client) -> anyhow::Result<()> {
    let listing: Listing = client.get("/v1/policies").await?;
    if client.json {
        return output::json(&listing.items);
    }
    let rows = listing.items.iter().map(|policy| {
        let enabled = if policy["disabled"] == true { "no" } else { "yes" };
        vec![
            text(policy, "name"),
            enabled.to_owned(),
            text(policy, "algorithm"),
            output::short(&text(policy, "audience"), 40),
            text(policy, "kid"),
            text(policy, "issuer"),
        ]
    });
    output::table(&["name", "enabled", "algorithm", "audience", "key", "issuer"], rows);
    Ok(())
}

fn show(client: &Client, policy: &Value) -> anyhow::Result<()> {
    if client.json {
        return output::json(policy);
    }
    let mut facts = Vec::new();
    for field in ["name", "algorithm", "issuer", "audience", "secret", "created_at", "updated_at"] {
        if let Some(value) = policy[field].as_str() {
            facts.push((field, value.to_owned()));
        }
    }
    if let Some(seconds) = policy["expires_in_s"].as_u64() {
        facts.push(("expires_in_s", seconds.to_string()));
    }
    if policy["disabled"] == true {
        facts.push(("disabled", "yes".to_owned()));
    }
    for (field, value) in facts {
        println!("{field:13} {}", super::paint::inert(&value));
    }
    for key in policy["keys"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let kept = match key["kept_until"].as_str() {
            Some(until) => format!("published until {until}"),
            None => "signs".to_owned(),
        };
        println!(
            "\n{} {}, of {}, {kept}",
            text(key, "algorithm"),
            text(key, "kid"),
            text(key, "created_at")
        );
        print!("{}", text(key, "public_key_pem"));
    }
    Ok(())
}
