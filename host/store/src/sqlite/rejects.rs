//! Posts that could not be read.

use hookwright_model::{Digest, Name, Original, Reject, RejectId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use crate::{Page, RejectCap, Result, StoreError};

use super::codec::{Id, from_json, parse, to_json};
use super::events::{PackedOriginal, original_of_row};

/// A reject, as it is stored.
pub(super) struct PackedReject {
    reject: Reject,
    detail: String,
    /// The same post has the same.
    hash: Digest,
    original: PackedOriginal,
}

impl PackedReject {
    pub(super) fn pack(reject: Reject, original: &Original) -> Result<Self> {
        let hash = Digest::of(&original.body);
        let detail = to_json(&reject.detail)?;
        Ok(Self { reject, detail, hash, original: PackedOriginal::pack(original)? })
    }

    pub(super) fn keep(&self, connection: &Connection, cap: RejectCap) -> Result<RejectId> {
        let reject = &self.reject;
        let mut statement = connection.prepare_cached(
            "INSERT INTO rejects VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
             ON CONFLICT (source, hash) DO UPDATE SET times = times + 1, \
             last_at = excluded.last_at, detail = excluded.detail RETURNING id",
        )?;
        let id: Id = statement.query_row(
            params![
                Id(reject.id.uuid()),
                reject.source.as_str(),
                self.hash.as_bytes(),
                reject.times,
                reject.first_at.millis(),
                reject.last_at.millis(),
                self.detail,
                self.original.headers,
                self.original.body,
                i64::try_from(reject.size).unwrap_or(i64::MAX),
            ],
            |row| row.get(0),
        )?;
        trim(connection, cap)?;
        Ok(RejectId::from_uuid(id.0))
    }
}

/// Lets go of the oldest beyond the cap.
fn trim(connection: &Connection, cap: RejectCap) -> Result<()> {
    let bound = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "DELETE FROM rejects WHERE id IN (SELECT id FROM \
             (SELECT id, row_number() OVER newest AS posts, \
                     sum(length(body)) OVER newest AS bytes FROM rejects \
              WINDOW newest AS (ORDER BY last_at DESC, id DESC)) \
             WHERE posts > ?1 OR (bytes > ?2 AND posts > 1))",
        )
        .and_then(|mut statement| statement.execute([bound(cap.posts), bound(cap.bytes)]))
        .map(drop)
        .map_err(StoreError::from)
}

const COLUMNS: &str = "id, source, times, first_at, last_at, size, detail";

fn reject(row: &Row<'_>) -> Result<Reject> {
    let time = |column: usize| row.get::<_, i64>(column).map(Timestamp::from_millis);
    Ok(Reject {
        id: RejectId::from_uuid(row.get::<_, Id>(0)?.0),
        source: parse("a reject's source", &row.get::<_, String>(1)?)?,
        times: row.get(2)?,
        first_at: time(3)?,
        last_at: time(4)?,
        size: u64::try_from(row.get::<_, i64>(5)?).unwrap_or(0),
        detail: from_json("a reject", &row.get::<_, String>(6)?)?,
    })
}

pub(super) fn list(
    connection: &Connection,
    source: Option<&Name>,
    page: Page<RejectId>,
) -> Result<Vec<Reject>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM rejects WHERE (:before IS NULL OR id < :before) \
         AND (:source IS NULL OR source = :source) ORDER BY id DESC LIMIT :limit"
    ))?;
    let rows = statement.query_and_then(
        named_params! {
            ":before": page.before.map(|before| Id(before.uuid())),
            ":source": source.map(Name::as_str),
            ":limit": i64::try_from(page.limit).unwrap_or(i64::MAX),
        },
        reject,
    )?;
    rows.collect()
}

pub(super) fn one(connection: &Connection, id: RejectId) -> Result<(Reject, Original)> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS}, headers, body FROM rejects WHERE id = ?1"))?;
    let found = statement
        .query_row([Id(id.uuid())], |row| {
            Ok((
                reject(row),
                original_of_row(&row.get::<_, String>(7)?, &row.get::<_, Vec<u8>>(8)?),
            ))
        })
        .optional()?;
    let (reject, original) = found.ok_or_else(|| StoreError::NotFound(format!("reject {id}")))?;
    Ok((reject?, original?))
}

pub(super) fn remove(connection: &Connection, id: RejectId) -> Result<bool> {
    let mut statement = connection.prepare_cached("DELETE FROM rejects WHERE id = ?1")?;
    Ok(statement.execute([Id(id.uuid())])? > 0)
}

/// The most rows that one batch lets go of, so that no one waits for it.
const BATCH: usize = 500;

pub(super) fn forget(connection: &Connection, now: Timestamp, before: Timestamp) -> Result<bool> {
    let delete = |sql: &str, time: Timestamp| -> Result<usize> {
        let most = i64::try_from(BATCH).unwrap_or(i64::MAX);
        Ok(connection.prepare_cached(sql)?.execute(params![time.millis(), most])?)
    };
    let once = delete(
        "DELETE FROM once WHERE (source, key) IN \
         (SELECT source, key FROM once WHERE until <= ?1 LIMIT ?2)",
        now,
    )?;
    let rejects = delete(
        "DELETE FROM rejects WHERE id IN (SELECT id FROM rejects WHERE last_at < ?1 LIMIT ?2)",
        before,
    )?;
    Ok(once == BATCH || rejects == BATCH)
}
