//! Who is given what is due, when more is due than can be taken; and who follows whom.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use hookwright_model::{
    AfterFailure, Delivery, DeliveryId, DeliveryState, Digest, Event, EventId, Order, Original,
    Subscription, SubscriptionId, Timestamp,
};
use hookwright_store::{
    Changes, Lease, NewEvent, Owner, Post, Progress, Queue, SqliteStore, Store, StoreError, Vault,
    Wanted, Work,
};
use proptest::prelude::*;
use tempfile::TempDir;
use uuid::Uuid;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// The moment at which everything is due.
const NOW: i64 = 10_000;

fn open(dir: &TempDir) -> SqliteStore {
    SqliteStore::open(&dir.path().join("hookwright.db"), Vault::from_text(KEY, "test").unwrap())
        .unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn lease() -> Lease {
    Lease { owner: Owner(Uuid::from_u128(1)), until: at(1_000_000) }
}

fn event(ticket: &str) -> Event {
    Event {
        id: EventId::new(),
        source: "desk".parse().unwrap(),
        event_type: "ticket.updated".parse().unwrap(),
        subject: Some(ticket.into()),
        occurred_at: at(1),
        received_at: at(1),
        data_schema: "".into(),
        data: "{}".into(),
        upstream_name: None,
        dedupe_key: None,
    }
}

/// One event for one subscription, due then.
fn post(subscription: SubscriptionId, ticket: &str, order: Order, due: i64) -> (DeliveryId, Post) {
    let event = event(ticket);
    let mut delivery = Delivery::new(event.id, subscription, at(due));
    delivery.lane = order.lane(&event);
    let id = delivery.id;
    let new = NewEvent { event: Arc::new(event), deliveries: vec![delivery], once: None };
    (id, Post { original: Arc::new(Original::default()), events: vec![new], lease: None })
}

fn wanted(count: usize) -> Wanted {
    Wanted::any(at(NOW), count)
}

async fn claim(store: &SqliteStore, wanted: Wanted) -> Vec<Work> {
    store.claim(wanted, lease()).await.unwrap().works
}

/// Notes how a delivery ended, or that it is tried again later.
async fn note(store: &SqliteStore, work: &Work, state: DeliveryState, keeps_turn: bool) {
    let mut delivery = work.delivery.clone();
    delivery.state = state;
    delivery.attempts += 1;
    delivery.next_attempt_at = (!state.is_final()).then(|| at(NOW));
    delivery.finished_at = state.is_final().then(|| at(NOW));
    let (new_requests, attempt, follow_ups, lease) = (Vec::new(), None, Vec::new(), None);
    let progress = Progress {
        delivery,
        new_requests,
        attempt,
        follow_ups,
        lease,
        keeps_turn,
        aside: hookwright_store::Aside::default(),
    };
    store.record(Arc::new(progress)).await.unwrap();
}

fn of(works: &[Work], subscription: SubscriptionId) -> usize {
    works.iter().filter(|work| work.delivery.subscription_id == subscription).count()
}

#[tokio::test]
async fn what_waits_for_one_receiver_is_in_nobodys_way() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let (down, others) = (SubscriptionId::new(), [SubscriptionId::new(), SubscriptionId::new()]);
    for _ in 0..1_000 {
        store.accept(post(down, "1", Order::None, 1).1).await.unwrap();
    }
    for other in others {
        store.accept(post(other, "1", Order::None, 9_000).1).await.unwrap();
    }
    let works = claim(&store, wanted(100)).await;
    assert!((50..=100).contains(&works.len()));
    assert!(others.iter().all(|other| of(&works, *other) == 1));
    // Who has its share is given no more.
    let taken = HashMap::from([(Queue::Subscription(down), 500)]);
    store.accept(post(others[0], "1", Order::None, 9_000).1).await.unwrap();
    let full = Wanted { each: 500, taken, ..wanted(100) };
    let due = store.claim(full, lease()).await.unwrap();
    assert_eq!((due.works.len(), of(&due.works, others[0]), due.more), (1, 1, true));
}

#[tokio::test]
async fn first_attempts_come_before_later_ones_which_go_on_too() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let one = SubscriptionId::new();
    for _ in 0..400 {
        store.accept(post(one, "1", Order::None, 1).1).await.unwrap();
    }
    for work in claim(&store, wanted(400)).await {
        note(&store, &work, DeliveryState::Pending, false).await;
    }
    for _ in 0..30 {
        store.accept(post(one, "1", Order::None, 9_999).1).await.unwrap();
    }
    let works = claim(&store, wanted(40)).await;
    let new = works.iter().filter(|work| work.delivery.attempts == 0).count();
    assert_eq!((works.len(), new), (40, 30));
}

