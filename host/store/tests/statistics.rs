//! Figures: held against what they are counted from, whatever the history, the order in which it is
//! written down, and how often.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, HashSet};

use common::{DAY, NOW, Place, at, delivery, event, post, tried};
use hookwright_model::{
    Counts, Delivery, DeliveryState, Lane, Step, Subject, SubjectKind, SubscriptionId, Timestamp,
};
use hookwright_store::{Changes, Counted, Keeping, Noted, Overview, Span, SqliteStore, Store};
use proptest::prelude::*;

const MINUTE: i64 = 60_000;

fn subject(number: u8) -> Subject {
    match number % 4 {
        0 => Subject::All,
        1 => Subject::Subscription(SubscriptionId::from_uuid(uuid::Uuid::from_u128(number.into()))),
        2 => Subject::Source(format!("source-{number}").parse().unwrap()),
        _ if number == 3 => Subject::Destination("".into()),
        _ => Subject::Destination(format!("https://host-{number}.example").into()),
    }
}

fn counts(delivered: u64, failed: u64, took: u64) -> Counts {
    let mut counts = Counts { delivered, failed, ..Counts::default() };
    counts.latency.note(took);
    counts
}

/// What there is to be read: by a look at everything that was ever told.
fn expected(told: &[Counted], subject: &Subject, span: Span) -> Vec<(Timestamp, Counts)> {
    let mut steps: BTreeMap<Timestamp, Counts> = BTreeMap::new();
    for one in told {
        if one.subject == *subject && one.at >= span.since && one.at < span.until {
            steps.entry(span.step.start(one.at)).or_default().add(&one.counts);
        }
    }
    steps.into_iter().collect()
}

fn history() -> impl Strategy<Value = Vec<Vec<Counted>>> {
    let counted = (0_u8..12, 0_i64..90 * DAY, 0_u64..5, 0_u64..5, any::<u64>()).prop_map(
        |(number, ago, delivered, failed, took)| Counted {
            subject: subject(number),
            at: at(NOW - ago),
            counts: counts(delivered, failed, took),
        },
    );
    prop::collection::vec(prop::collection::vec(counted, 0..12), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn figures_are_the_sums_of_what_was_told(
        history in history(), since in 0_i64..100 * DAY, length in 1_i64..100 * DAY,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let place = Place::new();
            let mut store = place.open();
            let told: Vec<_> = history.iter().flatten().cloned().collect();
            for (number, batch) in history.into_iter().enumerate() {
                store.add_counts(batch).await.unwrap();
                if number == 2 {
                    drop(store);
                    store = place.open();
                }
            }
            let (since, until) = (at(NOW - since), at(NOW - since + length));
            for step in Step::ALL {
                let span = Span::new(step, since, until);
                let subjects: Vec<_> = (0..12).map(subject).collect();
                let found = store.series(subjects.clone(), span).await.unwrap();
                for (subject, found) in subjects.iter().zip(found) {
                    assert_eq!(found, expected(&told, subject, span), "{subject:?} {span:?}");
                }
                let of_kind = |kind| {
                    let told = &told;
                    let known: HashSet<_> =
                        told.iter().map(|one| one.subject.clone()).collect();
                    let mut sums: Vec<_> = known
                        .into_iter()
                        .filter(|subject| subject.kind() == kind)
                        .filter_map(|subject| {
                            let mut sum = Counts::default();
                            for (_, counts) in expected(told, &subject, span) {
                                sum.add(&counts);
                            }
                            (sum != Counts::default()).then_some((subject, sum))
                        })
                        .collect();
                    sums.sort_by(|(a, _), (b, _)| a.cmp(b));
                    sums
                };
                for kind in [SubjectKind::Subscription, SubjectKind::Destination] {
                    let mut sums = store.sums(kind, span).await.unwrap();
                    sums.sort_by(|(a, _), (b, _)| a.cmp(b));
                    assert_eq!(sums, of_kind(kind), "{kind:?} {span:?}");
                }
            }
        });
    }
}

#[tokio::test]
async fn minutes_go_first_then_hours_and_days_stay() {
    let place = Place::new();
    let store = place.open();
    let subjects = [Subject::All, subject(1), subject(2), subject(7)];
    let days = [0, 1, 5, 29, 32, 399, 403];
    for subject in &subjects {
        let counted = days.map(|day| Counted {
            subject: subject.clone(),
            at: at(NOW - day * DAY),
            counts: counts(1, 0, 5),
        });
        store.add_counts(counted.to_vec()).await.unwrap();
    }
    store.forget_counts(at(NOW)).await.unwrap();
    for (step, kept) in [(Step::Minute, 2), (Step::Hour, 4), (Step::Day, 6)] {
        let span = Span::new(step, at(NOW - 500 * DAY), at(NOW + DAY));
        for series in store.series(subjects.to_vec(), span).await.unwrap() {
            assert_eq!(series.len(), kept, "{step}");
        }
    }
    // Those of whom nothing is left are not known any more.
    store.forget_counts(at(NOW + 500 * DAY)).await.unwrap();
    assert_eq!(place.number("SELECT count(*) FROM statistics"), 0);
    assert!(store.counted(SubjectKind::Subscription).await.unwrap().is_empty());
}

