//! How much is measured.

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How often each is measured, in turn with its yardstick; the middle one counts.
    pub rounds: usize,
    /// Posts of one measurement under full load.
    pub posts: usize,
    /// Connections that they come over.
    pub connections: usize,
    /// Commits, and posts whose acknowledgements are timed.
    pub timed: usize,
    /// Posts while an endpoint hangs, and how many come in a second.
    pub beside: (usize, f64),
    /// Events with ten pending deliveries each.
    pub backlog: usize,
    /// Deliveries that have ended.
    pub ended: usize,
    /// Subscriptions of an idle daemon.
    pub subscriptions: usize,
}

impl Size {
    /// What figures are made of.
    pub const WHOLE: Self = Self {
        rounds: 3,
        posts: 20_000,
        connections: 256,
        timed: 4_000,
        beside: (2_000, 100.0),
        backlog: 100_000,
        ended: 1_000_000,
        subscriptions: 1_000,
    };

    /// For trying whether it works: the figures mean nothing.
    pub const QUICK: Self = Self {
        rounds: 1,
        posts: 200,
        connections: 16,
        timed: 50,
        beside: (40, 20.0),
        backlog: 100,
        ended: 2_000,
        subscriptions: 20,
    };
}

/// The middle one of several values.
///
/// # Panics
/// When there are none.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
