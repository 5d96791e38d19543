//! `hookwright source`.

use hookwright_model::Name;
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::complete::candidates;
use super::paint::inert;
use super::setup::edit::{self, Create, Set, Yes};
use super::setup::tidy;
use super::{exit, output};
use crate::setup::SourceWanted;

#[derive(clap::Subcommand)]
pub(super) enum Source {
    /// List the sources.
    List,
    /// Show one, and where its helpdesk posts to.
    Show {
        /// Its name.
        #[arg(add = candidates("/v1/sources"))]
        name: Name,
    },
    /// Make one.
    #[command(after_help = "Example:
  hookwright source create name=desk plugin=zammad auth.kind=hub_signature auth.secret=zammad-key")]
    Create(Create),
    /// Change fields of one.
    #[command(after_help = "Example:
  hookwright source set desk time_zone=Europe/Kyiv")]
    Set {
        /// Its name.
        #[arg(add = candidates("/v1/sources"))]
        name: Name,
        #[command(flatten)]
        how: Set,
    },
    /// Open one in your editor (VISUAL or EDITOR), and change it as it was saved.
    Edit {
        /// Its name.
        #[arg(add = candidates("/v1/sources"))]
        name: Name,
    },
    /// Remove some. Posts to them are refused from then on; the journal keeps what was.
    Remove {
        /// Their names.
        #[arg(required = true, add = candidates("/v1/sources"))]
        names: Vec<Name>,
        #[command(flatten)]
        yes: Yes,
    },
    /// Take posts to one in again.
    Enable {
        /// Its name.
        #[arg(add = candidates("/v1/sources"))]
        name: Name,
    },
    /// Refuse posts to one.
    Disable {
        /// Its name.
        #[arg(add = candidates("/v1/sources"))]
        name: Name,
    },
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

impl Source {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List => list(client).await,
            Self::Show { name } => show(client, &name).await,
            Self::Create(create) => create.run::<SourceWanted>(client).await,
            Self::Set { name, how } => how.run::<SourceWanted>(client, &name).await,
            Self::Edit { name } => edit::edit::<SourceWanted>(client, &name).await,
            Self::Remove { names, yes } => {
                edit::remove::<SourceWanted>(client, names, yes.yes).await
            }
            Self::Enable { name } => {
                edit::set_field::<SourceWanted>(client, &name, "enabled", true).await
            }
            Self::Disable { name } => {
                edit::set_field::<SourceWanted>(client, &name, "enabled", false).await
            }
        }
    }
}

async fn list(client: &Client) -> anyhow::Result<()> {
    let listing: Listing = client.get("/v1/sources").await?;
    if client.json {
        return output::json(&listing.items);
    }
    let rows = listing.items.iter().map(|source| {
        let text = |field: &str| output::plain(&source[field]);
        let enabled = if source["enabled"] == true { "yes" } else { "no" };
        vec![
            text("name"),
            enabled.to_owned(),
            text("plugin"),
            output::plain(&source["auth"]["kind"]),
            text("time_zone"),
            text("connection"),
            text("updated_at"),
        ]
    });
    let head = ["name", "enabled", "plugin", "proof", "time zone", "connection", "changed"];
    output::table(&head, rows);
    Ok(())
}

async fn show(client: &Client, name: &Name) -> anyhow::Result<()> {
    let listing: Listing = client.get("/v1/sources").await?;
    let found = listing.items.iter().find(|one| one["name"] == name.as_str());
    let Some(found) = found else {
        return Err(exit::not_found(format!("there is no source `{name}`")));
    };
    if client.json {
        return output::json(found);
    }
    let token = if found["auth"]["kind"] == "token" { "/<token>" } else { "" };
    println!("{name}");
    output::facts([
        ("posts to", format!("/in/{name}{token}")),
        ("id", output::plain(&found["id"])),
        ("updated_at", output::plain(&found["updated_at"])),
    ]);
    let wanted: SourceWanted = edit::find(client, name).await?;
    println!("\n{}", inert(tidy::body(&wanted)?.trim_end()));
    Ok(())
}
