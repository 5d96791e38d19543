//! `hookwright subscription`.

use std::path::PathBuf;

use hookwright_model::{Digest, EventId, Name};
use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::complete::candidates;
use super::event_file::{self, Envelope};
use super::paint::inert;
use super::setup::edit::{self, Create, Set, Yes};
use super::setup::tidy;
use super::{dry_run, exit, output, sent};
use crate::setup::SubscriptionWanted;

#[derive(clap::Subcommand)]
pub(super) enum Subscription {
    /// List the subscriptions and the events they take.
    List,
    /// Show one: how it does, and how it is set up.
    Show {
        /// Its name.
        #[arg(add = candidates("/v1/subscriptions"))]
        name: Name,
    },
    /// Make one.
    #[command(after_help = "Examples:
  hookwright subscription create name=duty plugin=telegram 'events=[\"ticket.*\"]' \\
      settings.chat_id=-100123 secrets.token=telegram-bot
  hookwright subscription create --file duty.toml --dry-run
  hookwright subscription create --file duty.toml --test      and see whether it arrives")]
    Create {
        #[command(flatten)]
        create: Create,
        #[command(flatten)]
        tried: Tried,
    },
    /// Change fields of one.
    #[command(after_help = "Examples:
  hookwright subscription set duty settings.chat_id=-100456 'events=[\"*\"]'
  hookwright subscription set duty condition=null
  hookwright subscription set duty --patch '{\"retry\": {\"attempts\": 3}}' --dry-run")]
    Set {
        /// Its name.
        #[arg(add = candidates("/v1/subscriptions"))]
        name: Name,
        #[command(flatten)]
        how: Set,
        #[command(flatten)]
        tried: Tried,
    },
    /// Open one in your editor (VISUAL or EDITOR), and change it as it was saved.
    Edit {
        /// Its name.
        #[arg(add = candidates("/v1/subscriptions"))]
        name: Name,
    },
    /// Remove some. What they have to deliver is canceled; the journal keeps what was.
    Remove {
        /// Their names.
        #[arg(required = true, add = candidates("/v1/subscriptions"))]
        names: Vec<Name>,
        #[command(flatten)]
        yes: Yes,
    },
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
        #[arg(add = candidates("/v1/subscriptions"))]
        name: Name,
    },
    /// Have no more events routed to a subscription. What it has to deliver waits.
    Disable {
        /// Its name.
        #[arg(add = candidates("/v1/subscriptions"))]
        name: Name,
    },
    /// Send a test message, whatever events the subscription takes, also while it is disabled.
    /// It is tried once.
    Test {
        /// Its name.
        #[arg(add = candidates("/v1/subscriptions"))]
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
        #[arg(add = candidates("/v1/subscriptions"))]
        name: Name,
        /// Wait for the outcome of the delivery, and fail if it is not delivered.
        #[arg(long)]
        wait: bool,
    },
}

/// Whether it is tried out at once.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Tried {
    /// Then send a test message and wait for the outcome, as `subscription test --wait` does: fail
    /// if it is not delivered. The subscription stays as it was set up.
    #[arg(long, conflicts_with = "dry_run")]
    test: bool,
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
            Self::Show { name } => show(client, &name).await,
            Self::Create { create, tried } => {
                let name = create.named::<SubscriptionWanted>(client).await?;
                tried.run(client, &name).await
            }
            Self::Set { name, how, tried } => {
                how.run::<SubscriptionWanted>(client, &name).await?;
                tried.run(client, &name).await
            }
            Self::Edit { name } => edit::edit::<SubscriptionWanted>(client, &name).await,
            Self::Remove { names, yes } => {
                edit::remove::<SubscriptionWanted>(client, names, yes.yes).await
            }
            Self::Disable { name } => {
                client.run(Method::POST, &format!("/v1/subscriptions/{name}/disable")).await
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

impl Tried {
    async fn run(&self, client: &Client, name: &Name) -> anyhow::Result<()> {
        if !self.test {
            return Ok(());
        }
        sent::post(client, &format!("/v1/subscriptions/{name}/test"), true).await
    }
}

async fn show(client: &Client, name: &Name) -> anyhow::Result<()> {
    let listing: Listing = client.get("/v1/subscriptions").await?;
    let found = listing.items.iter().find(|one| one["name"] == name.as_str());
    let Some(found) = found else {
        return Err(exit::not_found(format!("there is no subscription `{name}`")));
    };
    if client.json {
        return output::json(found);
    }
    let wanted: SubscriptionWanted = edit::find(client, name).await?;
    println!("{name} {}", output::plain(&found["state"]));
    let fields = [
        "id",
        "created_at",
        "updated_at",
        "consecutive_failures",
        "failing_since",
        "last_success_at",
        "last_failure_at",
        "last_error",
        "disabled_at",
    ];
    output::facts(fields.map(|field| (field, output::plain(&found[field]))));
    println!("\n{}", inert(tidy::body(&wanted)?.trim_end()));
    Ok(())
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
