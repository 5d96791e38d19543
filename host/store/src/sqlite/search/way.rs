//! Which index leads to what is looked for.

use std::collections::BTreeSet;

use hookwright_model::answer::StatusRange;
use hookwright_model::{DeliveryState, TypePattern};
use rusqlite::{Connection, params_from_iter};
use uuid::Uuid;

use crate::{About, DeliveryFilter, EventFilter, Result};

use super::super::codec::state_number;
use super::Query;
use super::conditions::{Values, about, all, id, of_delivery, of_type, within};

/// What an index of events leads to is taken whole if it is not more than this. What is more
/// common comes up soon enough among the newest.
const FEW: i64 = 2_000;

/// Gives the deliveries that may fit, whether they do but for the text in their reason, and the
/// reason, if it matters. None if nothing fits.
pub(super) fn to_deliveries(
    connection: &Connection,
    filter: &DeliveryFilter,
    before: Option<Uuid>,
) -> Result<Option<Query>> {
    let mut values = Values::default();
    let mut conditions = of_delivery(filter);
    let of_event = about(&filter.about, &mut values);
    // In this order, whatever SQLite thinks of it: what is looked for is in the outer table.
    let join = if of_event.is_empty() { "" } else { " CROSS JOIN events e ON e.id = d.event" };
    conditions.extend(of_event);
    let fits = all(&conditions);
    let reason = if filter.error.is_some() { "d.reason" } else { "NULL" };
    let within = within("d.id", filter.times, before);
    let arms = arms(connection, filter, &mut values)?;
    let arms: Vec<_> = arms
        .into_iter()
        .map(|arm| {
            let place = all(&arm.into_iter().chain(within.clone()).collect::<Vec<_>>());
            format!("SELECT d.id, {fits}, {reason} FROM deliveries d{join} WHERE {place}")
        })
        .collect();
    if arms.is_empty() {
        return Ok(None);
    }
    // Each arm is in order, so several are merged and not sorted.
    let sql = format!("{} ORDER BY 1 DESC", arms.join(" UNION ALL "));
    Ok(Some(Query { sql, values }))
}

/// Conditions, each with an index that gives its rows in the order of ids. No row is in two.
fn arms(
    connection: &Connection,
    filter: &DeliveryFilter,
    values: &mut Values,
) -> Result<Vec<Option<String>>> {
    if let Some(event) = filter.event {
        return Ok(vec![Some(format!("d.event = {}", id(event.uuid())))]);
    }
    if let Some(parent) = filter.parent {
        return Ok(vec![Some(format!("d.parent = {}", id(parent.uuid())))]);
    }
    if let Some(few) = of_few_events(connection, &filter.about, DELIVERIES, values)? {
        return Ok(vec![Some(format!("d.id IN ({few})"))]);
    }
    let subscription = filter.subscription.map(|subscription| id(subscription.uuid()));
    let mut states = filter.states.clone();
    if states.is_empty() && filter.error.is_some() {
        // Only what was not delivered has a reason.
        states.extend(DeliveryState::ALL.iter().filter(|state| is_rare(**state)));
    }
    states.sort_by_key(|state| state_number(*state));
    states.dedup();
    let by_state = !states.is_empty() && states.iter().all(|state| is_rare(*state));
    let by_status = !filter.statuses.is_empty()
        && filter.statuses.iter().all(|range| range.bounds().0 >= FIRST_INDEXED);
    if by_state && (!by_status || subscription.is_some()) {
        let arm = |state| Some(in_state(state, subscription.as_deref()));
        return Ok(states.into_iter().map(arm).collect());
    }
    if by_status && let Some(present) = present(connection, &filter.statuses)? {
        let arm =
            |status| Some(format!("d.last_status = {status} AND d.last_status >= {FIRST_INDEXED}"));
        return Ok(present.into_iter().map(arm).collect());
    }
    Ok(vec![subscription.map(|subscription| format!("d.subscription = {subscription}"))])
}

/// The index of statuses begins with this one. The condition has to say so too.
const FIRST_INDEXED: u16 = 300;

/// Whether there is an index for the state.
fn is_rare(state: DeliveryState) -> bool {
    state != DeliveryState::Delivered
}

fn in_state(state: DeliveryState, subscription: Option<&str>) -> String {
    let number = state_number(state);
    match (state, subscription) {
        // There are never many, and their index is not in the order of ids.
        (DeliveryState::Running, _) => {
            format!("d.id IN (SELECT id FROM deliveries WHERE state = {number})")
        }
        (DeliveryState::Pending, _) | (_, None) => format!("d.state = {number}"),
        (_, Some(subscription)) => {
            format!("d.subscription = {subscription} AND d.state = {number}")
        }
    }
}

