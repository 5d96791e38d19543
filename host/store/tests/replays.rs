//! Replays: what they find, how they go on, what a crash leaves of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Arc;

use hookwright_model::{
    Attempt, AttemptId, AttemptResult, Backfill, Delivery, DeliveryId, DeliveryState, Event,
    EventId, Original, Received, Redeliver, Replay, ReplayId, ReplayMove, ReplayState, ReplayWhat,
    SubscriptionId, Timestamp, Timings, TypePattern,
};
use hookwright_store::{
    Lease, NewEvent, Owner, Page, Post, Progress, ReplayFilter, ReplayStep, SqliteStore, Store,
    StoreError, Vault, Wanted,
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

fn event(event_type: &str, source: &str, received_at: i64) -> Event {
    Event {
        id: EventId::new(),
        source: source.parse().unwrap(),
        event_type: event_type.parse().unwrap(),
        subject: Some("81".into()),
        occurred_at: at(received_at),
        received_at: at(received_at),
        data_schema: "ticket/1".into(),
        data: "{}".into(),
        upstream_name: None,
        dedupe_key: None,
    }
}

/// Takes in an event with deliveries for these subscriptions; the ids of event and deliveries.
async fn accept(
    store: &SqliteStore,
    event: Event,
    subscriptions: &[SubscriptionId],
) -> (EventId, Vec<DeliveryId>) {
    let deliver = |id: &SubscriptionId| Delivery::new(event.id, *id, event.received_at);
    let deliveries: Vec<_> = subscriptions.iter().map(deliver).collect();
    let ids = deliveries.iter().map(|delivery| delivery.id).collect();
    let id = event.id;
    let events = vec![NewEvent { event: Arc::new(event), deliveries, once: None }];
    let post = Post { original: Arc::new(Original::default()), events, lease: None };
    store.accept(post).await.unwrap();
    (id, ids)
}

/// Ends a delivery after an answer.
async fn end(store: &SqliteStore, id: DeliveryId, state: DeliveryState, when: i64, status: u16) {
    let (mut delivery, _) = store.delivery(id).await.unwrap();
    delivery.state = state;
    delivery.attempts += 1;
    delivery.finished_at = Some(at(when));
    delivery.next_attempt_at = None;
    let received =
        Received { status, headers: Vec::new(), body: bytes::Bytes::new(), complete: true };
    let attempt = Attempt {
        id: AttemptId::new(),
        delivery_id: id,
        number: delivery.attempts,
        position: 0,
        revision: 0,
        started_at: at(when),
        sent: None,
        received: Some(received),
        timings: Timings::default(),
        result: AttemptResult::Failed { reason: "no".into() },
        judge: None,
        notes: Vec::new(),
    };
    let progress = Progress {
        delivery,
        new_requests: Vec::new(),
        attempt: Some(attempt),
        follow_ups: Vec::new(),
        lease: None,
        keeps_turn: false,
        aside: hookwright_store::Aside::default(),
    };
    store.record(Arc::new(progress)).await.unwrap();
}

fn redeliver(subscription: Option<SubscriptionId>, until: i64) -> Redeliver {
    Redeliver {
        subscription,
        states: vec![DeliveryState::Failed, DeliveryState::Unknown],
        since: None,
        until: at(until),
        events: TypePattern::Any,
        status: None,
    }
}

fn backfill(subscription: SubscriptionId, until: i64) -> Backfill {
    Backfill {
        subscription,
        events: TypePattern::Any,
        source: None,
        since: None,
        until: at(until),
        again: false,
    }
}

fn replay(what: ReplayWhat, found: u64) -> Replay {
    Replay {
        id: ReplayId::new(),
        what,
        rate: 7,
        state: ReplayState::Ready,
        reason: None,
        found,
        done: 0,
        skipped: 0,
        left_out: BTreeMap::from([("had_before".to_owned(), 2)]),
        asked_by: Some("admin".parse().unwrap()),
        created_at: at(1),
        started_at: None,
        finished_at: None,
        cursor: None,
    }
}

/// A running replay.
async fn started(store: &SqliteStore, what: ReplayWhat, found: u64) -> Replay {
    let replay = replay(what, found);
    let id = replay.id;
    store.add_replay(replay).await.unwrap();
    store.move_replay(id, ReplayMove::Start, at(2)).await.unwrap()
}

fn step(replay: &Replay, to: Uuid, requeue: &[DeliveryId], deliveries: &[Delivery]) -> ReplayStep {
    ReplayStep {
        id: replay.id,
        from: replay.cursor,
        to: Some(to),
        requeue: requeue.to_vec(),
        deliveries: deliveries.to_vec(),
        ended: false,
        now: at(50),
    }
}

async fn ids(store: &SqliteStore, what: Redeliver) -> Vec<DeliveryId> {
    let all = store.replay_deliveries(what.clone(), None, 500).await.unwrap();
    let all: Vec<_> = all.into_iter().map(|found| found.id).collect();
    // In pages it is the same, and the count agrees.
    let (mut paged, mut after) = (Vec::new(), None);
    while let Some(next) =
        store.replay_deliveries(what.clone(), after, 1).await.unwrap().into_iter().next()
    {
        after = Some(next.id);
        paged.push(next.id);
    }
    assert_eq!(all, paged);
    let counts = store.count_replay(what).await.unwrap();
    assert_eq!(counts.iter().map(|count| count.count).sum::<u64>(), all.len() as u64);
    all
}

async fn state(store: &SqliteStore, id: DeliveryId) -> DeliveryState {
    store.delivery(id).await.unwrap().0.state
}

#[tokio::test]
async fn deliveries_are_found_by_all_that_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let (one, two) = (SubscriptionId::new(), SubscriptionId::new());
    let (_, a) = accept(&store, event("ticket.created", "desk", 10), &[one, two]).await;
    let (_, b) = accept(&store, event("ticket.updated", "desk", 20), &[one, two]).await;
    let (_, c) = accept(&store, event("person.created", "desk", 30), &[one, two]).await;
    end(&store, a[0], DeliveryState::Failed, 11, 500).await;
    end(&store, a[1], DeliveryState::Delivered, 12, 200).await;
    end(&store, b[0], DeliveryState::Unknown, 21, 502).await;
    end(&store, b[1], DeliveryState::Failed, 22, 503).await;
    end(&store, c[0], DeliveryState::Skipped, 31, 200).await;
    // c[1] is still on its way, and in no listing whatever is asked.
    let what = redeliver(None, 1_000);
    assert_eq!(ids(&store, what.clone()).await, [a[0], b[0], b[1]]);
    let of_two = redeliver(Some(two), 1_000);
    assert_eq!(ids(&store, of_two.clone()).await, [b[1]]);
    let since =
        |since, until| Redeliver { since: Some(at(since)), until: at(until), ..redeliver(None, 0) };
    assert_eq!(ids(&store, since(21, 22)).await, [b[0]], "from a moment, and before another");
    assert_eq!(ids(&store, since(22, 23)).await, [b[1]]);
    assert_eq!(ids(&store, redeliver(None, 11)).await, []);
    let status = Redeliver { status: Some(503), ..what.clone() };
    assert_eq!(ids(&store, status).await, [b[1]]);
    let events = |pattern: &str| pattern.parse::<TypePattern>().unwrap();
    let prefix = Redeliver { events: events("ticket.*"), ..what.clone() };
    assert_eq!(ids(&store, prefix).await, [a[0], b[0], b[1]]);
    let exact = Redeliver { events: events("ticket.updated"), ..what.clone() };
    assert_eq!(ids(&store, exact).await, [b[0], b[1]]);
    let all = Redeliver { states: DeliveryState::ALL.to_vec(), ..what.clone() };
    assert_eq!(ids(&store, all).await, [a[0], a[1], b[0], b[1], c[0]]);
    let twice = Redeliver { states: vec![DeliveryState::Failed; 2], ..what.clone() };
    assert_eq!(ids(&store, twice).await, [a[0], b[1]]);
    let none = Redeliver { states: vec![DeliveryState::Pending], ..what };
    assert_eq!(ids(&store, none).await, []);
    let counts = store.count_replay(of_two).await.unwrap();
    assert_eq!((counts[0].subscription_id, counts[0].event_type.as_str()), (two, "ticket.updated"));
}

