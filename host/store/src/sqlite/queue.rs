//! Deliveries on their way: taken in, claimed, worked on, recorded.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hookwright_model::{
    Attempt, Delivery, DeliveryId, DeliveryState, Event, EventId, Name, Timestamp,
};
use rusqlite::{Connection, OptionalExtension, named_params, params};

use crate::{Earlier, Lease, NewRequest, Once, Post, Progress, Result, StoreError, Work};

use super::codec::{AttemptRow, Id, attempt_to_row, request_to_row, state_number, to_json};
use super::events::PackedOriginal;
use super::pack::pack;
use super::{deliveries, events, once};

const PENDING: i64 = 0;
const RUNNING: i64 = 1;

/// A post, as it is stored.
pub(super) struct Accepted {
    original: PackedOriginal,
    events: Vec<PackedEvent>,
    lease: Option<Lease>,
}

/// An event, its data packed.
struct PackedEvent {
    event: Arc<Event>,
    data: Vec<u8>,
    deliveries: Vec<PackedDelivery>,
    once: Option<Once>,
}

impl Accepted {
    pub(super) fn pack(post: Post) -> Result<Self> {
        let events = post.events.into_iter().map(|new| {
            let data = pack(new.event.data.as_bytes());
            let deliveries = new.deliveries.into_iter().map(PackedDelivery::pack);
            let deliveries = deliveries.collect::<Result<_>>()?;
            Ok(PackedEvent { event: new.event, data, deliveries, once: new.once })
        });
        Ok(Self {
            original: PackedOriginal::pack(&post.original)?,
            events: events.collect::<Result<_>>()?,
            lease: post.lease,
        })
    }

    pub(super) fn insert(&self, connection: &Connection) -> Result<Vec<Option<Earlier>>> {
        let mut original = None;
        let insert = |PackedEvent { event, data, deliveries, once }: &PackedEvent| {
            if let Some(once) = once {
                if let Some(earlier) = once::earlier(connection, event, *once)? {
                    return Ok(Some(earlier));
                }
                once::note(connection, event, *once, deliveries.len())?;
            }
            let original = match original {
                Some(original) => original,
                None => *original.insert(self.original.insert(connection)?),
            };
            events::insert(connection, event, data, original)?;
            for delivery in deliveries {
                delivery.insert(connection, self.lease)?;
            }
            Ok(None)
        };
        self.events.iter().map(insert).collect()
    }
}

/// A new delivery, with the requests that it may have from the start.
struct PackedDelivery {
    delivery: Delivery,
    requests: Vec<PackedRequest>,
}

impl PackedDelivery {
    fn pack(delivery: Delivery) -> Result<Self> {
        let requests = delivery.requests.iter().flatten().zip(0..);
        let requests = requests.map(|(request, position)| {
            PackedRequest::pack(&NewRequest { position, revision: 0, request: Arc::clone(request) })
        });
        Ok(Self { requests: requests.collect::<Result<_>>()?, delivery })
    }

    fn insert(&self, connection: &Connection, lease: Option<Lease>) -> Result<()> {
        insert(connection, &self.delivery, lease)?;
        self.requests.iter().try_for_each(|request| request.insert(connection, self.delivery.id))
    }
}

/// A request, as it is stored.
struct PackedRequest {
    position: u32,
    revision: u32,
    head: String,
    body: Vec<u8>,
}

impl PackedRequest {
    fn pack(new: &NewRequest) -> Result<Self> {
        let (head, body) = request_to_row(&new.request)?;
        Ok(Self { position: new.position, revision: new.revision, head, body })
    }

    fn insert(&self, connection: &Connection, delivery: DeliveryId) -> Result<()> {
        connection
            .prepare_cached("INSERT INTO requests VALUES (?1, ?2, ?3, ?4, ?5)")
            .and_then(|mut statement| {
                statement.execute(params![
                    Id(delivery.uuid()),
                    self.position,
                    self.revision,
                    self.head,
                    self.body
                ])
            })
            .map(drop)
            .map_err(StoreError::from)
    }
}

/// Inserts a new delivery, claimed already if there is a lease.
fn insert(connection: &Connection, delivery: &Delivery, lease: Option<Lease>) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO deliveries (id, event, subscription, parent, follow_up, state, \
             created_at, next_attempt_at, lease_owner, lease_until, finished_at, reason, \
             connection) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    let lease = lease.filter(|_| !delivery.state.is_final());
    let state = if lease.is_some() { RUNNING } else { state_number(delivery.state) };
    let follow_up = delivery.follow_up.as_ref().map(to_json).transpose()?;
    statement.execute(params![
        Id(delivery.id.uuid()),
        Id(delivery.event_id.uuid()),
        Id(delivery.subscription_id.uuid()),
        delivery.parent.map(|parent| Id(parent.uuid())),
        follow_up,
        state,
        delivery.created_at.millis(),
        delivery.next_attempt_at.map(Timestamp::millis),
        lease.map(|lease| Id(lease.owner.0)),
        lease.map(|lease| lease.until.millis()),
        delivery.finished_at.map(Timestamp::millis),
        delivery.reason,
        delivery.connection.as_ref().map(Name::as_str),
    ])?;
    Ok(())
}