/// More statuses than this are not worth an arm each, and receivers that use so many are odd.
const MOST_STATUSES: usize = 32;

/// The statuses that there are in these ranges, by a step in the index for each; none if they are
/// too many.
fn present(connection: &Connection, ranges: &[StatusRange]) -> Result<Option<Vec<u16>>> {
    let mut statement = connection.prepare_cached(&next_status())?;
    let mut found = BTreeSet::new();
    for (mut first, last) in ranges.iter().map(StatusRange::bounds) {
        while let Some(status) =
            statement.query_row([first, last], |row| row.get::<_, Option<u16>>(0))?
        {
            found.insert(status);
            if found.len() > MOST_STATUSES {
                return Ok(None);
            }
            first = status.saturating_add(1);
        }
    }
    Ok(Some(found.into_iter().collect()))
}

pub(super) fn next_status() -> String {
    format!(
        "SELECT min(last_status) FROM deliveries WHERE last_status >= {FIRST_INDEXED} \
         AND last_status >= ?1 AND last_status <= ?2"
    )
}

/// Gives the events that may fit, and whether they do.
pub(super) fn to_events(
    connection: &Connection,
    filter: &EventFilter,
    before: Option<Uuid>,
) -> Result<Option<Query>> {
    let mut values = Values::default();
    let fits = all(&about(&filter.about, &mut values));
    let mut place = within("e.id", filter.times, before);
    place.extend(place_of_events(connection, &filter.about, &mut values)?);
    let place = all(&place);
    let sql = format!("SELECT e.id, {fits}, NULL FROM events e WHERE {place} ORDER BY 1 DESC");
    Ok(Some(Query { sql, values }))
}

/// A condition with an index that gives its rows in the order of ids.
fn place_of_events(
    connection: &Connection,
    about: &About,
    values: &mut Values,
) -> Result<Option<String>> {
    if let (Some(source), Some(subject)) = (&about.source, &about.subject) {
        let (source, subject) = (values.text(source.as_str()), values.text(subject));
        return Ok(Some(format!("e.subject = {subject} AND e.source = {source}")));
    }
    if let Some(few) = of_few_events(connection, about, EVENTS, values)? {
        return Ok(Some(format!("e.id IN ({few})")));
    }
    let one_type = matches!(about.event_type, Some(TypePattern::Exact(_)));
    Ok(one_type.then(|| of_type(about, values)).flatten())
}

/// The ids of events, and of their deliveries. The index of events comes first, whatever SQLite
/// thinks of it.
const EVENTS: &str = "SELECT e.id FROM events e";
const DELIVERIES: &str = "SELECT d.id FROM events e CROSS JOIN deliveries d ON d.event = e.id";

/// What an index of events leads to.
#[derive(Clone, Copy)]
enum Of {
    Ticket,
    Subject,
    Type,
}

impl Of {
    /// A statement that gives all ids, if it is asked for.
    fn ids(self, about: &About, what: &str, values: &mut Values) -> Option<String> {
        Some(match self {
            Self::Ticket => {
                let ticket = values.text(about.ticket.as_deref()?);
                let by = |column: &str| format!("{what} WHERE e.{column} = {ticket}");
                format!("{} UNION ALL {}", by("number"), by("subject"))
            }
            Self::Subject => {
                let subject = values.text(about.subject.as_deref()?);
                format!("{what} WHERE e.subject = {subject}")
            }
            Self::Type => format!("{what} WHERE {}", of_type(about, values)?),
        })
    }
}

/// A statement that gives few ids, by an index of events, if there is one for what is asked.
fn of_few_events(
    connection: &Connection,
    about: &About,
    what: &str,
    values: &mut Values,
) -> Result<Option<String>> {
    for of in [Of::Ticket, Of::Subject, Of::Type] {
        let mut alone = Values::default();
        let Some(ids) = of.ids(about, what, &mut alone) else { continue };
        // One more than few is as good as all.
        let count = format!("SELECT count(*) FROM ({ids} LIMIT {FEW} + 1)");
        let count: i64 = connection
            .prepare_cached(&count)?
            .query_row(params_from_iter(alone.0), |row| row.get(0))?;
        if count <= FEW {
            return Ok(of.ids(about, what, values));
        }
    }
    Ok(None)
}
