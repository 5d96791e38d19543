use std::sync::Arc;

use hookwright_model::{Delivery, Event, EventId, Original, SubscriptionId, Timestamp};
use hookwright_store::{Queue, Work};

use super::state::{MAX_CLAIMED, MAX_RUNNING, MAX_UNNOTED_OF_ONE, State, USUAL_AT_ONCE};

fn work(subscription: SubscriptionId) -> Work {
    let event = Event {
        id: EventId::new(),
        source: "a".parse().unwrap(),
        event_type: "b.c".parse().unwrap(),
        subject: None,
        occurred_at: Timestamp::default(),
        received_at: Timestamp::default(),
        data_schema: "".into(),
        data: "{}".into(),
        upstream_name: None,
        dedupe_key: None,
    };
    Work {
        delivery: Delivery::new(event.id, subscription, Timestamp::default()),
        event: Arc::new(event),
        original: Arc::new(Original::default()),
    }
}

fn tried(subscription: SubscriptionId) -> Work {
    let mut work = work(subscription);
    work.delivery.attempts = 1;
    work
}

fn take(state: &mut State, works: impl IntoIterator<Item = Work>) {
    state.take(works.into_iter().collect(), false, |_| USUAL_AT_ONCE);
}

fn pop_all(state: &mut State) -> Vec<Work> {
    std::iter::from_fn(|| state.pop()).collect()
}

#[test]
fn subscriptions_take_turns_and_none_takes_all() {
    let (hanging, healthy) = (SubscriptionId::new(), SubscriptionId::new());
    let mut state = State::default();
    take(&mut state, (0..200).map(|_| work(hanging)));
    take(&mut state, (0..3).map(|_| work(healthy)));
    let started = pop_all(&mut state);
    let started: Vec<_> = started.iter().map(|work| work.delivery.subscription_id).collect();
    assert_eq!(&started[..6], [hanging, healthy, hanging, healthy, hanging, healthy]);
    assert_eq!(started.len(), USUAL_AT_ONCE + 3);
    // Nothing of the hanging one ends; the healthy one goes on.
    for _ in 0..3 {
        state.sent(&Queue::Subscription(healthy));
        state.done(&Queue::Subscription(healthy), 2);
    }
    take(&mut state, [work(healthy)]);
    assert_eq!(state.pop().unwrap().delivery.subscription_id, healthy);
    assert!(state.pop().is_none());
    state.sent(&Queue::Subscription(hanging));
    assert_eq!(state.pop().unwrap().delivery.subscription_id, hanging);
}

#[test]
fn a_helpdesk_that_hangs_does_not_hold_up_what_writes_back() {
    let subscription = SubscriptionId::new();
    let mut state = State::default();
    let written = (0..200).map(|_| {
        let mut work = work(subscription);
        work.delivery.connection = Some("desk".parse().unwrap());
        work
    });
    take(&mut state, written);
    assert_eq!(pop_all(&mut state).len(), USUAL_AT_ONCE);
    take(&mut state, [work(subscription)]);
    assert_eq!(state.pop().unwrap().delivery.connection, None);
}

#[test]
fn what_is_not_noted_is_bounded() {
    let subscription = SubscriptionId::new();
    let queue = Queue::Subscription(subscription);
    let mut state = State::default();
    take(&mut state, (0..MAX_UNNOTED_OF_ONE + 10).map(|_| work(subscription)));
    let mut sent = 0;
    while state.pop().is_some() {
        state.sent(&queue);
        sent += 1;
    }
    assert_eq!(sent, MAX_UNNOTED_OF_ONE);
    state.done(&queue, 2);
    assert!(state.pop().is_some());
}

#[test]
fn beside_many_that_hang_there_is_room_for_one_more() {
    let mut state = State::default();
    for _ in 0..64 {
        let hanging = SubscriptionId::new();
        take(&mut state, (0..200).map(|_| work(hanging)));
        pop_all(&mut state);
    }
    let healthy = SubscriptionId::new();
    take(&mut state, [work(healthy)]);
    assert!(pop_all(&mut state).iter().any(|work| work.delivery.subscription_id == healthy));
}

#[test]
fn not_everything_at_once() {
    let mut state = State::default();
    take(&mut state, (0..MAX_RUNNING + 10).map(|_| work(SubscriptionId::new())));
    assert_eq!(pop_all(&mut state).len(), MAX_RUNNING);
}

#[test]
fn a_subscription_may_ask_for_fewer_at_once() {
    let one = SubscriptionId::new();
    let mut state = State::default();
    state.take((0..5).map(|_| work(one)).collect(), false, |_| 1);
    assert_eq!(pop_all(&mut state).len(), 1);
    state.sent(&Queue::Subscription(one));
    state.done(&Queue::Subscription(one), 2);
    assert_eq!(pop_all(&mut state).len(), 1);
}

#[test]
fn first_attempts_do_not_wait_for_later_ones_nor_hold_them_up() {
    let one = SubscriptionId::new();
    let mut state = State::default();
    take(&mut state, (0..100).map(|_| tried(one)));
    take(&mut state, (0..30).map(|_| work(one)));
    let first: Vec<_> = pop_all(&mut state).iter().take(40).map(|w| w.delivery.attempts).collect();
    assert_eq!(first.iter().filter(|attempts| **attempts == 0).count(), 30);
    assert_eq!(first[..4], [0, 0, 0, 1]);
}

#[test]
fn memory_is_bounded_and_shared() {
    let mut state = State::default();
    let reserve = |state: &mut State, subscription, bytes| {
        let mut reserved = 0;
        while reserved <= MAX_CLAIMED && state.reserve(&mut work(subscription).delivery, bytes) {
            reserved += 1;
        }
        reserved
    };
    let one = reserve(&mut state, SubscriptionId::new(), 1);
    assert_eq!(one, MAX_CLAIMED / 2);
    let other = reserve(&mut state, SubscriptionId::new(), 1);
    assert_eq!(other, MAX_CLAIMED / 4);
    let mut large = State::default();
    assert_eq!(reserve(&mut large, SubscriptionId::new(), 32 << 20), 4);
    assert_eq!(reserve(&mut large, SubscriptionId::new(), 32 << 20), 2);
}

/// What waits in the store was there before.
#[test]
fn what_comes_new_waits_behind_what_waits_in_the_store() {
    let one = SubscriptionId::new();
    let queue = Queue::Subscription(one);
    let mut state = State::default();
    let mut reserved = 0;
    while state.reserve(&mut work(one).delivery, 1) {
        reserved += 1;
    }
    assert!(!state.give_back(&queue, 1));
    assert!(!state.reserve(&mut work(one).delivery, 1), "the store has some");
    let mut asked = false;
    for _ in 1..reserved {
        asked |= state.give_back(&queue, 1);
    }
    assert!(asked, "nobody asks the store for them");
    assert!(!state.reserve(&mut work(one).delivery, 1), "the store was not asked yet");
    let wanted = state.wanted(Timestamp::default()).unwrap();
    assert_eq!((wanted.room(&queue), wanted.each), (wanted.count, MAX_CLAIMED));
    assert!(state.reserve(&mut work(one).delivery, 1));
}
