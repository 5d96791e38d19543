//! What is claimed, and whose turn it is. No time, no store: the scheduler brings those.
//!
//! Room is shared by a moving bound: a queue may have as much as is left free for all. So one
//! alone gets half, many get equal parts, and there is always room for one more.

use std::collections::{HashMap, VecDeque};

use hookwright_model::{Delivery, DeliveryState, Sending, Timestamp};
use hookwright_store::{Queue, Wanted, Work};

/// Deliveries under way at once. Each is a task and perhaps a connection.
pub(super) const MAX_RUNNING: usize = 1_024;
/// With half of them taken, the part of what could still be started that one queue may have
/// under way: others that come find room beside many that hang.
const PART_OF_RUNNING: usize = 16;
/// Of one queue, with those that have been sent and wait for the commit that notes it.
/// They cost the endpoint nothing; but each would be sent again if the store failed now.
pub(super) const MAX_UNNOTED_OF_ONE: usize = 256;
/// Claimed deliveries in memory, under way or next. More wait in the store.
pub(super) const MAX_CLAIMED: usize = 8_192;
/// The bytes of their events and posts. What two share is counted twice.
pub(super) const MAX_BYTES: usize = 256 << 20;
/// With so many claimed, what can wait should. Two that hang do not make so many.
pub(super) const BUSY: usize = MAX_CLAIMED / 4 * 3;
/// With less room than this the store is not asked: it would be asked for every delivery.
const WORTH_ASKING: usize = 512;
/// Nor with more bytes than these.
const TOO_FULL: usize = MAX_BYTES / 4 * 3;
/// Taken from the store at a time.
const BATCH: usize = 1_024;
/// Of one queue, each so many-th to be started is one that was tried before, if there is one.
const PART_OF_RETRIES: u8 = 4;

#[derive(Default)]
pub(super) struct State {
    lines: HashMap<Queue, Line>,
    /// Queues with something to do and room to do it, in turn.
    turns: VecDeque<Queue>,
    running: usize,
    pub(super) claimed: usize,
    bytes: usize,
    /// The earliest moment at which something that is not claimed is known to be due.
    pub(super) next_due: Option<Timestamp>,
    pub(super) stopped: bool,
}

/// What stands in one queue.
#[derive(Default)]
struct Line {
    /// Never tried.
    new: VecDeque<Work>,
    /// Tried before.
    old: VecDeque<Work>,
    /// Counts to [`PART_OF_RETRIES`].
    started: u8,
    /// Waiting, under way, and to come: room was reserved for it.
    claimed: usize,
    bytes: usize,
    /// Computing or sending.
    running: usize,
    /// Sent, and waiting to be noted.
    noting: usize,
    /// Whether it stands in `turns`.
    in_turn: bool,
    /// How many may run.
    at_once: usize,
    /// Set while more of it is due in the store: what comes new waits there too, behind it. The
    /// store is asked again when no more than this is left.
    behind: Option<usize>,
}

impl State {
    /// Takes room for a new delivery, if there is any for its queue. Otherwise it is to wait in
    /// the store.
    pub(super) fn reserve(&mut self, delivery: &mut Delivery, bytes: usize) -> bool {
        let (free, free_bytes) = (MAX_CLAIMED - self.claimed, MAX_BYTES.saturating_sub(self.bytes));
        let line = self.lines.entry(Queue::of(delivery)).or_default();
        let fits = line.claimed < free && line.bytes < free_bytes.max(1);
        if self.stopped || !fits || line.behind.is_some() {
            line.behind.get_or_insert(line.claimed / 2);
            return false;
        }
        delivery.state = DeliveryState::Running;
        line.claimed += 1;
        line.bytes += bytes;
        self.claimed += 1;
        self.bytes += bytes;
        true
    }

    /// Gives room back, that of a delivery which was reserved for or has come as far as it
    /// comes. Says whether the store is to be asked for more.
    pub(super) fn give_back(&mut self, queue: &Queue, bytes: usize) -> bool {
        self.claimed -= 1;
        let was_too_full = self.bytes > TOO_FULL;
        self.bytes = self.bytes.saturating_sub(bytes);
        let has_room =
            MAX_CLAIMED - self.claimed == WORTH_ASKING || was_too_full && self.bytes <= TOO_FULL;
        let Some(line) = self.lines.get_mut(queue) else { return has_room };
        line.claimed -= 1;
        line.bytes = line.bytes.saturating_sub(bytes);
        let wanted = line.behind.is_some_and(|at| line.claimed == at);
        if line.claimed == 0 && line.behind.is_none() {
            self.lines.remove(queue);
        }
        wanted || has_room
    }

