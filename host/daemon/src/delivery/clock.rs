//! The system's clock can be set. What waits, waits until a moment by that clock; when it is set
//! back the moment is too far away, perhaps by years. A clock that nobody sets shows by how much.
//!
//! When it is set forward, what waits is tried sooner than it was put off for, once: that harms
//! nobody, and so nothing is done about it.

use std::time::Duration;

use hookwright_model::Timestamp;
use hookwright_store::Store;
use tokio::time::Instant;

/// What is less is not worth the trouble: clocks are kept right by small steps all the time.
const TRIFLE: Duration = Duration::from_secs(1);

/// Knows how late it should be.
pub(super) struct Clock {
    seen: (Timestamp, Instant),
    /// By how much it was set back since everything that waits was last brought forward.
    owed: Duration,
}

impl Clock {
    pub(super) fn new(now: Timestamp, steady: Instant) -> Self {
        Self { seen: (now, steady), owed: Duration::ZERO }
    }

    /// By how much what waits is to be brought forward, if that is worth it. It is still owed
    /// until it was [`Clock::settled`].
    pub(super) fn owed(&mut self, now: Timestamp, steady: Instant) -> Option<Duration> {
        let (then, steady_then) = self.seen;
        let should_be = then.after(steady.duration_since(steady_then));
        let behind = should_be.since(now);
        if behind >= TRIFLE {
            self.owed += behind;
        }
        self.seen = (now, steady);
        (!self.owed.is_zero()).then_some(self.owed)
    }

    pub(super) fn settled(&mut self) {
        self.owed = Duration::ZERO;
    }
}

/// Brings forward what waits if the clock was set back while no daemon ran: then the last event
/// is of the future. Only as far as is known: it may have been later than that event.
///
/// # Errors
/// When the store fails.
pub async fn catch_up(store: &dyn Store, now: Timestamp) -> hookwright_store::Result<()> {
    let last = store.last_received_at().await?;
    let behind = last.map_or(Duration::ZERO, |last| last.since(now));
    if behind >= TRIFLE {
        bring_forward(store, now, behind).await?;
    }
    Ok(())
}

pub(super) async fn bring_forward(
    store: &dyn Store,
    now: Timestamp,
    by: Duration,
) -> hookwright_store::Result<()> {
    let deliveries = store.bring_forward(now, by).await?;
    let seconds = by.as_secs_f64();
    tracing::warn!(
        seconds,
        deliveries,
        "the clock was set back; what waits is brought forward by as much"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn only_a_clock_that_is_set_back_is_noticed() {
        let (wall, steady) = (Timestamp::from_millis(1_800_000_000_000), Instant::now());
        let mut clock = Clock::new(wall, steady);
        assert_eq!(clock.owed(wall.after(SECOND), steady + SECOND), None);
        // A clock that is a little slow, and one that is corrected by a little.
        let little = Duration::from_millis(900);
        assert_eq!(clock.owed(wall.after(SECOND + little), steady + 3 * SECOND - little), None);
        let forward = wall.after(DAY);
        assert_eq!(clock.owed(forward, steady + 4 * SECOND), None);
        let back = forward.before(DAY - SECOND);
        assert_eq!(clock.owed(back, steady + 5 * SECOND), Some(DAY));
    }

    #[test]
    fn what_is_owed_stays_so_until_it_is_settled() {
        let (wall, steady) = (Timestamp::from_millis(1_800_000_000_000), Instant::now());
        let mut clock = Clock::new(wall, steady);
        assert_eq!(clock.owed(wall.before(DAY), steady), Some(DAY));
        assert_eq!(clock.owed(wall.before(DAY), steady), Some(DAY));
        assert_eq!(clock.owed(wall.before(2 * DAY), steady), Some(2 * DAY));
        clock.settled();
        assert_eq!(clock.owed(wall.before(2 * DAY), steady), None);
    }
}
