//! Numbers in columns, as plots take them.

use std::collections::HashMap;

use hookwright_model::{Counts, Histogram, Timestamp};
use serde::Serialize;

use super::plan::By;

/// The figures of one, step by step.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = StatisticsSeries)]
pub struct Series {
    /// Of a subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Of a subscription, a source or a destination; none if the subscription is gone.
    pub name: Option<String>,
    /// Whether it is that of all who have none of their own here.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub others: bool,
    /// A number for each step.
    #[serde(flatten)]
    pub columns: Columns,
    /// Their sums.
    pub totals: Totals,
}

/// A number for each step. What is not counted for somebody is absent.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = StatisticsColumns)]
pub struct Columns {
    /// Deliveries that ended delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Vec<u64>>,
    /// Deliveries that were given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<Vec<u64>>,
    /// Deliveries of which it is not known whether they arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Vec<u64>>,
    /// Deliveries for which there was nothing to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Vec<u64>>,
    /// Deliveries that an admin has stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canceled: Option<Vec<u64>>,
    /// Attempts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<Vec<u64>>,
    /// Attempts that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts_failed: Option<Vec<u64>>,
    /// Events that were taken in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<u64>>,
    /// Posts that could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejects: Option<Vec<u64>>,
    /// How long attempts took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<QuantilesOver>,
    /// How long it took until what came in was delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_after_ms: Option<QuantilesOver>,
}

/// Sums. What is not counted for somebody is absent.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = StatisticsTotals)]
pub struct Totals {
    /// See [`Columns::delivered`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered: Option<u64>,
    /// See [`Columns::failed`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<u64>,
    /// See [`Columns::unknown`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<u64>,
    /// See [`Columns::skipped`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<u64>,
    /// See [`Columns::canceled`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canceled: Option<u64>,
    /// See [`Columns::attempts`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u64>,
    /// See [`Columns::attempts_failed`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts_failed: Option<u64>,
    /// See [`Columns::events`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
    /// See [`Columns::rejects`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejects: Option<u64>,
    /// See [`Columns::latency_ms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<Quantiles>,
    /// See [`Columns::delivered_after_ms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_after_ms: Option<Quantiles>,
}

/// What 50, 95 and 99 of 100 did not exceed, in milliseconds; at most an eighth too much. None if
/// there were none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = StatisticsQuantiles)]
pub struct Quantiles {
    /// Half of them.
    pub p50: Option<f64>,
    /// 95 of 100.
    pub p95: Option<f64>,
    /// 99 of 100.
    pub p99: Option<f64>,
}

/// The same, step by step.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = StatisticsQuantilesOver)]
pub struct QuantilesOver {
    /// Half of them.
    pub p50: Vec<Option<f64>>,
    /// 95 of 100.
    pub p95: Vec<Option<f64>>,
    /// 99 of 100.
    pub p99: Vec<Option<f64>>,
}

impl Quantiles {
    fn of(histogram: &Histogram) -> Self {
        let millis = |part| {
            // 53 bits hold microseconds of three hundred years.
            #[allow(clippy::cast_precision_loss, reason = "nobody waits longer")]
            let millis = |micros| micros as f64 / 1e3;
            histogram.quantile(part).map(millis)
        };
        Self { p50: millis(0.5), p95: millis(0.95), p99: millis(0.99) }
    }
}

/// What is counted of whom.
struct Has {
    deliveries: bool,
    attempts: bool,
    posts: bool,
}

impl Has {
    fn of(by: By) -> Self {
        Self {
            deliveries: matches!(by, By::None | By::Subscription),
            attempts: by != By::Source,
            posts: matches!(by, By::None | By::Source),
        }
    }
}

impl Totals {
    /// Of what is counted for these.
    #[must_use]
    pub fn new(by: By, counts: &Counts) -> Self {
        let has = Has::of(by);
        let if_ = |has: bool, number: u64| has.then_some(number);
        Self {
            delivered: if_(has.deliveries, counts.delivered),
            failed: if_(has.deliveries, counts.failed),
            unknown: if_(has.deliveries, counts.unknown),
            skipped: if_(has.deliveries, counts.skipped),
            canceled: if_(has.deliveries, counts.canceled),
            attempts: if_(has.attempts, counts.attempts),
            attempts_failed: if_(has.attempts, counts.attempts_failed),
            events: if_(has.posts, counts.events),
            rejects: if_(has.posts, counts.rejects),
            latency_ms: has.attempts.then(|| Quantiles::of(&counts.latency)),
            delivered_after_ms: has.deliveries.then(|| Quantiles::of(&counts.delivered_after)),
        }
    }
}

impl Series {
    /// From what was counted in some of the steps.
    #[must_use]
    pub fn new(
        by: By,
        id: Option<String>,
        name: Option<String>,
        steps: &[Timestamp],
        counted: &HashMap<Timestamp, Counts>,
    ) -> Self {
        let mut sum = Counts::default();
        counted.values().for_each(|counts| sum.add(counts));
        let columns = Columns::new(by, steps, counted);
        Self { id, name, others: false, columns, totals: Totals::new(by, &sum) }
    }

    pub(super) fn of_others(self) -> Self {
        Self { others: true, ..self }
    }
}

impl Columns {
    fn new(by: By, steps: &[Timestamp], counted: &HashMap<Timestamp, Counts>) -> Self {
        let has = Has::of(by);
        let none = Counts::default();
        let at = |step: &Timestamp| counted.get(step).unwrap_or(&none);
        let column = |has: bool, number: fn(&Counts) -> u64| {
            has.then(|| steps.iter().map(|step| number(at(step))).collect())
        };
        let quantiles = |has: bool, histogram: fn(&Counts) -> &Histogram| {
            has.then(|| {
                let mut over = QuantilesOver::default();
                for step in steps {
                    let Quantiles { p50, p95, p99 } = Quantiles::of(histogram(at(step)));
                    over.p50.push(p50);
                    over.p95.push(p95);
                    over.p99.push(p99);
                }
                over
            })
        };
        Self {
            delivered: column(has.deliveries, |counts| counts.delivered),
            failed: column(has.deliveries, |counts| counts.failed),
            unknown: column(has.deliveries, |counts| counts.unknown),
            skipped: column(has.deliveries, |counts| counts.skipped),
            canceled: column(has.deliveries, |counts| counts.canceled),
            attempts: column(has.attempts, |counts| counts.attempts),
            attempts_failed: column(has.attempts, |counts| counts.attempts_failed),
            events: column(has.posts, |counts| counts.events),
            rejects: column(has.posts, |counts| counts.rejects),
            latency_ms: quantiles(has.attempts, |counts| &counts.latency),
            delivered_after_ms: quantiles(has.deliveries, |counts| &counts.delivered_after),
        }
    }
}
