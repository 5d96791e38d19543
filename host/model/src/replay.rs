//! Delivering again what was delivered before or not at all: a job that goes on until it is
//! done, through restarts.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{DeliveryState, Name, ReplayId, SubscriptionId, Timestamp, TypePattern};

/// A job that delivers again. What it is about is settled when it is made: what comes later is
/// not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Replay {
    /// Its id.
    pub id: ReplayId,
    /// What is delivered.
    #[serde(flatten)]
    pub what: ReplayWhat,
    /// The most deliveries that are put into the queue in a second.
    pub rate: u32,
    /// How far it is.
    pub state: ReplayState,
    /// Why it is in this state, if nobody asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many deliveries there were to make when it was made.
    pub found: u64,
    /// How many of them are in the queue, or were.
    pub done: u64,
    /// How many of them were not to be made any more when their turn came. Known at the end.
    pub skipped: u64,
    /// How many were looked at and are not among those found, by why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, u64>,
    /// The name of the token that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Name>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was started first.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// The delivery or the event up to which everything has been looked at, oldest first.
    #[serde(skip)]
    pub cursor: Option<Uuid>,
}

impl Replay {
    /// Deliveries a second if nothing is said: enough to get somewhere, and little beside what
    /// a daemon delivers.
    pub const DEFAULT_RATE: u32 = 50;
    /// The most deliveries a second.
    pub const MAX_RATE: u32 = 1_000;

    /// Makes a move.
    ///
    /// # Errors
    /// When the replay is in a state in which there is no such move.
    pub fn make(&mut self, to: ReplayMove, now: Timestamp) -> Result<(), BadReplayMove> {
        use ReplayMove as Move;
        use ReplayState as State;
        let fits = match to {
            Move::Start => self.state == State::Ready,
            Move::Pause(_) => self.state == State::Running,
            Move::Resume => self.state == State::Paused,
            Move::Cancel | Move::Fail(_) => !self.state.is_final(),
        };
        if !fits {
            return Err(BadReplayMove { id: self.id, state: self.state, to: to.as_str() });
        }
        (self.state, self.reason) = match to {
            Move::Start | Move::Resume => (State::Running, None),
            Move::Pause(reason) => (State::Paused, reason),
            Move::Cancel => (State::Canceled, None),
            Move::Fail(reason) => (State::Failed, Some(reason)),
        };
        self.started_at = self.started_at.or((self.state == State::Running).then_some(now));
        self.finished_at = self.state.is_final().then_some(now);
        Ok(())
    }

    /// Notes that there is nothing left to look at.
    pub fn finish(&mut self, now: Timestamp) {
        self.state = ReplayState::Done;
        self.reason = None;
        self.skipped = self.found.saturating_sub(self.done);
        self.finished_at = Some(now);
    }

    /// Whose deliveries they are, if it is about one subscription.
    #[must_use]
    pub fn subscription(&self) -> Option<SubscriptionId> {
        match &self.what {
            ReplayWhat::Redeliver(what) => what.subscription,
            ReplayWhat::Backfill(what) => Some(what.subscription),
        }
    }
}

/// What is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayWhat {
    /// Deliveries that have ended, again.
    Redeliver(Redeliver),
    /// Events that a subscription has not had.
    Backfill(Backfill),
}

/// Deliveries that have ended. Those that have not are left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Redeliver {
    /// Of this subscription; of all that take events now if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionId>,
    /// That ended in one of these states.
    pub states: Vec<DeliveryState>,
    /// That ended then or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// That ended before.
    pub until: Timestamp,
    /// Of events of these types.
    pub events: TypePattern,
    /// Whose last answer had this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// Events that were taken in, for one subscription that would take them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Backfill {
    /// For whom.
    pub subscription: SubscriptionId,
    /// Of these types.
    pub events: TypePattern,
    /// From this source; from all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Name>,
    /// Taken in then or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Taken in before.
    pub until: Timestamp,
    /// Also those that the subscription has had a delivery for.
    #[serde(default)]
    pub again: bool,
}

/// How far a replay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayState {
    /// It is known how much there is to do; nothing has been done.
    Ready,
    /// Deliveries are being made.
    Running,
    /// It waits to be resumed.
    Paused,
    /// All deliveries were made.
    Done,
    /// An admin stopped it. What was made by then is delivered.
    Canceled,
    /// It cannot go on.
    Failed,
}

