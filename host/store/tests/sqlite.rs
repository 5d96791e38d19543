//! The store keeps what it says it has kept, and gives it back as it was.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookwright_model::request::{Encoding, Part, Template};
use hookwright_model::{
    Attempt, AttemptId, AttemptResult, CallRecord, Connection, Delivery, DeliveryId, DeliveryState,
    Digest, Event, EventId, Extract, FollowUp, LogLevel, LogLine, Name, Original, Pace, PaceKey,
    Preset, Received, Reject, RejectDetail, RejectId, Request, RetryPolicy, Secret, Sent, Source,
    SourceAuth, SourceId, Subscription, SubscriptionId, Timestamp, Timings, WriteBack, WriteTo,
    WriteWhen,
};
use hookwright_store::{
    About, Changes, DeliveryFilter, Earlier, EventFilter, Lease, NewEvent, NewRequest, Once, Owner,
    Page, Post, Progress, RejectCap, SqliteStore, Store, StoreError, Vault, Wanted, Work,
};
use tempfile::TempDir;
use uuid::Uuid;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn open(&self) -> SqliteStore {
        self.open_with(KEY).unwrap()
    }

    fn open_with(&self, key: &str) -> Result<SqliteStore, StoreError> {
        let vault = Vault::from_text(key, "test").unwrap();
        SqliteStore::open(&self.dir.path().join("store.db"), vault)
    }

    fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.dir.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

