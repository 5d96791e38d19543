//! Figures as they are asked for: series ready to plot, with their sums.

mod columns;
mod plan;
#[cfg(test)]
mod tests;

pub use columns::{Columns, Quantiles, QuantilesOver, Series, Totals};
pub use plan::{Ask, By, MAX_POINTS, MAX_POINTS_EACH, Refused};

use std::collections::HashMap;

use hookwright_model::{Counts, Step, Subject, SubjectKind, SubscriptionId, Timestamp};
use hookwright_store::StoreError;
use serde::Serialize;

use crate::app::App;

/// The most series beside that of all others together.
pub const MAX_SERIES: usize = 20;

/// Figures over a time.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Statistics)]
pub struct Report {
    /// Where the first step begins.
    pub since: Timestamp,
    /// Where the last step ends.
    pub until: Timestamp,
    /// How finely it is divided.
    pub step: Step,
    /// What has a series of its own.
    pub by: By,
    /// When each step begins, in seconds since 1970. Each column has as many numbers.
    pub times: Vec<i64>,
    /// Those with most first; then, if there are more, all others together.
    pub series: Vec<Series>,
    /// Of everything, also of what has no series here.
    pub totals: Totals,
}

/// Reads figures.
///
/// # Errors
/// When the store cannot be read.
pub async fn report(app: &App, ask: Ask) -> Result<Report, StoreError> {
    let Ask { span, by } = ask;
    let steps: Vec<_> = span.steps().collect();
    let (shown, more) = shown(app, ask).await?;
    let whose = [Subject::All].into_iter().chain(shown.iter().cloned()).collect();
    let mut found = app.store.series(whose, span).await?.into_iter();
    let all = found.next().unwrap_or_default();
    let mut totals = Counts::default();
    all.iter().for_each(|(_, counts)| totals.add(counts));
    let mut rest: HashMap<Timestamp, Counts> = all.into_iter().collect();
    let names = Names::of(app);
    let mut series = Vec::with_capacity(shown.len() + 1);
    for (subject, counts) in shown.iter().zip(found) {
        for (at, counts) in &counts {
            if let Some(rest) = rest.get_mut(at) {
                rest.subtract(counts);
            }
        }
        let (id, name) = names.get(subject);
        series.push(Series::new(by, id, name, &steps, &counts.into_iter().collect()));
    }
    if by == By::None {
        series.push(Series::new(by, None, None, &steps, &rest));
    } else if more {
        series.push(Series::new(by, None, None, &steps, &rest).of_others());
    }
    Ok(Report {
        since: span.since,
        until: span.until,
        step: span.step,
        by,
        times: steps.iter().map(|at| at.seconds()).collect(),
        series,
        totals: Totals::new(By::None, &totals),
    })
}

/// Who has a series of their own, those with most first, and whether there are others.
async fn shown(app: &App, Ask { span, by }: Ask) -> Result<(Vec<Subject>, bool), StoreError> {
    let Some(kind) = by.kind() else { return Ok((Vec::new(), false)) };
    let mut sums = app.store.sums(kind, span).await?;
    let weight = |counts: &Counts| match kind {
        SubjectKind::Source => (counts.rejects.saturating_add(counts.events), 0),
        // What fails is looked for first.
        SubjectKind::Destination => (counts.attempts_failed, counts.attempts),
        SubjectKind::All | SubjectKind::Subscription => (counts.ended(), counts.attempts),
    };
    sums.sort_by(|(a, a_counts), (b, b_counts)| {
        weight(b_counts).cmp(&weight(a_counts)).then_with(|| a.cmp(b))
    });
    let all = sums.len();
    let mut shown: Vec<_> = sums.into_iter().map(|(subject, _)| subject).collect();
    shown.retain(|subject| !matches!(subject, Subject::Destination(name) if name.is_empty()));
    shown.truncate(MAX_SERIES);
    let more = shown.len() < all;
    Ok((shown, more))
}

/// What subscriptions are called now.
struct Names(HashMap<SubscriptionId, String>);

impl Names {
    fn of(app: &App) -> Self {
        let snapshot = app.registry.snapshot();
        let all = snapshot.subscriptions.iter();
        Self(all.map(|(id, entry)| (*id, entry.subscription.name.to_string())).collect())
    }

    /// The id and the name; no name if it is gone.
    fn get(&self, subject: &Subject) -> (Option<String>, Option<String>) {
        match subject {
            Subject::All => (None, None),
            Subject::Subscription(id) => (Some(id.to_string()), self.0.get(id).cloned()),
            Subject::Source(name) => (None, Some(name.to_string())),
            Subject::Destination(name) => (None, Some(name.to_string())),
        }
    }
}
