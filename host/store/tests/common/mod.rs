//! A store in a folder of its own, and things to put into it.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use hookwright_model::request::Template;
use hookwright_model::{
    Attempt, AttemptId, AttemptResult, Delivery, DeliveryId, DeliveryState, Event, EventId,
    Original, Received, Request, Sent, SubscriptionId, Timestamp, Timings,
};
use hookwright_store::{NewEvent, NewRequest, Post, Progress, SqliteStore, Store, Vault};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.path().join("store.db")
    }

    pub(crate) fn open(&self) -> SqliteStore {
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        SqliteStore::open(&self.file(), Vault::from_text(key, "test").unwrap()).unwrap()
    }

    /// Every byte of the store and its log.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.0.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }

    pub(crate) fn holds(&self, text: &str) -> bool {
        self.bytes().windows(text.len()).any(|window| window == text.as_bytes())
    }

    /// Asks the file behind the store's back.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        let connection = rusqlite::Connection::open(self.file()).unwrap();
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Rows whose owner is gone.
    pub(crate) fn dangling(&self) -> i64 {
        self.number(
            "SELECT (SELECT count(*) FROM originals WHERE id NOT IN (SELECT original FROM events)) \
             + (SELECT count(*) FROM events WHERE original NOT IN (SELECT id FROM originals)) \
             + (SELECT count(*) FROM deliveries WHERE event NOT IN (SELECT id FROM events)) \
             + (SELECT count(*) FROM deliveries \
                WHERE parent IS NOT NULL AND parent NOT IN (SELECT id FROM deliveries)) \
             + (SELECT count(*) FROM requests WHERE delivery NOT IN (SELECT id FROM deliveries)) \
             + (SELECT count(*) FROM attempts WHERE delivery NOT IN (SELECT id FROM deliveries)) \
             + (SELECT count(*) FROM to_redact WHERE event NOT IN (SELECT id FROM events))",
        )
    }
}

pub(crate) const DAY: i64 = 24 * 60 * 60 * 1_000;
/// When everything here takes place.
pub(crate) const NOW: i64 = 1_800_000_000_000;

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// An id that was made then.
pub(crate) fn id_of(millis: i64) -> Uuid {
    let millis = u64::try_from(millis).unwrap();
    let nanos = u32::try_from(millis % 1_000).unwrap() * 1_000_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, millis / 1_000, nanos))
}

pub(crate) fn event(received_at: i64, data: &str) -> Event {
    Event {
        id: EventId::from_uuid(id_of(received_at)),
        source: "helpdesk".parse().unwrap(),
        event_type: "ticket.created".parse().unwrap(),
        subject: Some("81".into()),
        occurred_at: at(received_at),
        received_at: at(received_at),
        data_schema: "ticket/1".into(),
        data: data.into(),
        upstream_name: None,
        dedupe_key: None,
    }
}

pub(crate) fn delivery(event: &Event) -> Delivery {
    let id = DeliveryId::from_uuid(id_of(event.received_at.millis()));
    Delivery { id, ..Delivery::new(event.id, SubscriptionId::new(), event.received_at) }
}

pub(crate) fn post(events: Vec<(Event, Vec<Delivery>)>, body: &str) -> Post {
    let original = Original {
        headers: vec![("x-from".into(), b"a helpdesk".to_vec())],
        body: Bytes::from(body.to_owned()),
    };
    let events = events.into_iter().map(|(event, deliveries)| NewEvent {
        event: Arc::new(event),
        deliveries,
        once: None,
    });
    Post { original: Arc::new(original), events: events.collect(), lease: None }
}

pub(crate) fn request(body: &str) -> Arc<Request> {
    Arc::new(Request {
        method: "POST".into(),
        url: Template::text("https://example.com/"),
        headers: Vec::new(),
        body: Template::text(body),
    })
}

/// One attempt that sent `sent` and got `received`, after which the delivery is in this state.
pub(crate) fn tried(
    delivery: &Delivery,
    state: DeliveryState,
    ended: i64,
    sent: &str,
    received: &str,
) -> Arc<Progress> {
    let asked = request(sent);
    let attempt = Attempt {
        id: AttemptId::new(),
        delivery_id: delivery.id,
        number: 1,
        position: 0,
        revision: 0,
        started_at: at(ended),
        sent: Some(Sent {
            method: "POST".into(),
            url: "https://example.com/".into(),
            headers: Vec::new(),
            body: Bytes::from(sent.to_owned()),
        }),
        received: Some(Received {
            status: 200,
            headers: Vec::new(),
            body: Bytes::from(received.to_owned()),
            complete: true,
        }),
        timings: Timings::default(),
        result: AttemptResult::Delivered { note: None },
        judge: None,
        notes: Vec::new(),
    };
    let delivery = Delivery {
        state,
        attempts: 1,
        requests: Some(vec![Arc::clone(&asked)]),
        finished_at: state.is_final().then(|| at(ended)),
        next_attempt_at: (!state.is_final()).then(|| at(ended)),
        ..delivery.clone()
    };
    Arc::new(Progress {
        delivery,
        new_requests: vec![NewRequest { position: 0, revision: 0, request: asked }],
        attempt: Some(attempt),
        follow_ups: Vec::new(),
        lease: None,
        keeps_turn: false,
        aside: hookwright_store::Aside::default(),
    })
}

/// Takes in an event with one delivery that ended at once.
pub(crate) async fn delivered(
    store: &SqliteStore,
    received_at: i64,
    data: &str,
) -> (EventId, DeliveryId) {
    let event = event(received_at, data);
    let delivery = delivery(&event);
    let ids = (event.id, delivery.id);
    store.accept(post(vec![(event, vec![delivery.clone()])], data)).await.unwrap();
    store
        .record(tried(&delivery, DeliveryState::Delivered, received_at, data, "ok"))
        .await
        .unwrap();
    ids
}

pub(crate) fn lease(until: i64) -> hookwright_store::Lease {
    hookwright_store::Lease { owner: hookwright_store::Owner(Uuid::from_u128(1)), until: at(until) }
}
