//! Erasing what holds a trace of somebody.

use hookwright_model::{EventId, Name, RejectId};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use serde::Deserialize;
use uuid::Uuid;

use crate::keeping::{Counts, Erased, Found, FoundRejects, Sought, Trace};
use crate::{Result, StoreError};

use super::super::codec::Id;
use super::super::pack::unpack;
use super::traces::Needle;
use super::{file, remove_delivery, remove_event};

/// Events that are looked at in one batch.
const LOOKED_AT: i64 = 500;
/// Bytes after which a batch of reading ends, so that others can read too.
const MAX_READ: usize = 4 << 20;
/// Rows after which a batch of erasing ends.
const MAX_ROWS: u64 = 100;
/// Pages that became free after which it ends, half a MiB.
const MAX_PAGES: u64 = 64;

pub(super) fn find(
    connection: &Connection,
    sought: &Sought,
    after: Option<EventId>,
) -> Result<Found> {
    let source = sought.source.as_ref().map(Name::as_str);
    match &sought.trace {
        Trace::Subject(subject) => about(connection, source, subject),
        Trace::Ticket(number) => by_number(connection, source, number, after),
        Trace::Person(text) => holding(connection, source, &Needle::folded(text), after),
        Trace::Text(text) => holding(connection, source, &Needle::exact(text), after),
    }
}

/// All events about something.
fn about(connection: &Connection, source: Option<&str>, subject: &str) -> Result<Found> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM events WHERE subject = ?2 AND (?1 IS NULL OR source = ?1)",
    )?;
    let ids = statement.query_map(params![source, subject], id)?;
    let events = ids.collect::<rusqlite::Result<_>>()?;
    Ok(Found { events, next: None })
}

fn id(row: &Row<'_>) -> rusqlite::Result<EventId> {
    row.get::<_, Id>(0).map(|id| EventId::from_uuid(id.0))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    ticket: Ticket,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ticket {
    number: Option<serde_json::Value>,
}

/// Events of a ticket, also those that do not say its number.
fn by_number(
    connection: &Connection,
    source: Option<&str>,
    number: &str,
    after: Option<EventId>,
) -> Result<Found> {
    batch(connection, source, after, |event, read| {
        let row = connection
            .prepare_cached("SELECT data, source, subject FROM events WHERE id = ?1")?
            .query_row([Id(event.uuid())], |row| {
                let subject = row.get::<_, Option<String>>(2)?;
                Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?, subject))
            });
        let Some((data, source, subject)) = optional(row)? else { return Ok(Vec::new()) };
        let data = unpack(&data)?;
        *read += data.len();
        // CloudEvents can hold anything.
        let data: Data = serde_json::from_slice(&data).unwrap_or_default();
        let said = data.ticket.number.map(|number| match number {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        });
        let is_it = said.as_deref().or(subject.as_deref()) == Some(number);
        match subject.filter(|_| is_it) {
            Some(subject) => Ok(about(connection, Some(&source), &subject)?.events),
            None => Ok(if is_it { vec![event] } else { Vec::new() }),
        }
    })
}

/// Events that hold a text, they or what belongs to them.
fn holding(
    connection: &Connection,
    source: Option<&str>,
    needle: &Needle,
    after: Option<EventId>,
) -> Result<Found> {
    batch(connection, source, after, |event, read| {
        Ok(if holds(connection, event, needle, read)? { vec![event] } else { Vec::new() })
    })
}

/// Looks at the next events; `found` gives those to be erased because of one, and counts what it
/// read.
fn batch(
    connection: &Connection,
    source: Option<&str>,
    after: Option<EventId>,
    mut found: impl FnMut(EventId, &mut usize) -> Result<Vec<EventId>>,
) -> Result<Found> {
    let start = after.map_or(Uuid::nil(), EventId::uuid);
    let mut statement = connection.prepare_cached(
        "SELECT id FROM events WHERE id > ?1 AND (?2 IS NULL OR source = ?2) ORDER BY id LIMIT ?3",
    )?;
    let events = statement
        .query_map(params![Id(start), source, LOOKED_AT], id)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut all = Found::default();
    let mut read = 0;
    for event in &events {
        all.events.extend(found(*event, &mut read)?);
        if read >= MAX_READ {
            all.next = Some(*event);
            return Ok(all);
        }
    }
    let is_last = i64::try_from(events.len()).is_ok_and(|count| count < LOOKED_AT);
    all.next = events.last().copied().filter(|_| !is_last);
    Ok(all)
}

/// Every column in which there are words of others, for one event.
const TEXTS: [&str; 5] = [
    "SELECT subject, upstream_name, dedupe_key, data FROM events WHERE id = ?1",
    "SELECT headers, body FROM originals WHERE id = (SELECT original FROM events WHERE id = ?1)",
    "SELECT reason, remote_id, transform, follow_up FROM deliveries WHERE event = ?1",
    "SELECT r.head, r.body FROM deliveries d JOIN requests r ON r.delivery = d.id \
     WHERE d.event = ?1",
    "SELECT a.detail, a.sent_body, a.received_body FROM deliveries d \
     JOIN attempts a ON a.delivery = d.id WHERE d.event = ?1",
];