pub(super) fn claim(
    connection: &Connection,
    now: Timestamp,
    lease: Lease,
    limit: usize,
) -> Result<Vec<Work>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    // Those whose worker is gone come first: they have waited longest.
    let mut statement = connection.prepare_cached(
        "UPDATE deliveries SET state = 1, lease_owner = :owner, lease_until = :until \
             WHERE id IN (SELECT id FROM ( \
                 SELECT * FROM (SELECT id, lease_until AS due FROM deliveries \
                     WHERE state = 1 AND lease_until <= :now AND lease_owner <> :owner \
                     ORDER BY lease_until LIMIT :limit) \
                 UNION ALL \
                 SELECT * FROM (SELECT id, next_attempt_at AS due FROM deliveries \
                     WHERE state = 0 AND next_attempt_at <= :now ORDER BY next_attempt_at \
                     LIMIT :limit)) \
                 ORDER BY due LIMIT :limit) \
             RETURNING id",
    )?;
    let ids = statement
        .query_map(
            named_params! {
                ":owner": Id(lease.owner.0),
                ":until": lease.until.millis(),
                ":now": now.millis(),
                ":limit": limit,
            },
            |row| row.get::<_, Id>(0),
        )
        .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)?;
    let mut seen: HashMap<EventId, (Arc<Event>, _)> = HashMap::new();
    let mut claimed = ids
        .into_iter()
        .map(|id| {
            let (delivery, _) = deliveries::one(connection, DeliveryId::from_uuid(id.0))?;
            // The subscriptions of one event are often claimed together.
            let (event, original) = match seen.get(&delivery.event_id) {
                Some(found) => found.clone(),
                None => {
                    let (event, original) = events::one(connection, delivery.event_id)?;
                    let found = (Arc::new(event), Arc::new(original));
                    seen.insert(delivery.event_id, found.clone());
                    found
                }
            };
            Ok(Work { delivery, event, original })
        })
        .collect::<Result<Vec<_>>>()?;
    claimed.sort_by_key(|work| (work.delivery.next_attempt_at, work.delivery.id));
    Ok(claimed)
}

pub(super) fn renew(connection: &Connection, lease: Lease) -> Result<()> {
    connection
        .execute(
            "UPDATE deliveries SET lease_until = ?2 WHERE state = 1 AND lease_owner = ?1",
            params![Id(lease.owner.0), lease.until.millis()],
        )
        .map(drop)
        .map_err(StoreError::from)
}

pub(super) fn release_all(connection: &Connection, now: Timestamp) -> Result<u64> {
    // What was being worked on was due, whatever the clock says now.
    connection
        .execute(
            "UPDATE deliveries SET state = 0, lease_owner = NULL, lease_until = NULL, \
             next_attempt_at = min(ifnull(next_attempt_at, ?1), ?1) WHERE state = 1",
            params![now.millis()],
        )
        .map(|count| count as u64)
        .map_err(StoreError::from)
}

pub(super) fn bring_forward(connection: &Connection, now: Timestamp, by: Duration) -> Result<u64> {
    let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    connection
        .execute(
            "UPDATE deliveries SET next_attempt_at = next_attempt_at - ?2 \
             WHERE state = 0 AND next_attempt_at > ?1",
            params![now.millis(), by],
        )
        .map(|count| count as u64)
        .map_err(StoreError::from)
}

pub(super) fn next_due(connection: &Connection) -> Result<Option<Timestamp>> {
    connection
        .prepare_cached("SELECT min(next_attempt_at) FROM deliveries WHERE state = 0")
        .and_then(|mut statement| statement.query_row([], |row| row.get::<_, Option<i64>>(0)))
        .map(|due| due.map(Timestamp::from_millis))
        .map_err(StoreError::from)
}

/// A delivery's progress, as it is stored.
pub(super) struct Recorded {
    progress: Arc<Progress>,
    requests: Vec<PackedRequest>,
    attempt: Option<AttemptRow>,
    follow_ups: Vec<PackedDelivery>,
    transform: Option<String>,
}

impl Recorded {
    pub(super) fn pack(progress: Arc<Progress>) -> Result<Self> {
        let requests = progress.new_requests.iter().map(PackedRequest::pack);
        let attempt =
            progress.attempt.as_ref().map(|attempt| attempt_row(attempt, &progress.delivery));
        let follow_ups = progress.follow_ups.iter().cloned().map(PackedDelivery::pack);
        Ok(Self {
            requests: requests.collect::<Result<_>>()?,
            attempt: attempt.transpose()?,
            follow_ups: follow_ups.collect::<Result<_>>()?,
            transform: progress.delivery.transform.as_ref().map(to_json).transpose()?,
            progress,
        })
    }

