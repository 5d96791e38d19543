//! Deliveries and attempts, as the journal shows them.

use std::collections::HashMap;
use std::sync::Arc;

use hookwright_model::request::{Part, Template};
use hookwright_model::{
    Attempt, AttemptId, Delivery, DeliveryId, Digest, EventId, Lane, Request, SubscriptionId,
    Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{DeliverySummary, Result, StoreError};

use super::codec::{
    AttemptRow, Id, attempt_from_row, from_json, parse, request_from_row, state_of,
};
use super::pack::unpack;

const SUMMARY: &str = "d.id, d.event, e.type, e.source, e.subject, d.subscription, s.name, \
                       d.parent, d.state, d.attempts, d.created_at, d.next_attempt_at, \
                       d.finished_at, d.reason, d.last_status, d.connection";
/// Read by its name, so that it can stand anywhere.
const TICKET: &str = "e.number AS ticket";
const FROM: &str = "deliveries d JOIN events e ON e.id = d.event \
                    LEFT JOIN subscriptions s ON s.id = d.subscription";

fn summary(row: &Row<'_>) -> Result<DeliverySummary> {
    let id = |column: usize| row.get::<_, Id>(column).map(|id| id.0).map_err(StoreError::from);
    let text = |column: usize| row.get::<_, Option<String>>(column).map_err(StoreError::from);
    let required = |column: usize| row.get::<_, String>(column).map_err(StoreError::from);
    let name = text(6)?.map(|name| parse("a subscription's name", &name)).transpose()?;
    let parent = row.get::<_, Option<Id>>(7)?;
    let connection = text(15)?.map(|name| parse("a connection's name", &name));
    Ok(DeliverySummary {
        id: DeliveryId::from_uuid(id(0)?),
        event_id: EventId::from_uuid(id(1)?),
        event_type: parse("an event's type", &required(2)?)?,
        source: parse("an event's source", &required(3)?)?,
        subject: text(4)?,
        ticket: row.get("ticket")?,
        subscription_id: SubscriptionId::from_uuid(id(5)?),
        subscription: name,
        parent: parent.map(|parent| DeliveryId::from_uuid(parent.0)),
        connection: connection.transpose()?,
        state: state_of(row.get(8)?)?,
        attempts: row.get(9)?,
        created_at: time(row, 10)?.unwrap_or_default(),
        next_attempt_at: time(row, 11)?,
        finished_at: time(row, 12)?,
        reason: text(13)?,
        status: row.get(14)?,
    })
}

fn time(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>> {
    let millis = row.get::<_, Option<i64>>(column)?;
    Ok(millis.map(Timestamp::from_millis))
}

pub(super) fn one(connection: &Connection, id: DeliveryId) -> Result<(Delivery, DeliverySummary)> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {SUMMARY}, d.follow_up, d.digest, d.position, d.resends, d.counted, \
             d.remote_id, d.transform, d.tried_since, d.lane, {TICKET} FROM {FROM} WHERE d.id = ?1"
    ))?;
    let found = statement.query_row([Id(id.uuid())], |row| Ok(delivery(row))).optional()?;
    let (mut delivery, summary) =
        found.ok_or_else(|| StoreError::NotFound(format!("delivery {id}")))??;
    delivery.requests = current_requests(connection, id)?;
    Ok((delivery, summary))
}

fn delivery(row: &Row<'_>) -> Result<(Delivery, DeliverySummary)> {
    let summary = summary(row)?;
    let text = |column: usize| row.get::<_, Option<String>>(column).map_err(StoreError::from);
    let follow_up = text(16)?.map(|doc| from_json("a follow-up", &doc)).transpose()?;
    let digest = row.get::<_, Option<[u8; 32]>>(17)?;
    let transform = text(22)?.map(|doc| from_json("a plugin's call", &doc)).transpose()?;
    let delivery = Delivery {
        id: summary.id,
        event_id: summary.event_id,
        subscription_id: summary.subscription_id,
        parent: summary.parent,
        follow_up,
        connection: summary.connection.clone(),
        lane: row.get::<_, Option<_>>(24)?.map(Lane::from_bytes),
        state: summary.state,
        requests: None,
        digest: digest.map(Digest::from_bytes),
        position: row.get(18)?,
        resends: row.get(19)?,
        counted: row.get(20)?,
        tried_since: time(row, 23)?,
        attempts: summary.attempts,
        created_at: summary.created_at,
        next_attempt_at: summary.next_attempt_at,
        finished_at: summary.finished_at,
        reason: summary.reason.clone(),
        remote_id: text(21)?,
        transform,
    };
    Ok((delivery, summary))
}

