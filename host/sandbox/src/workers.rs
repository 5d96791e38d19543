//! The threads that guests run on, shared out fairly.
//!
//! A guest holds its thread until it ends, so guests never run on the threads of the
//! asynchronous runtime, whose timers would stand still. Which call is next is decided by how
//! much time its *lane* (a subscription, a source) has used: the lane that has used least goes
//! first, so a plugin that spins makes only its own lane wait. And lanes whose calls are slow
//! may not take the last threads, so that a quick call never waits for a slow one to end.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::engine::THREAD_STACK;

/// A lane whose calls take longer than this on average is slow.
const SLOW: Duration = Duration::from_millis(5);
/// What the first call of a lane is expected to take.
const UNKNOWN: Duration = Duration::from_micros(100);
/// Lanes that are remembered; when there are more, those without work are forgotten.
const MAX_LANES: usize = 10_000;

type Job = Box<dyn FnOnce() + Send>;

/// Threads that run guests. Dropping it ends them after the calls under way.
pub struct Workers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// There are as many calls waiting as may wait. Nothing was queued.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("too many plugin calls are waiting")]
pub struct Saturated;

struct Shared {
    queue: Mutex<Queue>,
    ready: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Jobs run outside the lock; what is done inside leaves the queue whole.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workers {
    /// Starts so many threads. At most `capacity` calls wait for one of them.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(threads: NonZeroUsize, capacity: usize) -> std::io::Result<Self> {
        let queue = Queue::new(threads.get(), capacity);
        let shared = Arc::new(Shared { queue: Mutex::new(queue), ready: Condvar::new() });
        let mut workers = Self { shared: Arc::clone(&shared), threads: Vec::new() };
        for number in 0..threads.get() {
            let shared = Arc::clone(&shared);
            let thread = thread::Builder::new()
                .name(format!("guest-{number}"))
                .stack_size(THREAD_STACK)
                .spawn(move || work(&shared))?;
            workers.threads.push(thread);
        }
        Ok(workers)
    }

    /// Runs a call on one of the threads, in its turn.
    ///
    /// # Errors
    /// When too many calls are waiting.
    pub fn submit(&self, lane: u128, job: impl FnOnce() + Send + 'static) -> Result<(), Saturated> {
        self.shared.lock().push(lane, Box::new(job))?;
        self.shared.ready.notify_one();
        Ok(())
    }

    /// How many calls are waiting.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.lock().waiting
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.ready.notify_all();
        for thread in self.threads.drain(..) {
            // Jobs' panics are caught; a panic here would be one of this module.
            drop(thread.join());
        }
    }
}

fn work(shared: &Shared) {
    let mut queue = shared.lock();
    loop {
        if queue.stopped {
            return;
        }
        let Some((lane, job)) = queue.pop() else {
            queue = shared.ready.wait(queue).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        drop(queue);
        let started = Instant::now();
        // Whoever waits for the job sees its channel close.
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("a plugin call panicked in the host");
        }
        let took = started.elapsed();
        queue = shared.lock();
        if queue.done(lane, took) {
            // A slow lane may have been held back; this thread takes one job, another may
            // take the next.
            shared.ready.notify_one();
        }
    }
}

/// Which call is next. Time is counted in microseconds.
struct Queue {
    lanes: HashMap<u128, Lane>,
    /// Lanes with waiting jobs, by the time they have used: quick ones and slow ones.
    quick: BTreeSet<(u64, u128)>,
    slow: BTreeSet<(u64, u128)>,
    /// Calls of slow lanes under way, and how many there may be.
    slow_running: usize,
    slow_allowed: usize,
    waiting: usize,
    capacity: usize,
    /// What the lane that was last taken from had used: where lanes start that were idle.
    now: u64,
    stopped: bool,
}

