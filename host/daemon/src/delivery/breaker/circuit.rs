//! One destination: whether requests are sent there. Knows no clock; moments are told to it.

use std::time::Duration;

use super::gate::{Effect, Entry, Gate, Outcome, Waits};
use super::window::{Ratio, Window};

/// So many failures in a row, without a success between, open the circuit.
pub(super) const IN_A_ROW: u32 = 10;
/// Of so many tries within a minute …
pub(super) const ENOUGH: u32 = 20;
/// … a share of one in this many.
pub(super) const SHARE: u32 = 2;
/// A receiver that is restarted is back in seconds; one that is down for long is asked every few
/// minutes.
const WAITS: Waits = Waits {
    first: Duration::from_secs(5),
    longest: Duration::from_secs(300),
    come_back: Duration::from_secs(600),
};

/// One destination. The circuit is open, as the word goes, when the gate is shut.
#[derive(Debug)]
pub(super) struct Circuit {
    pub(super) gate: Gate,
    window: Window,
    in_a_row: u32,
    /// What it was opened by.
    by: Ratio,
    pub(super) last_error: Option<LastError>,
    pub(super) last_used: Duration,
}

#[derive(Clone, Debug)]
pub(super) struct LastError {
    /// Without secrets.
    pub(super) text: String,
    pub(super) at: Duration,
}

impl Circuit {
    pub(super) fn new() -> Self {
        Self {
            gate: Gate::new(&WAITS),
            window: Window::default(),
            in_a_row: 0,
            by: Ratio::default(),
            last_error: None,
            last_used: Duration::ZERO,
        }
    }

    /// Lets a request pass, or says when to come back.
    pub(super) fn enter(&mut self, is_forced: bool, now: Duration) -> Result<Entry, Duration> {
        self.last_used = now;
        self.gate.enter(is_forced, now)
    }

    /// Takes note of what came of a request. `error` is why it failed; without secrets.
    pub(super) fn ended(
        &mut self,
        entry: Entry,
        outcome: Outcome,
        error: Option<String>,
        now: Duration,
        chance: f64,
    ) -> Effect {
        self.last_used = now;
        if let Some(text) = error.filter(|_| outcome == Outcome::Bad) {
            self.last_error = Some(LastError { text, at: now });
        }
        let effect = self.gate.ended(entry, outcome, now, chance);
        match effect {
            Effect::Opened => (self.window, self.in_a_row) = (Window::default(), 0),
            Effect::Counts => self.count(outcome, now, chance),
            Effect::StaysShut | Effect::None => {}
        }
        effect
    }

    fn count(&mut self, outcome: Outcome, now: Duration, chance: f64) {
        let failed = match outcome {
            Outcome::Good => false,
            Outcome::Bad => true,
            Outcome::Neither => return,
        };
        self.in_a_row = if failed { self.in_a_row.saturating_add(1) } else { 0 };
        self.window.add(failed, now);
        if !failed {
            return;
        }
        let within = self.window.ratio(now);
        let in_a_row = Ratio { failed: self.in_a_row, tries: self.in_a_row };
        let by = if within.tries >= ENOUGH && within.failed >= within.tries.div_ceil(SHARE) {
            within
        } else if self.in_a_row >= IN_A_ROW {
            in_a_row
        } else {
            return;
        };
        self.by = by;
        self.gate.shut(now, chance);
    }

    /// What it was opened by if it is open, else how it went within the last minute.
    pub(super) fn ratio(&self, now: Duration) -> Ratio {
        if self.gate.shut_now().is_some() { self.by } else { self.window.ratio(now) }
    }
}