/// Every revision of every request of a delivery.
pub(super) fn all_requests(
    connection: &Connection,
    delivery: DeliveryId,
) -> Result<Vec<((u32, u32), Request)>> {
    let mut statement = connection.prepare_cached(
        "SELECT position, revision, head, body FROM requests WHERE delivery = ?1 \
             ORDER BY position, revision",
    )?;
    let rows = statement.query_and_then([Id(delivery.uuid())], |row| {
        let place = (row.get(0)?, row.get(1)?);
        let head: String = row.get(2)?;
        let body = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
        Ok((place, request_from_row(&head, body)?))
    })?;
    rows.collect()
}

/// The newest revision of each.
fn current_requests(connection: &Connection, id: DeliveryId) -> Result<Option<Vec<Arc<Request>>>> {
    let mut current: Vec<Arc<Request>> = Vec::new();
    for ((position, _), request) in all_requests(connection, id)? {
        let position = position as usize;
        if position < current.len() {
            current[position] = Arc::new(request);
        } else {
            current.push(Arc::new(request));
        }
    }
    Ok(Some(current).filter(|requests| !requests.is_empty()))
}

/// Without its requests.
pub(super) fn head(connection: &Connection, id: DeliveryId) -> Result<DeliverySummary> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {SUMMARY}, {TICKET} FROM {FROM} WHERE d.id = ?1"))?;
    let found = statement.query_row([Id(id.uuid())], |row| Ok(summary(row))).optional()?;
    found.ok_or_else(|| StoreError::NotFound(format!("delivery {id}")))?
}

pub(super) fn attempts(
    connection: &Connection,
    id: DeliveryId,
    after: u32,
    limit: usize,
) -> Result<Vec<Attempt>> {
    let requests: HashMap<_, _> = all_requests(connection, id)?.into_iter().collect();
    let mut statement = connection.prepare_cached(
        "SELECT id, number, started_at, status, detail, sent_body, received_body \
             FROM attempts WHERE delivery = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_and_then(params![Id(id.uuid()), after, limit], |row| {
        let columns = (
            AttemptId::from_uuid(row.get::<_, Id>(0)?.0),
            id,
            row.get(1)?,
            time(row, 2)?.unwrap_or_default(),
            row.get(3)?,
        );
        let bodies =
            AttemptRow { detail: row.get(4)?, sent_body: row.get(5)?, received_body: row.get(6)? };
        attempt_from_row(columns, bodies, |position, revision| {
            requests.get(&(position, revision)).map(|request| fixed_bytes(&request.body))
        })
    })?;
    rows.collect()
}

/// The beginning of what came back last.
pub(super) fn last_answer(
    connection: &Connection,
    id: DeliveryId,
    most: usize,
) -> Result<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached(
        "SELECT received_body FROM attempts WHERE delivery = ?1 ORDER BY number DESC LIMIT 1",
    )?;
    let stored: Option<Option<Vec<u8>>> =
        statement.query_row([Id(id.uuid())], |row| row.get(0)).optional()?;
    let Some(stored) = stored.flatten() else { return Ok(None) };
    let body = unpack(&stored)?;
    Ok(Some(body.get(..most).unwrap_or(&body).to_vec()))
}

/// The bytes of a template in which nothing is left to fill in.
fn fixed_bytes(template: &Template) -> Vec<u8> {
    let parts = template.0.iter().map(|part| match part {
        Part::Text(text) => text.as_bytes(),
        Part::Bytes(bytes) => bytes,
        _ => &[],
    });
    parts.collect::<Vec<_>>().concat()
}
