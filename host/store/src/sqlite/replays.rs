//! Jobs that deliver again.

use std::time::Duration;

use hookwright_model::{
    Backfill, Delivery, DeliveryId, DeliveryState, EventId, Redeliver, Replay, ReplayId,
    ReplayMove, ReplayState, ReplayWhat, SubscriptionId, Timestamp, TypePattern,
};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use uuid::Uuid;

use crate::{
    Page, ReplayCount, ReplayDelivery, ReplayEvent, ReplayFilter, ReplayStep, Result, StoreError,
};

use super::codec::{Id, from_json, parse, state_number, state_of, to_json};
use super::{events, queue};

fn number(state: ReplayState) -> i64 {
    match state {
        ReplayState::Ready => 0,
        ReplayState::Running => 1,
        ReplayState::Paused => 2,
        ReplayState::Done => 3,
        ReplayState::Canceled => 4,
        ReplayState::Failed => 5,
    }
}

pub(super) fn add(connection: &Connection, replay: &Replay) -> Result<()> {
    connection
        .execute(
            "INSERT INTO replays VALUES (?1, ?2, ?3, ?4)",
            params![
                Id(replay.id.uuid()),
                number(replay.state),
                to_json(replay)?,
                replay.cursor.map(Id)
            ],
        )
        .map(drop)
        .map_err(StoreError::from)
}

fn replay(row: &Row<'_>) -> Result<Replay> {
    let read: Replay = from_json("a replay", &row.get::<_, String>(0)?)?;
    let cursor = row.get::<_, Option<Id>>(1)?;
    Ok(Replay { cursor: cursor.map(|cursor| cursor.0), ..read })
}

pub(super) fn one(connection: &Connection, id: ReplayId) -> Result<Replay> {
    let mut statement =
        connection.prepare_cached("SELECT doc, cursor FROM replays WHERE id = ?1")?;
    let found = statement.query_row([Id(id.uuid())], |row| Ok(replay(row))).optional()?;
    found.ok_or_else(|| StoreError::NotFound(format!("replay {id}")))?
}

pub(super) fn list(
    connection: &Connection,
    filter: ReplayFilter,
    page: Page<ReplayId>,
) -> Result<Vec<Replay>> {
    let mut statement = connection.prepare_cached(
        "SELECT doc, cursor FROM replays WHERE (:before IS NULL OR id < :before) \
         AND (:state IS NULL OR state = :state) ORDER BY id DESC LIMIT :limit",
    )?;
    let rows = statement.query_and_then(
        named_params! {
            ":before": page.before.map(|before| Id(before.uuid())),
            ":state": filter.state.map(number),
            ":limit": i64::try_from(page.limit).unwrap_or(i64::MAX),
        },
        replay,
    )?;
    rows.collect()
}

fn write(connection: &Connection, replay: &Replay) -> Result<()> {
    let (doc, cursor) = (to_json(replay)?, replay.cursor.map(Id));
    connection
        .prepare_cached("UPDATE replays SET state = ?2, doc = ?3, cursor = ?4 WHERE id = ?1")
        .and_then(|mut statement| {
            statement.execute(params![Id(replay.id.uuid()), number(replay.state), doc, cursor])
        })
        .map(drop)
        .map_err(StoreError::from)
}

pub(super) fn make(
    connection: &Connection,
    id: ReplayId,
    to: &ReplayMove,
    now: Timestamp,
) -> Result<Replay> {
    let mut replay = one(connection, id)?;
    let made = replay.make(to.clone(), now);
    made.map_err(|error| StoreError::Conflict(error.to_string()))?;
    write(connection, &replay)?;
    Ok(replay)
}

pub(super) fn remove(connection: &Connection, id: ReplayId) -> Result<()> {
    let Replay { state, .. } = one(connection, id)?;
    if !state.is_final() {
        let detail = format!("the replay {id} is {state}: cancel it first");
        return Err(StoreError::Conflict(detail));
    }
    connection.execute("DELETE FROM replays WHERE id = ?1", [Id(id.uuid())])?;
    Ok(())
}