struct Lane {
    jobs: VecDeque<Job>,
    /// Time used, moved up to the others' when it was idle.
    used: u64,
    /// What a call takes on average.
    average: u64,
    running: usize,
    /// Whether its running calls are counted as slow; fixed while any of them runs.
    slow: bool,
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl Queue {
    fn new(threads: usize, capacity: usize) -> Self {
        Self {
            lanes: HashMap::new(),
            quick: BTreeSet::new(),
            slow: BTreeSet::new(),
            slow_running: 0,
            slow_allowed: (threads / 2).max(1),
            waiting: 0,
            capacity,
            now: 0,
            stopped: false,
        }
    }

    fn push(&mut self, key: u128, job: Job) -> Result<(), Saturated> {
        if self.waiting >= self.capacity {
            return Err(Saturated);
        }
        if self.lanes.len() >= MAX_LANES {
            self.lanes.retain(|_, lane| lane.running > 0 || !lane.jobs.is_empty());
        }
        let now = self.now;
        let lane = self.lanes.entry(key).or_insert_with(|| Lane {
            jobs: VecDeque::new(),
            used: now,
            average: micros(UNKNOWN),
            running: 0,
            slow: false,
        });
        lane.jobs.push_back(job);
        self.waiting += 1;
        if lane.jobs.len() == 1 {
            // Being idle is not saved up.
            lane.used = lane.used.max(now);
            let ready = if lane.slow { &mut self.slow } else { &mut self.quick };
            ready.insert((lane.used, key));
        }
        Ok(())
    }

    fn pop(&mut self) -> Option<(u128, Job)> {
        let slow = self.slow.first().filter(|_| self.slow_running < self.slow_allowed);
        let next = match (self.quick.first(), slow) {
            (Some(quick), Some(slow)) => *quick.min(slow),
            (one, other) => *one.or(other)?,
        };
        let (used, key) = next;
        let lane = self.lanes.get_mut(&key)?;
        let ready = if lane.slow { &mut self.slow } else { &mut self.quick };
        ready.remove(&next);
        self.now = self.now.max(used);
        let job = lane.jobs.pop_front()?;
        self.waiting -= 1;
        lane.running += 1;
        self.slow_running += usize::from(lane.slow);
        // Paid in advance, so that a lane does not take every thread before its first call
        // has ended; put right in `done`.
        lane.used += lane.average;
        if !lane.jobs.is_empty() {
            ready.insert((lane.used, key));
        }
        Some((key, job))
    }

    /// Settles a call that has ended. Says whether a held back call may be next now.
    fn done(&mut self, key: u128, took: Duration) -> bool {
        let Some(lane) = self.lanes.get_mut(&key) else { return false };
        let ready = if lane.slow { &mut self.slow } else { &mut self.quick };
        ready.remove(&(lane.used, key));
        let took = micros(took);
        lane.running -= 1;
        let was_slow = lane.slow;
        self.slow_running -= usize::from(was_slow);
        lane.used = (lane.used + took).saturating_sub(lane.average);
        lane.average = (lane.average * 7 + took) / 8;
        if lane.running == 0 {
            lane.slow = lane.average > micros(SLOW);
        } else if !lane.slow && lane.average > micros(SLOW) {
            // Its other calls are slow too, as is now known.
            lane.slow = true;
            self.slow_running += lane.running;
        }
        if !lane.jobs.is_empty() {
            let ready = if lane.slow { &mut self.slow } else { &mut self.quick };
            ready.insert((lane.used, key));
        }
        was_slow && !self.slow.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn job() -> Job {
        Box::new(|| ())
    }

    fn queue(threads: usize) -> Queue {
        Queue::new(threads, 1_000)
    }

    const QUICK: Duration = Duration::from_micros(50);
    const SPIN: Duration = Duration::from_millis(100);

    #[test]
    fn the_lane_that_used_least_is_next() {
        let mut queue = queue(1);
        for lane in [1, 1, 1, 2, 2, 2] {
            queue.push(lane, job()).unwrap();
        }
        let order: Vec<u128> = std::iter::from_fn(|| {
            let (lane, _) = queue.pop()?;
            queue.done(lane, if lane == 1 { Duration::from_millis(1) } else { QUICK });
            Some(lane)
        })
        .collect();
        assert_eq!(order, [1, 2, 2, 2, 1, 1]);
    }

    #[test]
    fn slow_lanes_leave_threads_to_quick_ones() {
        let mut queue = queue(4);
        // Two slow lanes make themselves known.
        for lane in [1, 2] {
            queue.push(lane, job()).unwrap();
            drop(queue.pop().unwrap());
            queue.done(lane, SPIN);
        }
        for _ in 0..10 {
            queue.push(1, job()).unwrap();
            queue.push(2, job()).unwrap();
        }
        assert!(queue.pop().is_some());
        assert!(queue.pop().is_some());
        assert!(queue.pop().is_none(), "two of four threads are the most for slow lanes");
        queue.push(3, job()).unwrap();
        assert_eq!(queue.pop().unwrap().0, 3);
        assert!(queue.done(1, SPIN), "a slow call may follow a slow call");
        assert!(queue.pop().is_some());
    }

    #[test]
    fn idle_time_is_not_saved_up() {
        let mut queue = queue(1);
        for _ in 0..100 {
            queue.push(1, job()).unwrap();
            drop(queue.pop().unwrap());
            queue.done(1, Duration::from_millis(1));
        }
        // A lane that comes late starts where the others are, and they alternate.
        for _ in 0..4 {
            queue.push(1, job()).unwrap();
            queue.push(2, job()).unwrap();
        }
        let order: Vec<u128> = std::iter::from_fn(|| {
            let (lane, _) = queue.pop()?;
            queue.done(lane, Duration::from_millis(1));
            Some(lane)
        })
        .collect();
        assert!(!order.starts_with(&[2, 2, 2]), "{order:?}");
        assert_eq!(queue.waiting, 0);
    }

    #[test]
    fn a_full_queue_takes_no_more() {
        let mut queue = Queue::new(1, 1);
        queue.push(1, job()).unwrap();
        assert_eq!(queue.push(2, job()), Err(Saturated));
        drop(queue.pop().unwrap());
        queue.push(2, job()).unwrap();
    }

    #[test]
    fn jobs_run_and_panics_stay_where_they_are() {
        let workers = Workers::start(NonZeroUsize::new(2).unwrap(), 100).unwrap();
        let (sender, receiver) = mpsc::channel();
        for number in 0..50_u128 {
            let sender = sender.clone();
            workers
                .submit(number % 5, move || {
                    assert!(number % 10 != 3, "on purpose");
                    sender.send(number).unwrap();
                })
                .unwrap();
        }
        drop(sender);
        assert_eq!(receiver.iter().count(), 45);
        drop(workers);
    }
}
