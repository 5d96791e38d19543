//! Figures over time: what is counted where it happens, written down every few seconds, and asked
//! for by `/v1/statistics`.
//!
//! A thread counts in a place of its own, so that none waits for another, and a delivery costs no
//! commit more. A crash loses what was counted in the last seconds, which the journal still has.

mod bound;
pub mod note;
pub mod report;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hookwright_model::{Counts, Step, Subject, Timestamp};
use hookwright_store::{Counted, Overview, Store, StoreError};

use self::bound::Destinations;

/// How often what was counted is written down.
pub const KEEPING: Duration = Duration::from_secs(5);
/// How often what is older than is kept is let go of.
const FORGETTING: Duration = Duration::from_secs(3_600);
/// So many places, to which threads are given in turn. There are seldom more threads that count.
const PLACES: usize = 16;
/// The most minutes of subscriptions, sources and destinations that are remembered while the store
/// cannot be written: some 20 MiB. What is beyond is not counted.
const MAX_UNWRITTEN: usize = 100_000;
/// Written in one commit: three rows each, a few milliseconds that others wait for.
const AT_ONCE: usize = 200;

/// Minutes of whoever something was counted for.
type Cells = HashMap<(Subject, Timestamp), Counts>;

/// Counts.
#[derive(Default)]
pub struct Statistics {
    places: [Mutex<Cells>; PLACES],
    /// What is not written down yet, and was taken from the places. One writes at a time.
    unwritten: tokio::sync::Mutex<Unwritten>,
}

#[derive(Default)]
struct Unwritten {
    cells: Cells,
    destinations: Destinations,
    has_warned: bool,
}

thread_local! {
    /// Where this thread counts.
    static PLACE: usize = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed) % PLACES
    };
}

impl Statistics {
    /// With the destinations for which something was written down.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(store: &(impl Overview + ?Sized)) -> Result<Self, StoreError> {
        let statistics = Self::default();
        statistics.unwritten.lock().await.destinations = Destinations::known(store).await?;
        Ok(statistics)
    }

    /// Counts something for somebody, at a moment.
    fn count(&self, subject: Subject, at: Timestamp, count: impl FnOnce(&mut Counts)) {
        let place = PLACE.try_with(|place| *place).unwrap_or_default();
        let mut cells = lock(&self.places[place]);
        // It is emptied every few seconds; who counts so many minutes until then has no clock.
        if cells.len() < MAX_UNWRITTEN {
            count(cells.entry((subject, Step::Minute.start(at))).or_default());
        }
    }

    /// Writes down what was counted.
    ///
    /// # Errors
    /// When it cannot be written; then it is tried with the next.
    pub async fn keep(&self, store: &(impl Overview + ?Sized)) -> Result<(), StoreError> {
        let mut unwritten = self.unwritten.lock().await;
        for place in &self.places {
            let cells = std::mem::take(&mut *lock(place));
            unwritten.take(cells);
        }
        loop {
            let some = unwritten.some();
            let keys: Vec<_> =
                some.iter().map(|counted| (counted.subject.clone(), counted.at)).collect();
            // Without any, those are looked for that the store itself has counted.
            store.add_counts(some).await?;
            for key in &keys {
                unwritten.cells.remove(key);
            }
            if unwritten.cells.is_empty() {
                unwritten.has_warned = false;
                return Ok(());
            }
        }
    }

    /// Lets go of what is older than is kept.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget(&self, store: &(impl Overview + ?Sized)) -> Result<(), StoreError> {
        store.forget_counts(Timestamp::now()).await?;
        self.unwritten.lock().await.destinations = Destinations::known(store).await?;
        Ok(())
    }
}

impl Unwritten {
    fn take(&mut self, cells: Cells) {
        for ((subject, at), counts) in cells {
            let subject = match subject {
                Subject::Destination(name) => Subject::Destination(self.destinations.admit(name)),
                // What is sent somewhere is counted for its subscription too.
                Subject::Subscription(_) | Subject::Source(_) => {
                    self.add((Subject::All, at), &counts);
                    subject
                }
                Subject::All => subject,
            };
            self.add((subject, at), &counts);
        }
    }

    fn add(&mut self, key: (Subject, Timestamp), counts: &Counts) {
        if let Some(cell) = self.cells.get_mut(&key) {
            return cell.add(counts);
        }
        if self.cells.len() < MAX_UNWRITTEN {
            self.cells.insert(key, counts.clone());
        } else if !std::mem::replace(&mut self.has_warned, true) {
            tracing::warn!(
                "too much was counted that cannot be written down: figures will lack it"
            );
        }
    }

    /// As much as is written at once.
    fn some(&self) -> Vec<Counted> {
        let cells = self.cells.iter().take(AT_ONCE).map(|((subject, at), counts)| Counted {
            subject: subject.clone(),
            at: *at,
            counts: counts.clone(),
        });
        cells.collect()
    }
}

fn lock(place: &Mutex<Cells>) -> MutexGuard<'_, Cells> {
    // Nothing inside panics half way; what the lock guards is whole.
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes down every few seconds what was counted, and lets go of what is old.
pub async fn keep(statistics: Arc<Statistics>, store: Arc<dyn Store>) {
    let mut forgotten: Option<Instant> = None;
    loop {
        if forgotten.is_none_or(|last| last.elapsed() >= FORGETTING) {
            forgotten = Some(Instant::now());
            if let Err(error) = statistics.forget(&*store).await {
                tracing::warn!(%error, "old figures could not be let go of");
            }
        }
        tokio::time::sleep(KEEPING).await;
        if let Err(error) = statistics.keep(&*store).await {
            tracing::warn!(%error, "figures could not be written down");
        }
    }
}