    pub(super) fn write(&self, connection: &Connection) -> Result<()> {
        let delivery = &self.progress.delivery;
        for request in &self.requests {
            request.insert(connection, delivery.id)?;
        }
        if let (Some(attempt), Some(row)) = (&self.progress.attempt, &self.attempt) {
            insert_attempt(connection, attempt, row)?;
        }
        for follow_up in &self.follow_ups {
            follow_up.insert(connection, None)?;
        }
        update(connection, &self.progress, self.transform.as_deref())
    }
}

fn update(connection: &Connection, progress: &Progress, transform: Option<&str>) -> Result<()> {
    let delivery = &progress.delivery;
    let lease = progress.lease.filter(|_| !delivery.state.is_final());
    let state = match (delivery.state, lease) {
        (_, Some(_)) => RUNNING,
        (DeliveryState::Running, None) => PENDING,
        (state, None) => state_number(state),
    };
    let received = progress.attempt.as_ref().and_then(|attempt| attempt.received.as_ref());
    // A delivery that was canceled meanwhile stays canceled; what was tried is noted all the
    // same.
    connection
        .prepare_cached(
            "UPDATE deliveries SET state = ?2, digest = ?3, position = ?4, resends = ?5, \
             counted = ?6, attempts = ?7, next_attempt_at = ?8, lease_owner = ?9, \
             lease_until = ?10, finished_at = ?11, reason = ?12, remote_id = ?13, \
             last_status = ifnull(?14, last_status), transform = ifnull(?15, transform), \
             tried_since = ?16, connection = ifnull(?17, connection) \
             WHERE id = ?1 AND state IN (0, 1)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                Id(delivery.id.uuid()),
                state,
                delivery.digest.map(|digest| digest.as_bytes().to_vec()),
                delivery.position,
                delivery.resends,
                delivery.counted,
                delivery.attempts,
                delivery.next_attempt_at.map(Timestamp::millis),
                lease.map(|lease| Id(lease.owner.0)),
                lease.map(|lease| lease.until.millis()),
                delivery.finished_at.map(Timestamp::millis),
                delivery.reason,
                delivery.remote_id,
                received.map(|received| received.status),
                transform,
                delivery.tried_since.map(Timestamp::millis),
                delivery.connection.as_ref().map(Name::as_str),
            ])
        })
        .map(drop)
        .map_err(StoreError::from)
}

fn attempt_row(attempt: &Attempt, delivery: &Delivery) -> Result<AttemptRow> {
    let position = attempt.position as usize;
    let request = delivery.requests.as_ref().and_then(|requests| requests.get(position));
    // After a resend the delivery holds the changed request already. What was put into a token
    // was not sent as the plugin asked for it.
    let same_body = attempt.revision == delivery.resends
        && attempt.position == delivery.position
        && request
            .zip(attempt.sent.as_ref())
            .is_some_and(|(request, sent)| request.body.is_exactly(&sent.body));
    attempt_to_row(attempt, same_body)
}

fn insert_attempt(connection: &Connection, attempt: &Attempt, row: &AttemptRow) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO attempts (id, delivery, number, started_at, status, detail, sent_body, \
             received_body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                Id(attempt.id.uuid()),
                Id(attempt.delivery_id.uuid()),
                attempt.number,
                attempt.started_at.millis(),
                attempt.received.as_ref().map(|received| received.status),
                row.detail,
                row.sent_body,
                row.received_body,
            ])
        })
        .map(drop)
        .map_err(StoreError::from)
}

pub(super) fn requeue(connection: &Connection, id: DeliveryId, now: Timestamp) -> Result<()> {
    let state = connection
        .query_row("SELECT state FROM deliveries WHERE id = ?1", [Id(id.uuid())], |row| {
            row.get::<_, i64>(0)
        })
        .optional()?;
    match state {
        None => return Err(StoreError::NotFound(format!("delivery {id}"))),
        Some(PENDING | RUNNING) => {
            let message = format!("delivery {id} has not ended: it will be tried by itself");
            return Err(StoreError::Conflict(message));
        }
        Some(_) => {}
    }
    // A delivered one starts again from its first request; others from the one at which they
    // ended. Attempts go on counting, so that the journal keeps them apart.
    connection
        .execute(
            "UPDATE deliveries SET position = iif(state = 2, 0, position), \
             resends = iif(state = 2, 0, resends), state = 0, counted = 0, \
             tried_since = NULL, next_attempt_at = ?2, finished_at = NULL WHERE id = ?1",
            params![Id(id.uuid()), now.millis()],
        )
        .map(drop)
        .map_err(StoreError::from)
}