/// None if the replay is not running any more, or is elsewhere: then nothing is changed.
pub(super) fn step(connection: &Connection, step: &ReplayStep) -> Result<Option<Replay>> {
    let mut replay = one(connection, step.id)?;
    if replay.state != ReplayState::Running || replay.cursor != step.from {
        return Ok(None);
    }
    match &replay.what {
        ReplayWhat::Redeliver(what) => {
            for &id in &step.requeue {
                replay.done += u64::from(requeue(connection, what, id, step.now)?);
            }
        }
        ReplayWhat::Backfill(what) => {
            for delivery in &step.deliveries {
                replay.done += u64::from(deliver(connection, what, delivery)?);
            }
        }
    }
    // What ended at the moment when the replay was made may have been noted a little later.
    replay.found = replay.found.max(replay.done);
    replay.cursor = step.to;
    if step.ended {
        replay.finish(step.now);
    }
    write(connection, &replay)?;
    Ok(Some(replay))
}

/// Says whether it was still one of those that the replay is about.
fn requeue(
    connection: &Connection,
    what: &Redeliver,
    id: DeliveryId,
    now: Timestamp,
) -> Result<bool> {
    let state = connection.prepare_cached("SELECT state FROM deliveries WHERE id = ?1").and_then(
        |mut statement| statement.query_row([Id(id.uuid())], |row| row.get::<_, i64>(0)).optional(),
    )?;
    let state = state.map(state_of).transpose()?;
    let fits = state.is_some_and(|state| state.is_final() && what.states.contains(&state));
    if !fits {
        return Ok(false);
    }
    match queue::requeue(connection, id, now) {
        Ok(()) => Ok(true),
        // It was redacted meanwhile.
        Err(StoreError::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Says whether the subscription has not had the event meanwhile.
fn deliver(connection: &Connection, what: &Backfill, delivery: &Delivery) -> Result<bool> {
    let fits = is_whole(connection, delivery.event_id)?
        && (what.again || !had(connection, delivery.event_id, what.subscription)?);
    if fits {
        queue::add(connection, delivery)?;
    }
    Ok(fits)
}

/// Whether the event is there as it was, and not redacted.
fn is_whole(connection: &Connection, event: EventId) -> Result<bool> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM events WHERE id = ?1 AND redacted = 0")?;
    Ok(statement.exists([Id(event.uuid())])?)
}

/// A plus keeps the planner from looking at all deliveries of the subscription for each event.
const HAD: &str = "EXISTS (SELECT 1 FROM deliveries d \
                   WHERE d.event = e.id AND +d.subscription = :subscription)";

fn had(connection: &Connection, event: EventId, subscription: SubscriptionId) -> Result<bool> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {HAD} FROM events e WHERE e.id = :event"))?;
    let found = statement
        .query_row(
            named_params! { ":event": Id(event.uuid()), ":subscription": Id(subscription.uuid()) },
            |row| row.get(0),
        )
        .optional()?;
    // An event that is gone cannot be delivered.
    Ok(found.unwrap_or(true))
}

/// A condition on `e.type`, and what stands for `:type` in it.
fn of_type(pattern: &TypePattern) -> (&'static str, &str) {
    match pattern {
        TypePattern::Any => (":type = ''", ""),
        TypePattern::Prefix(prefix) => ("substr(e.type, 1, length(:type)) = :type", prefix),
        TypePattern::Exact(exact) => ("e.type = :type", exact.as_str()),
    }
}

/// Those that have ended in one state.
fn of_state(what: &Redeliver, state: DeliveryState, columns: &str) -> String {
    let subscription = match what.subscription {
        Some(_) => "d.subscription = :subscription",
        None => ":subscription IS NULL",
    };
    let (of_type, _) = of_type(&what.events);
    format!(
        "SELECT {columns} FROM deliveries d JOIN events e ON e.id = d.event \
         WHERE d.state = {} AND e.redacted = 0 AND {subscription} AND {of_type} \
         AND (:after IS NULL OR d.id > :after) \
         AND (:status IS NULL OR d.last_status = :status) \
         AND (:since IS NULL OR ifnull(d.finished_at, d.created_at) >= :since) \
         AND ifnull(d.finished_at, d.created_at) < :until",
        state_number(state)
    )
}

/// All of them. States that are no ends have none.
fn of_states(what: &Redeliver, columns: &str) -> Option<String> {
    let mut states: Vec<_> = what.states.iter().filter(|state| state.is_final()).collect();
    states.sort_unstable_by_key(|state| state_number(**state));
    states.dedup();
    let parts: Vec<_> = states.into_iter().map(|state| of_state(what, *state, columns)).collect();
    (!parts.is_empty()).then(|| parts.join(" UNION ALL "))
}

/// How many there are, by subscription and type.
pub(super) fn count(connection: &Connection, what: &Redeliver) -> Result<Vec<ReplayCount>> {
    let Some(all) = of_states(what, "d.subscription AS subscription, e.type AS type") else {
        return Ok(Vec::new());
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT subscription, type, count(*) FROM ({all}) GROUP BY subscription, type"
    ))?;
    let rows = statement.query_and_then(
        named_params! {
            ":subscription": what.subscription.map(|id| Id(id.uuid())),
            ":type": of_type(&what.events).1,
            ":after": None::<Id>,
            ":status": what.status,
            ":since": what.since.map(Timestamp::millis),
            ":until": what.until.millis(),
        },
        |row| {
            Ok(ReplayCount {
                subscription_id: SubscriptionId::from_uuid(row.get::<_, Id>(0)?.0),
                event_type: parse("an event's type", &row.get::<_, String>(1)?)?,
                count: u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
            })
        },
    )?;
    rows.collect()
}

