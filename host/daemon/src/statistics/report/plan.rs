//! What is asked for, and whether that is not too much.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use hookwright_model::{Step, SubjectKind, Timestamp};
use hookwright_store::Span;
use serde::{Deserialize, Serialize};

/// The most steps of one series: the minutes of two days, and a few.
pub const MAX_POINTS: usize = 3_000;
/// The most steps of each of several series: the hours of 30 days, and a few.
pub const MAX_POINTS_EACH: usize = 800;
/// What is chosen if nothing is said has no more steps than this: as many as a plot has room for.
const GOOD_POINTS: usize = 400;
/// The time if nothing is said.
const USUAL: Duration = Duration::from_secs(86_400);

/// What has a series of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = StatisticsBy)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// All together.
    #[default]
    None,
    /// Each subscription.
    Subscription,
    /// Each source.
    Source,
    /// Each destination.
    Destination,
}

impl By {
    /// Whose figures are looked at.
    #[must_use]
    pub fn kind(self) -> Option<SubjectKind> {
        match self {
            Self::None => None,
            Self::Subscription => Some(SubjectKind::Subscription),
            Self::Source => Some(SubjectKind::Source),
            Self::Destination => Some(SubjectKind::Destination),
        }
    }
}

impl FromStr for By {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "none" => Self::None,
            "subscription" => Self::Subscription,
            "source" => Self::Source,
            "destination" => Self::Destination,
            other => {
                let shown: String = other.chars().take(40).collect();
                let use_ = "use none, subscription, source or destination";
                return Err(format!("`{shown}` is none of what figures are kept by: {use_}"));
            }
        })
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Over which time.
    pub span: Span,
    /// What has a series of its own.
    pub by: By,
}

/// Why it is not answered: which parameter is to be changed, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The parameter.
    pub parameter: &'static str,
    /// What is wrong, and what to do.
    pub detail: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.parameter, self.detail)
    }
}

impl Ask {
    /// The last day, if not said otherwise, in steps that fit.
    ///
    /// # Errors
    /// When there is nothing between the moments, or too much, or figures are not kept so finely.
    pub fn new(
        (since, until): (Option<Timestamp>, Option<Timestamp>),
        step: Option<Step>,
        by: By,
        now: Timestamp,
    ) -> Result<Self, Refused> {
        let refused = |parameter, detail| Err(Refused { parameter, detail });
        let until = until.unwrap_or(now).min(Step::Day.end(now));
        let since = since.unwrap_or_else(|| until.before(USUAL));
        if since >= until {
            let detail = format!("{since} is not before `until`, which is {until}");
            return refused("since", detail);
        }
        let most = if by == By::None { MAX_POINTS } else { MAX_POINTS_EACH };
        let Some(step) = step else {
            let fits = |step: &Step| {
                let points = Span::new(*step, since, until).steps().len();
                is_kept(*step, since, now) && points <= GOOD_POINTS
            };
            let step = Step::ALL.into_iter().find(fits).unwrap_or(Step::Day);
            return Self::within(step, since, until, by, now, most);
        };
        if step != Step::Day && !is_kept(step, since, now) {
            let first = step.end(now.before(step.kept()));
            let detail = format!(
                "figures by the {step} are kept from {first} on: ask for what came later, or with \
                 `step=auto`"
            );
            return refused("since", detail);
        }
        Self::within(step, since, until, by, now, most)
    }

    fn within(
        step: Step,
        since: Timestamp,
        until: Timestamp,
        by: By,
        now: Timestamp,
        most: usize,
    ) -> Result<Self, Refused> {
        // Before that there is nothing.
        let since = since.max(now.before(step.kept()));
        let span = Span::new(step, since.min(until), until);
        let points = span.steps().len();
        if points > most {
            let detail = format!(
                "{points} steps are more than {most}: ask for a shorter time, or with `step=auto`"
            );
            return Err(Refused { parameter: "step", detail });
        }
        Ok(Self { span, by })
    }
}

fn is_kept(step: Step, since: Timestamp, now: Timestamp) -> bool {
    step.start(since) >= step.start(now.before(step.kept()))
}
