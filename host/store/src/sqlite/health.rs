//! How deliveries of subscriptions went, disabling them, and waking what waits.

use hookwright_model::{DeliveryId, Subscription, SubscriptionId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Result, StoreError, SubscriptionHealth};

use super::codec::{Id, from_json, to_json};

pub(super) fn all(connection: &Connection) -> Result<Vec<SubscriptionHealth>> {
    let mut statement = connection.prepare_cached(
        "SELECT subscription, consecutive, since, last_error, last_error_at, disabled_at, \
             test_error \
             FROM health ORDER BY subscription",
    )?;
    let rows = statement.query_and_then([], |row| {
        let time = |column: usize| {
            let millis = row.get::<_, Option<i64>>(column);
            millis.map(|millis| millis.map(Timestamp::from_millis))
        };
        Ok::<_, rusqlite::Error>(SubscriptionHealth {
            subscription: SubscriptionId::from_uuid(row.get::<_, Id>(0)?.0),
            consecutive_failures: row.get(1)?,
            failing_since: time(2)?,
            last_error: row.get(3)?,
            last_error_at: time(4)?,
            disabled_at: time(5)?,
            test_error: row.get(6)?,
        })
    })?;
    rows.map(|row| row.map_err(StoreError::from)).collect()
}

pub(super) fn keep(connection: &Connection, health: &SubscriptionHealth) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO health (subscription, consecutive, since, last_error, \
             last_error_at, disabled_at, test_error) \
             SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM subscriptions WHERE id = ?1",
    )?;
    statement.execute(params![
        Id(health.subscription.uuid()),
        health.consecutive_failures,
        health.failing_since.map(Timestamp::millis),
        health.last_error,
        health.last_error_at.map(Timestamp::millis),
        health.disabled_at.map(Timestamp::millis),
        health.test_error,
    ])?;
    Ok(())
}

pub(super) fn disable(
    connection: &Connection,
    health: &SubscriptionHealth,
    now: Timestamp,
) -> Result<()> {
    let id = Id(health.subscription.uuid());
    let document = connection
        .query_row("SELECT doc FROM subscriptions WHERE id = ?1", [&id], |row| {
            row.get::<_, String>(0)
        })
        .optional()?;
    let document = document
        .ok_or_else(|| StoreError::NotFound(format!("subscription {}", health.subscription)))?;
    let subscription: Subscription = from_json("a subscription", &document)?;
    let subscription = Subscription { enabled: false, updated_at: now, ..subscription };
    connection.execute(
        "UPDATE subscriptions SET doc = ?2 WHERE id = ?1",
        params![id, to_json(&subscription)?],
    )?;
    keep(connection, health)
}

pub(super) fn wake(
    connection: &Connection,
    waiting: &[(DeliveryId, Timestamp)],
    now: Timestamp,
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "UPDATE deliveries SET next_attempt_at = ?3 \
             WHERE id = ?1 AND state = 0 AND next_attempt_at = ?2 AND next_attempt_at > ?3",
    )?;
    for (delivery, until) in waiting {
        statement.execute(params![Id(delivery.uuid()), until.millis(), now.millis()])?;
    }
    Ok(())
}