#[tokio::test]
async fn events_are_found_by_all_that_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let (new, other) = (SubscriptionId::new(), SubscriptionId::new());
    // Ids have the times of events, which are now: so the bound by id is tried as well.
    let now = Timestamp::now().millis();
    let (a, _) = accept(&store, event("ticket.created", "desk", now), &[other]).await;
    let (b, _) = accept(&store, event("ticket.updated", "desk", now + 10), &[new]).await;
    let (c, _) = accept(&store, event("ticket.created", "shop", now + 20), &[]).await;
    let found = async |what: Backfill, after| {
        let found = store.replay_events(what, after, 10).await.unwrap();
        found.into_iter().map(|found| (found.event.id, found.had)).collect::<Vec<_>>()
    };
    let what = backfill(new, now + 1_000);
    assert_eq!(found(what.clone(), None).await, [(a, false), (b, true), (c, false)]);
    assert_eq!(found(what.clone(), Some(b)).await, [(c, false)]);
    let since = Backfill { since: Some(at(now + 10)), until: at(now + 20), ..what.clone() };
    assert_eq!(found(since, None).await, [(b, true)]);
    let long_ago = Backfill { since: Some(at(-5)), ..what.clone() };
    assert_eq!(found(long_ago, None).await.len(), 3);
    let source = Backfill { source: Some("shop".parse().unwrap()), ..what.clone() };
    assert_eq!(found(source, None).await, [(c, false)]);
    let of_type = Backfill { events: "ticket.updated".parse().unwrap(), ..what.clone() };
    assert_eq!(found(of_type, None).await, [(b, true)]);
    let event = store.replay_events(what, None, 1).await.unwrap().remove(0).event;
    assert_eq!(event, store.event(a).await.unwrap().0);
}

