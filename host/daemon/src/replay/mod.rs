//! Replays: deliveries that have ended are made again, and events delivered that a subscription
//! has not had. Each is a job in the store. It is counted before it is started, looks at what
//! it is about oldest first, puts a few deliveries at a time into the queue of all others, and
//! notes how far it has come in the same commit: a crash repeats and loses nothing.

mod choose;
mod preview;
mod run;
mod step;
#[cfg(test)]
mod tests;
mod wanted;

use std::sync::Arc;

use hookwright_model::{Redeliver, Replay, ReplayWhat, SubscriptionId};

use crate::registry::{Held, Snapshot, SubscriptionEntry};

pub use preview::{Preview, preview};
pub use run::run;
pub use wanted::{Wanted, refuse_if_closed};

/// Why nothing can be made for a subscription now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// There is none any more.
    Removed,
    /// It takes no events.
    Held(Held),
}

impl Closed {
    /// In words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Removed => "the subscription was removed",
            Self::Held(held) => held.reason(),
        }
    }

    /// In one word.
    fn word(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Held(Held::Disabled) => "disabled",
            Self::Held(Held::Unconfirmed) => "unconfirmed",
        }
    }
}

/// A subscription that deliveries can be made for.
///
/// # Errors
/// When none can be made for it now.
pub fn open_for(
    snapshot: &Snapshot,
    id: SubscriptionId,
) -> Result<&Arc<SubscriptionEntry>, Closed> {
    let entry = snapshot.subscriptions.get(&id).ok_or(Closed::Removed)?;
    entry.held().map_or(Ok(entry), |held| Err(Closed::Held(held)))
}

/// Whether a replay can go on. One that is about all subscriptions leaves those out that take
/// nothing.
///
/// # Errors
/// When it is about one, and nothing can be made for that.
pub fn can_go_on(snapshot: &Snapshot, what: &ReplayWhat) -> Result<(), Closed> {
    match what {
        ReplayWhat::Redeliver(Redeliver { subscription: None, .. }) => Ok(()),
        ReplayWhat::Redeliver(Redeliver { subscription: Some(id), .. }) => {
            open_for(snapshot, *id).map(drop)
        }
        ReplayWhat::Backfill(what) => open_for(snapshot, what.subscription).map(drop),
    }
}

/// How many deliveries a replay puts into the queue at once: five times a second, so that a
/// commit is shared, and not more than one commit should hold.
fn batch(replay: &Replay) -> usize {
    usize::try_from(replay.rate / 5).unwrap_or(MAX_BATCH).clamp(1, MAX_BATCH)
}

/// The most deliveries of one commit.
const MAX_BATCH: usize = 100;
