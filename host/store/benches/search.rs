//! What it costs to find something in a long journal: pages of listings, by what they are asked
//! with; and what the indexes for that cost whoever posts.
//!
//! `HOOKWRIGHT_BENCH_ROWS` is how many deliveries there are, 200,000 if it is not set.

#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use hookwright_model::{
    Attempt, AttemptId, AttemptResult, Delivery, DeliveryState, Event, EventId, Original, Received,
    SubscriptionId, Timestamp, Timings,
};
use hookwright_store::{
    About, DeliveryFilter, EventFilter, NewEvent, Page, Post, Progress, SqliteStore, Store, Times,
    Vault,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// Events of one post, while the journal is filled.
const BATCH: usize = 1_000;
const PAGE: usize = 50;

struct Journal {
    runtime: Runtime,
    store: SqliteStore,
    subscriptions: Vec<SubscriptionId>,
    file: PathBuf,
    _dir: TempDir,
}

fn open(file: &Path) -> SqliteStore {
    SqliteStore::open(file, Vault::from_text(KEY, "bench").unwrap()).unwrap()
}

/// About 1 KB; every tenth of a ticket that had one before.
fn event(number: usize) -> Event {
    let ticket = number - number % 10;
    let event_type = match number {
        rare if rare % 50_000 == 7 => "problem.merged",
        other if other % 3 == 0 => "ticket.created",
        _ => "ticket.updated",
    };
    let data = format!(
        r#"{{"ticket":{{"id":"{ticket}","number":"10{ticket}","title":"No network in room {number}",
        "text":"{}","state":"open"}},"origin":{{"kind":"zammad"}}}}"#,
        "The lamp is off. ".repeat(40)
    );
    let now = Timestamp::now();
    Event {
        id: EventId::new(),
        source: if number.is_multiple_of(4) { "zenlix" } else { "zammad" }.parse().unwrap(),
        event_type: event_type.parse().unwrap(),
        subject: Some(ticket.to_string().into()),
        occurred_at: now,
        received_at: now,
        data_schema: "ticket/1".into(),
        data: data.into(),
        upstream_name: None,
        dedupe_key: None,
    }
}

/// One in a hundred gets another answer than 200, most of these a 503.
fn delivery(number: usize, event: &Event, subscription: SubscriptionId) -> Delivery {
    let mut delivery = Delivery::new(event.id, subscription, event.received_at);
    if !number.is_multiple_of(100) {
        delivery.state = DeliveryState::Delivered;
        delivery.finished_at = Some(event.received_at);
        delivery.next_attempt_at = None;
    }
    delivery
}

fn failed(number: usize, mut delivery: Delivery) -> Progress {
    let status = if number.is_multiple_of(5_000) { 404 } else { 503 };
    delivery.state = DeliveryState::Failed;
    delivery.reason = Some(format!("given up after it was tried 10 times: {status}"));
    delivery.next_attempt_at = None;
    let received = Received { status, headers: Vec::new(), body: Bytes::new(), complete: true };
    let attempt = Attempt {
        id: AttemptId::new(),
        delivery_id: delivery.id,
        number: 1,
        position: 0,
        revision: 0,
        started_at: delivery.created_at,
        sent: None,
        received: Some(received),
        timings: Timings::default(),
        result: AttemptResult::Failed { reason: String::new() },
        judge: None,
        notes: Vec::new(),
    };
    let (new_requests, follow_ups) = (Vec::new(), Vec::new());
    let (attempt, lease, keeps_turn) = (Some(attempt), None, false);
    Progress {
        delivery,
        new_requests,
        attempt,
        follow_ups,
        lease,
        keeps_turn,
        aside: hookwright_store::Aside::default(),
    }
}

fn journal(rows: usize) -> Journal {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("store.db");
    let runtime = Runtime::new().unwrap();
    let store = open(&file);
    let subscriptions: Vec<_> = (0..20).map(|_| SubscriptionId::new()).collect();
    for first in (0..rows).step_by(BATCH) {
        let (mut events, mut bad) = (Vec::new(), Vec::new());
        for number in first..rows.min(first + BATCH) {
            let event = event(number);
            // The last of them has next to nothing.
            let subscription =
                if number % 20_000 == 19 { 19 } else { number % (subscriptions.len() - 1) };
            let delivery = delivery(number, &event, subscriptions[subscription]);
            if !delivery.state.is_final() {
                bad.push((number, delivery.clone()));
            }
            let (event, deliveries) = (Arc::new(event), vec![delivery]);
            events.push(NewEvent { event, deliveries, once: None });
        }
        let original = Arc::new(Original::default());
        runtime.block_on(store.accept(Post { original, events, lease: None })).unwrap();
        runtime.block_on(async {
            let mut all = JoinSet::new();
            for (number, delivery) in bad {
                let store = store.clone();
                let progress = Arc::new(failed(number, delivery));
                all.spawn(async move { store.record(progress).await.unwrap() });
            }
            all.join_all().await;
        });
    }
    Journal { runtime, store, subscriptions, file, _dir: dir }
}

fn about(change: impl FnOnce(&mut About)) -> About {
    let mut about = About::default();
    change(&mut about);
    about
}

