//! Events and what was posted.

use std::sync::Arc;

use bytes::Bytes;
use hookwright_model::{Event, EventId, Name, Original, Timestamp, ticket};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{EventHead, Result, StoreError};

use super::codec::{Id, from_json, parse, to_json};
use super::pack::{pack, unpack};

/// What was posted, as it is stored.
pub(super) struct PackedOriginal {
    pub(super) headers: String,
    pub(super) body: Vec<u8>,
}

impl PackedOriginal {
    pub(super) fn pack(original: &Original) -> Result<Self> {
        // Values can be any bytes; Latin-1 keeps each of them as one character.
        let latin1 = |bytes: &[u8]| bytes.iter().map(|&byte| char::from(byte)).collect::<String>();
        let headers: Vec<_> =
            original.headers.iter().map(|(name, value)| (name, latin1(value))).collect();
        Ok(Self { headers: to_json(&headers)?, body: pack(&original.body) })
    }

    /// Returns the number of its row.
    pub(super) fn insert(&self, connection: &Connection) -> Result<i64> {
        connection
            .prepare_cached("INSERT INTO originals (headers, body) VALUES (?1, ?2)")
            .and_then(|mut statement| statement.insert(params![self.headers, self.body]))
            .map_err(StoreError::from)
    }
}

/// What is stored of an event's body.
pub(super) struct PackedData {
    pub(super) data: Vec<u8>,
    /// The ticket's, for those who look for it.
    pub(super) number: Option<String>,
}

impl PackedData {
    pub(super) fn pack(event: &Event) -> Self {
        Self { data: pack(event.data.as_bytes()), number: ticket::number(&event.data) }
    }
}

/// `data` is the event's.
pub(super) fn insert(
    connection: &Connection,
    event: &Event,
    data: &PackedData,
    original: i64,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO events (id, original, source, type, subject, occurred_at, received_at, \
             data_schema, data, upstream_name, dedupe_key, number) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                Id(event.id.uuid()),
                original,
                event.source.as_str(),
                event.event_type.as_str(),
                event.subject.as_deref(),
                event.occurred_at.millis(),
                event.received_at.millis(),
                event.data_schema.as_ref(),
                data.data,
                event.upstream_name.as_deref(),
                event.dedupe_key.as_deref(),
                data.number,
            ])
        })
        .map(drop)
        .map_err(StoreError::from)
}

pub(super) const COLUMNS: &str = "id, source, type, subject, occurred_at, received_at, data_schema, data, \
                       upstream_name, dedupe_key";
/// How many they are.
pub(super) const COLUMN_COUNT: usize = 10;

/// From the columns.
pub(super) fn event(row: &Row<'_>) -> Result<Event> {
    let text = |column: usize| row.get::<_, Option<Arc<str>>>(column).map_err(StoreError::from);
    let required = |column: usize| row.get::<_, Arc<str>>(column).map_err(StoreError::from);
    let time = |column: usize| {
        row.get::<_, i64>(column).map(Timestamp::from_millis).map_err(StoreError::from)
    };
    Ok(Event {
        id: EventId::from_uuid(row.get::<_, Id>(0)?.0),
        source: parse("an event's source", &required(1)?)?,
        event_type: parse("an event's type", &required(2)?)?,
        subject: text(3)?,
        occurred_at: time(4)?,
        received_at: time(5)?,
        data_schema: required(6)?,
        data: text_of(row.get_ref(7)?.as_blob().map_err(rusqlite::Error::from)?)?,
        upstream_name: text(8)?,
        dedupe_key: text(9)?,
    })
}

/// Packed text.
fn text_of(stored: &[u8]) -> Result<Arc<str>> {
    let bytes = unpack(stored)?;
    let text = std::str::from_utf8(&bytes);
    text.map(Arc::from).map_err(|error| StoreError::damaged("an event's data", error))
}

pub(super) fn one(connection: &Connection, id: EventId) -> Result<(Event, Original)> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS}, original FROM events WHERE id = ?1"))?;
    let found = statement
        .query_row([Id(id.uuid())], |row| Ok((event(row), row.get::<_, i64>(10)?)))
        .optional()?;
    let (event, original) = found.ok_or_else(|| StoreError::NotFound(format!("event {id}")))?;
    Ok((event?, original_of(connection, original)?))
}

/// Without what was posted.
pub(super) fn alone(connection: &Connection, id: EventId) -> Result<Event> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM events WHERE id = ?1"))?;
    let found = statement.query_row([Id(id.uuid())], |row| Ok(event(row))).optional()?;
    found.ok_or_else(|| StoreError::NotFound(format!("event {id}")))?
}

/// Without its body.
pub(super) fn head(connection: &Connection, id: EventId) -> Result<EventHead> {
    let mut statement = connection.prepare_cached(
        "SELECT source, type, subject, number, occurred_at, received_at, data_schema, \
             upstream_name, dedupe_key FROM events WHERE id = ?1",
    )?;
    let mut rows = statement.query_and_then([Id(id.uuid())], |row| {
        let text = |column: usize| row.get::<_, String>(column).map_err(StoreError::from);
        let optional = |column: usize| row.get(column).map_err(StoreError::from);
        let time = |column: usize| row.get::<_, i64>(column).map(Timestamp::from_millis);
        Ok(EventHead {
            id,
            source: parse("an event's source", &text(0)?)?,
            event_type: parse("an event's type", &text(1)?)?,
            subject: optional(2)?,
            ticket: optional(3)?,
            occurred_at: time(4)?,
            received_at: time(5)?,
            data_schema: text(6)?,
            upstream_name: optional(7)?,
            dedupe_key: optional(8)?,
        })
    })?;
    rows.next().unwrap_or_else(|| Err(StoreError::NotFound(format!("event {id}"))))
}

fn original_of(connection: &Connection, number: i64) -> Result<Original> {
    let (headers, body) = connection
        .prepare_cached("SELECT headers, body FROM originals WHERE id = ?1")
        .and_then(|mut statement| {
            statement.query_row([number], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
            })
        })?;
    original_of_row(&headers, &body)
}

/// From its two columns.
pub(super) fn original_of_row(headers: &str, body: &[u8]) -> Result<Original> {
    let headers: Vec<(String, String)> = from_json("a post's headers", headers)?;
    let bytes = |text: String| {
        let byte = |c: char| u8::try_from(u32::from(c)).unwrap_or(b'?');
        text.chars().map(byte).collect::<Vec<u8>>()
    };
    let headers = headers.into_iter().map(|(name, value)| (name, bytes(value)));
    Ok(Original { headers: headers.collect(), body: Bytes::from(unpack(body)?.into_owned()) })
}

pub(super) fn last_received_at(connection: &Connection) -> Result<Option<Timestamp>> {
    let mut statement =
        connection.prepare_cached("SELECT received_at FROM events ORDER BY id DESC LIMIT 1")?;
    let last = statement.query_row([], |row| row.get::<_, i64>(0)).optional()?;
    Ok(last.map(Timestamp::from_millis))
}

/// The newest event of a source about something.
pub(super) fn last(connection: &Connection, source: &Name, subject: &str) -> Result<Option<Event>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM events WHERE source = ?1 AND subject = ?2 \
         ORDER BY id DESC LIMIT 1"
    ))?;
    let found = statement.query_row([source.as_str(), subject], |row| Ok(event(row))).optional()?;
    found.transpose()
}
