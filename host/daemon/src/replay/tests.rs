//! Replays over a store, with nothing that works on the deliveries they make.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use hookwright_model::{
    Delivery, DeliveryId, DeliveryState, Digest, Event, EventId, Original, ReplayId, ReplayMove,
    ReplayState, Subscription, Timestamp,
};
use hookwright_store::{Changes, DeliveryFilter, NewEvent, Page, Post, Progress};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::app::{App, Options};
use crate::delivery::guard::Guard;
use crate::public_url::PublicUrl;

/// A daemon that replays and does nothing else.
struct Desk {
    app: Arc<App>,
    _dir: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let address = "127.0.0.1:1".parse().unwrap();
        let options = Options {
            data: dir.path().to_owned(),
            listen: address,
            guard: Guard::open(),
            name_servers: Vec::new(),
            key: None,
            public_url: None,
            trusted_proxies: crate::server::client_address::TrustedProxies::default(),
            plugin_threads: NonZeroUsize::new(1),
            shutdown_timeout: Duration::from_secs(1),
        };
        let app = App::open(&options, PublicUrl::of(address)).await.unwrap();
        drop(tokio::spawn(run(Arc::clone(&app))));
        Self { app, _dir: dir }
    }

    /// Its plugin is not there, which nobody asks for here.
    async fn subscribe(&self, name: &str) -> Subscription {
        let plugin = "zammad".parse().unwrap();
        let wanted = Subscription {
            events: vec!["*".parse().unwrap()],
            ..Subscription::new(name.parse().unwrap(), plugin, Digest::of(b"plugin"))
        };
        self.set(&wanted).await;
        wanted
    }

    async fn set(&self, subscription: &Subscription) {
        let subscriptions = vec![subscription.clone()];
        self.change(Changes { subscriptions, ..Changes::default() }).await;
    }

    async fn change(&self, changes: Changes) {
        self.app.store.change(changes).await.unwrap();
        self.app.registry.reload().await.unwrap();
    }

    /// Takes in an event, with a delivery that has ended for each of these.
    async fn event(&self, event_type: &str, failed: &[&Subscription]) -> Vec<DeliveryId> {
        let now = Timestamp::now();
        let event = Event {
            id: EventId::new(),
            source: "tests".parse().unwrap(),
            event_type: event_type.parse().unwrap(),
            subject: None,
            occurred_at: now,
            received_at: now,
            data_schema: "ticket/1".into(),
            data: "{}".into(),
            upstream_name: None,
            dedupe_key: None,
        };
        let deliver = |to: &&Subscription| Delivery::new(event.id, to.id, now);
        let deliveries: Vec<_> = failed.iter().map(deliver).collect();
        let new = NewEvent { event: event.into(), deliveries: deliveries.clone(), once: None };
        let post = Post { original: Arc::new(Original::default()), events: vec![new], lease: None };
        self.app.store.accept(post).await.unwrap();
        for delivery in &deliveries {
            let ended = Delivery {
                state: DeliveryState::Failed,
                finished_at: Some(now),
                next_attempt_at: None,
                ..delivery.clone()
            };
            let progress = Progress {
                delivery: ended,
                new_requests: Vec::new(),
                attempt: None,
                follow_ups: Vec::new(),
                lease: None,
                keeps_turn: false,
                aside: hookwright_store::Aside::default(),
            };
            self.app.store.record(Arc::new(progress)).await.unwrap();
        }
        deliveries.iter().map(|delivery| delivery.id).collect()
    }

    fn what(&self, document: &Value) -> ReplayWhat {
        let wanted: Wanted = serde_json::from_value(document.clone()).unwrap();
        // What just ended is past a moment later.
        let now = Timestamp::now().after(Duration::from_secs(1));
        wanted.what(&self.app.registry.snapshot(), now).unwrap()
    }

    /// A replay that is ready.
    async fn ready(&self, document: Value) -> Replay {
        let what = self.what(&document);
        let Preview { found, left_out } = preview(&self.app, &what).await.unwrap();
        let replay = Replay {
            id: ReplayId::new(),
            what,
            rate: u32::try_from(document["rate"].as_u64().unwrap_or(1_000)).unwrap(),
            state: ReplayState::Ready,
            reason: None,
            found,
            done: 0,
            skipped: 0,
            left_out,
            asked_by: None,
            created_at: Timestamp::now(),
            started_at: None,
            finished_at: None,
            cursor: None,
        };
        self.app.store.add_replay(replay.clone()).await.unwrap();
        replay
    }

    async fn make(&self, replay: &Replay, to: ReplayMove) {
        self.app.store.move_replay(replay.id, to, Timestamp::now()).await.unwrap();
        self.app.replays.notify_one();
    }

    /// The replay once it runs no more.
    async fn stopped(&self, replay: &Replay) -> Replay {
        let asked = async {
            loop {
                let now = self.app.store.replay(replay.id).await.unwrap();
                if now.state != ReplayState::Running {
                    return now;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), asked).await.expect("it goes on for ever")
    }

    async fn pending(&self) -> Vec<DeliveryId> {
        let states = vec![DeliveryState::Pending];
        let filter = DeliveryFilter { states, ..DeliveryFilter::default() };
        let all = self.app.store.deliveries(filter, Page { before: None, limit: 1_000 }).await;
        all.unwrap().iter().rev().map(|delivery| delivery.id).collect()
    }
}

