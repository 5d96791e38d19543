//! Deliveries on their way: taken in, claimed, worked on, recorded.

use std::sync::Arc;
use std::time::Duration;

use hookwright_model::{
    Attempt, Delivery, DeliveryId, DeliveryState, Event, Lane, Name, Timestamp,
};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Lease, NewRequest, Noted, Once, Post, Progress, Result, StoreError, TakenIn};

use super::codec::{AttemptRow, Id, attempt_to_row, request_to_row, state_number, to_json};
use super::events::PackedOriginal;
use super::lanes::Place;
use super::mails::PackedAside;
use super::{events, lanes, once};

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
    data: events::PackedData,
    deliveries: Vec<PackedDelivery>,
    once: Option<Once>,
}

impl Accepted {
    pub(super) fn pack(post: Post) -> Result<Self> {
        let events = post.events.into_iter().map(|new| {
            let data = events::PackedData::pack(&new.event);
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

    pub(super) fn insert(&self, connection: &Connection) -> Result<TakenIn> {
        let mut original = None;
        let mut waiting = Vec::new();
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
                if delivery.insert(connection, self.lease)?.behind {
                    waiting.push(delivery.delivery.id);
                }
            }
            Ok(None)
        };
        let earlier = self.events.iter().map(insert).collect::<Result<_>>()?;
        Ok(TakenIn { earlier, waiting })
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

    fn insert(&self, connection: &Connection, lease: Option<Lease>) -> Result<Place> {
        let place = lanes::join(connection, &self.delivery)?;
        insert(connection, &self.delivery, lease, place)?;
        for request in &self.requests {
            request.insert(connection, self.delivery.id)?;
        }
        Ok(place)
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

/// Adds a delivery that is to be tried when it is due, and its turn.
pub(super) fn add(connection: &Connection, delivery: &Delivery) -> Result<()> {
    insert(connection, delivery, None, lanes::join(connection, delivery)?)
}

/// Inserts a new delivery: claimed already if it is worked on and there is a lease, and due at no
/// time if it is behind another.
fn insert(
    connection: &Connection,
    delivery: &Delivery,
    lease: Option<Lease>,
    place: Place,
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO deliveries (id, event, subscription, parent, follow_up, state, \
             created_at, next_attempt_at, lease_owner, lease_until, finished_at, reason, \
             connection, lane, turn) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    let is_running = delivery.state == DeliveryState::Running && !place.behind;
    let lease = lease.filter(|_| is_running);
    let state = match (lease, delivery.state) {
        (Some(_), _) => RUNNING,
        (None, DeliveryState::Running) => PENDING,
        (None, state) => state_number(state),
    };
    let next_attempt_at = delivery.next_attempt_at.filter(|_| !place.behind);
    let follow_up = delivery.follow_up.as_ref().map(to_json).transpose()?;
    statement.execute(params![
        Id(delivery.id.uuid()),
        Id(delivery.event_id.uuid()),
        Id(delivery.subscription_id.uuid()),
        delivery.parent.map(|parent| Id(parent.uuid())),
        follow_up,
        state,
        delivery.created_at.millis(),
        next_attempt_at.map(Timestamp::millis),
        lease.map(|lease| Id(lease.owner.0)),
        lease.map(|lease| lease.until.millis()),
        delivery.finished_at.map(Timestamp::millis),
        delivery.reason.as_deref().or(place.reason()),
        delivery.connection.as_ref().map(Name::as_str),
        delivery.lane.as_ref().map(Lane::as_bytes),
        place.turn,
    ])?;
    Ok(())
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
        .prepare_cached(
            "SELECT min(next_attempt_at) FROM deliveries INDEXED BY deliveries_due WHERE state = 0",
        )
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
    aside: PackedAside,
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
            aside: PackedAside::pack(progress.aside.clone())?,
            progress,
        })
    }

    pub(super) fn write(&self, connection: &Connection) -> Result<Noted> {
        let delivery = &self.progress.delivery;
        let noted = update(connection, &self.progress, self.transform.as_deref())?;
        if noted == Noted::Nothing {
            return Ok(noted);
        }
        for request in &self.requests {
            request.insert(connection, delivery.id)?;
        }
        if let (Some(attempt), Some(row)) = (&self.progress.attempt, &self.attempt) {
            insert_attempt(connection, attempt, row)?;
        }
        for follow_up in &self.follow_ups {
            follow_up.insert(connection, None)?;
        }
        if delivery.lane.is_some() && delivery.state.is_final() && !self.progress.keeps_turn {
            let now = delivery.finished_at.unwrap_or(delivery.created_at);
            lanes::leave(connection, delivery.id, now)?;
        }
        self.aside.write(connection)?;
        Ok(noted)
    }
}

/// Says what there is to be noted: nothing of a delivery that was erased meanwhile.
fn update(connection: &Connection, progress: &Progress, transform: Option<&str>) -> Result<Noted> {
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
    let updated = connection
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
        .map_err(StoreError::from)?;
    Ok(match updated {
        0 if is_there(connection, delivery.id)? => Noted::Tried,
        0 => Noted::Nothing,
        _ => Noted::Whole,
    })
}

fn is_there(connection: &Connection, id: DeliveryId) -> Result<bool> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM deliveries WHERE id = ?1")?;
    Ok(statement.exists([Id(id.uuid())])?)
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
    let found = connection
        .query_row(
            "SELECT state, next_attempt_at FROM deliveries WHERE id = ?1",
            [Id(id.uuid())],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)),
        )
        .optional()?;
    // One that goes on by itself is left alone.
    match found {
        None => return Err(StoreError::NotFound(format!("delivery {id}"))),
        Some((PENDING, next)) => {
            let at = Timestamp::from_millis(next.unwrap_or_default()).max(now);
            let detail = format!(
                "the delivery {id} is pending: it is tried by itself at {at}. Only one that has \
                 ended can be tried again"
            );
            return Err(StoreError::Conflict(detail));
        }
        Some((RUNNING, _)) => {
            let detail = format!(
                "the delivery {id} is running: it is being worked on. Only one that has ended \
                 can be tried again"
            );
            return Err(StoreError::Conflict(detail));
        }
        Some(_) => super::keeping::check(connection, id)?,
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

pub(super) fn cancel(connection: &Connection, id: DeliveryId, now: Timestamp) -> Result<()> {
    let found = connection
        .query_row("SELECT state, turn FROM deliveries WHERE id = ?1", [Id(id.uuid())], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
        })
        .optional()?;
    match found {
        None => return Err(StoreError::NotFound(format!("delivery {id}"))),
        // One that failed while others wait for it is let go of, too.
        Some((PENDING | RUNNING, _) | (_, Some(_))) => {}
        Some(_) => {
            let message = format!("delivery {id} has ended: there is nothing to cancel");
            return Err(StoreError::Conflict(message));
        }
    }
    connection.execute(
        "UPDATE deliveries SET state = 5, next_attempt_at = NULL, lease_owner = NULL, \
         lease_until = NULL, finished_at = ?2, reason = iif(state IN (0, 1), \
         'canceled by an admin', 'canceled by an admin after: ' || ifnull(reason, '')) \
         WHERE id = ?1",
        params![Id(id.uuid()), now.millis()],
    )?;
    lanes::leave(connection, id, now)
}