fn holds(
    connection: &Connection,
    event: EventId,
    needle: &Needle,
    read: &mut usize,
) -> Result<bool> {
    for sql in TEXTS {
        let mut statement = connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query([Id(event.uuid())])?;
        while let Some(row) = rows.next()? {
            if is_in_row(row, 0..columns, needle, read)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Blobs are packed bodies, others text.
fn is_in_row(
    row: &Row<'_>,
    columns: std::ops::Range<usize>,
    needle: &Needle,
    read: &mut usize,
) -> Result<bool> {
    for column in columns {
        let found = match row.get_ref(column)? {
            ValueRef::Text(text) => {
                *read += text.len();
                needle.is_in(text)
            }
            ValueRef::Blob(packed) => {
                let body = unpack(packed)?;
                *read += body.len();
                needle.is_in(&body)
            }
            _ => false,
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn find_rejects(
    connection: &Connection,
    sought: &Sought,
    after: Option<RejectId>,
) -> Result<FoundRejects> {
    let needle = match &sought.trace {
        Trace::Person(text) => Needle::folded(text),
        Trace::Text(text) => Needle::exact(text),
        // What could not be read says nothing of its ticket.
        Trace::Ticket(_) | Trace::Subject(_) => return Ok(FoundRejects::default()),
    };
    let start = after.map_or(Uuid::nil(), RejectId::uuid);
    let mut statement = connection.prepare_cached(
        "SELECT id, detail, headers, body FROM rejects \
         WHERE id > ?1 AND (?2 IS NULL OR source = ?2) ORDER BY id",
    )?;
    let mut rows = statement.query(params![Id(start), sought.source.as_ref().map(Name::as_str)])?;
    let mut found = FoundRejects::default();
    let mut read = 0;
    while let Some(row) = rows.next()? {
        let id = RejectId::from_uuid(row.get::<_, Id>(0)?.0);
        if is_in_row(row, 1..4, &needle, &mut read)? {
            found.rejects.push(id);
        }
        if read >= MAX_READ {
            found.next = Some(id);
            break;
        }
    }
    Ok(found)
}

fn optional<T>(found: rusqlite::Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
        Err(error) => Err(StoreError::from(error)),
    }
}

pub(super) fn count(connection: &Connection, events: &[EventId]) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut originals = std::collections::HashSet::new();
    for event in events {
        let id = Id(event.uuid());
        let number = |sql: &str| -> Result<u64> {
            let number: i64 = connection.prepare_cached(sql)?.query_row([&id], |row| row.get(0))?;
            Ok(u64::try_from(number).unwrap_or(0))
        };
        counts += Counts {
            events: number("SELECT count(*) FROM events WHERE id = ?1")?,
            deliveries: number("SELECT count(*) FROM deliveries WHERE event = ?1")?,
            canceled: number(
                "SELECT count(*) FROM deliveries WHERE event = ?1 AND state IN (0, 1)",
            )?,
            requests: number(
                "SELECT count(*) FROM deliveries d JOIN requests r ON r.delivery = d.id \
                 WHERE d.event = ?1",
            )?,
            attempts: number(
                "SELECT count(*) FROM deliveries d JOIN attempts a ON a.delivery = d.id \
                 WHERE d.event = ?1",
            )?,
            ..Counts::default()
        };
        let original = connection
            .prepare_cached("SELECT original FROM events WHERE id = ?1")?
            .query_row([&id], |row| row.get::<_, i64>(0));
        originals.extend(optional(original)?);
    }
    counts.originals = originals.len() as u64;
    Ok(counts)
}

pub(super) fn erase(
    connection: &Connection,
    events: &[EventId],
    rejects: &[RejectId],
) -> Result<Erased> {
    let mut erased = Erased::default();
    for reject in rejects {
        let mut statement = connection.prepare_cached("DELETE FROM rejects WHERE id = ?1")?;
        erased.counts.rejects += statement.execute([Id(reject.uuid())])? as u64;
    }
    let free = file::number(connection, "freelist_count")?;
    for (number, event) in events.iter().enumerate() {
        let counts = &erased.counts;
        let rows = counts.deliveries + counts.requests + counts.attempts + counts.events;
        let freed = file::number(connection, "freelist_count")?.saturating_sub(free);
        if rows >= MAX_ROWS || freed >= MAX_PAGES || !erase_event(connection, *event, &mut erased)?
        {
            erased.left = events[number..].to_vec();
            break;
        }
    }
    Ok(erased)
}

/// Says whether all of it fitted into the batch.
fn erase_event(connection: &Connection, event: EventId, erased: &mut Erased) -> Result<bool> {
    let id = Id(event.uuid());
    let running = connection
        .prepare_cached("SELECT 1 FROM deliveries WHERE event = ?1 AND state = 1")?
        .exists([&id])?;
    if running {
        erased.running.push(event);
    }
    // First all of them: nobody shall take up one while others are erased.
    let canceled = connection
        .prepare_cached(
            "UPDATE deliveries SET state = 5, next_attempt_at = NULL, lease_owner = NULL, \
             lease_until = NULL WHERE event = ?1 AND state IN (0, 1)",
        )?
        .execute([&id])?;
    erased.counts.canceled += canceled as u64;
    let mut statement = connection
        .prepare_cached("SELECT id FROM deliveries WHERE event = ?1 ORDER BY id DESC LIMIT ?2")?;
    let most = i64::try_from(MAX_ROWS).unwrap_or(i64::MAX);
    let deliveries = statement
        .query_map(params![id, most], |row| row.get::<_, Id>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for delivery in &deliveries {
        remove_delivery(connection, delivery, &mut erased.counts)?;
    }
    if deliveries.len() as u64 >= MAX_ROWS {
        return Ok(false);
    }
    remove_event(connection, event, &mut erased.counts)?;
    Ok(true)
}
