//! `hookwright event`.

use anyhow::bail;
use hookwright_model::EventId;
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::event_file::EventFile;
use super::export::Output;
use super::output;
use super::paint::{inert, inert_json};
use super::search::{self, EventFilter};

#[derive(clap::Subcommand)]
pub(super) enum Event {
    /// Send an event as a CloudEvent. Fails if no subscription takes it; it is kept all the
    /// same.
    Send {
        #[command(flatten)]
        event: EventFile,
    },
    /// List events, newest first.
    List {
        #[command(flatten)]
        filter: EventFilter,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Write events as JSON Lines, newest first.
    Export {
        #[command(flatten)]
        filter: EventFilter,
        #[command(flatten)]
        output: Output,
    },
    /// List all types of events, and which sources can give them.
    Types,
    /// Show an event, or what was posted.
    Show {
        /// Its id.
        id: EventId,
        /// Print the post as it came, byte for byte.
        #[arg(long)]
        original: bool,
    },
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

impl Event {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::Send { event } => send(client, &event.cloud_event()?).await,
            Self::List { filter, limit } => {
                let items = search::list(client, "/v1/events", &filter.pairs(), limit).await?;
                if client.json {
                    return output::json(&items);
                }
                let rows = items.iter().map(|event| {
                    let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
                    ["id", "received_at", "source", "type", "subject"].map(text).to_vec()
                });
                output::table(&["id", "received", "source", "type", "subject"], rows);
                Ok(())
            }
            Self::Export { filter, output } => {
                output.write(client, "events", &filter.pairs()).await
            }
            Self::Types => types(client).await,
            Self::Show { id, original } => {
                let path = if original { "/original" } else { "" };
                // As it came: read and written again, large numbers would lose digits, and what
                // a plugin is given would not be what the daemon gives it.
                let mut bytes = client.get_bytes(&format!("/v1/events/{id}{path}")).await?.to_vec();
                if !original {
                    bytes.push(b'\n');
                }
                if std::io::IsTerminal::is_terminal(&std::io::stdout())
                    && let Ok(text) = std::str::from_utf8(&bytes)
                {
                    // What a helpdesk posted is shown to people, and not obeyed by their terminal.
                    bytes =
                        if original { inert(text) } else { inert_json(text) }.into_owned().into();
                }
                std::io::Write::write_all(&mut std::io::stdout(), &bytes)?;
                Ok(())
            }
        }
    }
}

async fn types(client: &Client) -> anyhow::Result<()> {
    let listing: Listing = client.get("/v1/event-types").await?;
    if client.json {
        return output::json(&listing.items);
    }
    let rows = listing.items.iter().map(|known| {
        let text = |field: &str| known[field].as_str().unwrap_or_default().to_owned();
        let sources = known["sources"].as_object().into_iter().flat_map(|sources| sources.keys());
        let sources: Vec<_> = sources.map(String::as_str).collect();
        vec![text("type"), text("title"), sources.join(", ")]
    });
    output::table(&["type", "meaning", "sources"], rows);
    Ok(())
}

async fn send(client: &Client, event: &Value) -> anyhow::Result<()> {
    let body = serde_json::to_vec(event)?.into();
    let kind = "application/cloudevents+json";
    let accepted: Value = client.post_bytes("/v1/events", kind, body).await?;
    if client.json {
        output::json(&accepted)?;
    }
    for event in accepted["events"].as_array().map(Vec::as_slice).unwrap_or_default() {
        if !client.json {
            let id = event["id"].as_str().unwrap_or_default();
            println!("{id} ({} deliveries)", event["deliveries"]);
        }
    }
    let problem = accepted["problems"][0]["detail"].as_str();
    problem.map_or(Ok(()), |problem| bail!("{problem}"))
}