fn first<Id>(limit: usize) -> Page<Id> {
    Page { before: None, limit }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn event() -> Event {
    Event {
        id: EventId::new(),
        source: "helpdesk".parse().unwrap(),
        event_type: "ticket.created".parse().unwrap(),
        subject: Some("81".into()),
        occurred_at: at(1_000),
        received_at: at(2_000),
        data_schema: "ticket/1".into(),
        data: r#"{"ticket":{"title":"Привет"}}"#.into(),
        upstream_name: None,
        dedupe_key: Some("abc".into()),
    }
}

fn original() -> Original {
    Original {
        headers: vec![("x-zammad-trigger".into(), vec![0xff, 0xd0, b'a'])],
        body: Bytes::from_static(b"{ \"ticket\": 1 }\xff"),
    }
}

fn lease(owner: u128, until: i64) -> Lease {
    Lease { owner: Owner(Uuid::from_u128(owner)), until: at(until) }
}

async fn claim(store: &SqliteStore, now: i64, lease: Lease, count: usize) -> Vec<Work> {
    store.claim(Wanted::any(at(now), count), lease).await.unwrap().works
}

fn post(deliveries: usize) -> Post {
    let event = Arc::new(event());
    let subscription = SubscriptionId::new();
    let wanted =
        (0..deliveries).map(|_| Delivery::new(event.id, subscription, at(2_000))).collect();
    let events = vec![NewEvent { event, deliveries: wanted, once: None }];
    Post { original: Arc::new(original()), events, lease: None }
}

fn request(body: &str) -> Request {
    Request {
        method: "POST".into(),
        url: Template::text("https://example.com/"),
        headers: vec![(
            "Authorization".into(),
            Template(vec![Part::Secret { slot: "token".into(), encoding: Encoding::Raw }]),
        )],
        body: Template::text(body),
    }
}

fn requests(bodies: &[&str]) -> Vec<Arc<Request>> {
    bodies.iter().map(|body| Arc::new(request(body))).collect()
}

fn attempt(delivery: &Delivery, number: u32, body: &'static str, result: AttemptResult) -> Attempt {
    Attempt {
        id: AttemptId::new(),
        delivery_id: delivery.id,
        number,
        position: delivery.position,
        revision: delivery.resends,
        started_at: at(3_000),
        sent: Some(Sent {
            method: "POST".into(),
            url: "https://example.com/".into(),
            headers: vec![("authorization".into(), "{secret:token}".into())],
            body: Bytes::from_static(body.as_bytes()),
        }),
        received: Some(Received {
            status: 500,
            headers: vec![("server".into(), "x".into())],
            body: Bytes::from_static(b"\xff no"),
            complete: true,
        }),
        timings: Timings { total_us: 7, ..Timings::default() },
        result,
        judge: None,
        notes: vec!["the field `a` was not written: /id is not in the answer".into()],
    }
}

#[tokio::test]
async fn what_was_accepted_is_there_after_a_restart() {
    let place = Place::new();
    let post = post(2);
    let event = Arc::clone(&post.events[0].event);
    let deliveries = post.events[0].deliveries.clone();
    place.open().accept(post).await.unwrap();
    let store = place.open();
    assert_eq!(store.event(event.id).await.unwrap(), ((*event).clone(), original()));
    for wanted in deliveries {
        assert_eq!(store.delivery(wanted.id).await.unwrap().0, wanted);
    }
    assert_eq!(store.next_due().await.unwrap(), Some(at(2_000)));
    assert!(matches!(
        store.event(EventId::new()).await,
        Err(StoreError::NotFound(text)) if text.starts_with("event evt_")
    ));
}

#[tokio::test]
async fn a_delivery_is_claimed_once_until_its_lease_runs_out() {
    let place = Place::new();
    let store = place.open();
    store.accept(post(3)).await.unwrap();
    let early = claim(&store, 1_999, lease(1, 5_000), 10).await;
    assert!(early.is_empty(), "nothing is due yet");
    let first = claim(&store, 2_000, lease(1, 5_000), 2).await;
    assert_eq!(first.len(), 2);
    assert_eq!(first[0].delivery.state, DeliveryState::Running);
    assert_eq!(first[0].original.body, original().body);
    let rest = claim(&store, 2_000, lease(2, 6_000), 10).await;
    assert_eq!(rest.len(), 1);
    store.renew(lease(2, 9_000)).await.unwrap();
    let expired = claim(&store, 7_000, lease(3, 12_000), 10).await;
    let mut ids: Vec<_> = expired.iter().map(|work| work.delivery.id).collect();
    ids.sort();
    assert_eq!(ids, first.iter().map(|work| work.delivery.id).collect::<Vec<_>>());
    assert_eq!(store.release_all(at(8_000)).await.unwrap(), 3);
    assert_eq!(claim(&store, 8_000, lease(4, 9_000), 10).await.len(), 3);
}

#[tokio::test]
async fn who_accepts_can_claim_in_the_same_commit() {
    let place = Place::new();
    let store = place.open();
    let mut accepted = Post { lease: Some(lease(1, 5_000)), ..post(1) };
    accepted.events[0].deliveries[0].state = DeliveryState::Running;
    store.accept(accepted).await.unwrap();
    assert!(claim(&store, 3_000, lease(2, 9_000), 10).await.is_empty());
    assert_eq!(claim(&store, 5_000, lease(2, 9_000), 10).await.len(), 1);
}

#[tokio::test]
async fn the_journal_gives_back_what_was_tried() {
    let place = Place::new();
    let store = place.open();
    let accepted = post(1);
    let mut delivery = accepted.events[0].deliveries[0].clone();
    store.accept(accepted).await.unwrap();
    let work = claim(&store, 2_000, lease(1, 50_000), 1).await.remove(0);
    assert_eq!(work.delivery.id, delivery.id);

    // The plugin asked for two requests; the first is answered with "change it".
    delivery.requests = Some(requests(&["one", "two"]));
    delivery.digest = Some(Digest::of(b"plugin"));
    delivery.attempts = 1;
    delivery.state = DeliveryState::Running;
    delivery.transform = Some(CallRecord {
        fuel: 12,
        logs: vec![LogLine { level: LogLevel::Warn, message: "hm".into() }],
        ..CallRecord::default()
    });
    let resend = AttemptResult::Resend { reason: "as plain text".into() };
    let first = attempt(&delivery, 1, "one", resend);
    let new = |position, revision, body| NewRequest {
        position,
        revision,
        request: Arc::new(request(body)),
    };
    delivery.resends = 1;
    delivery.requests = Some(requests(&["changed", "two"]));
    store
        .record(Arc::new(Progress {
            delivery: delivery.clone(),
            new_requests: vec![new(0, 0, "one"), new(1, 0, "two"), new(0, 1, "changed")],
            attempt: Some(first.clone()),
            follow_ups: Vec::new(),
            lease: Some(lease(1, 60_000)),
            keeps_turn: false,
            aside: hookwright_store::Aside::default(),
        }))
        .await
        .unwrap();

    // The changed one fails and waits, and causes a follow-up.
    let reason = "500".to_owned();
    let second = attempt(&delivery, 2, "changed", AttemptResult::Retry { reason, asked: None });
    delivery.attempts = 2;
    delivery.counted = 1;
    delivery.state = DeliveryState::Pending;
    delivery.next_attempt_at = Some(at(90_000));
    delivery.reason = Some("500".into());
    let child = Delivery {
        parent: Some(delivery.id),
        ..Delivery::new(delivery.event_id, delivery.subscription_id, at(3_000))
    };
    let follow_up = Delivery { requests: Some(requests(&["follow"])), ..child.clone() };
    let field = FollowUp::SetField { field: "custom_field_12".into(), value: "\"1\"".into() };
    let written = Delivery {
        id: DeliveryId::new(),
        follow_up: Some(field),
        connection: Some(name("eddy-api")),
        ..child
    };
    store
        .record(Arc::new(Progress {
            delivery: delivery.clone(),
            new_requests: Vec::new(),
            attempt: Some(second.clone()),
            follow_ups: vec![follow_up.clone(), written.clone()],
            lease: None,
            keeps_turn: false,
            aside: hookwright_store::Aside::default(),
        }))
        .await
        .unwrap();

    let store = place.open();
    let (read, summary) = store.delivery(delivery.id).await.unwrap();
    assert_eq!(read, delivery);
    assert_eq!(summary.status, Some(500));
    assert_eq!(
        store.attempts_after(delivery.id, 0, 1).await.unwrap(),
        std::slice::from_ref(&first)
    );
    assert_eq!(
        store.attempts_after(delivery.id, 1, 5).await.unwrap(),
        std::slice::from_ref(&second)
    );
    assert!(store.attempts_after(delivery.id, 2, 5).await.unwrap().is_empty());
    assert_eq!(store.attempts(delivery.id).await.unwrap(), [first, second]);
    assert_eq!(store.delivery(follow_up.id).await.unwrap().0, follow_up);
    let (read, summary) = store.delivery(written.id).await.unwrap();
    assert_eq!((read, summary.connection), (written.clone(), written.connection.clone()));
    let caused = DeliveryFilter { parent: Some(delivery.id), ..DeliveryFilter::default() };
    let caused = store.deliveries(caused, Page { before: None, limit: 10 }).await.unwrap();
    let ids: Vec<_> = caused.iter().map(|child| child.id).collect();
    assert_eq!(ids, [written.id, follow_up.id], "newest first");
    let claimed = claim(&store, 90_000, lease(2, 99_000), 10).await;
    assert_eq!(claimed.len(), 3);
    assert_eq!(claimed[2].delivery.requests, delivery.requests, "the plugin is not asked again");
}

#[tokio::test]
async fn an_ended_delivery_can_be_tried_again() {
    let place = Place::new();
    let store = place.open();
    let accepted = post(1);
    let mut delivery = accepted.events[0].deliveries[0].clone();
    store.accept(accepted).await.unwrap();
    let conflict = store.requeue(delivery.id, at(5_000)).await;
    assert!(matches!(conflict, Err(StoreError::Conflict(_))));
    delivery.state = DeliveryState::Unknown;
    delivery.tried_since = Some(at(2_000));
    delivery.next_attempt_at = None;
    delivery.finished_at = Some(at(4_000));
    delivery.position = 1;
    delivery.counted = 10;
    let progress = |delivery: &Delivery| {
        Arc::new(Progress {
            delivery: delivery.clone(),
            new_requests: Vec::new(),
            attempt: None,
            follow_ups: Vec::new(),
            lease: None,
            keeps_turn: false,
            aside: hookwright_store::Aside::default(),
        })
    };
    store.record(progress(&delivery)).await.unwrap();
    assert!(claim(&store, 9_000, lease(1, 10_000), 10).await.is_empty());
    let (ended, _) = store.delivery(delivery.id).await.unwrap();
    assert_eq!((ended.state, ended.tried_since), (DeliveryState::Unknown, Some(at(2_000))));
    let unknown = DeliveryFilter { states: vec![DeliveryState::Unknown], ..Default::default() };
    let first = Page { before: None, limit: 10 };
    assert_eq!(store.deliveries(unknown, first).await.unwrap().len(), 1);
    store.requeue(delivery.id, at(5_000)).await.unwrap();
    let again = claim(&store, 5_000, lease(1, 10_000), 10).await.remove(0).delivery;
    assert_eq!((again.position, again.counted), (1, 0), "it goes on where it ended");
    assert_eq!(again.tried_since, None, "its time begins anew");
    assert!(matches!(store.requeue(DeliveryId::new(), at(1)).await, Err(StoreError::NotFound(_))));
}

#[tokio::test]
async fn one_bad_change_does_not_harm_those_committed_with_it() {
    let place = Place::new();
    let store = place.open();
    let twice = post(1);
    store.accept(twice.clone()).await.unwrap();
    let mut tasks = Vec::new();
    for number in 0..200 {
        let store = store.clone();
        // Every tenth is there already.
        let post = if number % 10 == 0 { twice.clone() } else { post(1) };
        tasks.push(tokio::spawn(async move { (number, store.accept(post).await) }));
    }
    for task in tasks {
        let (number, outcome) = task.await.unwrap();
        assert_eq!(outcome.is_err(), number % 10 == 0, "{number}: {outcome:?}");
    }
    assert_eq!(store.events(EventFilter::default(), first(1_000)).await.unwrap().len(), 181);
    assert_eq!(store.deliveries(DeliveryFilter::default(), first(1_000)).await.unwrap().len(), 181);
}

#[tokio::test]
async fn listings_go_from_new_to_old_in_pages() {
    let place = Place::new();
    let store = place.open();
    let mut ids = Vec::new();
    for _ in 0..25 {
        let post = post(1);
        ids.push(post.events[0].deliveries[0].id);
        store.accept(post).await.unwrap();
        // Ids made in one millisecond by one process are in order anyway; this is for people.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = Page { before, limit: 10 };
        let found = store.deliveries(DeliveryFilter::default(), page).await.unwrap();
        let Some(last) = found.last() else { break };
        before = Some(last.id);
        seen.extend(found.iter().map(|summary| summary.id));
    }
    assert_eq!(seen, ids);
    let none = DeliveryFilter { states: vec![DeliveryState::Failed], ..Default::default() };
    assert!(store.deliveries(none, first(10)).await.unwrap().is_empty());
    let subject = |subject: &str| EventFilter {
        about: About { subject: Some(subject.into()), ..About::default() },
        ..EventFilter::default()
    };
    let about = subject("81");
    assert_eq!(store.events(about, first(10)).await.unwrap().len(), 10);
    let other = subject("82");
    assert!(store.events(other, first(10)).await.unwrap().is_empty());
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn subscription() -> Subscription {
    Subscription {
        sources: vec![name("helpdesk")],
        events: vec!["ticket.*".parse().unwrap()],
        groups: vec!["Service Desk".to_owned()],
        condition: Some("event.ticket.priority == 'high'".into()),
        settings: r#"{"chat":"1"}"#.into(),
        secrets: [("token".to_owned(), name("bot"))].into(),
        preset: Some(Preset::Telegram),
        retry: Some(RetryPolicy::default()),
        timeout_s: Some(30.0),
        pace: Some(vec![Pace::new(1, 0.5, vec![PaceKey::Setting("/chat_id".into())])]),
        reserve_hosts: Some(vec!["b.example:8443".into()]),
        write_back: vec![WriteBack {
            from: Some(Extract::Xml("reply/sms_id".into())),
            to: WriteTo::Field("custom_field_12".into()),
            when: WriteWhen::Answered,
            connection: None,
        }],
        updated_at: at(1),
        ..Subscription::new(name("duty"), name("telegram"), Digest::of(b"plugin"))
    }
}

#[tokio::test]
async fn configuration_and_secrets_survive_and_secrets_cannot_be_read_in_the_file() {
    let place = Place::new();
    let store = place.open();
    let source = Source {
        id: SourceId::new(),
        name: name("helpdesk"),
        enabled: true,
        plugin: name("zammad"),
        settings: "{}".into(),
        auth: SourceAuth::HubSignature { secret: name("hub") },
        time_zone: Some("Europe/Berlin".into()),
        repeat_window_s: 60,
        track_changes: true,
        connection: Some(name("eddy-api")),
        updated_at: at(1),
    };
    let subscription = subscription();
    let connection = Connection {
        secrets: [("api_key".to_owned(), name("bot"))].into(),
        writes_per_ticket_per_hour: 3,
        ..Connection::new(name("eddy-api"), name("helpdeskeddy-api"), Digest::of(b"plugin"))
    };
    let changes = Changes {
        connections: vec![connection.clone()],
        secrets: vec![
            (name("hub"), Secret::from("hub-s3cr3t-value".to_owned())),
            (name("bot"), Secret::from("bot-s3cr3t-value".to_owned())),
        ],
        sources: vec![source.clone()],
        subscriptions: vec![subscription.clone()],
        ..Changes::default()
    };
    store.change(changes).await.unwrap();
    drop(store);
    let store = place.open();
    let configuration = store.configuration().await.unwrap();
    assert_eq!(configuration.connections, std::slice::from_ref(&connection));
    assert_eq!(configuration.sources, [source]);
    assert_eq!(configuration.subscriptions, std::slice::from_ref(&subscription));
    assert_eq!(configuration.secrets, [name("bot"), name("hub")]);
    let secret = store.secret(name("bot")).await.unwrap().unwrap();
    assert_eq!(secret.expose(), b"bot-s3cr3t-value");
    assert!(store.secret(name("none")).await.unwrap().is_none());
    let file = place.bytes();
    assert!(
        !file.windows(13).any(|window| window == b"s3cr3t-value\0" || window == b"-s3cr3t-value")
    );

    let other =
        Subscription { name: name("duty"), id: SubscriptionId::new(), ..subscription.clone() };
    let clash = Changes { subscriptions: vec![other.clone()], ..Changes::default() };
    assert!(matches!(store.change(clash).await, Err(StoreError::Conflict(_))));
    let swap = Changes {
        removed_subscriptions: vec![subscription.id],
        subscriptions: vec![other.clone()],
        ..Changes::default()
    };
    store.change(swap).await.unwrap();
    assert_eq!(store.configuration().await.unwrap().subscriptions, [other]);
    let removed = Changes { removed_connections: vec![connection.id], ..Changes::default() };
    store.change(removed).await.unwrap();
    assert!(store.configuration().await.unwrap().connections.is_empty());
}

/// A store of the version before connections, with a delivery in it.
#[tokio::test]
async fn an_older_store_becomes_a_newer_one() {
    let place = Place::new();
    let file = rusqlite::Connection::open(place.dir.path().join("store.db")).unwrap();
    file.execute_batch(include_str!("../src/sqlite/migrations/1.sql")).unwrap();
    file.execute_batch(include_str!("../src/sqlite/migrations/2.sql")).unwrap();
    file.pragma_update(None, "user_version", 2).unwrap();
    let (event, delivery) = (EventId::new(), DeliveryId::new());
    file.execute_batch("INSERT INTO originals VALUES (1, '[]', x'00')").unwrap();
    file.execute(
        "INSERT INTO events VALUES (?1, 1, 'helpdesk', 'ticket.created', '81', 1, 2, 'ticket/1', \
         x'007B7D', NULL, NULL)",
        [event.uuid().as_bytes().as_slice()],
    )
    .unwrap();
    file.execute(
        "INSERT INTO deliveries (id, event, subscription, state, created_at) \
         VALUES (?1, ?2, ?2, 3, 2)",
        [delivery.uuid().as_bytes().as_slice(), event.uuid().as_bytes().as_slice()],
    )
    .unwrap();
    file.execute(
        r#"INSERT INTO requests VALUES (?1, 0, 0, '{"method":"POST",
           "url":[{"text":"https://example.com/"}],"headers":[],"body":"text"}', x'006869')"#,
        [delivery.uuid().as_bytes().as_slice()],
    )
    .unwrap();
    drop(file);
    let (read, _) = place.open().delivery(delivery).await.unwrap();
    assert_eq!((read.event_id, read.connection), (event, None));
    let requests = read.requests.unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].body, Template::text("hi"));
    assert!(place.open().configuration().await.unwrap().connections.is_empty());
}

