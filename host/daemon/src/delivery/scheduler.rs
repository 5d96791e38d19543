//! Who is worked on next.
//!
//! New deliveries come straight from ingest, already claimed; those that waited are claimed
//! from the store when they are due. Each subscription has a queue of its own and takes turns
//! with the others, and none may have more than its share under way: an endpoint that hangs
//! holds up its own subscription. What is written back stands in the queue of its connection.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hookwright_model::{Delivery, Name, SubscriptionId, Timestamp};
use hookwright_store::{Lease, Owner, Store, Work};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use uuid::Uuid;

use super::clock::{Clock, bring_forward};
use super::run::Runner;
use crate::crash::{self, Point};

/// Deliveries under way at once. Each is a task and perhaps a connection.
const MAX_RUNNING: usize = 1_024;
/// Of one subscription: what its endpoint has to bear at once.
const MAX_RUNNING_OF_ONE: usize = 64;
/// Of one subscription, with those that have been sent and wait for the commit that notes it.
/// They cost the endpoint nothing; but each would be sent again if the store failed now.
const MAX_UNNOTED_OF_ONE: usize = 256;
/// Claimed deliveries in memory, under way or next. More wait in the store.
const MAX_CLAIMED: usize = 8_192;
/// Below this the store is asked for more.
const ENOUGH: usize = MAX_CLAIMED / 2;
/// How long a claim holds without being renewed: another host takes over after this.
const LEASE: Duration = Duration::from_secs(300);
/// How often claims are renewed.
const RENEWAL: Duration = Duration::from_secs(60);
/// The store is asked at least this often, in case a clock was set.
const MAX_SLEEP: Duration = Duration::from_secs(30);

/// Works on deliveries. Cheap to clone.
#[derive(Clone)]
pub struct Scheduler(Arc<Inner>);

struct Inner {
    runner: Runner,
    store: Arc<dyn Store>,
    owner: Owner,
    state: Mutex<State>,
    /// Something may be due sooner than was thought.
    wake: Notify,
    /// How many deliveries are claimed, for whoever waits for the end.
    claimed: watch::Sender<usize>,
}

/// Whose queue a delivery stands in: of whatever has to bear its requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Queue {
    Subscription(SubscriptionId),
    Connection(Name),
}

impl Queue {
    fn of(delivery: &Delivery) -> Self {
        match &delivery.connection {
            Some(name) => Self::Connection(name.clone()),
            None => Self::Subscription(delivery.subscription_id),
        }
    }
}

#[derive(Default)]
struct State {
    lanes: HashMap<Queue, Lane>,
    /// Queues with something to do and room to do it, in turn.
    turns: VecDeque<Queue>,
    running: usize,
    claimed: usize,
    /// The earliest moment at which something that is not claimed is known to be due.
    next_due: Option<Timestamp>,
    stopped: bool,
}

#[derive(Default)]
struct Lane {
    waiting: VecDeque<Work>,
    /// Computing or sending.
    running: usize,
    /// Sent, and waiting to be noted.
    noting: usize,
    /// Whether it stands in `turns`.
    in_turn: bool,
}

impl Scheduler {
    /// A scheduler that has nothing to do yet.
    #[must_use]
    pub fn new(runner: Runner, store: Arc<dyn Store>) -> Self {
        let owner = Owner(Uuid::now_v7());
        let (claimed, _) = watch::channel(0);
        let (state, wake) = (Mutex::default(), Notify::new());
        Self(Arc::new(Inner { runner, store, owner, state, wake, claimed }))
    }

    /// A lease for so many new deliveries, if there is room for them; otherwise they wait in
    /// the store. Room is taken until [`Scheduler::work`] or [`Scheduler::release`].
    #[must_use]
    pub fn reserve(&self, count: usize) -> Option<Lease> {
        let mut state = self.0.lock();
        if state.stopped || state.claimed + count > MAX_CLAIMED {
            return None;
        }
        state.claimed += count;
        Some(self.0.lease())
    }

    /// Gives back room that was reserved for nothing.
    pub fn release(&self, count: usize) {
        self.0.lock().claimed -= count;
    }

    /// Works on deliveries for which room was reserved.
    pub fn work(&self, works: impl IntoIterator<Item = Work>) {
        let mut state = self.0.lock();
        for work in works {
            state.push(work);
        }
        self.0.claimed.send_replace(state.claimed);
        self.start(state);
    }

    /// Something was put into the store that is due at this moment.
    pub fn due(&self, at: Timestamp) {
        self.0.lock().note_due(at);
        self.0.wake.notify_one();
    }

