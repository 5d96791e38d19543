//! Redacting what has ended.
//!
//! An event is read and gone through beside all others; only what changed is then written, if
//! nothing has begun for it meanwhile.

use std::time::Duration;

use hookwright_model::{Age, Delivery, DeliveryId, EventId, Name, Request, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::keeping::{Place, Redactor};
use crate::{Result, StoreError};

use super::super::codec::{AttemptRow, Id, attempt_to_row, request_to_row, to_json};
use super::super::events::{PackedData, PackedOriginal};
use super::super::{deliveries, events};
use super::REDACTION;

/// Events that are gone through in one batch.
const BATCH: i64 = 20;
/// Events that a walk puts on the list at once.
const STRIDE: i64 = 200;
/// When what cannot be read is tried again.
const DAMAGED_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// In the place of the event that a walk has come to, when it has come to the end.
const DONE: &[u8] = b"done";

/// Begins a walk through everything that is kept.
pub(super) fn start(connection: &Connection) -> Result<()> {
    let from: &[u8] = b"";
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", params![REDACTION, from])?;
    Ok(())
}

fn walked(connection: &Connection) -> Result<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    let walked = statement.query_row([REDACTION], |row| row.get::<_, Vec<u8>>(0)).optional()?;
    Ok(walked.filter(|walked| walked != DONE))
}

pub(super) fn is_walking(connection: &Connection) -> Result<bool> {
    Ok(walked(connection)?.is_some())
}

/// Puts the next events on the list. Says whether there were any.
pub(super) fn walk(connection: &Connection) -> Result<bool> {
    let Some(after) = walked(connection)? else { return Ok(false) };
    let next = connection
        .prepare_cached("SELECT id FROM events WHERE id > ?1 ORDER BY id LIMIT ?2")?
        .query_map(params![after, STRIDE], |row| row.get::<_, Vec<u8>>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for event in &next {
        connection
            .prepare_cached("INSERT OR IGNORE INTO to_redact VALUES (?1, 0)")?
            .execute([event])?;
    }
    let walked = next.last().map_or(DONE, Vec::as_slice);
    connection
        .prepare_cached("UPDATE meta SET value = ?2 WHERE key = ?1")?
        .execute(params![REDACTION, walked])?;
    Ok(!next.is_empty())
}

pub(super) fn due(connection: &Connection, now: Timestamp) -> Result<Vec<EventId>> {
    let mut statement = connection
        .prepare_cached("SELECT event FROM to_redact WHERE due <= ?1 ORDER BY due LIMIT ?2")?;
    let ids = statement.query_map(params![now.millis(), BATCH], |row| row.get::<_, Id>(0))?;
    Ok(ids.map(|id| id.map(|id| EventId::from_uuid(id.0))).collect::<rusqlite::Result<_>>()?)
}

/// Whether what an event needs for its deliveries is needed no more.
enum Need {
    Ended,
    Until(Timestamp),
    /// Till something happens.
    Open,
}

fn need(connection: &Connection, event: EventId, failed_after: Age) -> Result<Need> {
    let (open, failed) = connection
        .prepare_cached(
            "SELECT ifnull(sum(state IN (0, 1)), 0), \
             max(iif(state IN (3, 6), ifnull(finished_at, created_at), NULL)) \
             FROM deliveries WHERE event = ?1",
        )?
        .query_row([Id(event.uuid())], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
        })?;
    Ok(match (open, failed, failed_after) {
        (0, None, _) => Need::Ended,
        (0, Some(failed), Age::For(age)) => Need::Until(Timestamp::from_millis(failed).after(age)),
        _ => Need::Open,
    })
}

/// What is to be done for one event.
pub(super) struct Plan {
    event: EventId,
    step: Step,
}

enum Step {
    /// It is gone, or is not to be redacted until something happens.
    Leave,
    Later(Timestamp),
    Write(Box<Changes>),
}

/// How much has happened for an event.
type Stamp = (i64, i64, Option<i64>);

