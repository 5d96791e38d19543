//! Deliveries that follow each other: who is behind whom, and whose turn it is next.

use hookwright_model::{Delivery, DeliveryId, Lane, SubscriptionId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::Result;

use super::codec::Id;

/// What is shown of a delivery that is not due because of another.
const BEHIND: &str = "waits for an earlier delivery to end, as the subscription's `order` says";

/// A place in a lane.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    /// Greater than that of everyone before it.
    pub(super) turn: Option<i64>,
    /// Whether there is anyone before it.
    pub(super) behind: bool,
}

impl Place {
    pub(super) fn reason(self) -> Option<&'static str> {
        self.behind.then_some(BEHIND)
    }
}

/// The end of the line that a new delivery stands in.
pub(super) fn join(connection: &Connection, delivery: &Delivery) -> Result<Place> {
    let Some(lane) = delivery.lane.filter(|_| !delivery.state.is_final()) else {
        return Ok(Place::default());
    };
    let last: Option<i64> = connection
        .prepare_cached(
            "SELECT max(turn) FROM deliveries \
             WHERE subscription = ?1 AND lane = ?2 AND turn IS NOT NULL",
        )?
        .query_row(params![Id(delivery.subscription_id.uuid()), lane.as_bytes()], |row| {
            row.get(0)
        })?;
    Ok(Place { turn: Some(last.map_or(0, |last| last + 1)), behind: last.is_some() })
}

/// Steps out of the line, and lets the next go.
pub(super) fn leave(connection: &Connection, id: DeliveryId, now: Timestamp) -> Result<()> {
    let left = connection
        .prepare_cached(
            "UPDATE deliveries SET turn = NULL WHERE id = ?1 AND turn IS NOT NULL \
             RETURNING subscription, lane",
        )?
        .query_row([Id(id.uuid())], |row| Ok((row.get::<_, Id>(0)?, row.get(1)?)))
        .optional()?;
    let Some((subscription, lane)) = left else { return Ok(()) };
    next(connection, subscription, &lane, now)
}

/// Those that failed are in nobody's way any more.
pub(super) fn skip_failed(
    connection: &Connection,
    subscription: SubscriptionId,
    now: Timestamp,
) -> Result<()> {
    let subscription = Id(subscription.uuid());
    let lanes = connection
        .prepare_cached(
            "UPDATE deliveries SET turn = NULL \
             WHERE subscription = ?1 AND turn IS NOT NULL AND state IN (3, 6) RETURNING lane",
        )?
        .query_map([subscription], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<[u8; Lane::LENGTH]>>>()?;
    lanes.iter().try_for_each(|lane| next(connection, subscription, lane, now))
}

/// Whoever is first now is due, if it was behind another.
fn next(
    connection: &Connection,
    subscription: Id,
    lane: &[u8; Lane::LENGTH],
    now: Timestamp,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE deliveries SET next_attempt_at = ?3, reason = NULL WHERE id = \
                 (SELECT id FROM deliveries \
                      WHERE subscription = ?1 AND lane = ?2 AND turn IS NOT NULL \
                      ORDER BY turn LIMIT 1) \
             AND state = 0 AND next_attempt_at IS NULL",
        )?
        .execute(params![subscription, lane, now.millis()])?;
    Ok(())
}
