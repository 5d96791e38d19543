//! What of the queue needs somebody to look: found by indexes that hold little else, and never more
//! than is asked for.

use hookwright_model::{DeliveryId, SubscriptionId, Timestamp};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::super::codec::Id;
use crate::Result;
use crate::statistics::Waiting;

/// Named, as what is in it is rare and SQLite knows that of no index.
const IN_THE_WAY: &str = "SELECT subscription, id FROM deliveries INDEXED BY deliveries_in_the_way \
     WHERE turn IS NOT NULL AND (state = 3 OR state = 6) ORDER BY subscription, id LIMIT ?1";

/// Ids are ordered by time, so the index of states has the oldest first.
const WAITING: &str = "SELECT id, subscription, created_at FROM deliveries \
     INDEXED BY deliveries_by_state WHERE state = 0 AND id < ?1 ORDER BY id LIMIT ?2";

pub(super) fn in_the_way(
    connection: &Connection,
    limit: usize,
) -> Result<Vec<(SubscriptionId, DeliveryId)>> {
    let mut statement = connection.prepare_cached(IN_THE_WAY)?;
    let rows = statement.query_map([count(limit)], |row| {
        let (subscription, delivery) = (row.get::<_, Id>(0)?, row.get::<_, Id>(1)?);
        Ok((SubscriptionId::from_uuid(subscription.0), DeliveryId::from_uuid(delivery.0)))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn waiting(
    connection: &Connection,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<Waiting>> {
    let millis = u64::try_from(before.millis()).unwrap_or(0);
    let first = Uuid::from_u128(u128::from(millis) << 80);
    let mut statement = connection.prepare_cached(WAITING)?;
    let rows = statement.query_map(params![Id(first), count(limit)], |row| {
        Ok(Waiting {
            delivery: DeliveryId::from_uuid(row.get::<_, Id>(0)?.0),
            subscription: SubscriptionId::from_uuid(row.get::<_, Id>(1)?.0),
            created_at: Timestamp::from_millis(row.get(2)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::super::schema;
    use super::*;

    /// What SQLite does, in its own words.
    fn plan(sql: &str) -> String {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        // What is asked with makes no difference.
        for parameter in 1..=statement.parameter_count() {
            statement.raw_bind_parameter(parameter, 0).unwrap();
        }
        let mut rows = statement.raw_query();
        let mut plan = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            plan.push(row.get::<_, String>(3).unwrap());
        }
        plan.join("; ")
    }

    #[test]
    fn nothing_is_gone_through_and_nothing_sorted() {
        for (sql, index) in [
            (IN_THE_WAY, "deliveries_in_the_way"),
            (WAITING, "deliveries_by_state (state=? AND id<?)"),
            (super::super::ROWS, "PRIMARY KEY (step=? AND kind=? AND key=? AND at>? AND at<?)"),
        ] {
            let plan = plan(sql);
            assert!(plan.contains(index), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
