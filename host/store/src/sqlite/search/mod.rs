//! Looking for things in the journal, newest first.
//!
//! A journal can hold millions of rows, so an index is used that has little more than what is
//! looked for; where there is none, since what is looked for is common, the newest rows are gone
//! through until a page is full or enough have been looked at. The next page goes on from there.

mod conditions;
#[cfg(test)]
mod tests;
mod way;

use hookwright_model::{DeliveryId, Event, EventId};
use rusqlite::{Connection, params_from_iter};
use uuid::Uuid;

use crate::{DeliveryFilter, DeliverySummary, Entry, EventFilter, Found, Page, Result};

use super::codec::Id;
use super::{deliveries, events};
use conditions::{Text, Values};

/// So many rows are looked at for one page: tens of milliseconds of work.
const LOOKED_AT: usize = 20_000;

/// Deliveries that fit the filter.
pub(super) fn deliveries(
    connection: &Connection,
    filter: &DeliveryFilter,
    page: Page<DeliveryId>,
) -> Result<Found<DeliverySummary, DeliveryId>> {
    let before = page.before.map(DeliveryId::uuid);
    let query = way::to_deliveries(connection, filter, before)?;
    let text = filter.error.as_deref().map(Text::new);
    let found = walk(connection, query, page.limit, LOOKED_AT, |id, reason| {
        if text.as_ref().is_some_and(|text| !reason.is_some_and(|reason| text.is_in(reason))) {
            return Ok(None);
        }
        deliveries::head(connection, DeliveryId::from_uuid(id)).map(Some)
    })?;
    Ok(Found { items: found.items, next: found.next.map(DeliveryId::from_uuid) })
}

/// Events that fit the filter.
pub(super) fn events(
    connection: &Connection,
    filter: &EventFilter,
    page: Page<EventId>,
) -> Result<Found<Event, EventId>> {
    let query = way::to_events(connection, filter, page.before.map(EventId::uuid))?;
    let found = walk(connection, query, page.limit, LOOKED_AT, |id, _| {
        events::alone(connection, EventId::from_uuid(id)).map(Some)
    })?;
    Ok(Found { items: found.items, next: found.next.map(EventId::from_uuid) })
}

/// A delivery with all that belongs to it.
pub(super) fn entry(connection: &Connection, id: DeliveryId) -> Result<Entry> {
    // It may be worked on meanwhile.
    let moment = connection.unchecked_transaction()?;
    let (delivery, summary) = deliveries::one(&moment, id)?;
    let event = events::head(&moment, delivery.event_id)?;
    let attempts = deliveries::attempts(&moment, id, 0, usize::MAX)?;
    Ok(Entry { delivery, summary, event, attempts })
}

/// A statement that gives, newest first, three columns: an id, whether the row fits, and a text.
struct Query {
    sql: String,
    values: Values,
}

/// Goes through the rows of a query. What becomes of those that fit is asked while the query is
/// read: so it is as it was when it was found to fit.
fn walk<T>(
    connection: &Connection,
    query: Option<Query>,
    limit: usize,
    mut left: usize,
    mut take: impl FnMut(Uuid, Option<&str>) -> Result<Option<T>>,
) -> Result<Found<T, Uuid>> {
    let mut found = Found { items: Vec::new(), next: None };
    let Some(Query { sql, values: Values(values) }) = query else { return Ok(found) };
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        let Id(id) = row.get(0)?;
        // Null where a comparison has nothing to compare.
        if row.get::<_, Option<bool>>(1)?.unwrap_or(false) {
            let text = row.get_ref(2)?.as_str_or_null().map_err(rusqlite::Error::from)?;
            found.items.extend(take(id, text)?);
        }
        left = left.saturating_sub(1);
        if left == 0 || found.items.len() == limit {
            found.next = Some(id);
            break;
        }
    }
    Ok(found)
}
