//! One limit of one bucket: the generic cell rate algorithm.

use std::time::Duration;

use hookwright_model::Pace;

/// A limit, ready for use.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Limit {
    /// What one request takes up.
    pub(super) interval: Duration,
    /// How much sooner than its interval a request may come, after a rest.
    pub(super) tolerance: Duration,
    /// For people.
    pub(super) words: String,
}

impl Limit {
    pub(super) fn new(pace: &Pace) -> Self {
        // Rounded up: never more than was asked for.
        let nanos = (pace.per_s * 1e9 / f64::from(pace.count.max(1))).ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // A day has 8.64e13 nanoseconds.
        let interval = Duration::from_nanos(nanos.clamp(1.0, 8.64e13) as u64);
        let tolerance = interval.saturating_mul(pace.burst.saturating_sub(1));
        Self { interval, tolerance, words: pace.to_string() }
    }
}

/// How full a limit is.
///
/// All it keeps is a moment, `full_until`: before it, less than the whole burst is free. A
/// request is admitted at `t` if `t >= full_until - tolerance`, and then moves `full_until` to
/// `max(full_until, t) + interval`.
///
/// Never more than `burst + w / interval` requests are admitted in a while `w`: if `n` are
/// admitted from `s` to `s + w`, the first leaves `full_until >= s + interval` and each other
/// adds at least an interval, so that `full_until >= s + n * interval` after the last. The last
/// was admitted, so before it `full_until <= s + w + (burst - 1) * interval`, and after it at
/// most one interval more. Hence `n * interval <= w + burst * interval`.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    interval: Duration,
    tolerance: Duration,
    full_until: Duration,
}

impl Meter {
    pub(super) fn new(limit: &Limit) -> Self {
        let (interval, tolerance) = (limit.interval, limit.tolerance);
        Self { interval, tolerance, full_until: Duration::ZERO }
    }

    pub(super) fn is_of(&self, limit: &Limit) -> bool {
        (self.interval, self.tolerance) == (limit.interval, limit.tolerance)
    }

    /// When it admits the next request, if so many others are admitted first, each as soon as
    /// may be.
    pub(super) fn ready(&self, now: Duration, ahead: u32) -> Duration {
        let full_until = self.full_until.max(now);
        let after_those = full_until.saturating_add(self.interval.saturating_mul(ahead));
        after_those.saturating_sub(self.tolerance).max(now)
    }

    /// Takes note of a request.
    pub(super) fn take(&mut self, now: Duration) {
        self.full_until = self.full_until.max(now).saturating_add(self.interval);
    }

    /// Admits nothing before this moment, and no burst then.
    pub(super) fn close(&mut self, until: Duration) {
        self.full_until = self.full_until.max(until.saturating_add(self.tolerance));
    }

    /// Whether it is as if it were new.
    pub(super) fn is_idle(&self, now: Duration) -> bool {
        self.full_until <= now
    }
}
