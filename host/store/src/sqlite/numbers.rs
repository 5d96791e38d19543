//! The numbers of subscriptions and policies. Triggers give and take them.

use hookwright_model::SubscriptionId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Numbers, Result};

use super::codec::{Id, parse};

pub(super) fn read(connection: &Connection) -> Result<Numbers> {
    // Also of those that are yet to be made.
    let sql = "SELECT subscription, number FROM subscription_numbers";
    let mut statement = connection.prepare_cached(sql)?;
    let subscriptions = statement.query_and_then([], |row| {
        Ok((SubscriptionId::from_uuid(row.get::<_, Id>(0)?.0), row.get(1)?))
    })?;
    let subscriptions = subscriptions.collect::<Result<_>>()?;
    let mut statement = connection.prepare_cached("SELECT policy, number FROM policy_numbers")?;
    let policies = statement.query_and_then([], |row| {
        Ok((parse("a policy's name", &row.get::<_, String>(0)?)?, row.get(1)?))
    })?;
    Ok(Numbers { subscriptions, policies: policies.collect::<Result<_>>()? })
}

/// Gives a subscription that is yet to be made a number that no other has.
pub(super) fn give(connection: &Connection, id: SubscriptionId, number: i64) -> Result<()> {
    // It may be kept for one that was never made.
    connection.execute(
        "DELETE FROM subscription_numbers WHERE number = ?1 \
         AND subscription NOT IN (SELECT id FROM subscriptions)",
        [number],
    )?;
    connection.execute(
        "INSERT INTO subscription_numbers (number, subscription) VALUES (?1, ?2)",
        params![number, Id(id.uuid())],
    )?;
    Ok(())
}

pub(super) fn of(connection: &Connection, subscription: SubscriptionId) -> Result<i64> {
    let id = Id(subscription.uuid());
    let sql = "SELECT number FROM subscription_numbers WHERE subscription = ?1";
    let known = connection.query_row(sql, [&id], |row| row.get(0)).optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    connection.execute("INSERT INTO subscription_numbers (subscription) VALUES (?1)", [&id])?;
    Ok(connection.last_insert_rowid())
}