fn pages(c: &mut Criterion, journal: &Journal, rows: usize) {
    let states = vec![DeliveryState::Failed];
    let statuses = |status: &str| vec![status.parse().unwrap()];
    let of = |about| DeliveryFilter { about, ..DeliveryFilter::default() };
    let of_type = |pattern: &str| about(|about| about.event_type = Some(pattern.parse().unwrap()));
    let ticket = format!("10{}", rows / 2 - rows / 2 % 10);
    let all = DeliveryFilter::default;
    let busy = Some(journal.subscriptions[0]);
    let idle = Some(journal.subscriptions[19]);
    let cases = [
        ("everything", all()),
        ("ticket", of(about(|about| about.ticket = Some(ticket)))),
        ("a ticket that there is not", of(about(|about| about.ticket = Some("none".into())))),
        ("subject", of(about(|about| about.subject = Some("0".into())))),
        ("a common type", of(of_type("ticket.updated"))),
        ("a rare type", of(of_type("problem.merged"))),
        ("a rare prefix", of(of_type("problem.*"))),
        ("source", of(about(|about| about.source = Some("zenlix".parse().unwrap())))),
        ("failed", DeliveryFilter { states: states.clone(), ..all() }),
        ("delivered", DeliveryFilter { states: vec![DeliveryState::Delivered], ..all() }),
        (
            "running, of which there are none",
            DeliveryFilter { states: vec![DeliveryState::Running], ..all() },
        ),
        ("a busy subscription", DeliveryFilter { subscription: busy, ..all() }),
        ("an idle subscription", DeliveryFilter { subscription: idle, ..all() }),
        ("failed, of a subscription", DeliveryFilter { subscription: busy, states, ..all() }),
        ("status 404", DeliveryFilter { statuses: statuses("404"), ..all() }),
        ("status 5xx", DeliveryFilter { statuses: statuses("5xx"), ..all() }),
        ("a text in the reason", DeliveryFilter { error: Some("times: 404".into()), ..all() }),
        (
            "an hour of long ago",
            DeliveryFilter {
                times: Times { since: None, until: Some(Timestamp::from_millis(0)) },
                ..all()
            },
        ),
        (
            "nothing, as far as one page looks",
            DeliveryFilter {
                about: about(|about| about.source = Some("nobody".parse().unwrap())),
                ..all()
            },
        ),
    ];
    let mut group = c.benchmark_group(format!("a page of {PAGE}, of {rows} deliveries"));
    for (name, filter) in cases {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let page = Page { before: None, limit: PAGE };
                let found = journal.store.find_deliveries(filter.clone(), page);
                journal.runtime.block_on(found).unwrap().items.len()
            });
        });
    }
    group.bench_function("events of a common type", |bencher| {
        let filter = EventFilter { about: of_type("ticket.updated"), ..EventFilter::default() };
        bencher.iter(|| {
            let page = Page { before: None, limit: PAGE };
            let found = journal.store.find_events(filter.clone(), page);
            journal.runtime.block_on(found).unwrap().items.len()
        });
    });
    group.finish();
}

/// The indexes that are there for searching only.
const INDEXES: [&str; 5] = [
    "events_by_number",
    "events_by_type",
    "deliveries_by_state",
    "deliveries_by_subscription_and_state",
    "deliveries_by_status",
];

/// With the indexes and, in the same run, without.
fn posts(c: &mut Criterion, journal: &Journal, rows: usize) {
    let mut group = c.benchmark_group("100 events are taken in and delivered");
    let mut number = rows;
    let mut bench = |name: &str, store: &SqliteStore| {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut events = Vec::new();
                for _ in 0..100 {
                    number += 1;
                    let event = event(number);
                    let made = Delivery::new(event.id, journal.subscriptions[0], event.received_at);
                    let (event, deliveries) = (Arc::new(event), vec![made]);
                    events.push(NewEvent { event, deliveries, once: None });
                }
                let deliveries: Vec<_> =
                    events.iter().map(|new| new.deliveries[0].clone()).collect();
                let post = Post { original: Arc::new(Original::default()), events, lease: None };
                journal.runtime.block_on(async {
                    store.accept(post).await.unwrap();
                    let mut all = JoinSet::new();
                    for mut delivery in deliveries {
                        delivery.state = DeliveryState::Delivered;
                        delivery.next_attempt_at = None;
                        let store = store.clone();
                        let (new_requests, follow_ups) = (Vec::new(), Vec::new());
                        let progress = Progress {
                            delivery,
                            new_requests,
                            attempt: None,
                            follow_ups,
                            lease: None,
                            keeps_turn: false,
                            aside: hookwright_store::Aside::default(),
                        };
                        all.spawn(async move { store.record(Arc::new(progress)).await.unwrap() });
                    }
                    all.join_all().await;
                });
            });
        });
    };
    bench("with the indexes", &journal.store);
    let other = rusqlite::Connection::open(&journal.file).unwrap();
    for index in INDEXES {
        other.execute_batch(&format!("DROP INDEX {index}")).unwrap();
    }
    drop(other);
    bench("without them", &journal.store);
    group.finish();
}

fn benches(c: &mut Criterion) {
    let rows = std::env::var("HOOKWRIGHT_BENCH_ROWS").ok().and_then(|rows| rows.parse().ok());
    let rows = rows.unwrap_or(200_000);
    let journal = journal(rows);
    pages(c, &journal, rows);
    posts(c, &journal, rows);
}

criterion_group! {
    name = search;
    config = Criterion::default().sample_size(20);
    targets = benches
}
criterion_main!(search);
