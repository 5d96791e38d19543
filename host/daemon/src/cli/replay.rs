//! `hookwright replay`.

use hookwright_model::{DeliveryState, Name, ReplayId, ReplayState, TypePattern};
use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::client::Client;
use super::moment::Moment;
use super::{output, watch};

#[derive(clap::Subcommand)]
pub(super) enum Replay {
    /// Count what there is to deliver, and make a job of it.
    #[command(subcommand)]
    Create(Create),
    /// List replays, newest first.
    List {
        /// In this state: ready, running, paused, done, canceled or failed.
        #[arg(long)]
        state: Option<ReplayState>,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Show one.
    Show(Which),
    /// Start one that is ready.
    Start(Which),
    /// Stop one for a while. What it has put into the queue is delivered.
    Pause(Which),
    /// Go on with one that is paused.
    Resume(Which),
    /// End one. What it has put into the queue is delivered.
    Cancel(Which),
    /// Forget one that has ended.
    Remove {
        /// Its id.
        id: ReplayId,
    },
}

/// Which, and whether to stay.
#[derive(clap::Args)]
pub(super) struct Which {
    /// Its id.
    id: ReplayId,
    /// Show how it gets on until it ends or is paused; fail if it is not done then.
    #[arg(long)]
    watch: bool,
}

#[derive(clap::Subcommand)]
pub(super) enum Create {
    /// Deliver again what has ended: those that failed, or whose outcome is unknown.
    Redeliver {
        /// To this subscription; to all that take events if not given.
        #[arg(long)]
        subscription: Option<String>,
        /// That ended in this state, instead of failed and unknown; can be given several times.
        #[arg(long = "state")]
        states: Vec<DeliveryState>,
        /// Whose last answer had this status.
        #[arg(long)]
        status: Option<u16>,
        #[command(flatten)]
        time: Time,
        #[command(flatten)]
        how: How,
    },
    /// Deliver events to a subscription that has not had them, as if they came now.
    Backfill {
        /// Its name.
        #[arg(long)]
        subscription: String,
        /// From this source; from all if not given.
        #[arg(long)]
        source: Option<Name>,
        /// Also events that the subscription has had.
        #[arg(long)]
        again: bool,
        #[command(flatten)]
        time: Time,
        #[command(flatten)]
        how: How,
    },
}

/// Of what time and type.
#[derive(clap::Args)]
pub(super) struct Time {
    /// What ended (redeliver) or was taken in (backfill) then or later: a time such as
    /// 2026-12-31T23:59:59Z, or a while ago such as 2h or 3d.
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// And before; until now if not given.
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// Of events of these types, such as ticket.created or ticket.*
    #[arg(long, value_name = "PATTERN")]
    events: Option<TypePattern>,
}

/// How it goes.
#[derive(clap::Args)]
pub(super) struct How {
    /// The most deliveries a second: 50 if not given.
    #[arg(long)]
    rate: Option<u32>,
    /// Start it at once.
    #[arg(long)]
    start: bool,
    /// Only count; nothing is kept.
    #[arg(long, conflicts_with = "start")]
    dry_run: bool,
    /// Show how it gets on until it ends or is paused; fail if it is not done then.
    #[arg(long, requires = "start")]
    watch: bool,
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

impl Replay {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(client).await,
            Self::List { state, limit } => list(client, state, limit).await,
            Self::Show(which) if which.watch => watch::until_it_ends(client, which.id).await,
            Self::Show(Which { id, .. }) => {
                let replay: Value = client.get(&format!("/v1/replays/{id}")).await?;
                if client.json {
                    return output::json(&replay);
                }
                show(&replay);
                Ok(())
            }
            Self::Start(which) => make(client, which, "start").await,
            Self::Pause(which) => make(client, which, "pause").await,
            Self::Resume(which) => make(client, which, "resume").await,
            Self::Cancel(which) => make(client, which, "cancel").await,
            Self::Remove { id } => client.run(Method::DELETE, &format!("/v1/replays/{id}")).await,
        }
    }
}

impl Create {
    async fn run(self, client: &Client) -> anyhow::Result<()> {
        let (kind, mut what, time, how) = match self {
            Self::Redeliver { subscription, states, status, time, how } => {
                let mut what = Map::new();
                if !states.is_empty() {
                    what.insert("states".into(), json!(states));
                }
                insert(&mut what, "subscription", subscription);
                insert(&mut what, "status", status);
                ("redeliver", what, time, how)
            }
            Self::Backfill { subscription, source, again, time, how } => {
                let mut what = Map::new();
                insert(&mut what, "subscription", Some(subscription));
                insert(&mut what, "source", source);
                what.insert("again".into(), again.into());
                ("backfill", what, time, how)
            }
        };
        insert(&mut what, "since", time.since);
        insert(&mut what, "until", time.until);
        insert(&mut what, "events", time.events);
        let mut document = Map::from_iter([(kind.to_owned(), what.into())]);
        insert(&mut document, "rate", how.rate);
        document.insert("start".into(), how.start.into());
        let path = if how.dry_run { "/v1/replays?dry_run=true" } else { "/v1/replays" };
        let made: Value = client.post(path, &document).await?;
        if how.watch {
            let id = made["id"].as_str().unwrap_or_default().parse()?;
            return watch::until_it_ends(client, id).await;
        }
        if client.json {
            return output::json(&made);
        }
        told(&made);
        Ok(())
    }
}

