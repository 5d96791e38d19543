//! What is erased is nowhere any more, and does not come back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;

use bytes::Bytes;
use common::{NOW, Place, at, delivered, delivery, event, lease, post, tried};
use hookwright_model::{
    Delivery, DeliveryState, Event, EventId, Original, Reject, RejectDetail, RejectId,
};
use hookwright_store::keeping::{Counts, Erased, Sought, Trace};
use hookwright_store::{Keeping, RejectCap, SqliteStore, Store, StoreError, Wanted};

const EMAIL: &str = "Anna.Blom@example.org";

async fn find(store: &SqliteStore, trace: Trace, source: Option<&str>) -> Vec<EventId> {
    let source = source.map(|name| name.parse().unwrap());
    let sought = Arc::new(Sought { trace, source });
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let found = store.find(Arc::clone(&sought), after).await.unwrap();
        all.extend(found.events);
        after = found.next;
        if after.is_none() {
            all.sort();
            all.dedup();
            return all;
        }
    }
}

async fn erase(store: &SqliteStore, mut events: Vec<EventId>) -> Erased {
    let mut all = Erased::default();
    while !events.is_empty() {
        let erased = store.erase(events, Vec::new()).await.unwrap();
        all.counts += erased.counts;
        all.running.extend(erased.running);
        events = erased.left;
    }
    all
}

fn person(text: &str) -> Trace {
    Trace::Person(text.into())
}