    /// Claims what is due, until it is stopped.
    pub async fn run(&self) {
        let mut renewal = tokio::time::interval(RENEWAL);
        let mut clock = Clock::new(Timestamp::now(), Instant::now());
        loop {
            self.keep_time(&mut clock).await;
            let sleep = self.claim().await;
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                () = self.0.wake.notified() => {}
                _ = renewal.tick() => {
                    if let Err(error) = self.0.store.renew(self.0.lease()).await {
                        tracing::warn!(%error, "claims cannot be renewed");
                    }
                }
            }
            if self.0.lock().stopped {
                return;
            }
        }
    }

    /// Starts nothing more, and waits until what is under way has ended, but no longer than
    /// `patience`. What is left stays in the store.
    pub async fn stop(&self, patience: Duration) {
        {
            let mut state = self.0.lock();
            state.stopped = true;
            let waiting: usize = state.lanes.values().map(|lane| lane.waiting.len()).sum();
            state.lanes.values_mut().for_each(|lane| lane.waiting.clear());
            state.turns.clear();
            state.claimed -= waiting;
            self.0.claimed.send_replace(state.claimed);
        }
        self.0.wake.notify_one();
        let mut claimed = self.0.claimed.subscribe();
        let ended = claimed.wait_for(|&claimed| claimed == 0);
        if tokio::time::timeout(patience, ended).await.is_err() {
            let left = self.0.lock().claimed;
            tracing::warn!(left, "deliveries were still under way; they are tried again");
        }
    }

    /// Brings forward what waits when the clock was set back.
    async fn keep_time(&self, clock: &mut Clock) {
        let now = Timestamp::now();
        let Some(owed) = clock.owed(now, Instant::now()) else { return };
        match bring_forward(&*self.0.store, now, owed).await {
            Ok(()) => {
                clock.settled();
                self.0.lock().next_due = None;
            }
            Err(error) => tracing::error!(%error, "what waits cannot be brought forward"),
        }
    }

    /// Asks the store for what is due, if there is room for it. Says how long to sleep.
    async fn claim(&self) -> Duration {
        let now = Timestamp::now();
        let room = {
            let state = self.0.lock();
            let due = state.next_due.is_none_or(|due| due <= now);
            if state.stopped || state.claimed >= ENOUGH || !due {
                // Room is made by deliveries that end, and these wake.
                let until_due = state.next_due.map_or(MAX_SLEEP, |due| due.since(now));
                return if state.claimed >= ENOUGH { MAX_SLEEP } else { until_due.min(MAX_SLEEP) };
            }
            MAX_CLAIMED - state.claimed
        };
        // Nothing is known to be due until the store says so; what is put off meanwhile is
        // noted on top of this.
        self.0.lock().next_due = Some(now.after(MAX_SLEEP));
        let works = match self.0.store.claim(now, self.0.lease(), room.min(1_024)).await {
            Ok(works) => works,
            Err(error) => {
                tracing::error!(%error, "the store cannot be asked for what is due");
                self.0.lock().note_due(now.after(Duration::from_secs(1)));
                return Duration::from_secs(1);
            }
        };
        if !works.is_empty() {
            crash::pass(Point::ClaimAfter);
        }
        let full = works.len() == room.min(1_024);
        {
            let mut state = self.0.lock();
            state.claimed += works.len();
            works.into_iter().for_each(|work| state.push(work));
            self.0.claimed.send_replace(state.claimed);
            self.start(state);
        }
        if full {
            self.0.lock().next_due = None;
            return Duration::ZERO;
        }
        match self.0.store.next_due().await {
            Ok(Some(due)) => drop(self.0.lock().note_due(due)),
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "the store cannot be asked what is due next"),
        }
        let due = self.0.lock().next_due;
        due.map_or(MAX_SLEEP, |due| due.since(Timestamp::now())).min(MAX_SLEEP)
    }

    /// Starts what may be started.
    fn start(&self, mut state: MutexGuard<'_, State>) {
        while let Some(work) = state.pop() {
            let scheduler = self.clone();
            tokio::spawn(async move {
                let queue = Queue::of(&work.delivery);
                let inner = Arc::clone(&scheduler.0);
                let sent = || scheduler.sent(&queue);
                let next = inner.runner.run(work, || inner.lease(), sent).await;
                scheduler.ended(&queue, next);
            });
        }
    }

    fn sent(&self, queue: &Queue) {
        let mut state = self.0.lock();
        state.sent(queue);
        self.start(state);
    }

    fn ended(&self, queue: &Queue, next: Option<Timestamp>) {
        let mut state = self.0.lock();
        state.done(queue);
        self.0.claimed.send_replace(state.claimed);
        let mut wake = state.claimed + 1 == ENOUGH;
        if let Some(next) = next {
            wake |= state.note_due(next);
        }
        self.start(state);
        if wake {
            self.0.wake.notify_one();
        }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing inside panics half way; what the lock guards is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lease(&self) -> Lease {
        Lease { owner: self.owner, until: Timestamp::now().after(LEASE) }
    }
}

