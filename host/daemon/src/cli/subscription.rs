//! `hookwright subscription`.

use std::path::PathBuf;

use hookwright_model::{Digest, EventId, Name};
use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::event_file::{self, Envelope};
use super::{dry_run, output, sent};

#[derive(clap::Subcommand)]
pub(super) enum Subscription {
    /// List the subscriptions and the events they take.
    List,
    /// Show which subscriptions would take an event, and why the others would not. Nothing is
    /// kept or sent.
    Match {
        /// An event as `event show` prints it, a CloudEvent, or only an event's data; `-` for
        /// the standard input.
        #[arg(long, value_name = "FILE")]
        event: PathBuf,
        #[command(flatten)]
        envelope: Envelope,
    },
    /// Have events routed to a subscription again that is disabled, as one is by itself when its
    /// deliveries have failed for long. What waits for it is delivered.
    Enable {
        /// Its name.
        name: Name,
    },
    /// Send a test message, whatever events the subscription takes, also while it is disabled.
    /// It is tried once.
    Test {
        /// Its name.
        name: Name,
        /// Wait for the outcome, and fail if it is not delivered.
        #[arg(long)]
        wait: bool,
    },
    /// Show what a subscription would send for an event that was taken in. Nothing is sent;
    /// secrets and signatures are masked.
    DryRun {
        /// Its name.
        name: Name,
        /// The event's id.
        #[arg(long, value_name = "ID")]
        event: EventId,
        /// With another version of its plugin: the digest.
        #[arg(long)]
        digest: Option<Digest>,
    },
    /// Ask whoever owns the subscription's address once more to confirm it.
    Verify {
        /// Its name.
        name: Name,
        /// Wait for the outcome of the delivery, and fail if it is not delivered.
        #[arg(long)]
        wait: bool,
    },
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

impl Subscription {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List => list(client).await,
            Self::Match { event, envelope } => {
                let event = envelope.around(event_file::read(&event)?);
                matching(client, &event).await
            }
            Self::Enable { name } => {
                client.run(Method::POST, &format!("/v1/subscriptions/{name}/enable")).await
            }
            Self::Test { name, wait } => {
                sent::post(client, &format!("/v1/subscriptions/{name}/test"), wait).await
            }
            Self::DryRun { name, event, digest } => {
                dry_run::show(client, &name, event, digest).await
            }
            Self::Verify { name, wait } => {
                sent::post(client, &format!("/v1/subscriptions/{name}/verify"), wait).await
            }
        }
    }
}

async fn list(client: &Client) -> anyhow::Result<()> {
    let listing: Listing = client.get("/v1/subscriptions").await?;
    if client.json {
        return output::json(&listing.items);
    }
    let rows = listing.items.iter().map(|subscription| {
        let text = |field: &str| subscription[field].as_str().unwrap_or_default().to_owned();
        let all = |field: &str, none: &str| {
            let items = subscription[field].as_array().map(Vec::as_slice).unwrap_or_default();
            let items: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            if items.is_empty() { none.to_owned() } else { items.join(", ") }
        };
        vec![
            text("name"),
            text("state"),
            text("plugin"),
            all("sources", "all"),
            all("events", "none"),
            all("groups", "all"),
            output::short(&text("condition"), 60),
            last_error(subscription),
        ]
    });
    let head =
        ["name", "state", "plugin", "sources", "events", "groups", "condition", "last error"];
    output::table(&head, rows);
    Ok(())
}

/// Of one that fails, or was disabled because of it.
fn last_error(subscription: &Value) -> String {
    let is_disabled = subscription["disabled_at"].is_string();
    let failures = subscription["consecutive_failures"].as_u64().unwrap_or_default();
    if failures == 0 && !is_disabled {
        return String::new();
    }
    let error = subscription["last_error"].as_str().unwrap_or_default();
    output::short(&format!("{failures} in a row: {error}"), 60)
}

async fn matching(client: &Client, event: &Value) -> anyhow::Result<()> {
    let listing: Listing = client.post("/v1/subscriptions/match", event).await?;
    if client.json {
        return output::json(&listing.items);
    }
    if listing.items.is_empty() {
        println!("There are no subscriptions.");
        return Ok(());
    }
    let rows = listing.items.iter().map(|answer| {
        let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
        let taken = if answer["taken"] == true { "yes" } else { "no" };
        vec![text("subscription"), taken.to_owned(), text("detail")]
    });
    output::table(&["subscription", "takes it", "why"], rows);
    Ok(())
}