#[tokio::test]
async fn a_person_is_found_wherever_they_are_written_of() {
    let place = Place::new();
    let store = place.open();
    let mut expected = Vec::new();
    // In the event; in the post; in a request; in an answer; in what is to be done; nowhere.
    expected.push(delivered(&store, NOW, r#"{"to":"anna.blom\u0040EXAMPLE.org"}"#).await.0);
    let posted = event(NOW, "{}");
    expected.push(posted.id);
    store.accept(post(vec![(posted, vec![])], "from=Anna.Blom%40example.org&x=1")).await.unwrap();
    let sent = event(NOW, "{}");
    let to = delivery(&sent);
    expected.push(sent.id);
    store.accept(post(vec![(sent, vec![to.clone()])], "{}")).await.unwrap();
    store
        .record(tried(&to, DeliveryState::Failed, NOW, "<a>anna.blom&#64;example.org</a>", ""))
        .await
        .unwrap();
    let answered = event(NOW, "{}");
    let to = delivery(&answered);
    expected.push(answered.id);
    store.accept(post(vec![(answered, vec![to.clone()])], "{}")).await.unwrap();
    store
        .record(tried(&to, DeliveryState::Pending, NOW, "", "thanks, anna.blom@example.org"))
        .await
        .unwrap();
    let noted = event(NOW, "{}");
    let reason = Some(format!("the plugin does not know {EMAIL}"));
    let to = Delivery { state: DeliveryState::Skipped, reason, ..delivery(&noted) };
    expected.push(noted.id);
    store.accept(post(vec![(noted, vec![to])], "{}")).await.unwrap();
    let (other, _) = delivered(&store, NOW, r#"{"to":"anna.blomberg@example.org"}"#).await;
    expected.sort();

    assert_eq!(find(&store, person(EMAIL), None).await, expected);
    assert_eq!(find(&store, person(EMAIL), Some("helpdesk")).await, expected);
    assert_eq!(find(&store, person(EMAIL), Some("elsewhere")).await, []);
    assert_eq!(find(&store, Trace::Text("thanks, anna".into()), None).await.len(), 1);
    assert_eq!(find(&store, Trace::Text("Thanks, Anna".into()), None).await, []);

    let counted = store.count(expected.clone()).await.unwrap();
    let erased = erase(&store, expected.clone()).await;
    let counts = Counts {
        events: 5,
        originals: 5,
        deliveries: 4,
        canceled: 1,
        requests: 3,
        attempts: 3,
        rejects: 0,
        audit: 0,
    };
    assert_eq!((counted, erased.counts), (counts, counts));
    assert_eq!(erased.running, [], "it only waits");
    assert_eq!(place.dangling(), 0);
    assert_eq!(find(&store, person(EMAIL), None).await, []);
    store.event(other).await.unwrap();
}

#[tokio::test]
async fn of_a_ticket_all_goes_and_of_others_nothing() {
    let place = Place::new();
    let store = place.open();
    let of = |source: &str, subject: &str, data: &str| Event {
        source: source.parse().unwrap(),
        subject: Some(subject.into()),
        ..event(NOW, data)
    };
    let numbered = of("a", "7", r#"{"ticket":{"number":"81042"}}"#);
    let silent = of("a", "7", r#"{"ticket":{}}"#);
    let in_figures = of("a", "8", r#"{"ticket":{"number":81042}}"#);
    let by_id = of("b", "81042", "[1]");
    let elsewhere = of("b", "7", r#"{"ticket":{"number":"81043"}}"#);
    let other = of("a", "81042", r#"{"ticket":{"number":"5"}}"#);
    let all = [&numbered, &silent, &in_figures, &by_id, &elsewhere, &other].map(|event| event.id);
    for event in [numbered, silent, in_figures, by_id, elsewhere, other] {
        store.accept(post(vec![(event, vec![])], "{}")).await.unwrap();
    }
    let these = |numbers: &[usize]| {
        let mut ids: Vec<_> = numbers.iter().map(|&number| all[number]).collect();
        ids.sort();
        ids
    };
    let number = || Trace::Ticket("81042".into());
    assert_eq!(find(&store, number(), Some("a")).await, these(&[0, 1, 2]));
    assert_eq!(find(&store, number(), Some("b")).await, these(&[3]));
    assert_eq!(find(&store, number(), None).await, these(&[0, 1, 2, 3]));
    let subject = || Trace::Subject("7".into());
    assert_eq!(find(&store, subject(), None).await, these(&[0, 1, 4]));
    assert_eq!(find(&store, subject(), Some("b")).await, these(&[4]));
}

#[tokio::test]
async fn what_is_worked_on_is_not_stored_anew() {
    let place = Place::new();
    let store = place.open();
    let event = event(NOW, &format!("\"{EMAIL}\""));
    let deliveries = vec![delivery(&event), delivery(&event)];
    let id = event.id;
    store.accept(post(vec![(event, deliveries)], "{}")).await.unwrap();
    let mut works = store.claim(Wanted::any(at(NOW), 10), lease(NOW + 60_000)).await.unwrap().works;
    let erased = erase(&store, vec![id]).await;
    assert_eq!((erased.counts.canceled, erased.running), (2, vec![id]));
    let work = works.remove(0);
    let step = tried(&work.delivery, DeliveryState::Delivered, NOW, EMAIL, EMAIL);
    let mut step = Arc::unwrap_or_clone(step);
    step.follow_ups.push(Delivery { parent: Some(work.delivery.id), ..works[0].delivery.clone() });
    store.record(step.into()).await.unwrap();
    assert_eq!(place.dangling(), 0);
    assert!(matches!(store.delivery(work.delivery.id).await, Err(StoreError::NotFound(_))));
    assert!(matches!(store.requeue(work.delivery.id, at(NOW)).await, Err(StoreError::NotFound(_))));
    assert_eq!(place.number("SELECT count(*) FROM deliveries"), 0);
    assert!(store.empty_log().await.unwrap());
    assert!(!place.holds(EMAIL));
}

#[tokio::test]
async fn nothing_of_it_is_left_in_the_files() {
    let place = Place::new();
    let store = place.open();
    // Short, and so long that it lies in pages of its own; none of it shrinks.
    let noise = |length| {
        (0..length).map(|_| char::from(fastrand::alphanumeric() as u8)).collect::<String>()
    };
    let mut events = Vec::new();
    for length in [10, 300, 20_000, 200_000] {
        for _ in 0..5 {
            let data = format!("\"{EMAIL} {}\"", noise(length));
            events.push(delivered(&store, NOW, &data).await.0);
            delivered(&store, NOW, &format!("\"{}\"", noise(length))).await;
        }
    }
    let original = Original { headers: Vec::new(), body: Bytes::from(format!("{{ {EMAIL}")) };
    let reject = Reject {
        id: RejectId::new(),
        source: "helpdesk".parse().unwrap(),
        times: 1,
        first_at: at(NOW),
        last_at: at(NOW),
        size: 10,
        detail: RejectDetail {
            status: 400,
            title: "no".into(),
            reason: "no".into(),
            pointer: None,
            method: "POST".into(),
            query: Vec::new(),
        },
    };
    let cap = RejectCap { posts: 10, bytes: 1 << 20 };
    store.keep_reject(reject, Arc::new(original), cap).await.unwrap();
    assert!(store.empty_log().await.unwrap());
    assert!(place.holds(EMAIL), "it is what is searched for");

    assert_eq!(find(&store, person(EMAIL), None).await.len(), events.len());
    let sought = Arc::new(Sought { trace: person(EMAIL), source: None });
    let rejects = store.find_rejects(sought, None).await.unwrap().rejects;
    assert_eq!(rejects.len(), 1);
    erase(&store, events).await;
    assert_eq!(store.erase(Vec::new(), rejects).await.unwrap().counts.rejects, 1);
    assert!(store.rewrite().await.unwrap());
    assert!(store.empty_log().await.unwrap());
    assert!(!place.holds(EMAIL));
    assert_eq!(place.number("SELECT count(*) FROM events"), 20);
    assert_eq!(SqliteStore::faults(&place.file()).unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn the_log_is_not_emptied_under_a_reader() {
    let place = Place::new();
    let store = place.open();
    delivered(&store, NOW, "{}").await;
    let reader = rusqlite::Connection::open(place.file()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM events;").unwrap();
    let (event, _) = delivered(&store, NOW, "{}").await;
    erase(&store, vec![event]).await;
    assert!(!store.empty_log().await.unwrap());
    reader.execute_batch("COMMIT").unwrap();
    assert!(store.empty_log().await.unwrap());
}
