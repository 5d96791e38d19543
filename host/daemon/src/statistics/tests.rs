//! What was counted, held against the journal, which is gone through for it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use hookwright_model::{
    Attempt, AttemptId, AttemptResult, Delivery, DeliveryId, DeliveryState, Event, EventId,
    Original, Sent, SubjectKind, SubscriptionId, Timings,
};
use hookwright_store::{
    DeliveryFilter, EventFilter, NewEvent, Page, Post, Progress, Span, SqliteStore, Store, Vault,
    Waiting,
};
use proptest::prelude::*;
use tempfile::TempDir;
use uuid::Uuid;

use super::bound::MAX_DESTINATIONS;
use super::*;
use crate::delivery::breaker::destination_of;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// When everything here takes place.
const NOW: i64 = 1_800_000_000_000;
const DAY: i64 = 86_400_000;

fn open() -> (TempDir, Arc<SqliteStore>) {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::from_text(KEY, "test").unwrap();
    let store = SqliteStore::open(&dir.path().join("store.db"), vault).unwrap();
    (dir, Arc::new(store))
}

/// What became of one event's delivery.
#[derive(Clone, Debug)]
struct Course {
    source: u8,
    subscription: u128,
    destination: u8,
    /// Before now, in milliseconds.
    came: i64,
    /// What each attempt was, and how long after the one before it, in milliseconds.
    attempts: Vec<(u8, i64, u64)>,
    end: Option<DeliveryState>,
    is_canceled: bool,
}

