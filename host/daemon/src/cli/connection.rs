//! `hookwright connection`.

use hookwright_model::Name;
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::complete::candidates;
use super::output;
use super::setup::edit::{self, Create, Set, Yes};
use crate::setup::ConnectionWanted;

#[derive(clap::Subcommand)]
pub(super) enum Connection {
    /// List the connections.
    List,
    /// Show one with its settings and the sources that have it.
    Show {
        /// Its name.
        #[arg(add = candidates("/v1/connections"))]
        name: Name,
    },
    /// Make one.
    #[command(after_help = "Example:
  hookwright connection create name=desk plugin=zammad-api settings.url=https://desk.example \\
      secrets.token=zammad-api")]
    Create(Create),
    /// Change fields of one.
    #[command(after_help = "Example:
  hookwright connection set desk writes_per_ticket_per_hour=20")]
    Set {
        /// Its name.
        #[arg(add = candidates("/v1/connections"))]
        name: Name,
        #[command(flatten)]
        how: Set,
    },
    /// Open one in your editor (VISUAL or EDITOR), and change it as it was saved.
    Edit {
        /// Its name.
        #[arg(add = candidates("/v1/connections"))]
        name: Name,
    },
    /// Remove some that nothing uses. What was to be written through them fails.
    Remove {
        /// Their names.
        #[arg(required = true, add = candidates("/v1/connections"))]
        names: Vec<Name>,
        #[command(flatten)]
        yes: Yes,
    },
    /// Write through one again.
    Enable {
        /// Its name.
        #[arg(add = candidates("/v1/connections"))]
        name: Name,
    },
    /// Write nothing through one.
    Disable {
        /// Its name.
        #[arg(add = candidates("/v1/connections"))]
        name: Name,
    },
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

impl Connection {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List => {
                let listing: Listing = client.get("/v1/connections").await?;
                if client.json {
                    return output::json(&listing.items);
                }
                let sources: Listing = client.get("/v1/sources").await?;
                let rows = listing.items.iter().map(|connection| {
                    let text = |field: &str| connection[field].as_str().unwrap_or_default();
                    let enabled = if connection["enabled"] == true { "yes" } else { "no" };
                    let of = sources_of(&sources, connection);
                    vec![text("name").into(), enabled.into(), text("plugin").into(), of]
                });
                output::table(&["name", "enabled", "plugin", "sources"], rows);
                Ok(())
            }
            Self::Create(create) => create.run::<ConnectionWanted>(client).await,
            Self::Set { name, how } => how.run::<ConnectionWanted>(client, &name).await,
            Self::Edit { name } => edit::edit::<ConnectionWanted>(client, &name).await,
            Self::Remove { names, yes } => {
                edit::remove::<ConnectionWanted>(client, names, yes.yes).await
            }
            Self::Enable { name } => {
                edit::set_field::<ConnectionWanted>(client, &name, "enabled", true).await
            }
            Self::Disable { name } => {
                edit::set_field::<ConnectionWanted>(client, &name, "enabled", false).await
            }
            Self::Show { name } => {
                let connection: Value = client.get(&format!("/v1/connections/{name}")).await?;
                if client.json {
                    return output::json(&connection);
                }
                let sources: Listing = client.get("/v1/sources").await?;
                show(&connection, &sources);
                Ok(())
            }
        }
    }
}

/// The names of the sources that have this connection.
fn sources_of(sources: &Listing, connection: &Value) -> String {
    let with = sources.items.iter().filter(|source| source["connection"] == connection["name"]);
    let names: Vec<_> = with.filter_map(|source| source["name"].as_str()).collect();
    names.join(", ")
}

fn show(connection: &Value, sources: &Listing) {
    let text = |field: &str| connection[field].as_str().unwrap_or_default().to_owned();
    println!("{} {}", text("name"), text("id"));
    let facts = [
        ("enabled", if connection["enabled"] == true { "yes" } else { "no" }.to_owned()),
        ("plugin", format!("{} (digest {})", text("plugin"), text("digest"))),
        ("sources", sources_of(sources, connection)),
        ("settings", connection["settings"].to_string()),
        ("secrets", connection["secrets"].to_string()),
        ("retry", output::plain(&connection["retry"])),
        (
            "timeout",
            connection["timeout_s"].as_f64().map_or_else(String::new, |s| format!("{s} s")),
        ),
        ("time zone", text("time_zone")),
        ("writes", format!("{} per ticket and hour", connection["writes_per_ticket_per_hour"])),
        ("changed", text("updated_at")),
    ];
    output::facts(facts);
}
