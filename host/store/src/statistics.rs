//! Figures over time, and what of the queue needs somebody to look.

use async_trait::async_trait;
use hookwright_model::{Counts, DeliveryId, Step, Subject, SubjectKind, SubscriptionId, Timestamp};

use crate::Result;

/// The part of a store that an overview is read from.
#[async_trait]
pub trait Overview: Send + Sync + 'static {
    /// Adds to the figures: for each, to its minute, its hour and its day. Those of all are given
    /// with the others; deliveries that were canceled are found and added here.
    async fn add_counts(&self, counted: Vec<Counted>) -> Result<()>;

    /// Sums of what was counted within a span of time, for everyone of a kind of whom there is
    /// something.
    async fn sums(&self, kind: SubjectKind, span: Span) -> Result<Vec<(Subject, Counts)>>;

    /// What was counted, step by step, for each of these; steps in which nothing was are left out.
    async fn series(
        &self,
        subjects: Vec<Subject>,
        span: Span,
    ) -> Result<Vec<Vec<(Timestamp, Counts)>>>;

    /// Everyone of a kind for whom figures are kept.
    async fn counted(&self, kind: SubjectKind) -> Result<Vec<Subject>>;

    /// Lets go of figures that are older than is kept of their step.
    async fn forget_counts(&self, now: Timestamp) -> Result<()>;

    /// Deliveries that failed and that others wait for, as their subscription's order says: at most
    /// so many, the oldest of each subscription first.
    async fn in_the_way(&self, limit: usize) -> Result<Vec<(SubscriptionId, DeliveryId)>>;

    /// The oldest deliveries that are pending and were made before this moment, at most so many.
    async fn waiting(&self, before: Timestamp, limit: usize) -> Result<Vec<Waiting>>;
}

/// What was counted within a minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Whose it is.
    pub subject: Subject,
    /// When; any moment within the minute.
    pub at: Timestamp,
    /// How much.
    pub counts: Counts,
}

/// A span of time, in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How finely it is divided.
    pub step: Step,
    /// Where the first step begins.
    pub since: Timestamp,
    /// Where the last one ends.
    pub until: Timestamp,
}

impl Span {
    /// So much of the time between these moments as there is, and the rest of the first and the
    /// last step.
    #[must_use]
    pub fn new(step: Step, since: Timestamp, until: Timestamp) -> Self {
        Self { step, since: step.start(since), until: step.end(until) }
    }

    /// When each step begins.
    pub fn steps(self) -> impl ExactSizeIterator<Item = Timestamp> {
        let count = self.until.since(self.since).as_millis() / self.step.length().as_millis();
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let (since, step) = (self.since.millis(), self.step.millis());
        (0..count).map(move |number| {
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            Timestamp::from_millis(since.saturating_add(step.saturating_mul(number)))
        })
    }

    /// The same time in steps as coarse as they can be: where it begins and ends in finer ones.
    #[must_use]
    pub fn coarsest(self) -> Vec<Self> {
        let mut spans = Vec::new();
        self.divide(&mut spans);
        spans
    }

    fn divide(self, spans: &mut Vec<Self>) {
        let Some(coarser) = self.step.coarser() else { return spans.push(self) };
        let (first, last) = (coarser.end(self.since), coarser.start(self.until));
        if first >= last {
            return spans.push(self);
        }
        let ends = [Self { until: first, ..self }, Self { since: last, ..self }];
        spans.extend(ends.into_iter().filter(|end| end.since < end.until));
        Self { step: coarser, since: first, until: last }.divide(spans);
    }
}

/// A delivery that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The delivery.
    pub delivery: DeliveryId,
    /// For whom.
    pub subscription: SubscriptionId,
    /// When it was made.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64, minutes: i64) -> Timestamp {
        Timestamp::from_millis((hours * 60 + minutes) * 60_000)
    }

    #[test]
    fn a_span_is_divided_as_coarsely_as_it_can_be() {
        let span = Span::new(Step::Minute, at(22, 30), at(75, 10));
        let mut parts = span.coarsest();
        parts.sort_by_key(|part| part.since);
        let part = |step, since, until| Span { step, since, until };
        assert_eq!(
            parts,
            [
                part(Step::Minute, at(22, 30), at(23, 0)),
                part(Step::Hour, at(23, 0), at(24, 0)),
                part(Step::Day, at(24, 0), at(72, 0)),
                part(Step::Hour, at(72, 0), at(75, 0)),
                part(Step::Minute, at(75, 0), at(75, 10)),
            ]
        );
        assert_eq!(span.steps().len(), 52 * 60 + 40);
        assert_eq!(span.steps().last(), Some(at(75, 9)));
        let short = Span::new(Step::Minute, at(0, 10), at(0, 20));
        assert_eq!(short.coarsest(), [short]);
    }
}
