//! Figures in rows, as tables show them.

use hookwright_model::Timestamp;
use serde::Serialize;

use crate::statistics::report::{Columns, Quantiles, Report, Series};

/// What happened within a step, or within all of them.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    /// When the step began.
    at: Option<Timestamp>,
    events: u64,
    rejects: u64,
    delivered: u64,
    failed: u64,
    unknown: u64,
    skipped: u64,
    canceled: u64,
    attempts: u64,
    attempts_failed: u64,
}

/// How long something took: a key of a text, and microseconds.
#[derive(Debug, Serialize)]
pub(super) struct Quantile {
    key: &'static str,
    p50: Option<u64>,
    p95: Option<u64>,
    p99: Option<u64>,
}

/// Where attempts failed.
#[derive(Debug, Serialize)]
pub(super) struct Destination {
    /// None for all others together.
    name: Option<String>,
    pub(super) failed: u64,
    attempts: u64,
}

impl Row {
    /// Those in which something happened, newest first.
    pub(super) fn all(report: &Report) -> Vec<Self> {
        let Some(Series { columns, .. }) = report.series.first() else { return Vec::new() };
        let number = |column: &Option<Vec<u64>>, place: usize| {
            column.as_ref().and_then(|column| column.get(place)).copied().unwrap_or(0)
        };
        let row = |(place, seconds): (usize, &i64)| {
            let Columns { events, rejects, delivered, failed, unknown, skipped, .. } = columns;
            let row = Self {
                at: None,
                events: number(events, place),
                rejects: number(rejects, place),
                delivered: number(delivered, place),
                failed: number(failed, place),
                unknown: number(unknown, place),
                skipped: number(skipped, place),
                canceled: number(&columns.canceled, place),
                attempts: number(&columns.attempts, place),
                attempts_failed: number(&columns.attempts_failed, place),
            };
            let at = Some(Timestamp::from_millis(seconds.saturating_mul(1_000)));
            (row != Self::default()).then_some(Self { at, ..row })
        };
        report.times.iter().enumerate().rev().filter_map(row).collect()
    }

    pub(super) fn total(report: &Report) -> Self {
        let totals = &report.totals;
        let number = |number: Option<u64>| number.unwrap_or(0);
        Self {
            at: None,
            events: number(totals.events),
            rejects: number(totals.rejects),
            delivered: number(totals.delivered),
            failed: number(totals.failed),
            unknown: number(totals.unknown),
            skipped: number(totals.skipped),
            canceled: number(totals.canceled),
            attempts: number(totals.attempts),
            attempts_failed: number(totals.attempts_failed),
        }
    }
}

impl Quantile {
    pub(super) fn all(report: &Report) -> [Self; 2] {
        let of = |key, quantiles: Option<Quantiles>| {
            let Quantiles { p50, p95, p99 } = quantiles.unwrap_or_default();
            let [p50, p95, p99] = [p50, p95, p99].map(|millis| millis.map(micros));
            Self { key, p50, p95, p99 }
        };
        [
            of("overview-attempt", report.totals.latency_ms),
            of("overview-until-delivered", report.totals.delivered_after_ms),
        ]
    }
}

fn micros(millis: f64) -> u64 {
    // Whole microseconds, as they were measured.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a span")]
    let micros = (millis * 1e3).round() as u64;
    micros
}

impl Destination {
    /// Those where attempts failed, with most first.
    pub(super) fn all(report: &Report) -> Vec<Self> {
        let all = report.series.iter().map(|series| Self {
            name: series.name.clone(),
            failed: series.totals.attempts_failed.unwrap_or(0),
            attempts: series.totals.attempts.unwrap_or(0),
        });
        let mut all: Vec<_> = all.filter(|one| one.failed > 0).collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.failed));
        all
    }
}
