//! A gate that is shut after failures, and then lets one through at a time to see whether it may
//! open again. Knows no clock; moments are told to it.

use std::collections::HashMap;
use std::time::Duration;

use hookwright_model::{DeliveryId, Timestamp};

/// By how much of itself chance makes a wait longer, at most: gates that shut together do not all
/// try again together.
const JITTER: f64 = 0.2;
/// How long after the moment of the next trial the others come, if nobody wakes them. Most trials
/// have ended by then.
const AFTER_TRIAL: Duration = Duration::from_secs(1);
/// How long the others wait that come while a trial is under way.
const DURING_TRIAL: Duration = Duration::from_secs(5);
/// How far apart they come: each costs the store two commits and reading it again, so there are
/// 200 a second at most, however many wait.
const SPACING: Duration = Duration::from_millis(5);
/// How many are woken at once when the gate opens. More of them come when they were told to.
const MAX_WAITING: usize = 10_000;

/// How long a gate stays shut.
#[derive(Debug)]
pub(super) struct Waits {
    /// From shutting to the first trial.
    pub(super) first: Duration,
    /// It doubles with every trial that fails, up to this.
    pub(super) longest: Duration,
    /// Nobody is told to come later than this, since what they wait for can also be mended in
    /// another way.
    pub(super) come_back: Duration,
}

/// The right to pass. Good for one try; what came of it is to be told to [`Gate::ended`], or else
/// [`Gate::released`] is to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// How often the gate had moved.
    moves: u64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It was open.
    Open,
    /// It is shut, and this is the one that tries.
    Trial,
    /// It is shut, and this one passes all the same.
    Forced,
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::delivery) enum Outcome {
    Good,
    Bad,
    /// It says nothing.
    Neither,
}

/// What a try did to the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing. The try is to be counted if the gate is open.
    Counts,
    /// Nothing: it is of another time.
    None,
    /// It is open now.
    Opened,
    /// It stays shut.
    StaysShut,
}

#[derive(Debug)]
pub(super) struct Gate {
    waits: &'static Waits,
    moves: u64,
    shut: Option<Shut>,
    /// Deliveries that were told to come back, and when.
    waiting: HashMap<DeliveryId, Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shut {
    /// Since when.
    pub(super) since: Duration,
    /// When somebody may try.
    pub(super) next: Duration,
    /// Somebody tries now.
    pub(super) on_trial: bool,
    wait: Duration,
    /// Somebody was told to come at `next`.
    is_promised: bool,
    /// When the last of the others comes.
    tail: Duration,
}

impl Gate {
    pub(super) fn new(waits: &'static Waits) -> Self {
        Self { waits, moves: 0, shut: None, waiting: HashMap::new() }
    }

    pub(super) fn shut_now(&self) -> Option<&Shut> {
        self.shut.as_ref()
    }

    /// Lets somebody pass, or says when to come back.
    pub(super) fn enter(&mut self, is_forced: bool, now: Duration) -> Result<Entry, Duration> {
        let moves = self.moves;
        let Some(shut) = &mut self.shut else { return Ok(Entry { moves, kind: Kind::Open }) };
        if !shut.on_trial && now >= shut.next {
            shut.on_trial = true;
            return Ok(Entry { moves, kind: Kind::Trial });
        }
        if is_forced {
            return Ok(Entry { moves, kind: Kind::Forced });
        }
        let latest = now + self.waits.come_back;
        if !shut.on_trial && !shut.is_promised && shut.next <= latest {
            shut.is_promised = true;
            return Err(shut.next);
        }
        let from = if shut.on_trial { now + DURING_TRIAL } else { shut.next + AFTER_TRIAL };
        shut.tail = (shut.tail + SPACING).max(from.min(latest));
        Err(shut.tail)
    }

    /// Takes note of what came of a try.
    pub(super) fn ended(
        &mut self,
        entry: Entry,
        outcome: Outcome,
        now: Duration,
        chance: f64,
    ) -> Effect {
        if entry.moves != self.moves {
            return Effect::None;
        }
        let Some(shut) = &mut self.shut else { return Effect::Counts };
        match (entry.kind, outcome) {
            (_, Outcome::Good) => {
                self.open();
                return Effect::Opened;
            }
            (Kind::Trial, _) => {
                if outcome == Outcome::Bad {
                    shut.wait = (shut.wait * 2).min(self.waits.longest);
                }
                shut.next = now + longer(shut.wait, chance);
                (shut.on_trial, shut.is_promised) = (false, false);
            }
            (Kind::Open | Kind::Forced, _) => {}
        }
        Effect::StaysShut
    }

    /// Takes note that nothing was tried: another may.
    pub(super) fn released(&mut self, entry: Entry) {
        if let Some(shut) = &mut self.shut
            && entry.moves == self.moves
            && entry.kind == Kind::Trial
        {
            (shut.on_trial, shut.is_promised) = (false, false);
        }
    }

    pub(super) fn shut(&mut self, now: Duration, chance: f64) {
        let wait = self.waits.first;
        let next = now + longer(wait, chance);
        self.moves += 1;
        self.shut = Some(Shut {
            since: now,
            next,
            on_trial: false,
            wait,
            is_promised: false,
            tail: Duration::ZERO,
        });
    }

    pub(super) fn open(&mut self) {
        self.moves += 1;
        self.shut = None;
    }

    /// Remembers whom to wake when it opens.
    pub(super) fn wait_for(&mut self, delivery: DeliveryId, until: Timestamp) {
        if self.waiting.len() < MAX_WAITING || self.waiting.contains_key(&delivery) {
            self.waiting.insert(delivery, until);
        }
    }

    /// Whom to wake now, with when they were told to come.
    pub(super) fn take_waiting(&mut self) -> Vec<(DeliveryId, Timestamp)> {
        std::mem::take(&mut self.waiting).into_iter().collect()
    }
}

fn longer(wait: Duration, chance: f64) -> Duration {
    wait.mul_f64(1.0 + JITTER * chance.clamp(0.0, 1.0))
}