/// A text that is not the state of a replay.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a replay state: use ready, running, paused, done, canceled or failed")]
pub struct BadReplayState(String);

impl ReplayState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Ready, Self::Running, Self::Paused, Self::Done, Self::Canceled, Self::Failed];

    /// Whether nothing more can happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Canceled | Self::Failed)
    }

    /// In one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Canceled => "canceled",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for ReplayState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ReplayState {
    type Err = BadReplayState;
    fn from_str(text: &str) -> Result<Self, BadReplayState> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| BadReplayState(text.chars().take(40).collect()))
    }
}

/// From one state to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayMove {
    /// One that is ready begins.
    Start,
    /// One that is running stops for a while; why, if nobody asked for it.
    Pause(Option<String>),
    /// One that is paused goes on.
    Resume,
    /// One that has not ended ends.
    Cancel,
    /// One that has not ended cannot go on, and why.
    Fail(String),
}

impl ReplayMove {
    /// In one word.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pause(_) => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Fail(_) => "fail",
        }
    }
}

/// A move that a replay cannot make in its state.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the replay {id} is {state}: {}", hint(*.state, .to))]
pub struct BadReplayMove {
    id: ReplayId,
    state: ReplayState,
    to: &'static str,
}

fn hint(state: ReplayState, to: &str) -> String {
    let can = match state {
        ReplayState::Ready => "start or cancel it",
        ReplayState::Running => "pause or cancel it",
        ReplayState::Paused => "resume or cancel it",
        ReplayState::Done | ReplayState::Canceled | ReplayState::Failed => {
            return format!("it has ended, and there is nothing left to {to}; make another");
        }
    };
    format!("there is nothing to {to}; you can {can}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replay(state: ReplayState) -> Replay {
        let what = ReplayWhat::Backfill(Backfill {
            subscription: SubscriptionId::new(),
            events: TypePattern::Any,
            source: None,
            since: None,
            until: Timestamp::from_millis(5),
            again: false,
        });
        Replay {
            id: ReplayId::new(),
            what,
            rate: Replay::DEFAULT_RATE,
            state,
            reason: Some("because".into()),
            found: 3,
            done: 1,
            skipped: 0,
            left_out: BTreeMap::new(),
            asked_by: None,
            created_at: Timestamp::from_millis(5),
            started_at: None,
            finished_at: None,
            cursor: None,
        }
    }

    /// Every move from every state.
    #[test]
    fn moves() {
        use ReplayState::{Canceled, Done, Failed, Paused, Ready, Running};
        let moves = [
            (ReplayMove::Start, Running, vec![Ready]),
            (ReplayMove::Pause(None), Paused, vec![Running]),
            (ReplayMove::Resume, Running, vec![Paused]),
            (ReplayMove::Cancel, Canceled, vec![Ready, Running, Paused]),
            (ReplayMove::Fail("gone".into()), Failed, vec![Ready, Running, Paused]),
        ];
        for (to, becomes, from) in moves {
            for state in ReplayState::ALL {
                let mut replay = replay(state);
                let before = replay.clone();
                let made = replay.make(to.clone(), Timestamp::from_millis(9));
                if !from.contains(&state) {
                    let error = made.unwrap_err().to_string();
                    assert!(error.contains(&format!("is {state}: ")), "{error}");
                    assert!(error.contains(to.as_str()), "{error}");
                    assert_eq!(replay, before, "a move that is not made changes nothing");
                    continue;
                }
                assert_eq!((made, replay.state), (Ok(()), becomes));
                assert_eq!(replay.finished_at.is_some(), becomes.is_final());
                assert_eq!(replay.started_at.is_some(), becomes == Running);
                assert_eq!(replay.reason.is_some(), becomes == Failed);
            }
        }
        let mut replay = replay(Running);
        replay.finish(Timestamp::from_millis(9));
        assert_eq!((replay.state, replay.done, replay.skipped), (Done, 1, 2));
    }

    #[test]
    fn documents_say_what_is_delivered() {
        let replay = replay(ReplayState::Paused);
        let document = serde_json::to_value(&replay).unwrap();
        assert_eq!(document["backfill"]["events"], "*");
        assert_eq!(document["state"], "paused");
        assert_eq!(serde_json::from_value::<Replay>(document).unwrap(), replay);
        for state in ReplayState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert!("over".parse::<ReplayState>().unwrap_err().to_string().contains("use ready"));
    }
}
