//! How posts were answered, and how quickly.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use serde::Serialize;

/// What became of a post.
pub(super) struct Answered {
    /// From when it was due to the end of the answer.
    pub(super) latency: Duration,
    /// The status, or why there was no answer.
    pub(super) outcome: Result<StatusCode, String>,
    /// Whether the event was known already.
    pub(super) is_repeated: bool,
    /// What a refusal said.
    pub(super) detail: Option<String>,
}

/// Of many posts.
#[derive(Default)]
pub(super) struct Tally {
    posts: u64,
    repeated: u64,
    /// Of what was acknowledged, in microseconds.
    latencies: Vec<u32>,
    statuses: BTreeMap<u16, u64>,
    /// What refusals said first, and why there was no answer.
    troubles: BTreeMap<String, u64>,
}

/// Kinds of trouble that are told apart: each of many connections may fail with another text.
const MOST_TROUBLES: usize = 10;

impl Tally {
    pub(super) fn add(&mut self, answered: Answered) {
        self.posts += 1;
        self.repeated += u64::from(answered.is_repeated);
        let trouble = match answered.outcome {
            Ok(status) => {
                *self.statuses.entry(status.as_u16()).or_default() += 1;
                if status.is_success() {
                    let micros = answered.latency.as_micros();
                    self.latencies.push(u32::try_from(micros).unwrap_or(u32::MAX));
                    return;
                }
                let detail = answered.detail.unwrap_or_else(|| "no reason is given".into());
                format!("{status}: {detail}")
            }
            Err(reason) => reason,
        };
        if self.troubles.len() < MOST_TROUBLES || self.troubles.contains_key(&trouble) {
            *self.troubles.entry(trouble).or_default() += 1;
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.posts += other.posts;
        self.repeated += other.repeated;
        self.latencies.extend(other.latencies);
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        for (trouble, count) in other.troubles {
            *self.troubles.entry(trouble).or_default() += count;
        }
    }

    pub(super) fn summary(mut self, took: Duration) -> Summary {
        self.latencies.sort_unstable();
        let acknowledged = self.latencies.len() as u64;
        let seconds = took.as_secs_f64();
        let per_second = if seconds > 0.0 { acknowledged as f64 / seconds } else { 0.0 };
        let latency_ms = (acknowledged > 0).then(|| Latencies::of(&self.latencies));
        let Self { posts, repeated, statuses, troubles, .. } = self;
        Summary {
            posts,
            acknowledged,
            repeated,
            seconds,
            per_second,
            latency_ms,
            statuses,
            troubles,
        }
    }
}

/// What is printed at the end.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    /// Sent, answered or not.
    pub(super) posts: u64,
    /// Answered with a status of 2xx: the events are on disk.
    pub(super) acknowledged: u64,
    /// Of these, events that were known already.
    pub(super) repeated: u64,
    /// From the first post to the last answer.
    pub(super) seconds: f64,
    /// Acknowledged in a second.
    pub(super) per_second: f64,
    /// Of what was acknowledged; absent if nothing was.
    pub(super) latency_ms: Option<Latencies>,
    /// How many answers had each status.
    pub(super) statuses: BTreeMap<u16, u64>,
    /// What went wrong, and how often.
    pub(super) troubles: BTreeMap<String, u64>,
}

/// In milliseconds.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Latencies {
    pub(super) p50: f64,
    pub(super) p90: f64,
    pub(super) p99: f64,
    pub(super) max: f64,
}

impl Latencies {
    /// `sorted` are microseconds, and not empty.
    fn of(sorted: &[u32]) -> Self {
        let within = |share: usize| {
            let rank = (sorted.len() * share).div_ceil(100).max(1);
            sorted.get(rank - 1).map_or(0.0, |micros| f64::from(*micros) / 1_000.0)
        };
        Self { p50: within(50), p90: within(90), p99: within(99), max: within(100) }
    }
}

impl Summary {
    /// In lines of a name and a value.
    pub(super) fn rows(&self) -> Vec<Vec<String>> {
        let row = |name: &str, value: String| vec![name.to_owned(), value];
        let mut rows = vec![
            row("posts", self.posts.to_string()),
            row("acknowledged", format!("{} ({:.0} a second)", self.acknowledged, self.per_second)),
            row("took", format!("{:.2} s", self.seconds)),
        ];
        if self.repeated > 0 {
            rows.push(row("known already", self.repeated.to_string()));
        }
        if let Some(latency) = &self.latency_ms {
            let Latencies { p50, p90, p99, max } = latency;
            let text =
                format!("p50 {p50:.1} ms, p90 {p90:.1} ms, p99 {p99:.1} ms, max {max:.1} ms");
            rows.push(row("latency", text));
        }
        for (status, count) in &self.statuses {
            rows.push(row(&format!("status {status}"), count.to_string()));
        }
        for (trouble, count) in &self.troubles {
            rows.push(row("trouble", format!("{count} times: {trouble}")));
        }
        rows
    }
}