#[tokio::test]
async fn little_that_is_due_is_taken_as_it_became_due_and_what_is_next_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let subscriptions = [(); 5].map(|()| SubscriptionId::new());
    let mut ids = Vec::new();
    for (due, subscription) in (0..).zip(subscriptions.iter().cycle().take(20)) {
        let (id, post) = post(*subscription, "1", Order::None, 1_000 + due);
        store.accept(post).await.unwrap();
        ids.push(id);
    }
    store.accept(post(subscriptions[0], "1", Order::None, 20_000).1).await.unwrap();
    let due = store.claim(wanted(100), lease()).await.unwrap();
    let claimed: Vec<_> = due.works.iter().map(|work| work.delivery.id).collect();
    assert_eq!((claimed, due.more, due.next), (ids, false, Some(at(20_000))));
}

#[tokio::test]
async fn no_more_bytes_are_taken_than_there_is_room_for_but_one_always_is() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let one = SubscriptionId::new();
    for _ in 0..10 {
        let (_, mut post) = post(one, "1", Order::None, 1);
        let body = vec![b'x'; 1_000].into();
        post.original = Arc::new(Original { body, ..Original::default() });
        store.accept(post).await.unwrap();
    }
    let due = store.claim(Wanted { bytes: 2_500, ..wanted(10) }, lease()).await.unwrap();
    assert_eq!((due.works.len(), due.more), (3, true));
    let due = store.claim(Wanted { bytes: 1, ..wanted(10) }, lease()).await.unwrap();
    assert_eq!(due.works.len(), 1);
}

#[tokio::test]
async fn an_admin_lets_those_go_on_that_wait_for_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let name = "strict".parse().unwrap();
    let mut subscription = Subscription::new(name, "p".parse().unwrap(), Digest::of(b"p"));
    subscription.order = Order::Strict;
    subscription.after_failure = AfterFailure::Wait;
    let id = subscription.id;
    let subscriptions = vec![subscription.clone()];
    store.change(Changes { subscriptions, ..Changes::default() }).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let (id, post) = post(id, "1", Order::Strict, 1);
        store.accept(post).await.unwrap();
        ids.push(id);
    }
    let next = async || {
        let works = claim(&store, wanted(10)).await;
        assert!(works.len() <= 1, "two at once");
        works.into_iter().next()
    };
    let first = next().await.unwrap();
    assert_eq!(first.delivery.id, ids[0]);
    note(&store, &first, DeliveryState::Failed, true).await;
    assert!(next().await.is_none(), "it waits for the failed one");
    let (behind, _) = store.delivery(ids[1]).await.unwrap();
    assert!(behind.reason.unwrap().contains("earlier delivery"));
    // Tried again, it fails again, and is let go of.
    store.requeue(ids[0], at(NOW)).await.unwrap();
    note(&store, &next().await.unwrap(), DeliveryState::Failed, true).await;
    store.cancel(ids[0], at(NOW)).await.unwrap();
    assert!(matches!(store.cancel(ids[0], at(NOW)).await, Err(StoreError::Conflict(_))));
    let second = next().await.unwrap();
    assert_eq!((second.delivery.id, &second.delivery.reason), (ids[1], &None));
    note(&store, &second, DeliveryState::Unknown, true).await;
    assert!(next().await.is_none());
    // From now on nothing waits for a failure.
    subscription.after_failure = AfterFailure::Skip;
    let subscriptions = vec![subscription];
    store.change(Changes { subscriptions, ..Changes::default() }).await.unwrap();
    assert_eq!(next().await.unwrap().delivery.id, ids[2]);
}

/// What can happen to deliveries in order.
#[derive(Clone, Debug)]
enum Step {
    /// An event of one of the tickets comes in.
    Accept(u8),
    /// What is due is claimed, at most so many.
    Claim(usize),
    /// One of those that are worked on ends, or is put off.
    Note(usize, DeliveryState),
    /// The program dies and starts again.
    Crash,
    /// An admin has one that ended tried again, or cancels one.
    Requeue(usize),
    Cancel(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        4 => Just(DeliveryState::Delivered),
        2 => Just(DeliveryState::Pending),
        1 => Just(DeliveryState::Failed),
        1 => Just(DeliveryState::Skipped),
    ];
    prop_oneof![
        6 => (0..3_u8).prop_map(Step::Accept),
        4 => (1..5_usize).prop_map(Step::Claim),
        6 => (any::<prop::sample::Index>(), outcome)
            .prop_map(|(which, outcome)| Step::Note(which.index(64), outcome)),
        1 => Just(Step::Crash),
        1 => any::<prop::sample::Index>().prop_map(|which| Step::Requeue(which.index(64))),
        1 => any::<prop::sample::Index>().prop_map(|which| Step::Cancel(which.index(64))),
    ]
}

