//! The file's own room.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::Result;
use crate::keeping::StoreSize;

/// Pages that are given back in one batch.
const STEP: u64 = 64;
/// Free pages that are kept for what comes next, at least: 8 MiB.
const SPARE: u64 = 1_024;
/// And of all pages one in so many.
const SPARE_PART: u64 = 10;

/// How long it is waited for that nobody writes.
const WRITER_PATIENCE: Duration = Duration::from_secs(10);
/// How long the log's end is waited for, which others wait for too.
const PATIENCE: Duration = Duration::from_millis(100);

pub(super) fn number(connection: &Connection, pragma: &str) -> Result<u64> {
    let number = connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0))?;
    Ok(u64::try_from(number).unwrap_or(0))
}

pub(super) fn size(connection: &Connection) -> Result<StoreSize> {
    let page = number(connection, "page_size")?;
    let free = number(connection, "freelist_count")?;
    let used = number(connection, "page_count")?.saturating_sub(free);
    // Their lengths stand in their rows: the bytes are not read.
    let plugins: i64 = connection
        .prepare_cached("SELECT ifnull(sum(length(bytes)), 0) FROM plugins")?
        .query_row([], |row| row.get(0))?;
    let plugins = u64::try_from(plugins).unwrap_or(0);
    Ok(StoreSize { journal: (used * page).saturating_sub(plugins), free: free * page })
}

/// Whether more is free than is kept for what comes next. Giving back what is needed again would
/// only move it about.
pub(super) fn is_roomy(connection: &Connection) -> Result<bool> {
    let pages = number(connection, "page_count")?;
    Ok(number(connection, "freelist_count")? > SPARE.max(pages / SPARE_PART))
}

pub(super) fn give_back(connection: &Connection) -> Result<bool> {
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({STEP})"))?;
    // Each step gives back a page.
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    drop(rows);
    is_roomy(connection)
}

/// Copies the log into the store and cuts it to nothing.
pub(super) fn empty_log(path: &Path) -> Result<bool> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    let checkpoint = |mode: &str| -> Result<bool> {
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        Ok(connection.query_row(&sql, [], |row| row.get::<_, i64>(0))? == 0)
    };
    // Most of it without anybody having to wait.
    checkpoint("PASSIVE")?;
    checkpoint("TRUNCATE")
}

/// Copies every row into new pages. What is not in a row any more is in none of them.
pub(super) fn rewrite(path: &Path) -> Result<bool> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(WRITER_PATIENCE)?;
    match connection.execute_batch("VACUUM") {
        Ok(()) => Ok(true),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
