//! Letting go of the oldest.

use hookwright_model::{EventId, Timestamp};
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::Result;
use crate::keeping::{Counts, Swept};

use super::super::codec::Id;
use super::{file, remove_delivery, remove_event};

/// Events that are looked at in one batch.
const LOOKED_AT: i64 = 200;
/// Rows after which a batch ends, so that no one waits for it.
const MAX_ROWS: u64 = 100;
/// Pages that became free after which a batch ends, half a MiB: large bodies take their time, and
/// no more is to go than has to.
const MAX_PAGES: u64 = 64;

/// Work for its sake was finished before ?2, whatever it was, and nobody waits for what failed.
const ENDED: &str = "NOT EXISTS (SELECT 1 FROM deliveries WHERE event = ?1 \
                     AND (state IN (0, 1) OR turn IS NOT NULL OR ifnull(finished_at, created_at) >= ?2))";

/// What may go.
pub(super) struct Candidates {
    /// Oldest first.
    pub(super) ended: Vec<EventId>,
    /// After which event to go on; none at the end.
    pub(super) next: Option<EventId>,
}

/// Among the next events, those that may go now. Ids say when they were made: nothing younger is
/// looked at.
pub(super) fn candidates(
    connection: &Connection,
    before: Timestamp,
    after: Option<EventId>,
) -> Result<Candidates> {
    let after = after.map_or(Uuid::nil(), EventId::uuid);
    let mut statement = connection.prepare_cached(
        "SELECT id, received_at FROM events WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3",
    )?;
    let rows = statement
        .query_map(params![Id(after), Id(bound(before)), LOOKED_AT], |row| {
            Ok((row.get::<_, Id>(0)?, row.get::<_, i64>(1)?))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let is_last = i64::try_from(rows.len()).is_ok_and(|count| count < LOOKED_AT);
    let last = rows.last().map(|(id, _)| EventId::from_uuid(id.0));
    let mut ended = Vec::new();
    for (id, received_at) in rows {
        if received_at < before.millis() && has_ended(connection, &id, before)? {
            ended.push(EventId::from_uuid(id.0));
        }
    }
    Ok(Candidates { ended, next: last.filter(|_| !is_last) })
}

/// Comes before every id of this millisecond: their first 48 bits are the moment.
fn bound(moment: Timestamp) -> Uuid {
    Uuid::from_u128(u128::from(u64::try_from(moment.millis()).unwrap_or(0)) << 80)
}

fn has_ended(connection: &Connection, event: &Id, before: Timestamp) -> Result<bool> {
    let mut statement = connection.prepare_cached(&format!("SELECT {ENDED}"))?;
    Ok(statement.query_row(params![event, before.millis()], |row| row.get(0))?)
}

/// Lets go of these, as far as one batch goes and as nothing has begun for them meanwhile.
pub(super) fn let_go(
    connection: &Connection,
    ended: &[EventId],
    before: Timestamp,
) -> Result<Swept> {
    let mut counts = Counts::default();
    let free = file::number(connection, "freelist_count")?;
    let mut next = None;
    let mut last = None;
    for event in ended {
        let freed = file::number(connection, "freelist_count")?.saturating_sub(free);
        if rows(&counts) >= MAX_ROWS || freed >= MAX_PAGES {
            next = last;
            break;
        }
        if has_ended(connection, &Id(event.uuid()), before)?
            && !remove(connection, *event, &mut counts)?
        {
            // The rest of it comes first in the next batch.
            next = Some(last.unwrap_or_else(|| previous(*event)));
            break;
        }
        last = Some(*event);
    }
    Ok(Swept { events: counts.events, deliveries: counts.deliveries, next })
}

fn rows(counts: &Counts) -> u64 {
    counts.events + counts.originals + counts.deliveries + counts.requests + counts.attempts
}

fn previous(event: EventId) -> EventId {
    EventId::from_uuid(Uuid::from_u128(event.uuid().as_u128().saturating_sub(1)))
}

/// Removes an event, newest delivery first: a child goes before its parent. Says whether all of it
/// fitted into the batch.
fn remove(connection: &Connection, event: EventId, counts: &mut Counts) -> Result<bool> {
    let mut statement = connection
        .prepare_cached("SELECT id FROM deliveries WHERE event = ?1 ORDER BY id DESC LIMIT ?2")?;
    let most = i64::try_from(MAX_ROWS).unwrap_or(i64::MAX);
    let deliveries = statement
        .query_map(params![Id(event.uuid()), most], |row| row.get::<_, Id>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let all = deliveries.len() < usize::try_from(MAX_ROWS).unwrap_or(usize::MAX);
    for (number, delivery) in deliveries.iter().enumerate() {
        // One delivery is always made progress with.
        if number > 0 && rows(counts) >= MAX_ROWS {
            return Ok(false);
        }
        remove_delivery(connection, delivery, counts)?;
    }
    if all {
        remove_event(connection, event, counts)?;
    }
    Ok(all)
}