/// What the rules say, in the simplest way: for each ticket those in line, first come first.
#[derive(Default)]
struct Model {
    lines: BTreeMap<u8, Vec<DeliveryId>>,
    all: Vec<(u8, DeliveryId)>,
    /// Failed, and waited for.
    failed: Vec<DeliveryId>,
    /// Tried again by an admin after it had left its line: nobody waits for it.
    apart: Vec<DeliveryId>,
    ended: Vec<DeliveryId>,
}

impl Model {
    fn leave(&mut self, id: DeliveryId) {
        self.lines.values_mut().for_each(|line| line.retain(|other| *other != id));
        self.failed.retain(|other| *other != id);
        self.apart.retain(|other| *other != id);
        self.ended.push(id);
    }

    fn may_run(&self, id: DeliveryId) -> bool {
        let first = |line: &Vec<_>| line.first() == Some(&id) && !self.failed.contains(&id);
        self.apart.contains(&id) || self.lines.values().any(first)
    }
}

async fn follow(steps: Vec<Step>, after_failure: AfterFailure) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let one = SubscriptionId::new();
    let mut model = Model::default();
    let mut working: Vec<Work> = Vec::new();
    let waits = after_failure == AfterFailure::Wait;
    for step in steps {
        match step {
            Step::Accept(ticket) => {
                let (id, post) = post(one, &ticket.to_string(), Order::PerTicket, 1);
                let line = model.lines.entry(ticket).or_default();
                let behind = !line.is_empty();
                line.push(id);
                model.all.push((ticket, id));
                let taken_in = store.accept(post).await.unwrap();
                assert_eq!(taken_in.waiting, if behind { vec![id] } else { Vec::new() });
            }
            Step::Claim(count) => {
                let room = Wanted { each: count, ..wanted(count) };
                for work in claim(&store, room).await {
                    assert!(model.may_run(work.delivery.id), "out of turn: {}", work.delivery.id);
                    working.push(work);
                }
            }
            Step::Note(which, outcome) if !working.is_empty() => {
                let work = working.swap_remove(which % working.len());
                let id = work.delivery.id;
                let failed = outcome == DeliveryState::Failed;
                note(&store, &work, outcome, failed && waits).await;
                let in_line = model.lines.values().any(|line| line.contains(&id));
                if failed && waits && in_line {
                    model.failed.push(id);
                    model.ended.push(id);
                } else if outcome.is_final() {
                    model.leave(id);
                }
            }
            Step::Crash => {
                working.clear();
                store.release_all(at(NOW)).await.unwrap();
            }
            Step::Requeue(which) if !model.ended.is_empty() => {
                let id = model.ended.remove(which % model.ended.len());
                model.ended.retain(|other| *other != id);
                store.requeue(id, at(NOW)).await.unwrap();
                if model.failed.contains(&id) {
                    model.failed.retain(|other| *other != id);
                } else {
                    model.apart.push(id);
                }
            }
            Step::Cancel(which) if !model.all.is_empty() => {
                let (_, id) = model.all[which % model.all.len()];
                let waited_for = model.failed.contains(&id);
                let ended = model.ended.contains(&id) && !waited_for;
                assert_eq!(store.cancel(id, at(NOW)).await.is_err(), ended);
                if !ended {
                    working.retain(|work| work.delivery.id != id);
                    model.leave(id);
                }
            }
            Step::Note(..) | Step::Requeue(_) | Step::Cancel(_) => {}
        }
    }
    // Everything that can go on comes to its end, and nothing is forgotten.
    store.release_all(at(NOW)).await.unwrap();
    loop {
        let works = claim(&store, wanted(64)).await;
        let Some(work) = works.first() else { break };
        for work in &works {
            assert!(model.may_run(work.delivery.id), "out of turn: {}", work.delivery.id);
        }
        note(&store, work, DeliveryState::Delivered, false).await;
        model.leave(work.delivery.id);
        store.release_all(at(NOW)).await.unwrap();
    }
    assert!(model.apart.is_empty());
    for (ticket, line) in &model.lines {
        let waited_for = line.first().is_none_or(|first| model.failed.contains(first));
        assert!(waited_for, "ticket {ticket} is stuck: {line:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn order_is_kept_whatever_happens(
        steps in prop::collection::vec(step(), 0..80),
        waits in any::<bool>(),
    ) {
        let after_failure = if waits { AfterFailure::Wait } else { AfterFailure::Skip };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(follow(steps, after_failure));
    }
}
