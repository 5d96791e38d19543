//! Who is worked on next.
//!
//! New deliveries come straight from ingest, already claimed; those that waited are claimed
//! from the store when they are due. Each subscription has a queue of its own and takes turns
//! with the others, and none may have more than its share, neither of what is under way nor of
//! memory: an endpoint that hangs holds up its own subscription. What is written back stands in
//! the queue of its connection.

mod state;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hookwright_model::{Delivery, Timestamp};
use hookwright_store::{Due, Lease, Owner, Queue, Store, Work};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use uuid::Uuid;

use self::state::{BUSY, State, USUAL_AT_ONCE};
use super::clock::{Clock, bring_forward};
use super::run::Runner;
use crate::crash::{self, Point};
use crate::registry::Snapshot;

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

impl Scheduler {
    /// A scheduler that has nothing to do yet.
    #[must_use]
    pub fn new(runner: Runner, store: Arc<dyn Store>) -> Self {
        let owner = Owner(Uuid::now_v7());
        let (claimed, _) = watch::channel(0);
        let (state, wake) = (Mutex::default(), Notify::new());
        Self(Arc::new(Inner { runner, store, owner, state, wake, claimed }))
    }

    /// A lease for those of new deliveries for which there is room: they are then in the state
    /// [`Running`](hookwright_model::DeliveryState::Running). The others wait in the store, and
    /// there is no lease if all do. Room is taken until [`Scheduler::work`] or
    /// [`Scheduler::release`]; `bytes` are those of the event and the post.
    #[must_use]
    pub fn reserve<'d>(
        &self,
        deliveries: impl IntoIterator<Item = (&'d mut Delivery, usize)>,
    ) -> Option<Lease> {
        let mut state = self.0.lock();
        let mut reserved = false;
        for (delivery, bytes) in deliveries {
            reserved |= state.reserve(delivery, bytes);
        }
        reserved.then(|| self.0.lease())
    }

    /// Gives back room that was reserved for nothing.
    pub fn release(&self, work: &Work) {
        let mut state = self.0.lock();
        if state.give_back(&Queue::of(&work.delivery), work.bytes()) {
            state.note_due(Timestamp::now());
            self.0.wake.notify_one();
        }
        self.0.claimed.send_replace(state.claimed);
    }

    /// Whether there is so much to do that what can wait should.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.0.lock().claimed >= BUSY
    }

    /// Works on deliveries for which room was reserved.
    pub fn work(&self, works: impl IntoIterator<Item = Work>) {
        let snapshot = self.0.runner.registry.snapshot();
        let mut state = self.0.lock();
        for work in works {
            let at_once = at_once(&snapshot, &work);
            state.push(work, at_once);
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
            state.stop();
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
        let wanted = {
            let mut state = self.0.lock();
            let until_due = state.next_due.map_or(Duration::ZERO, |due| due.since(now));
            if state.stopped || !until_due.is_zero() {
                return until_due.min(MAX_SLEEP);
            }
            // Room is made by deliveries that end, and these wake.
            let Some(wanted) = state.wanted(now) else { return MAX_SLEEP };
            // Nothing is known to be due until the store says so; what is put off meanwhile is
            // noted on top of this.
            state.next_due = Some(now.after(MAX_SLEEP));
            wanted
        };
        let Due { works, more, next } = match self.0.store.claim(wanted, self.0.lease()).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(%error, "the store cannot be asked for what is due");
                self.0.lock().note_due(now.after(Duration::from_secs(1)));
                return Duration::from_secs(1);
            }
        };
        if !works.is_empty() {
            crash::pass(Point::ClaimAfter);
        }
        let snapshot = self.0.runner.registry.snapshot();
        let mut state = self.0.lock();
        next.map(|next| state.note_due(next));
        // With nothing taken, those for whom there is more are all full, and wake when they are
        // not.
        if more && !works.is_empty() {
            state.note_due(now);
        }
        state.take(works, more, |work| at_once(&snapshot, work));
        self.0.claimed.send_replace(state.claimed);
        let sleep = state.next_due.map_or(MAX_SLEEP, |due| due.since(now)).min(MAX_SLEEP);
        self.start(state);
        sleep
    }

    /// Starts what may be started.
    fn start(&self, mut state: MutexGuard<'_, State>) {
        while let Some(work) = state.pop() {
            let scheduler = self.clone();
            tokio::spawn(async move {
                let (queue, bytes) = (Queue::of(&work.delivery), work.bytes());
                let inner = Arc::clone(&scheduler.0);
                let sent = || scheduler.sent(&queue);
                let next = inner.runner.run(work, || inner.lease(), sent).await;
                scheduler.ended(&queue, bytes, next);
            });
        }
    }

    fn sent(&self, queue: &Queue) {
        let mut state = self.0.lock();
        state.sent(queue);
        self.start(state);
    }

    fn ended(&self, queue: &Queue, bytes: usize, next: Option<Timestamp>) {
        let mut state = self.0.lock();
        let mut wake = false;
        if state.done(queue, bytes) {
            state.note_due(Timestamp::now());
            wake = true;
        }
        self.0.claimed.send_replace(state.claimed);
        if let Some(next) = next {
            wake |= state.note_due(next);
        }
        self.start(state);
        if wake {
            self.0.wake.notify_one();
        }
    }
}

/// How many requests of a delivery's queue may be under way at once.
fn at_once(snapshot: &Snapshot, work: &Work) -> usize {
    let asked = match &work.delivery.connection {
        Some(name) => {
            snapshot.connections.get(name).and_then(|entry| entry.connection.max_concurrent)
        }
        None => {
            let entry = snapshot.subscriptions.get(&work.delivery.subscription_id);
            entry.and_then(|entry| entry.subscription.max_concurrent)
        }
    };
    asked.map_or(USUAL_AT_ONCE, |asked| usize::try_from(asked).unwrap_or(USUAL_AT_ONCE))
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
