//! Confirmed addresses, the host's own keys, and events that come with a change.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashSet;
use std::sync::Arc;

use hookwright_model::{
    Delivery, Digest, Event, EventId, Original, Subscription, SubscriptionId, Timestamp,
};
use hookwright_store::{Changes, NewEvent, Post, SqliteStore, Store, StoreError, Vault};
use tempfile::TempDir;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn open(dir: &TempDir) -> SqliteStore {
    let vault = Vault::from_text(KEY, "test").unwrap();
    SqliteStore::open(&dir.path().join("store.db"), vault).unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

#[tokio::test]
async fn a_confirmed_address_stays_so() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    assert!(store.configuration().await.unwrap().confirmed.is_empty());
    let (one, two) = (Digest::of(b"https://a.example/"), Digest::of(b"https://b.example/"));
    store.confirm(one, at(1)).await.unwrap();
    store.confirm(one, at(2)).await.unwrap();
    store.confirm(two, at(3)).await.unwrap();
    drop(store);
    let confirmed = open(&dir).configuration().await.unwrap().confirmed;
    assert_eq!(confirmed, HashSet::from([one, two]));
}

#[tokio::test]
async fn a_key_of_the_hosts_own_is_made_once_and_sealed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let key = store.own_key("tests").await.unwrap();
    assert_eq!(key.expose().len(), 32);
    assert_eq!(store.own_key("tests").await.unwrap().expose(), key.expose());
    assert_ne!(store.own_key("others").await.unwrap().expose(), key.expose());
    drop(store);
    let again = open(&dir);
    assert_eq!(again.own_key("tests").await.unwrap().expose(), key.expose());
    // While the store is open: its log goes when it is closed, at a moment of its own.
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(32).any(|window| window == key.expose()));
    }
    drop(again);
}

fn subscription(name: &str) -> Subscription {
    Subscription::new(name.parse().unwrap(), "r-service".parse().unwrap(), Digest::of(b"plugin"))
}

/// An event of the host's own for a subscription.
fn post(subscription: SubscriptionId) -> Post {
    let event = Event {
        id: EventId::new(),
        source: "hookwright".parse().unwrap(),
        event_type: "subscription.verify_requested".parse().unwrap(),
        subject: None,
        occurred_at: at(1),
        received_at: at(1),
        data_schema: "verify/1".into(),
        data: "{}".into(),
        upstream_name: None,
        dedupe_key: None,
    };
    let deliveries = vec![Delivery::new(event.id, subscription, at(1))];
    let events = vec![NewEvent { event: Arc::new(event), deliveries, once: None }];
    Post { original: Arc::new(Original::default()), events, lease: None }
}

#[tokio::test]
async fn events_come_with_their_change_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let wanted = subscription("desk");
    let events = post(wanted.id);
    let delivery = events.events[0].deliveries[0].id;
    let subscriptions = vec![wanted.clone()];
    let changes = Changes { subscriptions, events: Some(events), ..Changes::default() };
    store.change(changes).await.unwrap();
    let (read, summary) = store.delivery(delivery).await.unwrap();
    assert_eq!(read.subscription_id, wanted.id);
    assert_eq!(summary.subscription, Some(wanted.name));

    // The name is taken.
    let other = subscription("desk");
    let events = post(other.id);
    let delivery = events.events[0].deliveries[0].id;
    let changes =
        Changes { subscriptions: vec![other], events: Some(events), ..Changes::default() };
    assert!(matches!(store.change(changes).await, Err(StoreError::Conflict(_))));
    assert!(matches!(store.delivery(delivery).await, Err(StoreError::NotFound(_))));
}

/// As it was written before there were handshakes.
#[test]
fn older_subscriptions_ask_nobody() {
    let mut document = serde_json::to_value(subscription("desk")).unwrap();
    assert!(document.as_object_mut().unwrap().remove("verify").is_some());
    let read: Subscription = serde_json::from_value(document).unwrap();
    assert!(!read.verify);
}
