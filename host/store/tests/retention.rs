//! What has ended goes when its time has come; what has not stays whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use common::{DAY, NOW, Place, at, delivered, delivery, event, post, tried};
use hookwright_model::{Delivery, DeliveryId, DeliveryState, EventId, Timestamp};
use hookwright_store::{EventFilter, Keeping, Page, SqliteStore, Store};
use proptest::prelude::*;

/// Lets go of all that may go. Says how many batches that took.
async fn sweep(store: &SqliteStore, before: Timestamp) -> usize {
    let mut after = None;
    for batch in 1.. {
        assert!(batch < 10_000, "it goes on and on");
        match store.let_go(before, after).await.unwrap().next {
            Some(next) => after = Some(next),
            None => return batch,
        }
    }
    unreachable!()
}

async fn events(store: &SqliteStore) -> BTreeSet<EventId> {
    let all = Page { before: None, limit: 100_000 };
    let events = store.events(EventFilter::default(), all).await.unwrap();
    events.iter().map(|event| event.id).collect()
}

/// How a delivery is, and how many days ago it ended, if it did.
#[derive(Clone, Debug)]
struct Wanted {
    state: DeliveryState,
    days: i64,
    /// Whether an answer caused another, and whether that one has ended.
    child: Option<bool>,
}

fn a_delivery() -> impl Strategy<Value = Wanted> {
    let states = prop::sample::select(DeliveryState::ALL.to_vec());
    (states, 0..200_i64, prop::option::of(any::<bool>())).prop_map(|(state, days, child)| Wanted {
        state,
        days,
        child,
    })
}

