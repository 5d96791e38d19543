//! One plugin version, in one of the things it is called for: whether it is called. Knows no
//! clock; moments are told to it.

use std::collections::HashMap;
use std::time::Duration;

use hookwright_model::FaultKind;
use uuid::Uuid;

use super::Wake;
use super::gate::{Effect, Entry, Gate, Outcome, Waits};

/// So many calls in a row that fail, without one between that does not, suspend it.
pub(super) const IN_A_ROW: u32 = 10;
/// While it has worked for somebody within this time, it is suspended only for those for whom it
/// fails: their settings or events may be what it cannot bear.
pub(super) const WORKED_LATELY: Duration = Duration::from_secs(3_600);
const WAITS: Waits = Waits {
    first: Duration::from_secs(60),
    longest: Duration::from_secs(3_600),
    // Another version may have been pinned by then.
    come_back: Duration::from_secs(60),
};

/// One plugin version.
#[derive(Debug)]
pub(super) struct Suspension {
    whole: Part,
    /// By subscription or connection; those for whom the last call failed.
    of: HashMap<Uuid, Part>,
    worked: Option<Duration>,
}

/// For all, or for one.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) gate: Gate,
    in_a_row: u32,
    /// The last that came of it, in words.
    pub(super) last: String,
}

/// The right to call it once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Permit {
    target: Uuid,
    /// By which gate it passed, if one was shut.
    through: Option<(Scope, Entry)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Whole,
    Target,
}

/// What a call did.
#[derive(Debug, Default)]
pub(super) struct Ended {
    /// It is suspended now, and was not.
    pub(super) is_suspended: bool,
    /// It is not suspended any more, and these waited for that.
    pub(super) resumed: Option<Vec<Wake>>,
}

/// What a call says of the plugin.
pub(super) fn outcome_of(kind: FaultKind) -> Outcome {
    match kind {
        FaultKind::OutOfFuel
        | FaultKind::Deadline
        | FaultKind::Memory
        | FaultKind::Stack
        | FaultKind::Trap => Outcome::Bad,
        // It ran to its end and was of no use, or did not run.
        FaultKind::OutputTooLarge
        | FaultKind::InputTooLarge
        | FaultKind::BadOutput
        | FaultKind::UndeclaredSecret
        | FaultKind::UnsupportedContract
        | FaultKind::Host => Outcome::Neither,
    }
}

impl Part {
    fn new() -> Self {
        Self { gate: Gate::new(&WAITS), in_a_row: 0, last: String::new() }
    }

    fn is_shut(&self) -> bool {
        self.gate.shut_now().is_some()
    }
}

impl Suspension {
    pub(super) fn new() -> Self {
        Self { whole: Part::new(), of: HashMap::new(), worked: None }
    }

    /// The part by which it is suspended for somebody, if it is.
    pub(super) fn shut_for(&mut self, target: Uuid) -> Option<&mut Part> {
        if self.whole.is_shut() {
            return Some(&mut self.whole);
        }
        self.of.get_mut(&target).filter(|part| part.is_shut())
    }

    /// Lets somebody call it, or says when to come back.
    pub(super) fn enter(
        &mut self,
        target: Uuid,
        is_forced: bool,
        now: Duration,
    ) -> Result<Permit, Duration> {
        let scope = if self.whole.is_shut() { Scope::Whole } else { Scope::Target };
        let Some(part) = self.shut_for(target) else { return Ok(Permit { target, through: None }) };
        let entry = part.gate.enter(is_forced, now)?;
        Ok(Permit { target, through: Some((scope, entry)) })
    }

    /// Whether it was suspended since the permit was given.
    pub(super) fn is_void(&mut self, permit: Permit) -> bool {
        permit.through.is_none() && self.shut_for(permit.target).is_some()
    }

    /// Takes note of what came of a call. `last` says it in words.
    pub(super) fn ended(
        &mut self,
        permit: Permit,
        outcome: Outcome,
        last: &str,
        now: Duration,
        chance: f64,
    ) -> Ended {
        let mut ended = Ended::default();
        if let Some((scope, entry)) = permit.through
            && let Some(part) = self.behind(scope, permit.target)
        {
            if outcome == Outcome::Bad {
                last.clone_into(&mut part.last);
            }
            if part.gate.ended(entry, outcome, now, chance) == Effect::Opened {
                part.in_a_row = 0;
                ended.resumed = Some(part.gate.take_waiting());
            }
        }
        match outcome {
            Outcome::Good => self.worked(permit.target, now),
            Outcome::Bad if permit.through.is_none() => {
                ended.is_suspended = self.failed(permit.target, last, now, chance);
            }
            Outcome::Bad | Outcome::Neither => {}
        }
        ended
    }

    /// The gate that a permit was given by.
    fn behind(&mut self, scope: Scope, target: Uuid) -> Option<&mut Part> {
        match scope {
            Scope::Whole => Some(&mut self.whole),
            Scope::Target => self.of.get_mut(&target),
        }
    }

    fn worked(&mut self, target: Uuid, now: Duration) {
        self.worked = Some(now);
        // Calls that began before it was suspended do not lift that.
        if !self.whole.is_shut() {
            self.whole.in_a_row = 0;
        }
        if self.of.get(&target).is_some_and(|part| !part.is_shut()) {
            self.of.remove(&target);
        }
    }

    /// Says whether it is suspended because of this.
    fn failed(&mut self, target: Uuid, last: &str, now: Duration, chance: f64) -> bool {
        if self.shut_for(target).is_some() {
            return false;
        }
        let has_worked = self.worked.is_some_and(|worked| worked + WORKED_LATELY > now);
        let part = self.of.entry(target).or_insert_with(Part::new);
        let mut counted =
            if has_worked { [part, &mut self.whole] } else { [&mut self.whole, part] };
        for part in &mut counted {
            part.in_a_row = part.in_a_row.saturating_add(1);
            last.clone_into(&mut part.last);
        }
        let [decides, _] = counted;
        let is_enough = decides.in_a_row >= IN_A_ROW;
        if is_enough {
            decides.gate.shut(now, chance);
        }
        is_enough
    }

    /// Takes note that it was not called after all.
    pub(super) fn released(&mut self, permit: Permit) {
        if let Some((scope, entry)) = permit.through
            && let Some(part) = self.behind(scope, permit.target)
        {
            part.gate.released(entry);
        }
    }

    /// Lets everybody call it, as if it had never failed. Says who waited for that, and whether
    /// it was suspended.
    pub(super) fn resume(&mut self) -> (bool, Vec<Wake>) {
        let was_suspended = !self.suspended().is_empty();
        let old = std::mem::replace(self, Self::new());
        let parts = std::iter::once(old.whole).chain(old.of.into_values());
        (was_suspended, parts.flat_map(|mut part| part.gate.take_waiting()).collect())
    }

    /// Whoever waits for it. They may be for another version by now.
    pub(super) fn take_waiting(&mut self) -> Vec<Wake> {
        let parts = std::iter::once(&mut self.whole).chain(self.of.values_mut());
        parts.flat_map(|part| part.gate.take_waiting()).collect()
    }

    /// The parts that are suspended; none of a target if it is all.
    pub(super) fn suspended(&self) -> Vec<(Option<Uuid>, &Part)> {
        if self.whole.is_shut() {
            return vec![(None, &self.whole)];
        }
        let of = self.of.iter().filter(|(_, part)| part.is_shut());
        of.map(|(target, part)| (Some(*target), part)).collect()
    }
}
