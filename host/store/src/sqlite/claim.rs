//! What is due and given to whoever works on it: found and read on a thread that reads, marked
//! on the one that writes.
//!
//! When little is due, it is taken in the order in which it became so. When much is, everyone
//! who has to bear requests gets a share, and within it what was never tried comes first: a
//! receiver that is down, with all that waits for it, stands in nobody's way.

mod sql;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use hookwright_model::{DeliveryId, DeliveryState, EventId, Timestamp};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{Due, Lease, Owner, Queue, Result, StoreError, Wanted, Work};

use super::codec::{Id, parse};
use super::{deliveries, events};

/// So many that are due are few.
const FEW: usize = 256;
/// Of what a queue may take, the part kept for what was tried before, at least: first attempts
/// do not wait for it, but it goes on.
const PART_OF_RETRIES: usize = 4;

/// What is due, read and not yet marked.
pub(super) fn due(connection: &Connection, wanted: &Wanted, owner: Owner) -> Result<Due> {
    let expired = expired(connection, wanted, owner)?;
    let few = few(connection, wanted)?;
    let (chosen, mut more) = match few {
        Some((chosen, more)) => (chosen, more),
        None => (shares(connection, wanted)?, true),
    };
    let mut works = Vec::new();
    let mut bytes = 0;
    let mut seen: HashMap<EventId, _> = HashMap::new();
    for id in expired.into_iter().chain(chosen) {
        // At least one, however large it is.
        if works.len() >= wanted.count || bytes >= wanted.bytes {
            more = true;
            break;
        }
        let (mut delivery, _) = deliveries::one(connection, id)?;
        delivery.state = DeliveryState::Running;
        // The subscriptions of one event are often claimed together.
        let (event, original) = match seen.get(&delivery.event_id) {
            Some(found) => Clone::clone(found),
            None => {
                let (event, original) = events::one(connection, delivery.event_id)?;
                let found = (Arc::new(event), Arc::new(original));
                seen.insert(delivery.event_id, found.clone());
                found
            }
        };
        let work = Work { delivery, event, original };
        bytes += work.bytes();
        works.push(work);
    }
    works.sort_by_key(|work| (work.delivery.next_attempt_at, work.delivery.id));
    Ok(Due { works, more, next: next(connection, wanted.now)? })
}

/// Marks what is still to be had. Says, in order, what was.
pub(super) fn take(
    connection: &Connection,
    ids: &[DeliveryId],
    now: Timestamp,
    lease: Lease,
) -> Result<Vec<bool>> {
    let mut statement = connection.prepare_cached(
        "UPDATE deliveries SET state = 1, lease_owner = ?2, lease_until = ?3 \
         WHERE id = ?1 AND (state = 0 AND next_attempt_at <= ?4 \
             OR state = 1 AND lease_until <= ?4 AND lease_owner <> ?2)",
    )?;
    let mut take = |id: &DeliveryId| {
        let lease = (Id(lease.owner.0), lease.until.millis());
        let taken = statement.execute(params![Id(id.uuid()), lease.0, lease.1, now.millis()])?;
        Ok(taken > 0)
    };
    ids.iter().map(&mut take).collect()
}

/// When the next is due of those that are not yet.
fn next(connection: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    let due: Option<i64> =
        connection.prepare_cached(&sql::next())?.query_row([now.millis()], |row| row.get(0))?;
    Ok(due.map(Timestamp::from_millis))
}

/// Those whose worker is gone: they have waited longest.
fn expired(connection: &Connection, wanted: &Wanted, owner: Owner) -> Result<Vec<DeliveryId>> {
    connection
        .prepare_cached(&sql::expired())?
        .query_and_then(params![wanted.now.millis(), limit(wanted.count), Id(owner.0)], id_of)?
        .collect()
}

/// Everything that is due and for whom there is room, if that is little, and whether there is
/// more for which there is none.
fn few(connection: &Connection, wanted: &Wanted) -> Result<Option<(Vec<DeliveryId>, bool)>> {
    let mut statement = connection.prepare_cached(&sql::few())?;
    let rows = statement
        .query_and_then(params![wanted.now.millis(), limit(FEW + 1)], |row| {
            Ok((id_of(row)?, queue(row.get_ref(1)?)?))
        })?
        .collect::<Result<Vec<_>>>()?;
    if rows.len() > FEW {
        return Ok(None);
    }
    let found = rows.len();
    let mut room = HashMap::new();
    let chosen: Vec<_> = rows
        .into_iter()
        .filter_map(|(id, queue)| {
            let room = room.entry(queue).or_insert_with_key(|queue| wanted.room(queue));
            *room = room.checked_sub(1)?;
            Some(id)
        })
        .collect();
    let more = chosen.len() < found;
    Ok(Some((chosen, more)))
}