impl Lane {
    /// Whether it is to be put in turn, where it then stands.
    fn wants_a_turn(&mut self) -> bool {
        let room =
            self.running < MAX_RUNNING_OF_ONE && self.running + self.noting < MAX_UNNOTED_OF_ONE;
        let wants = room && !self.in_turn && !self.waiting.is_empty();
        self.in_turn |= wants;
        wants
    }

    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.running == 0 && self.noting == 0
    }
}

impl State {
    fn push(&mut self, work: Work) {
        let queue = Queue::of(&work.delivery);
        let lane = self.lanes.entry(queue.clone()).or_default();
        lane.waiting.push_back(work);
        if lane.wants_a_turn() {
            self.turns.push_back(queue);
        }
    }

    fn pop(&mut self) -> Option<Work> {
        if self.stopped || self.running >= MAX_RUNNING {
            return None;
        }
        let queue = self.turns.pop_front()?;
        let lane = self.lanes.get_mut(&queue)?;
        lane.in_turn = false;
        let work = lane.waiting.pop_front()?;
        lane.running += 1;
        self.running += 1;
        if lane.wants_a_turn() {
            self.turns.push_back(queue);
        }
        Some(work)
    }

    fn sent(&mut self, queue: &Queue) {
        self.running -= 1;
        let Some(lane) = self.lanes.get_mut(queue) else { return };
        lane.running -= 1;
        lane.noting += 1;
        if lane.wants_a_turn() {
            self.turns.push_back(queue.clone());
        }
    }

    fn done(&mut self, queue: &Queue) {
        self.claimed -= 1;
        let Some(lane) = self.lanes.get_mut(queue) else { return };
        lane.noting -= 1;
        if lane.wants_a_turn() {
            self.turns.push_back(queue.clone());
        } else if lane.is_empty() {
            self.lanes.remove(queue);
        }
    }

    /// Says whether this is sooner than what was known.
    fn note_due(&mut self, at: Timestamp) -> bool {
        let sooner = self.next_due.is_none_or(|due| at < due);
        if sooner {
            self.next_due = Some(at);
        }
        sooner
    }
}

#[cfg(test)]
mod tests {
    use hookwright_model::{Event, EventId, Original};

    use super::*;

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

    #[test]
    fn subscriptions_take_turns_and_none_takes_all() {
        let (hanging, healthy) = (SubscriptionId::new(), SubscriptionId::new());
        let mut state = State::default();
        for _ in 0..200 {
            state.claimed += 1;
            state.push(work(hanging));
        }
        for _ in 0..3 {
            state.claimed += 1;
            state.push(work(healthy));
        }
        let mut started = Vec::new();
        while let Some(work) = state.pop() {
            started.push(work.delivery.subscription_id);
        }
        assert_eq!(&started[..6], [hanging, healthy, hanging, healthy, hanging, healthy]);
        assert_eq!(started.len(), MAX_RUNNING_OF_ONE + 3);
        // Nothing of the hanging one ends; the healthy one goes on.
        for _ in 0..3 {
            state.sent(&Queue::Subscription(healthy));
            state.done(&Queue::Subscription(healthy));
        }
        state.claimed += 1;
        state.push(work(healthy));
        assert_eq!(state.pop().unwrap().delivery.subscription_id, healthy);
        assert!(state.pop().is_none());
        state.sent(&Queue::Subscription(hanging));
        assert_eq!(state.pop().unwrap().delivery.subscription_id, hanging);
    }

    #[test]
    fn a_helpdesk_that_hangs_does_not_hold_up_what_writes_back() {
        let subscription = SubscriptionId::new();
        let mut state = State::default();
        for _ in 0..200 {
            let mut work = work(subscription);
            work.delivery.connection = Some("desk".parse().unwrap());
            state.claimed += 1;
            state.push(work);
        }
        assert_eq!(std::iter::from_fn(|| state.pop()).count(), MAX_RUNNING_OF_ONE);
        state.claimed += 1;
        state.push(work(subscription));
        assert_eq!(state.pop().unwrap().delivery.connection, None);
    }

    #[test]
    fn what_is_not_noted_is_bounded() {
        let subscription = SubscriptionId::new();
        let mut state = State::default();
        for _ in 0..MAX_UNNOTED_OF_ONE + 10 {
            state.claimed += 1;
            state.push(work(subscription));
        }
        let mut sent = 0;
        while state.pop().is_some() {
            state.sent(&Queue::Subscription(subscription));
            sent += 1;
        }
        assert_eq!(sent, MAX_UNNOTED_OF_ONE);
        state.done(&Queue::Subscription(subscription));
        assert!(state.pop().is_some());
    }

    #[test]
    fn not_everything_at_once() {
        let mut state = State::default();
        for _ in 0..MAX_RUNNING + 10 {
            state.claimed += 1;
            state.push(work(SubscriptionId::new()));
        }
        assert_eq!(std::iter::from_fn(|| state.pop()).count(), MAX_RUNNING);
        assert_eq!(state.running, MAX_RUNNING);
    }
}
