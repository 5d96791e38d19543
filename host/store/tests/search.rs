//! What is found in the journal is what a reader of all of it would find.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use bytes::Bytes;
use hookwright_model::{
    Attempt, AttemptId, AttemptResult, Delivery, DeliveryId, DeliveryState, Event, EventId,
    Original, Received, SubscriptionId, Timestamp, Timings, TypePattern,
};
use hookwright_store::{
    About, DeliveryFilter, DeliverySummary, EventFilter, NewEvent, Page, Post, Progress,
    SqliteStore, Store, Times, Vault,
};
use tempfile::TempDir;
use uuid::Uuid;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const TYPES: [&str; 4] = ["ticket.created", "ticket.updated", "ticketing.created", "problem.a"];
const REASONS: [&str; 6] = [
    "500 Internal Server Error",
    "Ошибка: нет связи",
    "100% wrong_host",
    "it's \"quoted\"; DROP TABLE deliveries; --",
    "no answer\nwithin 10 s",
    "",
];
const STATUSES: [u16; 5] = [200, 204, 404, 429, 503];

struct Journal {
    store: SqliteStore,
    subscriptions: Vec<SubscriptionId>,
    events: Vec<Event>,
    _dir: TempDir,
}

/// Ids as if each event had been taken in a second after the one before.
fn uuid(second: u64) -> Uuid {
    let now = Uuid::now_v7().as_u128();
    Uuid::from_u128((u128::from(second * 1_000) << 80) | (now & ((1 << 80) - 1)))
}

