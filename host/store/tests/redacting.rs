//! What is done is redacted; what is yet to be done, and what shares something with it, is not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;

use bytes::Bytes;
use common::{DAY, NOW, Place, at, delivered, delivery, event, lease, post, tried};
use hookwright_model::request::Template;
use hookwright_model::{
    Age, Attempt, Delivery, DeliveryState, Event, EventId, JournalSettings, Name, Original, Redact,
    Request,
};
use hookwright_store::keeping::{self, Redactor};
use hookwright_store::{Changes, Keeping, SqliteStore, Store, StoreError, Wanted};

/// Takes out one word.
struct Word;

const WORD: &str = "swordfish";

fn without(text: &str) -> Option<String> {
    text.contains(WORD).then(|| text.replace(WORD, "-"))
}

fn set<T>(new: Option<T>, place: &mut T) -> bool {
    new.map(|new| *place = new).is_some()
}

fn without_bytes(bytes: &Bytes) -> Option<Bytes> {
    without(std::str::from_utf8(bytes).unwrap()).map(Bytes::from)
}

impl Redactor for Word {
    fn event(&self, event: &mut Event) -> bool {
        set(without(&event.data).map(Into::into), &mut event.data)
    }
    fn original(&self, _: &Name, original: &mut Original) -> bool {
        set(without_bytes(&original.body), &mut original.body)
    }
    fn request(&self, _: keeping::Place<'_>, request: &mut Request) -> bool {
        let [hookwright_model::Part::Text(text)] = request.body.0.as_slice() else { return false };
        set(without(text).map(Template::text), &mut request.body)
    }
    fn follow_up(&self, _: keeping::Place<'_>, _: &mut Delivery) -> bool {
        false
    }
    fn delivery(&self, _: keeping::Place<'_>, delivery: &mut Delivery) -> bool {
        set(delivery.reason.as_deref().and_then(without).map(Some), &mut delivery.reason)
    }
    fn attempt(&self, _: keeping::Place<'_>, attempt: &mut Attempt) -> bool {
        let (sent, received) = (attempt.sent.as_mut().unwrap(), attempt.received.as_mut().unwrap());
        set(without_bytes(&sent.body), &mut sent.body)
            | set(without_bytes(&received.body), &mut received.body)
    }
    fn failed_after(&self) -> Age {
        Age::days(1)
    }
}

async fn redact(store: &SqliteStore, now: i64) {
    let mut batches = 0;
    while store.redact(at(now), Arc::new(Word)).await.unwrap() {
        batches += 1;
        assert!(batches < 1_000, "it goes on and on");
    }
}

async fn rules(store: &SqliteStore, patterns: &[&str]) {
    let rule = |pattern: &&str| Redact { pattern: Some((*pattern).into()), ..Redact::default() };
    let redact = patterns.iter().map(rule).collect();
    let journal = Some(JournalSettings { redact, ..JournalSettings::default() });
    store.change(Changes { journal, ..Changes::default() }).await.unwrap();
}

async fn data(store: &SqliteStore, event: EventId) -> (String, Bytes) {
    let (event, original) = store.event(event).await.unwrap();
    (event.data.to_string(), original.body)
}

#[tokio::test]
async fn all_of_an_event_is_redacted_when_it_is_done_and_not_before() {
    let place = Place::new();
    let store = place.open();
    rules(&store, &[WORD]).await;
    let event = event(NOW, "\"swordfish\"");
    let (done, open) = (delivery(&event), delivery(&event));
    let id = event.id;
    store.accept(post(vec![(event, vec![done.clone(), open.clone()])], WORD)).await.unwrap();
    store.record(tried(&done, DeliveryState::Delivered, NOW, WORD, WORD)).await.unwrap();
    redact(&store, NOW + DAY).await;
    assert_eq!(data(&store, id).await, ("\"swordfish\"".into(), WORD.into()));
    let work =
        store.claim(Wanted::any(at(NOW), 1), lease(NOW + 1_000)).await.unwrap().works.remove(0);
    assert_eq!(work.original.body, WORD, "it is still to be worked on");

    store.record(tried(&open, DeliveryState::Delivered, NOW, WORD, WORD)).await.unwrap();
    redact(&store, NOW).await;
    assert_eq!(data(&store, id).await, ("\"-\"".into(), "-".into()));
    for delivery in [done, open] {
        let (read, _) = store.delivery(delivery.id).await.unwrap();
        assert_eq!(read.requests.unwrap()[0].body, Template::text("-"));
        let attempt = store.attempts(delivery.id).await.unwrap().remove(0);
        assert_eq!(attempt.sent.unwrap().body, "-");
        assert_eq!(attempt.received.unwrap().body, "-");
        let refused = store.requeue(delivery.id, at(NOW)).await;
        assert!(matches!(refused, Err(StoreError::Conflict(text)) if text.contains("redacted")));
    }
    assert!(store.empty_log().await.unwrap());
    // In the rules, as they are set up.
    store
        .change(Changes { journal: Some(JournalSettings::default()), ..Changes::default() })
        .await
        .unwrap();
    assert!(store.empty_log().await.unwrap());
    assert!(!place.holds(WORD));
    assert_eq!(place.dangling(), 0);
}

