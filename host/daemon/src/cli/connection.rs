//! `hookwright connection`.

use hookwright_model::Name;
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::output;

#[derive(clap::Subcommand)]
pub(super) enum Connection {
    /// List the connections.
    List,
    /// Show one with its settings and the sources that have it.
    Show {
        /// Its name.
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
        ("retry", connection["retry"].to_string()),
        ("timeout", format!("{} s", connection["timeout_s"])),
        ("time zone", text("time_zone")),
        ("writes", format!("{} per ticket and hour", connection["writes_per_ticket_per_hour"])),
        ("changed", text("updated_at")),
    ];
    for (name, value) in facts {
        if !value.is_empty() {
            println!("  {name:<10} {value}");
        }
    }
}
