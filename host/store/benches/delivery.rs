//! What one delivery costs in the store: taking its event in, and noting how it ended. Each
//! returns when it is on disk, so that much of it is the disk's time; what is called at the same
//! time shares commits.
//!
//! Run with `cargo bench -p hookwright-store`. The store is in the folder for temporary files:
//! set `TMPDIR` to one on the disk that is asked about.

#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hookwright_model::request::{Part, Request, Template};
use hookwright_model::{
    Attempt, AttemptId, AttemptResult, Delivery, DeliveryState, Event, EventId, Original, Received,
    Sent, SubscriptionId, Timestamp, Timings,
};
use hookwright_store::{
    Lease, NewEvent, NewRequest, Owner, Post, Progress, SqliteStore, Store, Vault,
};
use tokio::runtime::Runtime;
use uuid::Uuid;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// A ticket as Zammad posts it, 5,789 bytes.
const SEED: &[u8] = include_bytes!("../../../tests/data/seeds/001-zammad.wire.json");
/// How many call at the same time. 256 are as many as one commit takes.
const CALLERS: [u64; 3] = [1, 16, 256];

fn event() -> Event {
    Event {
        id: EventId::new(),
        source: "desk".parse().unwrap(),
        event_type: "ticket.created".parse().unwrap(),
        subject: Some("81".into()),
        occurred_at: Timestamp::now(),
        received_at: Timestamp::now(),
        data_schema: "ticket/1".into(),
        // About as long as what the source plugin makes of the post.
        data: String::from_utf8_lossy(&SEED[..2_000]).into(),
        upstream_name: None,
        dedupe_key: None,
    }
}

/// Taken in and claimed at once, as ingest does.
fn post(delivery: &Delivery, event: Event) -> Post {
    let headers = vec![("content-type".to_owned(), b"application/json".to_vec())];
    let original = Arc::new(Original { headers, body: Bytes::from_static(SEED) });
    let deliveries = vec![delivery.clone()];
    let events = vec![NewEvent { event: Arc::new(event), deliveries, once: None }];
    Post { original, events, lease: Some(lease()) }
}

fn lease() -> Lease {
    let until = Timestamp::now().after(Duration::from_secs(300));
    Lease { owner: Owner(Uuid::from_u128(1)), until }
}

/// Delivered at the first try: its request and its attempt, in one step.
fn progress(mut delivery: Delivery) -> Progress {
    let now = Timestamp::now();
    let body = Template(vec![Part::Bytes(SEED.to_vec())]);
    let url = Template(vec![Part::Text("http://127.0.0.1:8080/hook".into())]);
    let request = Arc::new(Request { method: "POST".into(), url, headers: Vec::new(), body });
    let attempt = Attempt {
        id: AttemptId::new(),
        delivery_id: delivery.id,
        number: 1,
        position: 0,
        revision: 0,
        started_at: now,
        sent: Some(Sent {
            method: "POST".into(),
            url: "http://127.0.0.1:8080/hook".into(),
            headers: Vec::new(),
            body: Bytes::from_static(SEED),
        }),
        received: Some(Received {
            status: 200,
            headers: Vec::new(),
            body: Bytes::from_static(b"ok"),
            complete: true,
        }),
        timings: Timings { total_us: 900, ..Timings::default() },
        result: AttemptResult::Delivered { note: None },
        judge: None,
        notes: Vec::new(),
    };
    delivery.requests = Some(vec![Arc::clone(&request)]);
    delivery.state = DeliveryState::Delivered;
    delivery.attempts = 1;
    delivery.next_attempt_at = None;
    delivery.finished_at = Some(now);
    Progress {
        delivery,
        new_requests: vec![NewRequest { position: 0, revision: 0, request }],
        attempt: Some(attempt),
        follow_ups: Vec::new(),
        lease: None,
        keeps_turn: false,
        aside: hookwright_store::Aside::default(),
    }
}

async fn deliver(store: SqliteStore, subscription: SubscriptionId, count: u64) {
    for _ in 0..count {
        let event = event();
        let mut delivery = Delivery::new(event.id, subscription, Timestamp::now());
        delivery.state = DeliveryState::Running;
        store.accept(post(&delivery, event)).await.unwrap();
        store.record(Arc::new(progress(delivery))).await.unwrap();
    }
}

/// How long so many deliveries take when so many are worked on at the same time.
async fn together(store: &SqliteStore, deliveries: u64, callers: u64) -> Duration {
    let subscription = SubscriptionId::new();
    let started = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let share = deliveries / callers + u64::from(caller < deliveries % callers);
            tokio::spawn(deliver(store.clone(), subscription, share))
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    started.elapsed()
}

fn accept_and_record(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = criterion.benchmark_group("taking in and noting one delivery");
    group.sample_size(10).throughput(Throughput::Elements(1));
    for callers in CALLERS {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::from_text(KEY, "this benchmark").unwrap();
        let store = SqliteStore::open(&dir.path().join("hookwright.db"), vault).unwrap();
        group.bench_function(BenchmarkId::new("callers", callers), |bench| {
            bench.iter_custom(|count| runtime.block_on(together(&store, count, callers)));
        });
    }
    group.finish();
}

criterion_group!(benches, accept_and_record);
criterion_main!(benches);
