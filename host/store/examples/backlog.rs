//! Puts pending deliveries into a store: what is there after receivers have been down for long.
//! `cargo xtask bench backlog` measures beside it. The daemon must have been stopped.
//!
//! ```text
//! backlog DATA EVENTS DUE[,DUE…] LATER[,LATER…]
//! ```
//!
//! Each event is a copy of the newest one in the store, with a post of its own, and has a delivery
//! for each of these subscriptions. Those to the first are due already; those to the second are
//! due within a day, but not in the next hour.

#![forbid(unsafe_code)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use hookwright_model::{Delivery, Event, EventId, Original, SubscriptionId, Timestamp};
use hookwright_store::{
    Configuration, EventFilter, NewEvent, Page, Post, SqliteStore, Store, Vault,
};

/// How many posts are handed over at a time: one commit takes as many.
const AT_ONCE: u64 = 256;
const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [data, events, due, later] = args.as_slice() else {
        bail!("backlog DATA EVENTS DUE[,DUE…] LATER[,LATER…]");
    };
    let data = Path::new(data);
    let file = data.join("hookwright.db");
    ensure!(file.is_file(), "there is no store in {}", data.display());
    let store = SqliteStore::open(&file, Vault::from_file(&data.join("secret.key"))?)?;
    let configuration = store.configuration().await?;
    let pattern = pattern(&store).await?;
    let backlog = Backlog {
        due: subscriptions(&configuration, due)?,
        later: subscriptions(&configuration, later)?,
        events: events.parse().context("the number of events")?,
        pattern,
    };
    backlog.fill(&store).await
}

struct Backlog {
    due: Vec<SubscriptionId>,
    later: Vec<SubscriptionId>,
    events: u64,
    pattern: (Event, Original),
}

impl Backlog {
    async fn fill(self, store: &SqliteStore) -> Result<()> {
        let backlog = Arc::new(self);
        let mut from = 0;
        while from < backlog.events {
            let until = backlog.events.min(from + AT_ONCE);
            let posts = (from..until).map(|number| {
                let (store, backlog) = (store.clone(), Arc::clone(&backlog));
                tokio::spawn(async move { store.accept(backlog.post(number)).await })
            });
            for post in posts.collect::<Vec<_>>() {
                drop(post.await??);
            }
            from = until;
        }
        Ok(())
    }

    fn post(&self, number: u64) -> Post {
        let (event, original) = self.pattern.clone();
        let now = Timestamp::now();
        let event = Event { id: EventId::new(), received_at: now, ..event };
        // Spread over the rest of the day.
        let wait = HOUR + (23 * HOUR).mul_f64(number as f64 / self.events as f64);
        let due = self.due.iter().map(|id| Delivery::new(event.id, *id, now));
        let later = self.later.iter().map(|id| {
            let next_attempt_at = Some(now.after(wait));
            Delivery { next_attempt_at, ..Delivery::new(event.id, *id, now) }
        });
        let deliveries = due.chain(later).collect();
        let events = vec![NewEvent { event: Arc::new(event), deliveries, once: None }];
        Post { original: Arc::new(original), events, lease: None }
    }
}

/// The newest event, which the others are like.
async fn pattern(store: &SqliteStore) -> Result<(Event, Original)> {
    let newest = store.events(EventFilter::default(), Page { before: None, limit: 1 }).await?;
    let newest = newest.first().context("there is no event in the store to make others like")?;
    Ok(store.event(newest.id).await?)
}

fn subscriptions(configuration: &Configuration, names: &str) -> Result<Vec<SubscriptionId>> {
    let id = |name: &str| {
        let mut all = configuration.subscriptions.iter();
        let found = all.find(|subscription| subscription.name.as_str() == name);
        Ok(found.with_context(|| format!("there is no subscription `{name}`"))?.id)
    };
    names.split(',').filter(|name| !name.is_empty()).map(id).collect()
}