fn event(second: u64) -> Event {
    let number = fastrand::u8(..9);
    let data = match fastrand::u8(..3) {
        0 => format!(r#"{{"ticket":{{"id":"{number}"}}}}"#),
        _ => format!(r#"{{"ticket":{{"id":"{number}","number":"10{number}"}}}}"#),
    };
    Event {
        id: EventId::from_uuid(uuid(second)),
        source: if fastrand::bool() { "zammad" } else { "zenlix" }.parse().unwrap(),
        event_type: TYPES[fastrand::usize(..TYPES.len())].parse().unwrap(),
        subject: (fastrand::u8(..5) > 0).then(|| number.to_string().into()),
        occurred_at: Timestamp::from_millis(0),
        received_at: Timestamp::from_millis(0),
        data_schema: "ticket/1".into(),
        data: data.into(),
        upstream_name: None,
        dedupe_key: None,
    }
}

fn attempt(delivery: &Delivery, status: u16) -> Attempt {
    Attempt {
        id: AttemptId::new(),
        delivery_id: delivery.id,
        number: 1,
        position: 0,
        revision: 0,
        started_at: Timestamp::from_millis(0),
        sent: None,
        received: Some(Received {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            complete: true,
        }),
        timings: Timings::default(),
        result: AttemptResult::Delivered { note: None },
        judge: None,
        notes: Vec::new(),
    }
}

async fn take_in(store: &SqliteStore, event: &Event, deliveries: Vec<Delivery>) {
    let new = NewEvent { event: Arc::new(event.clone()), deliveries, once: None };
    let post = Post { original: Arc::new(Original::default()), events: vec![new], lease: None };
    store.accept(post).await.unwrap();
}

/// So many events, a second apart, each with up to three deliveries in any state.
async fn journal(events: u64) -> Journal {
    fastrand::seed(7);
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::from_text(KEY, "test").unwrap();
    let store = SqliteStore::open(&dir.path().join("store.db"), vault).unwrap();
    let subscriptions: Vec<_> = (0..3).map(|_| SubscriptionId::new()).collect();
    let mut all = Vec::new();
    for second in 0..events {
        let event = event(second);
        let some = fastrand::usize(..4);
        let mut deliveries = Vec::new();
        for subscription in &subscriptions[..some] {
            let made = Delivery::new(event.id, *subscription, Timestamp::from_millis(0));
            deliveries.push(Delivery { id: DeliveryId::from_uuid(uuid(second)), ..made });
        }
        take_in(&store, &event, deliveries.clone()).await;
        for mut delivery in deliveries {
            delivery.state = DeliveryState::ALL[fastrand::usize(..DeliveryState::ALL.len())];
            let delivered = delivery.state == DeliveryState::Delivered;
            let reason = REASONS[fastrand::usize(..REASONS.len())];
            delivery.reason = (!delivered && fastrand::bool()).then(|| reason.to_owned());
            let status = STATUSES[fastrand::usize(..STATUSES.len())];
            let attempt = (fastrand::u8(..4) > 0).then(|| attempt(&delivery, status));
            let (new_requests, follow_ups) = (Vec::new(), Vec::new());
            let (lease, keeps_turn) = (None, false);
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
        all.push(event);
    }
    Journal { store, subscriptions, events: all, _dir: dir }
}

impl Journal {
    /// All that the filter finds, by pages.
    async fn find(&self, filter: &DeliveryFilter) -> Vec<DeliverySummary> {
        let mut page = Page { before: None, limit: 7 };
        let mut all = Vec::new();
        loop {
            let found = self.store.find_deliveries(filter.clone(), page).await.unwrap();
            assert!(found.items.len() <= 7);
            all.extend(found.items);
            if found.next.is_none() {
                return all;
            }
            page.before = found.next;
        }
    }

    async fn find_events(&self, filter: &EventFilter) -> Vec<EventId> {
        let mut page = Page { before: None, limit: 7 };
        let mut all = Vec::new();
        loop {
            let found = self.store.find_events(filter.clone(), page).await.unwrap();
            all.extend(found.items.iter().map(|event| event.id));
            if found.next.is_none() {
                return all;
            }
            page.before = found.next;
        }
    }

    fn event(&self, id: EventId) -> &Event {
        self.events.iter().find(|event| event.id == id).unwrap()
    }

    fn is_about(&self, about: &About, id: EventId) -> bool {
        let event = self.event(id);
        let data: serde_json::Value = serde_json::from_str(&event.data).unwrap();
        let (subject, number) = (event.subject.as_deref(), data["ticket"]["number"].as_str());
        let held = |wanted: Option<&str>, is: &dyn Fn(&str) -> bool| wanted.is_none_or(is);
        about.source.as_ref().is_none_or(|source| *source == event.source)
            && about.event_type.as_ref().is_none_or(|pattern| pattern.matches(&event.event_type))
            && held(about.subject.as_deref(), &|wanted| subject == Some(wanted))
            && held(about.ticket.as_deref(), &|wanted| {
                number == Some(wanted) || subject == Some(wanted)
            })
    }

    /// Whether a filter means a delivery, told without any SQL.
    fn means(&self, filter: &DeliveryFilter, one: &DeliverySummary) -> bool {
        let fits = |range: &hookwright_model::answer::StatusRange| {
            let (first, last) = range.bounds();
            one.status.is_some_and(|status| (first..=last).contains(&status))
        };
        let reason = one.reason.as_ref().map(|reason| reason.to_lowercase());
        let text = filter.error.as_ref().map(|text| text.to_lowercase());
        (filter.states.is_empty() || filter.states.contains(&one.state))
            && (filter.statuses.is_empty() || filter.statuses.iter().any(fits))
            && filter.subscription.is_none_or(|id| id == one.subscription_id)
            && filter.event.is_none_or(|id| id == one.event_id)
            && filter.parent.is_none_or(|id| Some(id) == one.parent)
            && text.is_none_or(|text| reason.is_some_and(|reason| reason.contains(&text)))
            && self.is_about(&filter.about, one.event_id)
            && within(filter.times, one.id.uuid())
    }
}

fn within(times: Times, id: Uuid) -> bool {
    let made = i64::try_from(id.as_u128() >> 80).unwrap();
    times.since.is_none_or(|since| made >= since.millis())
        && times.until.is_none_or(|until| made < until.millis())
}

fn sometimes<T>(one_in: u8, value: impl FnOnce() -> T) -> Option<T> {
    (fastrand::u8(..one_in) == 0).then(value)
}

fn any_about() -> About {
    let pattern = ["*", "ticket.*", "problem.*", "ticket.created", "problem.a", "none.*", "none"];
    let pattern = || pattern[fastrand::usize(..pattern.len())].parse::<TypePattern>().unwrap();
    let number = || fastrand::u8(..10).to_string();
    About {
        source: sometimes(5, || "zammad".parse().unwrap()),
        event_type: sometimes(4, pattern),
        subject: sometimes(6, number),
        ticket: sometimes(
            4,
            || if fastrand::bool() { number() } else { format!("10{}", number()) },
        ),
    }
}

fn any_times(events: u64) -> Times {
    let at = || {
        let seconds = i64::try_from(fastrand::u64(..events)).unwrap();
        Timestamp::from_millis(seconds * 1_000)
    };
    Times { since: sometimes(4, at), until: sometimes(4, at) }
}

fn any_filter(journal: &Journal, events: u64) -> DeliveryFilter {
    let statuses = ["404", "4xx", "5xx", "2xx", "3xx", "200..=450", "503"];
    let status = || statuses[fastrand::usize(..statuses.len())].parse().unwrap();
    let state = || DeliveryState::ALL[fastrand::usize(..DeliveryState::ALL.len())];
    let some = |most: usize| fastrand::usize(..=most) * usize::from(fastrand::bool());
    let texts = ["ошибка", "SERVER", "%", "_host", "'", "\"; drop", "\n", "no such text"];
    let text = || texts[fastrand::usize(..texts.len())].to_owned();
    DeliveryFilter {
        states: (0..some(3)).map(|_| state()).collect(),
        statuses: (0..some(2)).map(|_| status()).collect(),
        subscription: sometimes(3, || journal.subscriptions[fastrand::usize(..3)]),
        event: sometimes(12, || journal.events[fastrand::usize(..journal.events.len())].id),
        parent: sometimes(30, DeliveryId::new),
        error: sometimes(4, text),
        about: if fastrand::bool() { any_about() } else { About::default() },
        times: any_times(events),
    }
}

#[tokio::test]
async fn filters_find_what_reading_everything_finds() {
    let journal = journal(250).await;
    let all = journal.find(&DeliveryFilter::default()).await;
    assert!(all.len() > 250 && all.is_sorted_by(|a, b| a.id > b.id), "{}", all.len());
    let mut found_some = 0;
    for _ in 0..600 {
        let filter = any_filter(&journal, 250);
        let found: Vec<_> = journal.find(&filter).await.into_iter().map(|one| one.id).collect();
        let expected: Vec<_> =
            all.iter().filter(|one| journal.means(&filter, one)).map(|one| one.id).collect();
        assert_eq!(found, expected, "{filter:?}");
        found_some += usize::from(!found.is_empty());
    }
    assert!(found_some > 200, "only {found_some} filters found anything");
}

#[tokio::test]
async fn events_are_found_likewise() {
    let journal = journal(250).await;
    let mut found_some = 0;
    for _ in 0..400 {
        let filter = EventFilter { about: any_about(), times: any_times(250) };
        let found = journal.find_events(&filter).await;
        let expected: Vec<_> = journal
            .events
            .iter()
            .rev()
            .map(|event| event.id)
            .filter(|id| journal.is_about(&filter.about, *id) && within(filter.times, id.uuid()))
            .collect();
        assert_eq!(found, expected, "{filter:?}");
        found_some += usize::from(!found.is_empty());
    }
    assert!(found_some > 100, "only {found_some} filters found anything");
}

#[tokio::test]
async fn the_number_of_the_ticket_is_shown_and_an_entry_has_all() {
    let journal = journal(30).await;
    for one in journal.find(&DeliveryFilter::default()).await {
        let event = journal.event(one.event_id);
        let data: serde_json::Value = serde_json::from_str(&event.data).unwrap();
        assert_eq!(one.ticket.as_deref(), data["ticket"]["number"].as_str());
        let entry = journal.store.entry(one.id).await.unwrap();
        assert_eq!(entry.summary, one);
        assert_eq!(entry.delivery, journal.store.delivery(one.id).await.unwrap().0);
        assert_eq!(entry.attempts, journal.store.attempts(one.id).await.unwrap());
        assert_eq!((entry.event.id, entry.event.ticket), (event.id, one.ticket));
        assert_eq!(entry.event.subject.as_deref(), event.subject.as_deref());
        assert_eq!(entry.event.event_type, event.event_type);
    }
    assert!(journal.store.entry(DeliveryId::new()).await.is_err());
}

/// What is common is not taken whole, but gone through; and that goes on at any page.
#[tokio::test]
async fn a_subject_of_thousands_of_events_is_found_too() {
    let journal = journal(1).await;
    let mut expected = Vec::new();
    for second in 1..=30 {
        let events = (0..100).map(|_| {
            let event = Event { subject: Some("all".into()), ..event(second) };
            let made = Delivery::new(event.id, journal.subscriptions[0], Timestamp::from_millis(0));
            let delivery = Delivery { id: DeliveryId::from_uuid(uuid(second)), ..made };
            expected.push(delivery.id);
            NewEvent { event: Arc::new(event), deliveries: vec![delivery], once: None }
        });
        let (original, events) = (Arc::new(Original::default()), events.collect());
        journal.store.accept(Post { original, events, lease: None }).await.unwrap();
    }
    expected.sort();
    expected.reverse();
    let about = About { subject: Some("all".into()), ..About::default() };
    let filter = DeliveryFilter { about: about.clone(), ..DeliveryFilter::default() };
    let found: Vec<_> = journal.find(&filter).await.into_iter().map(|one| one.id).collect();
    assert_eq!(found, expected);
    let about = About { ticket: Some("all".into()), subject: None, ..about };
    let filter = EventFilter { about, times: Times::default() };
    assert_eq!(journal.find_events(&filter).await.len(), 3_000);
}