fn words(all: &[(&str, u64)]) -> BTreeMap<String, u64> {
    all.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect()
}

#[tokio::test]
async fn all_are_those_that_something_can_be_made_for() {
    let desk = Desk::new().await;
    let (open, off) = (desk.subscribe("open").await, desk.subscribe("off").await);
    let gone = desk.subscribe("gone").await;
    let mut wanted = Vec::new();
    for _ in 0..3 {
        wanted.push(desk.event("ticket.created", &[&open, &off, &gone]).await[0]);
    }
    desk.event("subscription.test", &[&open, &off]).await;
    desk.set(&Subscription { enabled: false, ..off }).await;
    let removed_subscriptions = vec![gone.id];
    desk.change(Changes { removed_subscriptions, ..Changes::default() }).await;

    let replay = desk.ready(json!({"redeliver": {}})).await;
    assert_eq!(replay.found, 3);
    assert_eq!(replay.left_out, words(&[("control", 2), ("disabled", 3), ("removed", 3)]));
    desk.make(&replay, ReplayMove::Start).await;
    let done = desk.stopped(&replay).await;
    assert_eq!((done.state, done.done, done.skipped), (ReplayState::Done, 3, 0));
    assert_eq!(desk.pending().await, wanted);
}

/// More than are looked at together, most of which are left out.
#[tokio::test]
async fn what_is_left_out_does_not_stop_a_replay() {
    let desk = Desk::new().await;
    let (open, off) = (desk.subscribe("open").await, desk.subscribe("off").await);
    let mut wanted = Vec::new();
    for number in 0..250 {
        let to = if number % 100 == 99 { &open } else { &off };
        let ids = desk.event("ticket.created", &[to]).await;
        wanted.extend(ids.into_iter().filter(|_| to.id == open.id));
    }
    desk.set(&Subscription { enabled: false, ..off }).await;
    let replay = desk.ready(json!({"redeliver": {}})).await;
    assert_eq!((replay.found, &replay.left_out), (2, &words(&[("disabled", 248)])));
    desk.make(&replay, ReplayMove::Start).await;
    assert_eq!(desk.stopped(&replay).await.done, 2);
    assert_eq!(desk.pending().await, wanted);

    // The same with events: none of those that the first had.
    let document = json!({"backfill": {"subscription": "open"}});
    let replay = desk.ready(document).await;
    assert_eq!((replay.found, &replay.left_out), (248, &words(&[("had_before", 2)])));
    desk.make(&replay, ReplayMove::Start).await;
    assert_eq!(desk.stopped(&replay).await.done, 248);
    assert_eq!(desk.pending().await.len(), 250);
}

#[tokio::test]
async fn a_replay_waits_for_a_subscription_that_was_disabled() {
    let desk = Desk::new().await;
    let open = desk.subscribe("open").await;
    for _ in 0..3 {
        desk.event("ticket.created", &[&open]).await;
    }
    let both = [
        desk.ready(json!({"redeliver": {"subscription": "open"}})).await,
        desk.ready(json!({"backfill": {"subscription": "open", "again": true}})).await,
    ];
    desk.set(&Subscription { enabled: false, ..open.clone() }).await;
    for replay in &both {
        desk.make(replay, ReplayMove::Start).await;
        let paused = desk.stopped(replay).await;
        assert_eq!((paused.state, paused.done), (ReplayState::Paused, 0));
        assert_eq!(paused.reason.as_deref(), Some("the subscription is disabled"));
    }
    desk.set(&open).await;
    for replay in &both {
        desk.make(replay, ReplayMove::Resume).await;
        let done = desk.stopped(replay).await;
        assert_eq!((done.state, done.done, done.reason), (ReplayState::Done, 3, None));
    }
    assert_eq!(desk.pending().await.len(), 6);
}

#[tokio::test]
async fn a_replay_ends_with_its_subscription() {
    let desk = Desk::new().await;
    let gone = desk.subscribe("gone").await;
    desk.event("ticket.created", &[&gone]).await;
    let replay = desk.ready(json!({"redeliver": {"subscription": "gone"}})).await;
    let removed_subscriptions = vec![gone.id];
    desk.change(Changes { removed_subscriptions, ..Changes::default() }).await;
    let told = refuse_if_closed(&desk.app.registry.snapshot(), &replay.what).unwrap_err();
    assert_eq!((told.status(), told.detail()), (409, "the subscription was removed"));
    desk.make(&replay, ReplayMove::Start).await;
    let failed = desk.stopped(&replay).await;
    assert_eq!((failed.state, failed.done), (ReplayState::Failed, 0));
    assert_eq!(failed.reason.as_deref(), Some("the subscription was removed"));
    assert!(failed.finished_at.is_some());
    assert_eq!(desk.pending().await, []);
}

#[test]
fn batches_keep_to_the_rate() {
    let replay = |rate| -> Replay {
        let document = json!({
            "id": ReplayId::new(), "redeliver": {"states": [], "until": Timestamp::now(), "events": "*"},
            "rate": rate, "state": "running", "found": 0, "done": 0, "skipped": 0,
            "created_at": Timestamp::now(),
        });
        serde_json::from_value(document).unwrap()
    };
    let batches = [1, 4, 5, 50, 499, 1_000].map(|rate| batch(&replay(rate)));
    assert_eq!(batches, [1, 1, 1, 10, 99, 100]);
}
