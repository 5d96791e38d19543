//! What has arrived.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use http::StatusCode;
use serde::Serialize;

/// What has arrived.
#[derive(Default)]
pub(super) struct Count {
    requests: u64,
    bytes: u64,
    unanswered: u64,
    statuses: BTreeMap<u16, u64>,
    first: Option<Instant>,
    last: Option<Instant>,
    busiest: u64,
    told: u64,
}

impl Count {
    /// Counts a request, and says how many came before.
    pub(super) fn add(&mut self, bytes: u64, at: Instant) -> u64 {
        let before = self.requests;
        self.requests += 1;
        self.bytes += bytes;
        self.first.get_or_insert(at);
        self.last = Some(at);
        before
    }

    /// Notes what one of them is answered.
    pub(super) fn answer(&mut self, status: Option<StatusCode>) {
        match status {
            Some(status) => *self.statuses.entry(status.as_u16()).or_default() += 1,
            None => self.unanswered += 1,
        }
    }

    /// What came since this was last asked, if something did.
    pub(super) fn second(&mut self, seconds: u64) -> Option<Second> {
        let requests = self.requests - self.told;
        self.told = self.requests;
        self.busiest = self.busiest.max(requests);
        (requests > 0).then_some(Second { seconds, requests, total: self.requests })
    }

    pub(super) fn total(&mut self) -> Total {
        // The second that has just begun may be the busiest.
        self.busiest = self.busiest.max(self.requests - self.told);
        let span = self.first.zip(self.last).map(|(first, last)| last - first);
        let seconds = span.unwrap_or(Duration::ZERO).as_secs_f64();
        Total {
            requests: self.requests,
            bytes: self.bytes,
            seconds,
            per_second: if seconds > 0.0 { self.requests as f64 / seconds } else { 0.0 },
            busiest_second: self.busiest,
            statuses: self.statuses.clone(),
            unanswered: self.unanswered,
        }
    }
}

/// What came within a second.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Second {
    /// Since the receiver was started.
    pub(super) seconds: u64,
    /// In this one.
    pub(super) requests: u64,
    /// Until now.
    pub(super) total: u64,
}

/// What came in all.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Total {
    /// That were read to their end.
    pub(super) requests: u64,
    /// Of all their bodies.
    pub(super) bytes: u64,
    /// From the first to the last.
    pub(super) seconds: f64,
    /// On average; 0 if there was only one moment.
    pub(super) per_second: f64,
    /// The most within one second.
    pub(super) busiest_second: u64,
    /// How many were answered with each status.
    pub(super) statuses: BTreeMap<u16, u64>,
    /// How many were left hanging.
    pub(super) unanswered: u64,
}

impl Total {
    /// In lines of a name and a value.
    pub(super) fn rows(&self) -> Vec<Vec<String>> {
        let row = |name: &str, value: String| vec![name.to_owned(), value];
        let mut rows = vec![
            row("requests", self.requests.to_string()),
            row("bytes", self.bytes.to_string()),
            row("from first to last", format!("{:.2} s", self.seconds)),
            row("a second", format!("{:.0}, at most {}", self.per_second, self.busiest_second)),
        ];
        for (status, count) in &self.statuses {
            rows.push(row(&format!("answered {status}"), count.to_string()));
        }
        if self.unanswered > 0 {
            rows.push(row("not answered", self.unanswered.to_string()));
        }
        rows
    }
}