/// Posts, each with an age in days, and its events, each with its deliveries.
fn posts() -> impl Strategy<Value = Vec<(i64, Vec<Vec<Wanted>>)>> {
    let an_event = prop::collection::vec(a_delivery(), 0..4);
    prop::collection::vec((0..200_i64, prop::collection::vec(an_event, 1..4)), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_goes_that_is_needed_and_nothing_stays_that_is_not(
        posts in posts(),
        keep in 1..200_i64,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(check(posts, keep))?;
    }
}

async fn check(posts: Vec<(i64, Vec<Vec<Wanted>>)>, keep: i64) -> Result<(), TestCaseError> {
    let place = Place::new();
    let store = place.open();
    let cutoff = NOW - keep * DAY;
    let (mut kept, mut unfinished) = (BTreeSet::new(), Vec::<DeliveryId>::new());
    for (age, of_post) in posts {
        let received = NOW - age * DAY;
        let mut accepted = Vec::new();
        let mut progress = Vec::new();
        for wanted in of_post {
            let event = event(received, r#"{"ticket":{"title":"Printer"}}"#);
            let mut is_kept = received >= cutoff;
            let mut deliveries = Vec::new();
            for Wanted { state, days, child } in wanted {
                let delivery = delivery(&event);
                // Nothing ends before it began.
                let ended = NOW - days.min(age) * DAY;
                is_kept |= !state.is_final() || ended >= cutoff;
                if !state.is_final() {
                    unfinished.push(delivery.id);
                }
                let step = tried(&delivery, state, ended, "hello", "thanks");
                let mut step = std::sync::Arc::unwrap_or_clone(step);
                if let Some(is_ended) = child {
                    let child = Delivery { parent: Some(delivery.id), ..common::delivery(&event) };
                    let child = if is_ended {
                        let finished_at = Some(at(ended));
                        let state = DeliveryState::Delivered;
                        Delivery { state, finished_at, next_attempt_at: None, ..child }
                    } else {
                        is_kept = true;
                        unfinished.push(child.id);
                        child
                    };
                    step.follow_ups.push(child);
                }
                progress.push(step);
                deliveries.push(delivery);
            }
            if is_kept {
                kept.insert(event.id);
            }
            accepted.push((event, deliveries));
        }
        store.accept(post(accepted, "the post")).await.unwrap();
        for step in progress {
            store.record(step.into()).await.unwrap();
        }
    }
    sweep(&store, at(cutoff)).await;
    prop_assert_eq!(place.dangling(), 0);
    prop_assert_eq!(&events(&store).await, &kept);
    for event in kept {
        store.event(event).await.unwrap();
    }
    for delivery in unfinished {
        prop_assert!(!store.delivery(delivery).await.unwrap().0.state.is_final());
    }
    Ok(())
}

#[tokio::test]
async fn a_large_event_goes_in_batches() {
    let place = Place::new();
    let store = place.open();
    let old = NOW - 100 * DAY;
    let event = event(old, "{}");
    let deliveries: Vec<_> = (0..450).map(|_| delivery(&event)).collect();
    store.accept(post(vec![(event, deliveries.clone())], "x")).await.unwrap();
    for delivery in &deliveries {
        store.record(tried(delivery, DeliveryState::Delivered, old, "a", "b")).await.unwrap();
    }
    let (younger, _) = delivered(&store, NOW, "{}").await;
    let swept = store.let_go(at(NOW - DAY), None).await.unwrap();
    assert_eq!((swept.events, place.dangling()), (0, 0), "no more than a batch");
    assert!(swept.deliveries > 0 && swept.deliveries < 450 && swept.next.is_some());
    assert!(sweep(&store, at(NOW - DAY)).await > 3);
    assert_eq!(events(&store).await, [younger].into());
    assert_eq!(place.dangling(), 0);
}

#[tokio::test]
async fn what_begins_again_stays() {
    let place = Place::new();
    let store = place.open();
    let (event, delivery) = delivered(&store, NOW - 100 * DAY, "{}").await;
    store.requeue(delivery, at(NOW)).await.unwrap();
    sweep(&store, at(NOW - DAY)).await;
    assert_eq!(events(&store).await, [event].into());
    // It counts from when it ended last.
    let (again, _) = store.delivery(delivery).await.unwrap();
    let mut step = std::sync::Arc::unwrap_or_clone(tried(
        &again,
        DeliveryState::Delivered,
        NOW,
        "again",
        "ok",
    ));
    step.new_requests.clear();
    step.attempt.as_mut().unwrap().number = 2;
    store.record(step.into()).await.unwrap();
    sweep(&store, at(NOW - DAY)).await;
    assert_eq!(events(&store).await, [event].into());
    sweep(&store, at(NOW + DAY)).await;
    assert_eq!(events(&store).await, BTreeSet::new());
    assert_eq!(place.dangling(), 0);
}

#[tokio::test]
async fn a_bound_in_bytes_is_kept_and_the_room_is_given_back() {
    let place = Place::new();
    let store = place.open();
    let empty = store.size().await.unwrap();
    let noise =
        || (0..40_000).map(|_| char::from(fastrand::alphanumeric() as u8)).collect::<String>();
    let first = event(NOW - 400, "{}");
    let pending = first.id;
    let waiting = delivery(&first);
    store.accept(post(vec![(first, vec![waiting])], &noise())).await.unwrap();
    let mut all = Vec::new();
    for number in 0..300 {
        all.push(delivered(&store, NOW - 300 + number, &format!("\"{}\"", noise())).await.0);
    }
    let full = store.size().await.unwrap();
    let bound = empty.journal + (full.journal - empty.journal) / 5;
    let length = || std::fs::metadata(place.file()).unwrap().len();
    assert!(store.empty_log().await.unwrap());
    let before = length();
    let mut after = None;
    while store.size().await.unwrap().journal > bound {
        let swept = store.let_go(at(NOW), after).await.unwrap();
        after = swept.next;
        assert!(after.is_some(), "all is gone, and it is still too much");
    }
    let left = events(&store).await;
    assert!(left.contains(&pending), "it is not done");
    assert!(left.len() > 20, "no more goes than has to: {}", left.len());
    let youngest = all.split_off(all.len() + 1 - left.len());
    assert_eq!(left, youngest.into_iter().chain([pending]).collect(), "the oldest go first");
    assert_eq!(place.dangling(), 0);

    assert!(store.size().await.unwrap().free > before / 2);
    while store.give_back().await.unwrap() {}
    assert!(store.empty_log().await.unwrap());
    assert!(length() < before / 2, "{} of {before}", length());
    assert_eq!(SqliteStore::faults(&place.file()).unwrap(), Vec::<String>::new());
    assert!(
        store
            .claim(hookwright_store::Wanted::any(at(NOW), 10), common::lease(NOW + 1))
            .await
            .unwrap()
            .works
            .len()
            == 1
    );
}
