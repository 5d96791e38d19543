//! Points on an event's way at which the daemon can be told to kill itself, as `kill -9` would.
//!
//! What survives a crash is promised of the program that is shipped, and so it is that program
//! which the tests kill, at moments that no signal from outside would ever hit. Nobody is told to
//! who does not set `HOOKWRIGHT_CRASH_AT`, and passing a point then costs one relaxed load.

use std::str::FromStr;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use hookwright_store::Written;
use rustix::process::{Signal, getpid, kill_process};

/// A point on an event's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// An event and its deliveries are written and not committed.
    AcceptBeforeCommit,
    /// They are committed, and the helpdesk has no answer.
    AcceptAfterCommit,
    /// Deliveries that waited are claimed, and none is worked on.
    ClaimAfter,
    /// The plugin has said what to send, and nobody has noted it.
    TransformAfter,
    /// A request is about to be sent.
    SendBefore,
    /// Bytes of a request were given to the network.
    SendAfterBytes,
    /// An answer came, and nobody has judged it.
    AnswerAfter,
    /// An attempt is written and not committed.
    RecordBeforeCommit,
    /// It is committed.
    RecordAfterCommit,
    /// What an answer causes is committed, and nobody was told of it.
    ChildAfter,
}

/// All of them, by their names.
const POINTS: [(&str, Point); 10] = [
    ("accept.before_commit", Point::AcceptBeforeCommit),
    ("accept.after_commit", Point::AcceptAfterCommit),
    ("claim.after", Point::ClaimAfter),
    ("transform.after", Point::TransformAfter),
    ("send.before", Point::SendBefore),
    ("send.after_bytes", Point::SendAfterBytes),
    ("answer.after", Point::AnswerAfter),
    ("record.before_commit", Point::RecordBeforeCommit),
    ("record.after_commit", Point::RecordAfterCommit),
    ("child.after", Point::ChildAfter),
];

/// At which point, and the how manieth time that it is passed: `record.before_commit:3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    point: Point,
    passing: u32,
}

/// A plan that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{plan}` is no point to crash at: write one of {}, a colon and a number from 1, such as \
     `record.before_commit:3`",
    POINTS.map(|(name, _)| name).join(", ")
)]
pub struct BadPlan {
    plan: String,
}

impl FromStr for Plan {
    type Err = BadPlan;

    fn from_str(text: &str) -> Result<Self, BadPlan> {
        let read = || {
            let (name, passing) = text.split_once(':')?;
            let (_, point) = *POINTS.iter().find(|(known, _)| *known == name)?;
            let passing = passing.parse().ok().filter(|passing| *passing > 0)?;
            Some(Self { point, passing })
        };
        read().ok_or_else(|| BadPlan { plan: text.to_owned() })
    }
}

/// No point has this number.
const NOWHERE: u8 = u8::MAX;

static POINT: AtomicU8 = AtomicU8::new(NOWHERE);
/// Passings that are left, counting the last.
static LEFT: AtomicU32 = AtomicU32::new(0);

/// Has this process killed as planned.
pub fn arm(plan: Plan) {
    tracing::warn!(?plan, "this daemon will kill itself: `HOOKWRIGHT_CRASH_AT` is for tests");
    LEFT.store(plan.passing, Ordering::Relaxed);
    POINT.store(plan.point as u8, Ordering::Release);
}

/// Passes a point, perhaps for the last time.
pub fn pass(point: Point) {
    if POINT.load(Ordering::Relaxed) == point as u8 {
        count_down();
    }
}

/// Passes a point within the store.
pub fn pass_in_store(written: Written) {
    pass(match written {
        Written::Accepted => Point::AcceptBeforeCommit,
        Written::Recorded => Point::RecordBeforeCommit,
    });
}

#[cold]
fn count_down() {
    if LEFT.fetch_sub(1, Ordering::Relaxed) != 1 {
        return;
    }
    // Nothing is written, flushed or dropped any more.
    if kill_process(getpid(), Signal::KILL).is_err() {
        std::process::abort();
    }
    // The signal is on its way; this thread at least does nothing until it is there.
    loop {
        std::thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_name_a_point_and_a_number() {
        for (name, point) in POINTS {
            let plan: Plan = format!("{name}:3").parse().unwrap();
            assert_eq!(plan, Plan { point, passing: 3 });
        }
        for wrong in ["", "send.before", "send.before:0", "send.before:x", "send:1", ":1"] {
            let error = wrong.parse::<Plan>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{wrong}`")) && error.contains("child.after"));
        }
    }

    #[test]
    fn nothing_happens_where_nothing_is_planned() {
        for (_, point) in POINTS {
            pass(point);
        }
    }
}