async fn canceled(store: &SqliteStore, whose: &Subject) -> u64 {
    store.add_counts(Vec::new()).await.unwrap();
    // Removing a subscription is told no time; the store asks its own clock.
    let span = Span::new(Step::Day, at(0), Timestamp::now().max(at(NOW + DAY)));
    let series = store.series(vec![whose.clone()], span).await.unwrap();
    series[0].iter().map(|(_, counts)| counts.canceled).sum()
}

/// A subscription with deliveries that wait.
async fn with_waiting(store: &SqliteStore, count: i64) -> (SubscriptionId, Vec<Delivery>) {
    let plugin = "template".parse().unwrap();
    let digest = hookwright_model::Digest::of(b"plugin");
    let name = format!("waits-{}", fastrand::u64(..)).parse().unwrap();
    let subscription = hookwright_model::Subscription::new(name, plugin, digest);
    let id = subscription.id;
    let subscriptions = vec![subscription];
    store.change(Changes { subscriptions, ..Changes::default() }).await.unwrap();
    let mut deliveries = Vec::new();
    for number in 0..count {
        let event = event(NOW + number, "{}");
        let to = Delivery { subscription_id: id, ..delivery(&event) };
        deliveries.push(to.clone());
        store.accept(post(vec![(event, vec![to])], "x")).await.unwrap();
    }
    (id, deliveries)
}

#[tokio::test]
async fn canceled_deliveries_are_counted_once_in_whichever_way_they_are() {
    let place = Place::new();
    let store = place.open();
    let (id, deliveries) = with_waiting(&store, 6).await;
    let whose = Subject::Subscription(id);
    assert_eq!(canceled(&store, &whose).await, 0);
    store.cancel(deliveries[0].id, at(NOW)).await.unwrap();
    assert_eq!(canceled(&store, &whose).await, 1);
    assert_eq!(canceled(&store, &whose).await, 1, "it is not counted again");
    store.erase(vec![deliveries[1].event_id], Vec::new()).await.unwrap();
    assert_eq!(canceled(&store, &whose).await, 2);
    // What comes of it after it was canceled changes nothing.
    let late = tried(&deliveries[0], DeliveryState::Delivered, NOW, "a", "b");
    assert_eq!(store.record(late).await.unwrap(), Noted::Tried);
    let gone = tried(&deliveries[1], DeliveryState::Delivered, NOW, "a", "b");
    assert_eq!(store.record(gone).await.unwrap(), Noted::Nothing);
    let done = tried(&deliveries[2], DeliveryState::Delivered, NOW, "a", "b");
    assert_eq!(store.record(done).await.unwrap(), Noted::Whole);
    assert_eq!(canceled(&store, &whose).await, 2);
    // With the subscription those go that still waited.
    let changes = Changes { removed_subscriptions: vec![id], ..Changes::default() };
    store.change(changes).await.unwrap();
    assert_eq!(canceled(&store, &whose).await, 5);
    assert_eq!(canceled(&store, &Subject::All).await, 5);
}

#[tokio::test]
async fn who_waits_and_for_whom() {
    let place = Place::new();
    let store = place.open();
    let (id, deliveries) = with_waiting(&store, 4).await;
    let found = store.waiting(at(NOW + 3), 10).await.unwrap();
    let ids: Vec<_> = found.iter().map(|one| one.delivery).collect();
    assert_eq!(ids, deliveries[..3].iter().map(|one| one.id).collect::<Vec<_>>());
    assert!(found.iter().all(|one| one.subscription == id && one.created_at >= at(NOW)));
    assert_eq!(store.waiting(at(NOW + 3), 2).await.unwrap().len(), 2);
    assert!(store.waiting(at(NOW - MINUTE), 10).await.unwrap().is_empty());

    let first = event(NOW + 10, "{}");
    let lane = Some(Lane::from_bytes([7; Lane::LENGTH]));
    let held = Delivery { subscription_id: id, lane, ..delivery(&first) };
    store.accept(post(vec![(first, vec![held.clone()])], "x")).await.unwrap();
    let progress = tried(&held, DeliveryState::Failed, NOW + 11, "a", "b");
    let progress = hookwright_store::Progress { keeps_turn: true, ..(*progress).clone() };
    assert!(store.in_the_way(10).await.unwrap().is_empty());
    store.record(progress.into()).await.unwrap();
    assert_eq!(store.in_the_way(10).await.unwrap(), [(id, held.id)]);
    store.cancel(held.id, at(NOW + 12)).await.unwrap();
    assert!(store.in_the_way(10).await.unwrap().is_empty());
}