/// As the versions before connections wrote them.
#[test]
fn older_documents_are_read() {
    let without = |mut document: serde_json::Value, fields: &[&str]| {
        let object = document.as_object_mut().unwrap();
        for field in fields {
            assert!(object.remove(*field).is_some(), "{field}");
        }
        document
    };
    let subscription = subscription();
    let old = without(serde_json::to_value(&subscription).unwrap(), &["write_back"]);
    let read: Subscription = serde_json::from_value(old).unwrap();
    assert_eq!(read, Subscription { write_back: Vec::new(), ..subscription });
    let connection = Connection::new(name("a"), name("b"), Digest::of(b""));
    let fields = ["time_zone", "writes_per_ticket_per_hour"];
    let old = without(serde_json::to_value(&connection).unwrap(), &fields);
    assert_eq!(serde_json::from_value::<Connection>(old).unwrap(), connection);
}

#[tokio::test]
async fn what_a_removed_subscription_has_to_deliver_is_canceled() {
    let place = Place::new();
    let store = place.open();
    let subscription = subscription();
    let changes = Changes { subscriptions: vec![subscription.clone()], ..Changes::default() };
    store.change(changes).await.unwrap();
    let event = Arc::new(event());
    let delivery = Delivery::new(event.id, subscription.id, at(2_000));
    let deliveries = vec![delivery.clone()];
    let events = vec![NewEvent { event, deliveries, once: None }];
    let post = Post { original: Arc::new(original()), events, lease: Some(lease(1, 9_000)) };
    store.accept(post).await.unwrap();
    let removed = Changes { removed_subscriptions: vec![subscription.id], ..Changes::default() };
    store.change(removed).await.unwrap();
    // What was under way and ends now changes nothing any more.
    let done = Delivery { state: DeliveryState::Delivered, attempts: 1, ..delivery.clone() };
    let new_requests = Vec::new();
    let (attempt, follow_ups, lease) = (None, Vec::new(), None);
    let progress = Progress {
        delivery: done,
        new_requests,
        attempt,
        follow_ups,
        lease,
        keeps_turn: false,
        aside: hookwright_store::Aside::default(),
    };
    store.record(Arc::new(progress)).await.unwrap();
    let (read, summary) = store.delivery(delivery.id).await.unwrap();
    assert_eq!(read.state, DeliveryState::Canceled);
    assert_eq!(read.reason.as_deref(), Some("the subscription was removed"));
    assert_eq!(summary.subscription, None);
}