fn insert(object: &mut Map<String, Value>, name: &str, value: Option<impl serde::Serialize>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), json!(value));
    }
}

/// What there is to do, and how to go on.
fn told(made: &Value) {
    let found = match made["found"].as_u64() {
        Some(1) => "1 delivery".to_owned(),
        found => format!("{} deliveries", found.unwrap_or_default()),
    };
    match (made["id"].as_str(), made["state"].as_str()) {
        (Some(id), Some("ready")) => {
            println!("{id}: {found} to make; `hookwright replay start {id}` makes them");
        }
        (Some(id), _) => {
            println!("{id}: {found} to make; `hookwright replay show {id} --watch` shows how");
        }
        (None, _) => println!("{found} to make; nothing was kept"),
    }
    let left_out = left_out(made);
    if !left_out.is_empty() {
        println!("left out: {left_out}");
    }
}

/// As `3 disabled, 1 had before`.
fn left_out(replay: &Value) -> String {
    let all = replay["left_out"].as_object().into_iter().flatten();
    let words = all.map(|(why, count)| format!("{count} {}", why.replace('_', " ")));
    words.collect::<Vec<_>>().join(", ")
}

async fn list(client: &Client, state: Option<ReplayState>, limit: usize) -> anyhow::Result<()> {
    let state = state.map(|state| format!("&state={state}")).unwrap_or_default();
    let listing: Listing = client.get(&format!("/v1/replays?limit={limit}{state}")).await?;
    if client.json {
        return output::json(&listing.items);
    }
    let head = ["id", "created", "what", "subscription", "state", "done", "of", "skipped"];
    output::table(&head, listing.items.iter().map(row));
    Ok(())
}

fn kind(replay: &Value) -> &'static str {
    if replay["backfill"].is_object() { "backfill" } else { "redeliver" }
}

/// The subscription's name, or its id if it is gone.
fn subscription(replay: &Value) -> String {
    let id = replay[kind(replay)]["subscription"].as_str();
    replay["subscription"].as_str().or(id).unwrap_or("all").to_owned()
}

fn row(replay: &Value) -> Vec<String> {
    let text = |field: &str| replay[field].as_str().unwrap_or_default().to_owned();
    vec![
        text("id"),
        text("created_at"),
        kind(replay).to_owned(),
        subscription(replay),
        text("state"),
        replay["done"].to_string(),
        replay["found"].to_string(),
        replay["skipped"].to_string(),
    ]
}

/// One, in full.
pub(super) fn show(replay: &Value) {
    let text = |field: &str| replay[field].as_str().unwrap_or_default();
    let what = &replay[kind(replay)];
    let of = |field: &str| match &what[field] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    println!("{} {}", text("id"), text("state"));
    let done = format!("{} of {}, {} skipped", replay["done"], replay["found"], replay["skipped"]);
    let facts = [
        ("what", kind(replay).to_owned()),
        ("subscription", subscription(replay)),
        ("states", of("states")),
        ("status", of("status")),
        ("events", of("events")),
        ("source", of("source")),
        ("again", of("again")),
        ("since", of("since")),
        ("until", of("until")),
        ("done", done),
        ("left out", left_out(replay)),
        ("rate", format!("{} deliveries a second", replay["rate"])),
        ("reason", text("reason").to_owned()),
        ("asked by", text("asked_by").to_owned()),
        ("created", text("created_at").to_owned()),
        ("started", text("started_at").to_owned()),
        ("ended", text("finished_at").to_owned()),
    ];
    for (name, value) in facts {
        if !value.is_empty() {
            println!("  {name:<13} {}", super::paint::inert(&value));
        }
    }
}

async fn make(client: &Client, which: Which, to: &str) -> anyhow::Result<()> {
    let Which { id, watch } = which;
    let replay: Value = client.post(&format!("/v1/replays/{id}/{to}"), &json!({})).await?;
    if watch {
        return watch::until_it_ends(client, id).await;
    }
    if client.json {
        return output::json(&replay);
    }
    println!("{id} {}", replay["state"].as_str().unwrap_or_default());
    Ok(())
}