#[tokio::test]
async fn a_replay_survives_a_restart_and_makes_only_moves_that_there_are() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let made = replay(ReplayWhat::Redeliver(redeliver(None, 9)), 3);
    store.add_replay(made.clone()).await.unwrap();
    let other = replay(ReplayWhat::Backfill(backfill(SubscriptionId::new(), 9)), 3);
    store.add_replay(other.clone()).await.unwrap();
    drop(store);
    let store = open(&dir);
    assert_eq!(store.replay(made.id).await.unwrap(), made);
    let page = Page { before: None, limit: 10 };
    let all = store.replays(ReplayFilter::default(), page).await.unwrap();
    assert_eq!(all, [other.clone(), made.clone()], "newest first");
    let next = Page { before: Some(other.id), limit: 10 };
    let older = store.replays(ReplayFilter::default(), next).await.unwrap();
    assert_eq!(older, std::slice::from_ref(&made));

    let conflict = store.move_replay(made.id, ReplayMove::Resume, at(2)).await.unwrap_err();
    assert!(conflict.to_string().contains("start or cancel it"), "{conflict}");
    assert!(matches!(store.remove_replay(made.id).await, Err(StoreError::Conflict(_))));
    let running = store.move_replay(made.id, ReplayMove::Start, at(2)).await.unwrap();
    let filter = ReplayFilter { state: Some(ReplayState::Running) };
    assert_eq!(store.replays(filter, page).await.unwrap(), [running]);
    store.move_replay(made.id, ReplayMove::Cancel, at(3)).await.unwrap();
    assert!(store.replays(filter, page).await.unwrap().is_empty());
    store.remove_replay(made.id).await.unwrap();
    assert!(matches!(store.replay(made.id).await, Err(StoreError::NotFound(_))));
    assert!(matches!(store.remove_replay(made.id).await, Err(StoreError::NotFound(_))));
    let gone = store.move_replay(made.id, ReplayMove::Start, at(4)).await;
    assert!(matches!(gone, Err(StoreError::NotFound(_))));
}

#[tokio::test]
async fn a_step_makes_deliveries_and_moves_the_cursor_together() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let subscription = SubscriptionId::new();
    let mut failed = Vec::new();
    for _ in 0..3 {
        let (_, ids) = accept(&store, event("ticket.created", "desk", 10), &[subscription]).await;
        end(&store, ids[0], DeliveryState::Failed, 11, 500).await;
        failed.push(ids[0]);
    }
    let what = ReplayWhat::Redeliver(redeliver(None, 20));
    let first = started(&store, what, 3).await;
    let one = step(&first, failed[0].uuid(), &failed[..1], &[]);
    let after = store.step_replay(one.clone()).await.unwrap().unwrap();
    assert_eq!((after.done, after.cursor), (1, Some(failed[0].uuid())));
    assert_eq!(state(&store, failed[0]).await, DeliveryState::Pending);
    // It fails again, and is not one of those any more that are older than the replay.
    end(&store, failed[0], DeliveryState::Failed, 60, 500).await;
    assert_eq!(ids(&store, redeliver(None, 20)).await, failed[1..]);

    // The same step once more, as by a runner that does not know it was made: nothing.
    assert_eq!(store.step_replay(one).await.unwrap(), None);
    assert_eq!(state(&store, failed[0]).await, DeliveryState::Failed);
    drop(store);
    let store = open(&dir);
    assert_eq!(store.replay(first.id).await.unwrap(), after);

    // Somebody retried the second by hand: it is left alone, and not counted as done.
    store.requeue(failed[1], at(55)).await.unwrap();
    let lease = Lease { owner: Owner(Uuid::now_v7()), until: at(900) };
    store.claim(Wanted::any(at(56), 10), lease).await.unwrap();
    let last = ReplayStep { ended: true, ..step(&after, failed[2].uuid(), &failed[1..], &[]) };
    let ended = store.step_replay(last.clone()).await.unwrap().unwrap();
    assert_eq!((ended.state, ended.done, ended.skipped), (ReplayState::Done, 2, 1));
    assert_eq!(ended.finished_at, Some(at(50)));
    assert_eq!(state(&store, failed[1]).await, DeliveryState::Running);
    assert_eq!(state(&store, failed[2]).await, DeliveryState::Pending);
    let from_there = ReplayStep { from: ended.cursor, ..last };
    assert_eq!(store.step_replay(from_there).await.unwrap(), None, "it has ended");
}

