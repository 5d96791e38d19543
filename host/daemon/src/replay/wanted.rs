//! A replay as it is asked for.

use hookwright_model::{
    Backfill, DeliveryState, Name, Redeliver, Replay, ReplayWhat, SubscriptionId, Timestamp,
    TypePattern,
};
use http::StatusCode;
use serde::Deserialize;

use super::{Closed, can_go_on};
use crate::registry::{Held, Snapshot};
use crate::server::problem::{FieldProblem, Problem};

/// The document that asks for a replay: what, and how.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReplayWanted)]
pub struct Wanted {
    redeliver: Option<WantedRedeliver>,
    backfill: Option<WantedBackfill>,
    #[serde(default = "usual_rate")]
    rate: u32,
    #[serde(default)]
    start: bool,
}

fn usual_rate() -> u32 {
    Replay::DEFAULT_RATE
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RedeliverWanted)]
struct WantedRedeliver {
    subscription: Option<String>,
    #[serde(default = "usual_states")]
    states: Vec<DeliveryState>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    #[serde(default = "any")]
    events: TypePattern,
    status: Option<u16>,
}

fn usual_states() -> Vec<DeliveryState> {
    vec![DeliveryState::Failed, DeliveryState::Unknown]
}

fn any() -> TypePattern {
    TypePattern::Any
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BackfillWanted)]
struct WantedBackfill {
    subscription: String,
    #[serde(default = "any")]
    events: TypePattern,
    source: Option<Name>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    #[serde(default)]
    again: bool,
}

/// What is wrong, gathered.
#[derive(Default)]
struct Mistakes(Vec<FieldProblem>);

impl Mistakes {
    fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(FieldProblem { pointer: pointer.into(), detail: detail.into() });
    }
}

impl Wanted {
    /// Whether it is to be started at once.
    #[must_use]
    pub fn start(&self) -> bool {
        self.start
    }

    /// Deliveries a second.
    #[must_use]
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// What is asked for, up to this moment at most: what comes later is not in it.
    ///
    /// # Errors
    /// With all that is wrong in the document; or when nothing can be made for the subscription
    /// now.
    pub fn what(&self, snapshot: &Snapshot, now: Timestamp) -> Result<ReplayWhat, Problem> {
        let mut mistakes = Mistakes::default();
        if !(1..=Replay::MAX_RATE).contains(&self.rate) {
            let detail = format!(
                "{} is not between 1 and {} deliveries a second",
                self.rate,
                Replay::MAX_RATE
            );
            mistakes.add("/rate", detail);
        }
        let what = match (&self.redeliver, &self.backfill) {
            (Some(wanted), None) => wanted.what(snapshot, now, &mut mistakes),
            (None, Some(wanted)) => wanted.what(snapshot, now, &mut mistakes),
            _ => {
                let detail = "say what to do: either `redeliver` (deliveries that have ended, \
                              again) or `backfill` (events to a subscription that has not had \
                              them)";
                mistakes.add("", detail);
                None
            }
        };
        let what = what.filter(|_| mistakes.0.is_empty());
        let what = what.ok_or_else(|| Problem::invalid(mistakes.0))?;
        refuse_if_closed(snapshot, &what)?;
        Ok(what)
    }
}

impl WantedRedeliver {
    fn what(
        &self,
        snapshot: &Snapshot,
        now: Timestamp,
        mistakes: &mut Mistakes,
    ) -> Option<ReplayWhat> {
        if self.states.is_empty() {
            mistakes.add("/redeliver/states", "name a state, or leave `states` out");
        }
        for (position, state) in self.states.iter().enumerate() {
            if !state.is_final() {
                let detail = format!(
                    "deliveries that are {state} go on by themselves and are left alone; use \
                     delivered, failed, skipped, canceled or unknown"
                );
                mistakes.add(format!("/redeliver/states/{position}"), detail);
            }
        }
        if let Some(status) = self.status.filter(|status| !(100..=599).contains(status)) {
            let detail = format!("{status} is no status of HTTP: those are 100 to 599");
            mistakes.add("/redeliver/status", detail);
        }
        let until = until("redeliver", self.since, self.until, now, mistakes);
        let mut subscription = None;
        if let Some(name) = &self.subscription {
            subscription = Some(find(snapshot, name, "redeliver", mistakes)?);
        }
        Some(ReplayWhat::Redeliver(Redeliver {
            subscription,
            states: self.states.clone(),
            since: self.since,
            until,
            events: self.events.clone(),
            status: self.status,
        }))
    }
}

impl WantedBackfill {
    fn what(
        &self,
        snapshot: &Snapshot,
        now: Timestamp,
        mistakes: &mut Mistakes,
    ) -> Option<ReplayWhat> {
        let until = until("backfill", self.since, self.until, now, mistakes);
        Some(ReplayWhat::Backfill(Backfill {
            subscription: find(snapshot, &self.subscription, "backfill", mistakes)?,
            events: self.events.clone(),
            source: self.source.clone(),
            since: self.since,
            until,
            again: self.again,
        }))
    }
}

/// The end of the time that is asked for, which is past.
fn until(
    part: &str,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    now: Timestamp,
    mistakes: &mut Mistakes,
) -> Timestamp {
    let until = until.map_or(now, |until| until.min(now));
    if let Some(since) = since.filter(|since| *since >= until) {
        let detail = format!("{since} is not before {until}, up to which is looked");
        mistakes.add(format!("/{part}/since"), detail);
    }
    until
}

/// A subscription by its name or its id.
fn find(
    snapshot: &Snapshot,
    text: &str,
    part: &str,
    mistakes: &mut Mistakes,
) -> Option<SubscriptionId> {
    let mut all = snapshot.configuration.subscriptions.iter();
    let by_id = text.parse::<SubscriptionId>().ok();
    let found =
        all.find(|known| known.name.as_str() == text || by_id.is_some_and(|id| known.id == id));
    if found.is_none() {
        let shown: String = text.chars().take(80).collect();
        mistakes.add(
            format!("/{part}/subscription"),
            format!("there is no subscription `{shown}`; `hookwright subscription list` shows all"),
        );
    }
    found.map(|known| known.id)
}

/// Refuses what could only wait: to a subscription that takes nothing now.
///
/// # Errors
/// Says what is in the way.
pub fn refuse_if_closed(snapshot: &Snapshot, what: &ReplayWhat) -> Result<(), Problem> {
    let Err(closed) = can_go_on(snapshot, what) else { return Ok(()) };
    let hint = match closed {
        Closed::Removed => "",
        Closed::Held(Held::Disabled) => ": enable it first",
        Closed::Held(Held::Unconfirmed) => {
            ": `hookwright subscription verify` asks for that once more"
        }
    };
    let detail = format!("{}{hint}", closed.reason());
    Err(Problem::new(StatusCode::CONFLICT, "Nothing can be delivered now", detail))
}