fn course() -> impl Strategy<Value = Course> {
    let attempts = prop::collection::vec((0_u8..5, 0_i64..3 * DAY, 1_u64..90_000_000), 0..4);
    let end = prop::sample::select(vec![
        None,
        Some(DeliveryState::Delivered),
        Some(DeliveryState::Delivered),
        Some(DeliveryState::Failed),
        Some(DeliveryState::Skipped),
        Some(DeliveryState::Unknown),
    ]);
    (0_u8..2, 1_u128..4, 0_u8..3, 10 * DAY..80 * DAY, attempts, end, prop::bool::weighted(0.2))
        .prop_map(|(source, subscription, destination, came, attempts, end, is_canceled)| Course {
            source,
            subscription,
            destination,
            came,
            attempts,
            end,
            is_canceled,
        })
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn result(number: u8) -> AttemptResult {
    let reason = || "no".to_owned();
    match number {
        0 => AttemptResult::Delivered { note: None },
        1 => AttemptResult::Resend { reason: reason() },
        2 => AttemptResult::Failed { reason: reason() },
        3 => AttemptResult::Unknown { reason: reason() },
        _ => AttemptResult::Retry { reason: reason(), asked: None },
    }
}

impl Course {
    fn event(&self) -> Event {
        let received_at = at(NOW - self.came);
        Event {
            id: EventId::new(),
            source: format!("desk-{}", self.source).parse().unwrap(),
            event_type: "ticket.created".parse().unwrap(),
            subject: None,
            occurred_at: received_at,
            received_at,
            data_schema: "ticket/1".into(),
            data: "{}".into(),
            upstream_name: None,
            dedupe_key: None,
        }
    }

    /// Takes it through, as the daemon would, telling the journal and whoever counts.
    async fn take(self, store: &dyn Store, statistics: &Statistics) {
        let event = self.event();
        let subscription = SubscriptionId::from_uuid(Uuid::from_u128(self.subscription));
        let mut delivery = Delivery::new(event.id, subscription, event.received_at);
        statistics.taken_in(&event.source, event.received_at);
        let new = NewEvent { event: event.into(), deliveries: vec![delivery.clone()], once: None };
        let original = Arc::new(Original::default());
        store.accept(Post { original, events: vec![new], lease: None }).await.unwrap();
        let mut moment = delivery.created_at.millis();
        for (number, later, took) in self.attempts.clone() {
            moment += later;
            delivery.attempts += 1;
            let attempt = self.attempt(&delivery, number, at(moment), took);
            record(store, statistics, delivery.clone(), Some(attempt)).await;
        }
        if self.is_canceled {
            store.cancel(delivery.id, at(moment)).await.unwrap();
        }
        if let Some(state) = self.end {
            delivery.state = state;
            delivery.next_attempt_at = None;
            delivery.finished_at = Some(at(moment + 1));
            record(store, statistics, delivery, None).await;
        }
    }

    fn attempt(&self, delivery: &Delivery, number: u8, at: Timestamp, took: u64) -> Attempt {
        let sent = Sent {
            method: "POST".into(),
            url: format!("https://host-{}.example:8443/{{secret:token}}/x", self.destination),
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        };
        Attempt {
            id: AttemptId::new(),
            delivery_id: delivery.id,
            number: delivery.attempts,
            position: 0,
            revision: 0,
            started_at: at,
            sent: Some(sent),
            received: None,
            timings: Timings { total_us: took, ..Timings::default() },
            result: result(number),
            judge: None,
            notes: Vec::new(),
        }
    }
}

async fn record(
    store: &dyn Store,
    statistics: &Statistics,
    delivery: Delivery,
    attempt: Option<Attempt>,
) {
    let progress = Progress {
        delivery,
        new_requests: Vec::new(),
        attempt,
        follow_ups: Vec::new(),
        lease: None,
        keeps_turn: false,
        aside: hookwright_store::Aside::default(),
    };
    let progress = Arc::new(progress);
    let noted = store.record(Arc::clone(&progress)).await.unwrap();
    statistics.recorded(&progress, noted);
}

type Figures = BTreeMap<(Subject, Timestamp), Counts>;

/// What the journal says, step by step.
async fn journal(store: &dyn Store, step: Step) -> Figures {
    let mut figures = Figures::new();
    let mut count = |subject: Subject, moment: Timestamp, count: &dyn Fn(&mut Counts)| {
        // Each destination's attempts are a subscription's too.
        let all = (!matches!(subject, Subject::Destination(_))).then_some(Subject::All);
        for subject in [Some(subject), all].into_iter().flatten() {
            count(figures.entry((subject, step.start(moment))).or_default());
        }
    };
    let everything = usize::MAX;
    for event in store
        .events(EventFilter::default(), Page { before: None, limit: everything })
        .await
        .unwrap()
    {
        count(Subject::Source(event.source), event.received_at, &|counts| counts.events += 1);
    }
    let page = Page { before: None, limit: everything };
    for summary in store.deliveries(DeliveryFilter::default(), page).await.unwrap() {
        let whose = || Subject::Subscription(summary.subscription_id);
        if let Some(finished_at) = summary.finished_at {
            count(whose(), finished_at, &|counts| match summary.state {
                DeliveryState::Delivered => {
                    counts.delivered += 1;
                    let took = finished_at.millis() - summary.created_at.millis();
                    counts.delivered_after.note(u64::try_from(took).unwrap() * 1_000);
                }
                DeliveryState::Failed => counts.failed += 1,
                DeliveryState::Unknown => counts.unknown += 1,
                DeliveryState::Skipped => counts.skipped += 1,
                DeliveryState::Canceled => counts.canceled += 1,
                state => panic!("{state} is no end"),
            });
        }
        for attempt in store.attempts(summary.id).await.unwrap() {
            let result = serde_json::to_value(&attempt.result).unwrap();
            let is_well = ["delivered", "resend"].contains(&result["result"].as_str().unwrap());
            let there = Subject::Destination(destination_of(&attempt.sent.unwrap().url).into());
            for subject in [whose(), there] {
                count(subject, attempt.started_at, &|counts| {
                    counts.attempts += 1;
                    counts.attempts_failed += u64::from(!is_well);
                    counts.latency.note(attempt.timings.total_us);
                });
            }
        }
    }
    figures
}

/// What is read of the figures.
async fn figures(store: &dyn Store, step: Step) -> Figures {
    let mut subjects = vec![Subject::All];
    for kind in [SubjectKind::Subscription, SubjectKind::Source, SubjectKind::Destination] {
        subjects.extend(store.counted(kind).await.unwrap());
    }
    let span = Span::new(step, at(NOW - 100 * DAY), at(NOW + 100 * DAY));
    let series = store.series(subjects.clone(), span).await.unwrap();
    let of = |(subject, series): (Subject, Vec<(Timestamp, Counts)>)| {
        series.into_iter().map(move |(at, counts)| ((subject.clone(), at), counts))
    };
    subjects.into_iter().zip(series).flat_map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn figures_say_what_the_journal_says(courses in prop::collection::vec(course(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(3)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (_dir, store) = open();
            let statistics = Arc::new(Statistics::open(&*store).await.unwrap());
            let mut under_way = tokio::task::JoinSet::new();
            for (number, course) in courses.into_iter().enumerate() {
                let (store, statistics) = (Arc::clone(&store), Arc::clone(&statistics));
                under_way.spawn(async move {
                    course.take(&*store, &statistics).await;
                    // Also in between, and by two at once.
                    if number % 5 == 0 {
                        statistics.keep(&*store).await.unwrap();
                    }
                });
            }
            while let Some(ended) = under_way.join_next().await {
                ended.unwrap();
            }
            statistics.keep(&*store).await.unwrap();
            for step in Step::ALL {
                assert_eq!(figures(&*store, step).await, journal(&*store, step).await, "{step}");
            }
            let before = figures(&*store, Step::Day).await;
            statistics.keep(&*store).await.unwrap();
            assert_eq!(figures(&*store, Step::Day).await, before, "nothing is written twice");
        });
    }
}

#[tokio::test]
async fn beyond_so_many_destinations_they_are_counted_together() {
    let (_dir, store) = open();
    let statistics = Statistics::open(&*store).await.unwrap();
    let visit = |number: usize| {
        let subject = Subject::Destination(format!("https://{number}.example").into());
        statistics.count(subject, at(NOW), |counts| counts.attempts += 1);
    };
    (0..MAX_DESTINATIONS).for_each(visit);
    statistics.keep(&*store).await.unwrap();
    (MAX_DESTINATIONS - 1..MAX_DESTINATIONS + 10).for_each(visit);
    statistics.keep(&*store).await.unwrap();
    let span = Span::new(Step::Hour, at(NOW), at(NOW + 1));
    let sums = store.sums(SubjectKind::Destination, span).await.unwrap();
    assert_eq!(sums.len(), MAX_DESTINATIONS + 1);
    let of = |name: &str| {
        let subject = Subject::Destination(name.into());
        sums.iter().find(|(known, _)| *known == subject).unwrap().1.attempts
    };
    assert_eq!(of(""), 10, "those for which there was no room");
    assert_eq!(of(&format!("https://{}.example", MAX_DESTINATIONS - 1)), 2, "it was known");
    // After a start those are known that were.
    let again = Statistics::open(&*store).await.unwrap();
    again.count(Subject::Destination("https://new.example".into()), at(NOW), |counts| {
        counts.attempts += 1;
    });
    again.keep(&*store).await.unwrap();
    let sums = store.sums(SubjectKind::Destination, span).await.unwrap();
    assert_eq!(sums.len(), MAX_DESTINATIONS + 1);
}

/// A store that cannot be written at times.
struct Unsteady {
    store: Arc<SqliteStore>,
    refuses: std::sync::atomic::AtomicBool,
}

#[async_trait::async_trait]
impl Overview for Unsteady {
    async fn add_counts(&self, counted: Vec<Counted>) -> hookwright_store::Result<()> {
        if self.refuses.load(Ordering::Relaxed) {
            return Err(StoreError::Unwritable("the disk is full".into()));
        }
        self.store.add_counts(counted).await
    }

    async fn sums(
        &self,
        kind: SubjectKind,
        span: Span,
    ) -> hookwright_store::Result<Vec<(Subject, Counts)>> {
        self.store.sums(kind, span).await
    }

    async fn series(
        &self,
        subjects: Vec<Subject>,
        span: Span,
    ) -> hookwright_store::Result<Vec<Vec<(Timestamp, Counts)>>> {
        self.store.series(subjects, span).await
    }

    async fn counted(&self, kind: SubjectKind) -> hookwright_store::Result<Vec<Subject>> {
        self.store.counted(kind).await
    }

    async fn forget_counts(&self, now: Timestamp) -> hookwright_store::Result<()> {
        self.store.forget_counts(now).await
    }

    async fn in_the_way(
        &self,
        limit: usize,
    ) -> hookwright_store::Result<Vec<(SubscriptionId, DeliveryId)>> {
        self.store.in_the_way(limit).await
    }

    async fn waiting(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> hookwright_store::Result<Vec<Waiting>> {
        self.store.waiting(before, limit).await
    }
}

#[tokio::test]
async fn what_cannot_be_written_is_written_later() {
    let (_dir, store) = open();
    let unsteady = Unsteady { store, refuses: false.into() };
    let statistics = Statistics::open(&unsteady).await.unwrap();
    // More than one commit takes.
    let subjects: Vec<_> =
        (0..3 * AT_ONCE).map(|_| Subject::Subscription(SubscriptionId::new())).collect();
    for refuses in [true, true, false] {
        unsteady.refuses.store(refuses, Ordering::Relaxed);
        for subject in &subjects {
            statistics.count(subject.clone(), at(NOW), |counts| counts.delivered += 1);
        }
        assert_eq!(statistics.keep(&unsteady).await.is_err(), refuses);
    }
    let span = Span::new(Step::Minute, at(NOW), at(NOW + 1));
    for series in unsteady.series(subjects.clone(), span).await.unwrap() {
        assert_eq!(series[0].1.delivered, 3);
    }
    let all = unsteady.sums(SubjectKind::All, span).await.unwrap();
    assert_eq!(all[0].1.delivered, 3 * subjects.len() as u64);
}