fn stamp(connection: &Connection, event: EventId) -> Result<Stamp> {
    Ok(connection
        .prepare_cached(
            "SELECT count(*), ifnull(sum(attempts), 0), max(finished_at) FROM deliveries \
             WHERE event = ?1",
        )?
        .query_row([Id(event.uuid())], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
}

/// Of which delivery, at which position and revision; head and body.
type RequestRow = (DeliveryId, (u32, u32), String, Vec<u8>);

/// Rows, as they will be.
#[derive(Default)]
struct Changes {
    stamp: Stamp,
    data: Option<PackedData>,
    original: Option<PackedOriginal>,
    requests: Vec<RequestRow>,
    attempts: Vec<(DeliveryId, u32, AttemptRow)>,
    deliveries: Vec<(Delivery, Option<String>, Option<String>)>,
    /// Whether it can be delivered no more.
    is_spoiled: bool,
}

/// Goes through an event and all that belongs to it.
pub(super) fn plan(
    connection: &Connection,
    event: EventId,
    now: Timestamp,
    redactor: &dyn Redactor,
) -> Result<Plan> {
    let failed_after = redactor.failed_after();
    let is_needed = |event| match need(connection, event, failed_after) {
        Ok(Need::Until(until)) if until <= now => Ok(Need::Ended),
        other => other,
    };
    let step = match is_needed(event)? {
        Need::Open => Step::Leave,
        Need::Until(until) => Step::Later(until),
        Need::Ended => match changes(connection, event, redactor, is_needed) {
            Ok(changes) => Step::Write(Box::new(changes)),
            Err(StoreError::NotFound(_)) => Step::Leave,
            Err(error) => return Err(error),
        },
    };
    Ok(Plan { event, step })
}

fn changes(
    connection: &Connection,
    id: EventId,
    redactor: &dyn Redactor,
    is_needed: impl Fn(EventId) -> Result<Need>,
) -> Result<Changes> {
    let mut changes = Changes { stamp: stamp(connection, id)?, ..Changes::default() };
    let (mut event, mut original) = events::one(connection, id)?;
    // What was posted is shared with the other events in it.
    let mut is_shared = false;
    for other in others(connection, id)? {
        is_shared |= !matches!(is_needed(other)?, Need::Ended);
    }
    if !is_shared && redactor.original(&event.source, &mut original) {
        changes.original = Some(PackedOriginal::pack(&original)?);
    }
    let source = event.source.clone();
    if redactor.event(&mut event) {
        changes.data = Some(PackedData::pack(&event));
    }
    for delivery in of_event(connection, id)? {
        one_delivery(connection, delivery, &source, redactor, &mut changes)?;
    }
    changes.is_spoiled |= changes.data.is_some() || changes.original.is_some();
    Ok(changes)
}

fn others(connection: &Connection, event: EventId) -> Result<Vec<EventId>> {
    let mut statement = connection.prepare_cached(
        "SELECT other.id FROM events JOIN events other ON other.original = events.original \
         WHERE events.id = ?1 AND other.id <> ?1",
    )?;
    let ids = statement.query_map([Id(event.uuid())], |row| row.get::<_, Id>(0))?;
    Ok(ids.map(|id| id.map(|id| EventId::from_uuid(id.0))).collect::<rusqlite::Result<_>>()?)
}

fn of_event(connection: &Connection, event: EventId) -> Result<Vec<DeliveryId>> {
    let mut statement = connection.prepare_cached("SELECT id FROM deliveries WHERE event = ?1")?;
    let ids = statement.query_map([Id(event.uuid())], |row| row.get::<_, Id>(0))?;
    Ok(ids.map(|id| id.map(|id| DeliveryId::from_uuid(id.0))).collect::<rusqlite::Result<_>>()?)
}

fn one_delivery(
    connection: &Connection,
    id: DeliveryId,
    source: &Name,
    redactor: &dyn Redactor,
    changes: &mut Changes,
) -> Result<()> {
    let (mut delivery, summary) = deliveries::one(connection, id)?;
    let place = Place { source, subscription: summary.subscription.as_ref() };
    let attempts = deliveries::attempts(connection, id, 0, usize::MAX)?;
    let mut requests = deliveries::all_requests(connection, id)?;
    for (at, request) in &mut requests {
        if redactor.request(place, request) {
            let (head, body) = request_to_row(request)?;
            changes.requests.push((id, *at, head, body));
            changes.is_spoiled = true;
        }
    }
    for mut attempt in attempts {
        if redactor.attempt(place, &mut attempt) {
            let at = (attempt.position, attempt.revision);
            let request = requests.iter().find(|(place, _)| *place == at);
            let same = |(_, request): &(_, Request)| {
                attempt.sent.as_ref().is_some_and(|sent| request.body.is_exactly(&sent.body))
            };
            let row = attempt_to_row(&attempt, request.is_some_and(same))?;
            changes.attempts.push((id, attempt.number, row));
        }
    }
    let is_undone = redactor.follow_up(place, &mut delivery);
    changes.is_spoiled |= is_undone;
    if redactor.delivery(place, &mut delivery) || is_undone {
        let transform = delivery.transform.as_ref().map(to_json).transpose()?;
        let follow_up = delivery.follow_up.as_ref().map(to_json).transpose()?;
        changes.deliveries.push((delivery, transform, follow_up));
    }
    Ok(())
}

impl Plan {
    /// Nothing for now: it is damaged.
    pub(super) fn put_off(event: EventId, now: Timestamp) -> Self {
        Self { event, step: Step::Later(now.after(DAMAGED_WAIT)) }
    }

    pub(super) fn carry_out(&self, connection: &Connection) -> Result<()> {
        let id = Id(self.event.uuid());
        match &self.step {
            Step::Later(due) => {
                let mut statement =
                    connection.prepare_cached("UPDATE to_redact SET due = ?2 WHERE event = ?1")?;
                statement.execute(params![id, due.millis()])?;
                return Ok(());
            }
            // Something has happened since it was read: it is read again.
            Step::Write(changes) if stamp(connection, self.event)? != changes.stamp => {
                return Ok(());
            }
            Step::Write(changes) => changes.write(connection, &id)?,
            Step::Leave => {}
        }
        connection.prepare_cached("DELETE FROM to_redact WHERE event = ?1")?.execute([&id])?;
        Ok(())
    }
}

impl Changes {
    fn write(&self, connection: &Connection, event: &Id) -> Result<()> {
        let execute = |sql: &str, params: &[&dyn rusqlite::ToSql]| -> Result<()> {
            connection.prepare_cached(sql)?.execute(params)?;
            Ok(())
        };
        if let Some(original) = &self.original {
            execute(
                "UPDATE originals SET headers = ?2, body = ?3 \
                 WHERE id = (SELECT original FROM events WHERE id = ?1)",
                &[event, &original.headers, &original.body],
            )?;
        }
        if let Some(PackedData { data, number }) = &self.data {
            execute(
                "UPDATE events SET data = ?2, number = ?3 WHERE id = ?1",
                &[event, data, number],
            )?;
        }
        if self.is_spoiled {
            execute("UPDATE events SET redacted = 1 WHERE id = ?1", &[event])?;
        }
        for (delivery, (position, revision), head, body) in &self.requests {
            execute(
                "UPDATE requests SET head = ?4, body = ?5 \
                 WHERE delivery = ?1 AND position = ?2 AND revision = ?3",
                &[&Id(delivery.uuid()), position, revision, head, body],
            )?;
        }
        for (delivery, number, row) in &self.attempts {
            execute(
                "UPDATE attempts SET detail = ?3, sent_body = ?4, received_body = ?5 \
                 WHERE delivery = ?1 AND number = ?2",
                &[&Id(delivery.uuid()), number, &row.detail, &row.sent_body, &row.received_body],
            )?;
        }
        for (delivery, transform, follow_up) in &self.deliveries {
            execute(
                "UPDATE deliveries SET reason = ?2, remote_id = ?3, transform = ?4, \
                 follow_up = ?5 WHERE id = ?1",
                &[
                    &Id(delivery.id.uuid()),
                    &delivery.reason,
                    &delivery.remote_id,
                    transform,
                    follow_up,
                ],
            )?;
        }
        Ok(())
    }
}

/// Refuses to deliver again what was redacted.
pub(in super::super) fn check(connection: &Connection, delivery: DeliveryId) -> Result<()> {
    let redacted = connection
        .prepare_cached(
            "SELECT e.redacted FROM deliveries d JOIN events e ON e.id = d.event WHERE d.id = ?1",
        )?
        .query_row([Id(delivery.uuid())], |row| row.get::<_, bool>(0))
        .optional()?;
    if redacted != Some(true) {
        return Ok(());
    }
    Err(StoreError::Conflict(format!(
        "delivery {delivery} cannot be sent again: what it would send was redacted"
    )))
}