#[tokio::test]
async fn a_replay_that_is_not_running_stands_still() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let subscription = SubscriptionId::new();
    let (_, failed) = accept(&store, event("ticket.created", "desk", 10), &[subscription]).await;
    end(&store, failed[0], DeliveryState::Failed, 11, 500).await;
    let replay = started(&store, ReplayWhat::Redeliver(redeliver(None, 20)), 1).await;
    let next = step(&replay, failed[0].uuid(), &failed, &[]);
    for to in [ReplayMove::Pause(None), ReplayMove::Cancel] {
        let stopped = store.move_replay(replay.id, to, at(40)).await.unwrap();
        assert_eq!(store.step_replay(next.clone()).await.unwrap(), None);
        assert_eq!(store.replay(replay.id).await.unwrap(), stopped);
        assert_eq!(state(&store, failed[0]).await, DeliveryState::Failed);
    }
}

#[tokio::test]
async fn a_step_that_cannot_be_made_whole_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let new = SubscriptionId::new();
    let (a, _) = accept(&store, event("ticket.created", "desk", 10), &[]).await;
    let (b, _) = accept(&store, event("ticket.created", "desk", 10), &[]).await;
    let replay = started(&store, ReplayWhat::Backfill(backfill(new, 20)), 2).await;
    let (first, mut second) = (Delivery::new(a, new, at(50)), Delivery::new(b, new, at(50)));
    // The same id twice: the second cannot be inserted.
    second.id = first.id;
    let bad = step(&replay, b.uuid(), &[], &[first.clone(), second.clone()]);
    assert!(matches!(store.step_replay(bad).await, Err(StoreError::Conflict(_))));
    assert_eq!(store.replay(replay.id).await.unwrap(), replay);
    assert!(matches!(store.delivery(first.id).await, Err(StoreError::NotFound(_))));

    second.id = DeliveryId::new();
    let good = step(&replay, b.uuid(), &[], &[first.clone(), second.clone()]);
    let after = store.step_replay(good).await.unwrap().unwrap();
    assert_eq!((after.done, after.cursor), (2, Some(b.uuid())));
    assert_eq!(store.delivery(second.id).await.unwrap().0, second);
}

/// Two replays to one subscription at the same time look at the same events.
#[tokio::test]
async fn what_a_subscription_has_had_meanwhile_is_not_delivered_twice() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let new = SubscriptionId::new();
    let (a, _) = accept(&store, event("ticket.created", "desk", 10), &[]).await;
    let deliver = || [Delivery::new(a, new, at(50))];
    for (again, done) in [(false, 1), (false, 0), (true, 1)] {
        let what = Backfill { again, ..backfill(new, 20) };
        let replay = started(&store, ReplayWhat::Backfill(what), 1).await;
        let next = ReplayStep { ended: true, ..step(&replay, a.uuid(), &[], &deliver()) };
        let after = store.step_replay(next).await.unwrap().unwrap();
        assert_eq!((after.done, after.skipped), (done, 1 - done));
    }
    let gone = [Delivery::new(EventId::new(), new, at(50))];
    let replay = started(&store, ReplayWhat::Backfill(backfill(new, 20)), 0).await;
    let next = step(&replay, a.uuid(), &[], &gone);
    assert_eq!(store.step_replay(next).await.unwrap().unwrap().done, 0, "its event is gone");
}

#[tokio::test]
async fn a_retry_by_hand_leaves_those_alone_that_go_on_by_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let subscription = SubscriptionId::new();
    let (_, ids) = accept(&store, event("ticket.created", "desk", 10), &[subscription]).await;
    let before = store.delivery(ids[0]).await.unwrap();
    let error = store.requeue(ids[0], at(5)).await.unwrap_err().to_string();
    let told = "is pending: it is tried by itself at 1970-01-01T00:00:00.010Z. Only one that has \
                ended can be tried again";
    assert!(error.contains(told), "{error}");
    assert_eq!(store.delivery(ids[0]).await.unwrap(), before);
    let lease = Lease { owner: Owner(Uuid::now_v7()), until: at(900) };
    store.claim(Wanted::any(at(10), 1), lease).await.unwrap();
    let before = store.delivery(ids[0]).await.unwrap();
    let error = store.requeue(ids[0], at(20)).await.unwrap_err();
    assert!(matches!(&error, StoreError::Conflict(told) if told.contains("is running")));
    assert_eq!(store.delivery(ids[0]).await.unwrap(), before);
}
