//! How deliveries of subscriptions went, disabling them, and waking what waits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use hookwright_model::{
    Delivery, DeliveryState, Digest, Event, EventId, Original, Subscription, SubscriptionId,
    Timestamp,
};
use hookwright_store::{
    Changes, Lease, NewEvent, Owner, Post, Progress, SqliteStore, Store, StoreError,
    SubscriptionHealth, Vault, Wanted,
};
use tempfile::TempDir;
use uuid::Uuid;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn open(dir: &TempDir) -> SqliteStore {
    let vault = Vault::from_text(KEY, "test").unwrap();
    SqliteStore::open(&dir.path().join("store.db"), vault).unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

async fn subscribe(store: &SqliteStore, name: &str) -> SubscriptionId {
    let plugin = "template".parse().unwrap();
    let subscription = Subscription::new(name.parse().unwrap(), plugin, Digest::of(b"plugin"));
    let id = subscription.id;
    let subscriptions = vec![subscription];
    store.change(Changes { subscriptions, ..Changes::default() }).await.unwrap();
    id
}

fn health(subscription: SubscriptionId) -> SubscriptionHealth {
    SubscriptionHealth {
        subscription,
        consecutive_failures: 3,
        failing_since: Some(at(1)),
        last_error: Some("404 Not Found".into()),
        test_error: Some("404 Not Found".into()),
        last_error_at: Some(at(2)),
        disabled_at: None,
    }
}

#[tokio::test]
async fn how_it_went_is_kept_as_long_as_the_subscription() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let (one, two) = (subscribe(&store, "one").await, subscribe(&store, "two").await);
    let gone = SubscriptionId::new();
    store.keep_healths(vec![health(one), health(two), health(gone)]).await.unwrap();
    let better = SubscriptionHealth { failing_since: None, last_error_at: None, ..health(two) };
    store.keep_healths(vec![better.clone()]).await.unwrap();
    drop(store);
    let store = open(&dir);
    assert_eq!(store.healths().await.unwrap(), [health(one), better.clone()]);
    // Changing a subscription leaves it, removing it does not.
    let subscription = store.configuration().await.unwrap().subscriptions.remove(0);
    let subscriptions = vec![Subscription { verify: true, ..subscription }];
    store.change(Changes { subscriptions, ..Changes::default() }).await.unwrap();
    let removed_subscriptions = vec![two];
    store.change(Changes { removed_subscriptions, ..Changes::default() }).await.unwrap();
    assert_eq!(store.healths().await.unwrap(), [health(one)]);
}

#[tokio::test]
async fn disabling_changes_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let id = subscribe(&store, "one").await;
    subscribe(&store, "two").await;
    let before = store.configuration().await.unwrap().subscriptions;
    let health = SubscriptionHealth { disabled_at: Some(at(7)), ..health(id) };
    store.disable(health.clone(), at(8), hookwright_store::Aside::default()).await.unwrap();
    let after = store.configuration().await.unwrap().subscriptions;
    let expected = Subscription { enabled: false, updated_at: at(8), ..before[0].clone() };
    assert_eq!(after, [expected, before[1].clone()]);
    assert_eq!(store.healths().await.unwrap(), std::slice::from_ref(&health));
    let gone = SubscriptionHealth { subscription: SubscriptionId::new(), ..health };
    let unknown = store.disable(gone, at(9), hookwright_store::Aside::default()).await.unwrap_err();
    assert!(matches!(unknown, StoreError::NotFound(_)), "{unknown}");
}

#[tokio::test]
async fn only_who_waits_until_then_is_woken() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let event = Event {
        id: EventId::new(),
        source: "helpdesk".parse().unwrap(),
        event_type: "ticket.created".parse().unwrap(),
        subject: None,
        occurred_at: at(0),
        received_at: at(0),
        data_schema: "ticket/1".into(),
        data: "{}".into(),
        upstream_name: None,
        dedupe_key: None,
    };
    let subscription = SubscriptionId::new();
    let deliveries: Vec<_> =
        (0..4).map(|_| Delivery::new(event.id, subscription, at(1_000))).collect();
    let events =
        vec![NewEvent { event: Arc::new(event), deliveries: deliveries.clone(), once: None }];
    let original = Arc::new(Original::default());
    store.accept(Post { original, events, lease: None }).await.unwrap();
    let wait = async |delivery: &Delivery, state, until: i64| {
        let next_attempt_at = Some(at(until));
        let delivery = Delivery { state, next_attempt_at, ..delivery.clone() };
        let progress = Progress {
            delivery,
            new_requests: Vec::new(),
            attempt: None,
            follow_ups: Vec::new(),
            lease: None,
            keeps_turn: false,
            aside: hookwright_store::Aside::default(),
        };
        store.record(Arc::new(progress)).await.unwrap();
    };
    let [waits, asked_to_wait, ended, due] = &deliveries[..] else { panic!() };
    wait(waits, DeliveryState::Pending, 9_000).await;
    wait(asked_to_wait, DeliveryState::Pending, 9_999).await;
    wait(ended, DeliveryState::Failed, 9_000).await;
    wait(due, DeliveryState::Pending, 4_000).await;
    let told = deliveries.iter().map(|delivery| (delivery.id, at(9_000)));
    let told: Vec<_> = told.take(3).chain([(due.id, at(4_000))]).collect();
    store.wake(told, at(5_000)).await.unwrap();
    let lease = Lease { owner: Owner(Uuid::nil()), until: at(90_000) };
    let claimed = store.claim(Wanted::any(at(5_000), 10), lease).await.unwrap().works;
    let claimed: Vec<_> = claimed.iter().map(|work| work.delivery.id).collect();
    assert_eq!(claimed, [due.id, waits.id], "the one that was due was not made later");
    assert_eq!(store.next_due().await.unwrap(), Some(at(9_999)));
}
