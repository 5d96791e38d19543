//! `hookwright destination`.

use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::output;

#[derive(clap::Subcommand)]
pub(super) enum Destination {
    /// List where requests went lately, and whether it is well; what is not comes first.
    List,
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

impl Destination {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        let Self::List = self;
        let listing: Listing = client.get("/v1/destinations").await?;
        if client.json {
            return output::json(&listing.items);
        }
        let head = ["destination", "through", "state", "failed", "since", "next try", "last error"];
        output::table(&head, listing.items.iter().map(row));
        Ok(())
    }
}

fn row(destination: &Value) -> Vec<String> {
    let text = |field: &str| destination[field].as_str().unwrap_or_default().to_owned();
    vec![
        text("origin"),
        text("through"),
        text("state").replace('_', " "),
        format!("{} of {}", destination["failed"], destination["tries"]),
        text("since"),
        text("next_probe_at"),
        output::short(&text("last_error"), 60),
    ]
}
