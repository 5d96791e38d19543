//! Who did what.

use std::net::IpAddr;

use hookwright_model::{
    AuditActor, AuditEntry, AuditId, AuditTarget, FieldChange, REDACTED, Timestamp,
};
use rusqlite::{Connection, Row, ToSql, params};
use serde_json::Value;
use uuid::Uuid;

use crate::accounts::AuditFilter;
use crate::keeping::{Sought, Trace};
use crate::{Page, Result, StoreError};

use super::codec::{Id, from_json, parse, to_json};
use super::keeping::Needle;

/// Entries that one batch looks at or lets go of, so that no one waits for it.
const BATCH: usize = 500;

pub(super) fn note(connection: &Connection, entry: &AuditEntry) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?
        .execute(params![
            Id(entry.id.uuid()),
            entry.actor.kind.as_str(),
            entry.actor.name,
            entry.action,
            entry.target.kind,
            entry.target.name,
            to_json(&entry.changes)?,
            entry.at.millis(),
            entry.address.map(|address| address.to_string()),
        ])?;
    Ok(())
}

const COLUMNS: &str = "id, actor_kind, actor, action, target_kind, target, changes, at, address";

fn entry(row: &Row<'_>) -> Result<AuditEntry> {
    let text = |column| row.get::<_, String>(column);
    let address: Option<String> = row.get(8)?;
    let address = address.map(|text| parse::<IpAddr>("an entry's address", &text)).transpose()?;
    Ok(AuditEntry {
        id: AuditId::from_uuid(row.get::<_, Id>(0)?.0),
        at: Timestamp::from_millis(row.get(7)?),
        actor: AuditActor { kind: parse("an entry's actor", &text(1)?)?, name: text(2)? },
        action: text(3)?,
        target: AuditTarget { kind: text(4)?, name: text(5)? },
        changes: from_json("an entry's changes", &text(6)?)?,
        address,
    })
}

pub(super) fn list(
    connection: &Connection,
    filter: &AuditFilter,
    page: Page<AuditId>,
) -> Result<Vec<AuditEntry>> {
    let mut sql = format!("SELECT {COLUMNS} FROM audit WHERE 1");
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    let mut and = |condition: &str, value: Box<dyn ToSql>| {
        values.push(value);
        sql.push_str(" AND ");
        sql.push_str(&condition.replace('?', &format!("?{}", values.len())));
    };
    if let Some(kind) = filter.actor_kind {
        and("actor_kind = ?", Box::new(kind.as_str()));
    }
    if let Some(actor) = &filter.actor {
        and("actor = ?", Box::new(actor.clone()));
    }
    match filter.action.as_deref().map(|action| (action, action.strip_suffix('*'))) {
        Some((_, Some(start))) => {
            and("substr(action, 1, length(?)) = ?", Box::new(start.to_owned()));
        }
        Some((action, None)) => and("action = ?", Box::new(action.to_owned())),
        None => {}
    }
    if let Some(kind) = &filter.target_kind {
        and("target_kind = ?", Box::new(kind.clone()));
    }
    if let Some(target) = &filter.target {
        and("target = ?", Box::new(target.clone()));
    }
    if let Some(since) = filter.times.since {
        and("id >= ?", Box::new(first_of(since)));
    }
    if let Some(until) = filter.times.until {
        and("id < ?", Box::new(first_of(until)));
    }
    if let Some(before) = page.before {
        and("id < ?", Box::new(Id(before.uuid())));
    }
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    sql.push_str(&format!(" ORDER BY id DESC LIMIT {limit}"));
    let mut statement = connection.prepare_cached(&sql)?;
    let values = rusqlite::params_from_iter(values.iter().map(|value| &**value));
    let rows = statement.query_and_then(values, entry)?;
    rows.collect()
}

/// Comes before the id of every entry of this moment.
fn first_of(moment: Timestamp) -> Id {
    let millis = u64::try_from(moment.millis()).unwrap_or(0);
    Id(Uuid::from_u128(u128::from(millis) << 80))
}

pub(super) fn is_any_before(connection: &Connection, before: Timestamp) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM audit WHERE id < ?1 LIMIT 1")?
        .exists([first_of(before)])
        .map_err(StoreError::from)
}

pub(super) fn forget(connection: &Connection, before: Timestamp) -> Result<bool> {
    let most = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let gone = connection
        .prepare_cached(
            "DELETE FROM audit WHERE id IN \
             (SELECT id FROM audit WHERE id < ?1 ORDER BY id LIMIT ?2)",
        )?
        .execute(params![first_of(before), most])?;
    Ok(gone == BATCH)
}

/// Entries with what their changes are to be, and where to go on.
pub(super) type Cut = (Vec<(AuditId, Vec<FieldChange>)>, Option<AuditId>);

/// Looks for a text in changes, and takes out the values of those that hold it.
pub(super) fn find(
    connection: &Connection,
    sought: &Sought,
    after: Option<AuditId>,
) -> Result<Cut> {
    let needle = match (&sought.trace, &sought.source) {
        (Trace::Person(text), None) => Needle::folded(text),
        (Trace::Text(text), None) => Needle::exact(text),
        // What was set up is about no ticket, and came from no source.
        _ => return Ok((Vec::new(), None)),
    };
    let start = after.map_or(Uuid::nil(), AuditId::uuid);
    let most = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let sql = "SELECT id, changes FROM audit WHERE id > ?1 ORDER BY id LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![Id(start), most])?;
    let (mut found, mut looked_at, mut last) = (Vec::new(), 0, None);
    while let Some(row) = rows.next()? {
        let id = AuditId::from_uuid(row.get::<_, Id>(0)?.0);
        (looked_at, last) = (looked_at + 1, Some(id));
        let mut changes: Vec<FieldChange> =
            from_json("an entry's changes", &row.get::<_, String>(1)?)?;
        let mut is_in = false;
        for change in &mut changes {
            for side in [&mut change.from, &mut change.to] {
                if needle.is_in(to_json(side)?.as_bytes()) {
                    *side = Value::from(REDACTED);
                    is_in = true;
                }
            }
        }
        if is_in {
            found.push((id, changes));
        }
    }
    Ok((found, last.filter(|_| looked_at == BATCH)))
}

pub(super) fn set(connection: &Connection, id: AuditId, changes: &[FieldChange]) -> Result<()> {
    connection
        .prepare_cached("UPDATE audit SET changes = ?2 WHERE id = ?1")?
        .execute(params![Id(id.uuid()), to_json(&changes)?])?;
    Ok(())
}