/// Of each queue its share, whoever waits longest first.
fn shares(connection: &Connection, wanted: &Wanted) -> Result<Vec<DeliveryId>> {
    let mut queues = Vec::new();
    let mut last = Value::Null;
    while let Some(key) = following(connection, &last)? {
        let room = wanted.room(&queue(ValueRef::from(&key))?);
        if room > 0 {
            let first = [false, true].map(|tried| first_due(connection, wanted.now, &key, tried));
            let [new, old] = first;
            let due = [new?, old?].into_iter().flatten().min();
            queues.extend(due.map(|due| (due, key.clone(), room)));
        }
        last = key;
    }
    queues.sort_by_key(|(due, ..)| *due);
    // Twice what would be fair: some take less than they may.
    let fair = (2 * wanted.count).div_ceil(queues.len().max(1));
    let mut shares = Vec::with_capacity(queues.len());
    for (_, key, room) in &queues {
        let room = fair.min(*room);
        let of_kind = |tried| of_queue(connection, wanted.now, key, tried, room);
        shares.push(merged(of_kind(false)?, of_kind(true)?, room).into_iter());
    }
    // In turn, so that whoever is not reached this time has had its turn too.
    let mut chosen = Vec::new();
    while chosen.len() < wanted.count {
        let before = chosen.len();
        chosen.extend(shares.iter_mut().filter_map(Iterator::next));
        if chosen.len() == before {
            break;
        }
    }
    Ok(chosen)
}

/// First attempts, and at least every fourth a later one while there are any.
fn merged(new: Vec<DeliveryId>, old: Vec<DeliveryId>, room: usize) -> Vec<DeliveryId> {
    let (mut new, mut old) = (new.into_iter(), old.into_iter());
    let mut merged = Vec::with_capacity(room);
    while merged.len() < room {
        let later = merged.len() % PART_OF_RETRIES == PART_OF_RETRIES - 1;
        let next = if later {
            old.next().or_else(|| new.next())
        } else {
            new.next().or_else(|| old.next())
        };
        let Some(next) = next else { break };
        merged.push(next);
    }
    merged
}

/// The queue after this one in which something waits, found by its place in the index.
fn following(connection: &Connection, last: &Value) -> Result<Option<Value>> {
    let mut statement = connection.prepare_cached(&sql::following(last))?;
    Ok(statement.query_row([last], |row| row.get(0)).optional()?)
}

fn first_due(
    connection: &Connection,
    now: Timestamp,
    queue: &Value,
    tried: bool,
) -> Result<Option<i64>> {
    let mut statement = connection.prepare_cached(&sql::first_due())?;
    let due = statement.query_row(params![queue, tried, now.millis()], |row| row.get(0));
    Ok(due.optional()?)
}

fn of_queue(
    connection: &Connection,
    now: Timestamp,
    queue: &Value,
    tried: bool,
    room: usize,
) -> Result<Vec<DeliveryId>> {
    connection
        .prepare_cached(&sql::of_queue())?
        .query_and_then(params![queue, tried, now.millis(), limit(room)], id_of)?
        .collect()
}

fn id_of(row: &Row<'_>) -> Result<DeliveryId> {
    Ok(DeliveryId::from_uuid(row.get::<_, Id>(0)?.0))
}

/// Of a connection, by its name, or of a subscription, by its id.
fn queue(key: ValueRef<'_>) -> Result<Queue> {
    match key {
        ValueRef::Text(name) => {
            parse("a connection's name", &String::from_utf8_lossy(name)).map(Queue::Connection)
        }
        ValueRef::Blob(id) => {
            let id = uuid::Uuid::from_slice(id);
            let id = id.map_err(|error| StoreError::damaged("a subscription's id", error))?;
            Ok(Queue::Subscription(hookwright_model::SubscriptionId::from_uuid(id)))
        }
        _ => Err(StoreError::damaged("a queue", "it is neither a name nor an id")),
    }
}

fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