/// Those that come next, oldest first.
pub(super) fn deliveries(
    connection: &Connection,
    what: &Redeliver,
    after: Option<DeliveryId>,
    limit: usize,
) -> Result<Vec<ReplayDelivery>> {
    let Some(all) = of_states(what, "d.id AS id, d.subscription, e.type") else {
        return Ok(Vec::new());
    };
    let mut statement = connection.prepare_cached(&format!("{all} ORDER BY id LIMIT :limit"))?;
    let rows = statement.query_and_then(
        named_params! {
            ":subscription": what.subscription.map(|id| Id(id.uuid())),
            ":type": of_type(&what.events).1,
            ":after": after.map(|after| Id(after.uuid())),
            ":status": what.status,
            ":since": what.since.map(Timestamp::millis),
            ":until": what.until.millis(),
            ":limit": i64::try_from(limit).unwrap_or(i64::MAX),
        },
        |row| {
            Ok(ReplayDelivery {
                id: DeliveryId::from_uuid(row.get::<_, Id>(0)?.0),
                subscription_id: SubscriptionId::from_uuid(row.get::<_, Id>(1)?.0),
                event_type: parse("an event's type", &row.get::<_, String>(2)?)?,
            })
        },
    )?;
    rows.collect()
}

/// How much earlier than an event was taken in its id may have been made, with room to spare.
const SLACK: Duration = Duration::from_secs(3_600);

/// A bound that all ids of events are beyond that were taken in then or later: so what is older
/// need not be read.
fn earlier_than(since: Timestamp) -> Uuid {
    let millis = u128::try_from(since.before(SLACK).millis()).unwrap_or(0);
    // The first 48 bits of a UUIDv7 are its time.
    Uuid::from_u128(millis << 80)
}

/// Those that come next, oldest first.
pub(super) fn events(
    connection: &Connection,
    what: &Backfill,
    after: Option<EventId>,
    limit: usize,
) -> Result<Vec<ReplayEvent>> {
    let (of_type, event_type) = of_type(&what.events);
    let after = after.map(EventId::uuid).or_else(|| what.since.map(earlier_than));
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {}, {HAD} FROM events e \
         WHERE e.redacted = 0 AND (:after IS NULL OR e.id > :after) AND {of_type} \
         AND (:source IS NULL OR e.source = :source) \
         AND (:since IS NULL OR e.received_at >= :since) AND e.received_at < :until \
         ORDER BY e.id LIMIT :limit",
        events::COLUMNS
    ))?;
    let rows = statement.query_and_then(
        named_params! {
            ":subscription": Id(what.subscription.uuid()),
            ":after": after.map(Id),
            ":type": event_type,
            ":source": what.source.as_ref().map(hookwright_model::Name::as_str),
            ":since": what.since.map(Timestamp::millis),
            ":until": what.until.millis(),
            ":limit": i64::try_from(limit).unwrap_or(i64::MAX),
        },
        |row| Ok(ReplayEvent { event: events::event(row)?, had: row.get(events::COLUMN_COUNT)? }),
    )?;
    rows.collect()
}