    /// What is to be asked of the store, if there is room for it.
    pub(super) fn wanted(&mut self, now: Timestamp) -> Option<Wanted> {
        let free = MAX_CLAIMED - self.claimed;
        if free < WORTH_ASKING || self.bytes > TOO_FULL {
            return None;
        }
        let bytes = (MAX_BYTES - self.bytes) / 2;
        // What comes new from now on is behind whatever the store does not give.
        self.lines.values_mut().for_each(|line| line.behind = None);
        self.lines.retain(|_, line| line.claimed > 0);
        let taken = self.lines.iter().map(|(queue, line)| (queue.clone(), line.claimed));
        Some(Wanted { now, count: free.min(BATCH), bytes, each: free, taken: taken.collect() })
    }

    /// Takes in what the store has given. With `more`, it holds more than there was room for.
    pub(super) fn take(&mut self, works: Vec<Work>, more: bool, at_once: impl Fn(&Work) -> usize) {
        for work in works {
            let (queue, bytes) = (Queue::of(&work.delivery), work.bytes());
            let line = self.lines.entry(queue).or_default();
            line.claimed += 1;
            line.bytes += bytes;
            self.claimed += 1;
            self.bytes += bytes;
            let at_once = at_once(&work);
            self.push(work, at_once);
        }
        if more {
            let free = MAX_CLAIMED - self.claimed;
            for line in self.lines.values_mut().filter(|line| line.claimed >= free / 2) {
                line.behind = Some(line.claimed / 2);
            }
        }
    }

    /// Something to do, for which there is room. So many of its queue may run at once.
    pub(super) fn push(&mut self, work: Work, at_once: usize) {
        let queue = Queue::of(&work.delivery);
        let room = self.room_to_run();
        let line = self.lines.entry(queue.clone()).or_default();
        line.at_once = at_once;
        let is_new = work.delivery.attempts == 0;
        if is_new { &mut line.new } else { &mut line.old }.push_back(work);
        if line.wants_a_turn(room) {
            self.turns.push_back(queue);
        }
    }

    /// What to start next.
    pub(super) fn pop(&mut self) -> Option<Work> {
        if self.stopped || self.running >= MAX_RUNNING {
            return None;
        }
        let queue = self.turns.pop_front()?;
        let line = self.lines.get_mut(&queue)?;
        line.in_turn = false;
        let work = line.pop()?;
        line.running += 1;
        self.running += 1;
        let room = self.room_to_run();
        if self.lines.get_mut(&queue).is_some_and(|line| line.wants_a_turn(room)) {
            self.turns.push_back(queue);
        }
        Some(work)
    }

    /// It has been sent; what is left is to note it.
    pub(super) fn sent(&mut self, queue: &Queue) {
        self.running -= 1;
        let room = self.room_to_run();
        let Some(line) = self.lines.get_mut(queue) else { return };
        line.running -= 1;
        line.noting += 1;
        if line.wants_a_turn(room) {
            self.turns.push_back(queue.clone());
        }
    }

    /// It is noted. Says whether the store is to be asked for more.
    pub(super) fn done(&mut self, queue: &Queue, bytes: usize) -> bool {
        let room = self.room_to_run();
        if let Some(line) = self.lines.get_mut(queue) {
            line.noting -= 1;
            if line.wants_a_turn(room) {
                self.turns.push_back(queue.clone());
            }
        }
        self.give_back(queue, bytes)
    }

    /// Starts nothing any more, and lets go of what was not started.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
        self.turns.clear();
        for line in self.lines.values_mut() {
            let waiting = line.new.len() + line.old.len();
            line.new.clear();
            line.old.clear();
            line.claimed -= waiting;
            self.claimed -= waiting;
        }
    }

    /// Says whether this is sooner than what was known.
    pub(super) fn note_due(&mut self, at: Timestamp) -> bool {
        let sooner = self.next_due.is_none_or(|due| at < due);
        if sooner {
            self.next_due = Some(at);
        }
        sooner
    }

    /// How many of one queue may run now, whatever it allows itself.
    fn room_to_run(&self) -> usize {
        match MAX_RUNNING.saturating_sub(self.running) {
            free if free >= MAX_RUNNING / 2 => MAX_RUNNING,
            free => (free / PART_OF_RUNNING).max(1),
        }
    }
}

impl Line {
    /// Whether it is to be put in turn, where it then stands.
    fn wants_a_turn(&mut self, room: usize) -> bool {
        let at_once = self.at_once.min(room);
        let room = self.running < at_once && self.running + self.noting < MAX_UNNOTED_OF_ONE;
        let wants = room && !self.in_turn && !(self.new.is_empty() && self.old.is_empty());
        self.in_turn |= wants;
        wants
    }

    /// First attempts do not wait for later ones, and hold them up only so far.
    fn pop(&mut self) -> Option<Work> {
        self.started = (self.started + 1) % PART_OF_RETRIES;
        if self.started == 0 {
            self.old.pop_front().or_else(|| self.new.pop_front())
        } else {
            self.new.pop_front().or_else(|| self.old.pop_front())
        }
    }
}

/// How many requests of one queue may be under way, if nothing else is said.
pub(super) const USUAL_AT_ONCE: usize = Sending::DEFAULT_MAX_CONCURRENT as usize;
