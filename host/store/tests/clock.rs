//! What waits, when the clock is set.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::Duration;

use hookwright_model::{Delivery, Event, EventId, Original, SubscriptionId, Timestamp};
use hookwright_store::{Lease, NewEvent, Owner, Post, SqliteStore, Store, Vault, Wanted, Written};
use tempfile::TempDir;
use uuid::Uuid;

const DAY: i64 = 86_400_000;

fn open(dir: &TempDir) -> SqliteStore {
    let vault = Vault::from_file(&dir.path().join("key")).unwrap();
    SqliteStore::open(&dir.path().join("store.db"), vault).unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn lease(owner: u128, until: i64) -> Lease {
    Lease { owner: Owner(Uuid::from_u128(owner)), until: at(until) }
}

/// An event with deliveries that are due at these moments.
fn post(received_at: i64, due: &[i64]) -> Post {
    let event = Event {
        id: EventId::new(),
        source: "helpdesk".parse().unwrap(),
        event_type: "ticket.created".parse().unwrap(),
        subject: None,
        occurred_at: at(received_at),
        received_at: at(received_at),
        data_schema: "".into(),
        data: "{}".into(),
        upstream_name: None,
        dedupe_key: None,
    };
    let delivery = |due: &i64| Delivery {
        next_attempt_at: Some(at(*due)),
        ..Delivery::new(event.id, SubscriptionId::new(), at(received_at))
    };
    let deliveries = due.iter().map(delivery).collect();
    let events = vec![NewEvent { event: Arc::new(event), deliveries, once: None }];
    Post { original: Arc::new(Original::default()), events, lease: None }
}

#[tokio::test]
async fn a_clock_that_is_set_forward_takes_no_work_from_who_is_at_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    store.accept(post(0, &[1_000, 2_000])).await.unwrap();
    assert_eq!(
        store.claim(Wanted::any(at(2_000), 10), lease(1, 5_000)).await.unwrap().works.len(),
        2
    );
    let later = at(2_000 + DAY);
    assert!(
        store.claim(Wanted::any(later, 10), lease(1, 5_000 + DAY)).await.unwrap().works.is_empty()
    );
    // To another it is gone.
    assert_eq!(
        store.claim(Wanted::any(later, 10), lease(2, 5_000 + DAY)).await.unwrap().works.len(),
        2
    );
}

#[tokio::test]
async fn what_waits_is_brought_forward_with_the_clock() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let now = 10 * DAY;
    // Overdue by the clock before; waiting by it; due anyway.
    store.accept(post(0, &[now + DAY - 500, now + DAY + 5_000, now - 7])).await.unwrap();
    let day = Duration::from_millis(DAY.unsigned_abs());
    assert_eq!(store.bring_forward(at(now), day).await.unwrap(), 2);
    let due = |works: Vec<hookwright_store::Work>| -> Vec<_> {
        works.iter().map(|work| work.delivery.next_attempt_at.unwrap().millis() - now).collect()
    };
    assert_eq!(
        due(store.claim(Wanted::any(at(now), 10), lease(1, 0)).await.unwrap().works),
        [-500, -7]
    );
    assert_eq!(store.next_due().await.unwrap(), Some(at(now + 5_000)));
}

#[tokio::test]
async fn what_was_worked_on_is_due_though_the_clock_was_set_back_before_the_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    assert_eq!(store.last_received_at().await.unwrap(), None);
    let before = 10 * DAY;
    store.accept(post(before, &[before])).await.unwrap();
    assert_eq!(
        store
            .claim(Wanted::any(at(before), 10), lease(1, before + 5_000))
            .await
            .unwrap()
            .works
            .len(),
        1
    );
    let now = at(9 * DAY);
    assert_eq!(store.release_all(now).await.unwrap(), 1);
    assert_eq!(store.next_due().await.unwrap(), Some(now));
    assert_eq!(store.last_received_at().await.unwrap(), Some(at(before)));
}

#[tokio::test]
async fn who_watches_is_called_before_what_is_written_is_there() {
    let dir = tempfile::tempdir().unwrap();
    // The file is read by another connection from within the change.
    static SEEN: std::sync::Mutex<Vec<(Written, i64)>> = std::sync::Mutex::new(Vec::new());
    static PATH: std::sync::OnceLock<std::path::PathBuf> = std::sync::OnceLock::new();
    PATH.set(dir.path().join("store.db")).unwrap();
    let store = open(&dir).watched(|written| {
        let other = rusqlite::Connection::open(PATH.get().unwrap()).unwrap();
        let count = other.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap();
        SEEN.lock().unwrap().push((written, count));
    });
    store.accept(post(0, &[0])).await.unwrap();
    store.accept(post(0, &[0])).await.unwrap();
    let seen = SEEN.lock().unwrap().clone();
    assert_eq!(seen, [(Written::Accepted, 0), (Written::Accepted, 1)]);
}