#[tokio::test]
async fn what_failed_can_be_sent_again_for_a_while() {
    let place = Place::new();
    let store = place.open();
    rules(&store, &[WORD]).await;
    let event = event(NOW, "\"swordfish\"");
    let (id, failed) = (event.id, delivery(&event));
    store.accept(post(vec![(event, vec![failed.clone()])], "x")).await.unwrap();
    store.record(tried(&failed, DeliveryState::Failed, NOW, WORD, "no")).await.unwrap();
    redact(&store, NOW + DAY - 1).await;
    assert_eq!(data(&store, id).await.0, "\"swordfish\"");
    store.requeue(failed.id, at(NOW)).await.unwrap();
    // It is being tried when its time has come, and ends later.
    redact(&store, NOW + DAY).await;
    let work =
        store.claim(Wanted::any(at(NOW), 1), lease(NOW + 1_000)).await.unwrap().works.remove(0);
    assert_eq!(work.delivery.requests.as_ref().unwrap()[0].body, Template::text(WORD));
    let step = tried(&work.delivery, DeliveryState::Failed, NOW + DAY, WORD, "no");
    let mut step = Arc::unwrap_or_clone(step);
    step.new_requests.clear();
    step.attempt.as_mut().unwrap().number = 2;
    store.record(step.into()).await.unwrap();
    redact(&store, NOW + 2 * DAY - 1).await;
    assert_eq!(data(&store, id).await.0, "\"swordfish\"");
    redact(&store, NOW + 2 * DAY).await;
    assert_eq!(data(&store, id).await.0, "\"-\"");
    assert_eq!(place.number("SELECT count(*) FROM to_redact"), 0);
}

#[tokio::test]
async fn a_post_is_redacted_with_the_last_event_in_it() {
    let place = Place::new();
    let store = place.open();
    rules(&store, &[WORD]).await;
    let (first, second) = (event(NOW, "\"swordfish\""), event(NOW, "\"swordfish\""));
    let (one, two) = (delivery(&first), delivery(&second));
    let ids = (first.id, second.id);
    let of_both = vec![(first, vec![one.clone()]), (second, vec![two.clone()])];
    store.accept(post(of_both, WORD)).await.unwrap();
    store.record(tried(&one, DeliveryState::Delivered, NOW, "a", "b")).await.unwrap();
    redact(&store, NOW).await;
    assert_eq!(data(&store, ids.0).await, ("\"-\"".into(), WORD.into()));
    assert_eq!(data(&store, ids.1).await, ("\"swordfish\"".into(), WORD.into()));
    store.record(tried(&two, DeliveryState::Delivered, NOW, "a", "b")).await.unwrap();
    redact(&store, NOW).await;
    assert_eq!(data(&store, ids.0).await, ("\"-\"".into(), "-".into()));
    assert_eq!(data(&store, ids.1).await, ("\"-\"".into(), "-".into()));
}

#[tokio::test]
async fn new_rules_hold_for_what_is_kept() {
    let place = Place::new();
    let store = place.open();
    let mut events = Vec::new();
    for _ in 0..250 {
        events.push(delivered(&store, NOW, "\"swordfish\"").await);
    }
    redact(&store, NOW).await;
    assert_eq!(data(&store, events[0].0).await.0, "\"swordfish\"", "there are no rules");
    rules(&store, &[WORD]).await;
    redact(&store, NOW).await;
    for (event, delivery) in &events {
        assert_eq!(data(&store, *event).await.0, "\"-\"");
        let attempt = store.attempts(*delivery).await.unwrap().remove(0);
        assert_eq!(attempt.sent.unwrap().body, "\"-\"");
    }
    assert_eq!(place.number("SELECT count(*) FROM to_redact"), 0);
    // An event that nobody takes has its turn, too.
    let untaken = event(NOW, "\"swordfish\"");
    let id = untaken.id;
    store.accept(post(vec![(untaken, vec![])], "x")).await.unwrap();
    redact(&store, NOW + 60_000).await;
    assert_eq!(data(&store, id).await.0, "\"-\"");
}

#[tokio::test]
async fn what_has_nothing_in_it_can_be_sent_again() {
    let place = Place::new();
    let store = place.open();
    rules(&store, &[WORD]).await;
    let (_, delivery) = delivered(&store, NOW, "\"nothing\"").await;
    redact(&store, NOW).await;
    store.requeue(delivery, at(NOW)).await.unwrap();
}