#[tokio::test]
async fn a_wrong_key_and_a_newer_store_are_refused_with_reasons() {
    let place = Place::new();
    drop(place.open());
    let other = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";
    let error = place.open_with(other).map(drop).unwrap_err();
    assert!(error.to_string().starts_with("the key is not the one"), "{error}");
    let connection = rusqlite::Connection::open(place.dir.path().join("store.db")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = place.open_with(KEY).map(drop).unwrap_err();
    assert!(error.to_string().contains("the store has version 99"), "{error}");
    std::fs::write(place.dir.path().join("store.db"), "this is not a store, and never was one")
        .unwrap();
    let error = place.open_with(KEY).map(drop).unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error:?}");
}

fn reject(source: &str, at_ms: i64, body: &[u8]) -> (Reject, Arc<Original>) {
    let reject = Reject {
        id: RejectId::new(),
        source: name(source),
        times: 1,
        first_at: at(at_ms),
        last_at: at(at_ms),
        size: body.len() as u64,
        detail: RejectDetail {
            status: 400,
            title: "The post cannot be read".into(),
            reason: "not JSON".into(),
            pointer: Some("/a".into()),
            method: "POST".into(),
            query: vec![("a".into(), "b".into())],
        },
    };
    let original = Original { headers: vec![("x".into(), vec![0xff])], body: body.to_vec().into() };
    (reject, Arc::new(original))
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_once_and_within_a_cap() {
    let place = Place::new();
    let store = place.open();
    let cap = RejectCap { posts: 3, bytes: 10_000 };
    let first_page = Page { before: None, limit: 10 };
    let (kept, original) = reject("a", 1, b"one");
    let id = store.keep_reject(kept.clone(), Arc::clone(&original), cap).await.unwrap();
    let (read, posted) = store.reject(id).await.unwrap();
    assert_eq!((read, &posted), (kept, &*original));
    // The same again, and the same at another source.
    let (again, same) = reject("a", 2, b"one");
    assert_eq!(store.keep_reject(again, same, cap).await.unwrap(), id);
    let (read, _) = store.reject(id).await.unwrap();
    assert_eq!((read.times, read.first_at, read.last_at), (2, at(1), at(2)));
    let (other, same) = reject("b", 3, b"one");
    assert_ne!(store.keep_reject(other, same, cap).await.unwrap(), id);
    assert_eq!(store.rejects(Some(name("b")), first_page).await.unwrap().len(), 1);
    // The oldest go first, by number and by size; the newest stays however large it is.
    for (moment, body) in [(4, "two"), (5, "three"), (6, "four")] {
        let (reject, original) = reject("a", moment, body.as_bytes());
        store.keep_reject(reject, original, cap).await.unwrap();
    }
    assert_eq!(store.rejects(None, first_page).await.unwrap().len(), 3);
    assert!(matches!(store.reject(id).await, Err(StoreError::NotFound(_))));
    // Digests, which nothing can pack.
    let noise = (0..700_u32).flat_map(|n| *Digest::of(&n.to_le_bytes()).as_bytes());
    let noise: Vec<u8> = noise.collect();
    let (large, original) = reject("a", 7, &noise);
    let large = store.keep_reject(large, original, cap).await.unwrap();
    let left = store.rejects(None, first_page).await.unwrap();
    assert_eq!(left.iter().map(|reject| reject.id).collect::<Vec<_>>(), [large]);
    // Age.
    assert!(!store.forget(at(100), at(7)).await.unwrap());
    assert_eq!(store.rejects(None, first_page).await.unwrap().len(), 1);
    assert!(!store.forget(at(100), at(8)).await.unwrap());
    assert!(store.rejects(None, first_page).await.unwrap().is_empty());
    assert!(!store.remove_reject(large).await.unwrap());
}

#[tokio::test]
async fn an_event_is_taken_in_once_until_that_is_forgotten() {
    let place = Place::new();
    let store = place.open();
    let once = |until| Some(Once { key: Digest::of(b"key"), until: at(until) });
    let with = |until| {
        let mut post = post(2);
        post.events[0].once = once(until);
        post
    };
    let first = with(10_000);
    let id = first.events[0].event.id;
    assert_eq!(store.accept(first).await.unwrap().earlier, [None]);
    let event_type = event().event_type;
    let earlier = Some(Earlier { event: id, event_type, deliveries: 2 });
    assert_eq!(store.accept(with(10_000)).await.unwrap().earlier, std::slice::from_ref(&earlier));
    drop(store);
    let store = place.open();
    assert_eq!(store.accept(with(10_000)).await.unwrap().earlier, std::slice::from_ref(&earlier));
    assert_eq!(
        store.events(EventFilter::default(), Page { before: None, limit: 10 }).await.unwrap().len(),
        1
    );
    // Of another source.
    let mut other = with(10_000);
    other.events[0].event = Arc::new(Event { source: name("other"), ..event() });
    other.events[0].deliveries.clear();
    assert_eq!(store.accept(other).await.unwrap().earlier, [None]);
    // What is kept until 10,000 counts no more then, whether or not it has been let go of.
    store.forget(at(9_999), at(0)).await.unwrap();
    assert_eq!(store.accept(with(10_000)).await.unwrap().earlier, [earlier]);
    store.forget(at(10_000), at(0)).await.unwrap();
    assert_eq!(store.accept(with(10_000)).await.unwrap().earlier, [None]);
}
