//! What was tried within the last minute, and how much of it failed.

use std::time::Duration;

/// The whole.
pub(super) const SPAN: Duration = Duration::from_secs(60);
/// It goes on by a part at a time.
const PARTS: usize = 12;
const PART_S: u64 = SPAN.as_secs() / PARTS as u64;

#[derive(Debug, Default)]
pub(super) struct Window([Part; PARTS]);

#[derive(Clone, Copy, Debug, Default)]
struct Part {
    /// Which since the start; another one than now's is over.
    number: u64,
    tries: u32,
    failed: u32,
}

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ratio {
    pub(super) failed: u32,
    pub(super) tries: u32,
}

impl Window {
    pub(super) fn add(&mut self, failed: bool, now: Duration) {
        let number = number(now);
        let place = usize::try_from(number % PARTS as u64).unwrap_or_default();
        let part = &mut self.0[place];
        if part.number != number {
            *part = Part { number, tries: 0, failed: 0 };
        }
        part.tries = part.tries.saturating_add(1);
        part.failed = part.failed.saturating_add(u32::from(failed));
    }

    pub(super) fn ratio(&self, now: Duration) -> Ratio {
        let number = number(now);
        let within = self.0.iter().filter(|part| part.number + PARTS as u64 > number);
        within.fold(Ratio::default(), |sum, part| Ratio {
            failed: sum.failed.saturating_add(part.failed),
            tries: sum.tries.saturating_add(part.tries),
        })
    }
}

fn number(now: Duration) -> u64 {
    now.as_secs() / PART_S
}
