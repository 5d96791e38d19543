//! What was taken in before is not taken in again.

use hookwright_model::{Event, EventId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Earlier, Once, Result, StoreError};

use super::codec::{Id, parse};

/// What became of the event when it came first, if it is known and still counts.
pub(super) fn earlier(
    connection: &Connection,
    event: &Event,
    once: Once,
) -> Result<Option<Earlier>> {
    let mut statement = connection.prepare_cached(
        "SELECT event, type, deliveries FROM once WHERE source = ?1 AND key = ?2 AND until > ?3",
    )?;
    let (source, now) = (event.source.as_str(), event.received_at.millis());
    let found = statement
        .query_row(params![source, once.key.as_bytes(), now], |row| {
            Ok((row.get::<_, Id>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
        })
        .optional()?;
    let Some((id, event_type, deliveries)) = found else { return Ok(None) };
    Ok(Some(Earlier {
        event: EventId::from_uuid(id.0),
        event_type: parse("an event's type", &event_type)?,
        deliveries: usize::try_from(deliveries).unwrap_or(0),
    }))
}

/// Notes that it was taken in.
pub(super) fn note(
    connection: &Connection,
    event: &Event,
    once: Once,
    deliveries: usize,
) -> Result<()> {
    connection
        // Replaces what no longer counts.
        .prepare_cached("INSERT OR REPLACE INTO once VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        .and_then(|mut statement| {
            statement.execute(params![
                event.source.as_str(),
                once.key.as_bytes(),
                Id(event.id.uuid()),
                event.event_type.as_str(),
                i64::try_from(deliveries).unwrap_or(i64::MAX),
                once.until.millis(),
            ])
        })
        .map(drop)
        .map_err(StoreError::from)
}
