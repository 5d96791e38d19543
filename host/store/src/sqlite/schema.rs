//! The tables, and how older ones become newer ones.

use rusqlite::Connection;

use crate::{Result, StoreError};

/// Each brings the store from the version that is its position to the next. A migration that
/// was released never changes.
const MIGRATIONS: [&str; 18] = [
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
    include_str!("migrations/5.sql"),
    include_str!("migrations/6.sql"),
    include_str!("migrations/7.sql"),
    include_str!("migrations/8.sql"),
    include_str!("migrations/9.sql"),
    include_str!("migrations/10.sql"),
    include_str!("migrations/11.sql"),
    include_str!("migrations/12.sql"),
    include_str!("migrations/13.sql"),
    include_str!("migrations/14.sql"),
    include_str!("migrations/15.sql"),
    include_str!("migrations/16.sql"),
    include_str!("migrations/17.sql"),
    include_str!("migrations/18.sql"),
];

/// The newest version.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Writes the version that is there once more: a change of a few bytes that changes nothing.
pub(super) fn write_version(connection: &Connection) -> Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    connection.pragma_update(None, "user_version", version).map_err(StoreError::from)
}

/// Brings the store to the newest version.
///
/// # Errors
/// When the store was made by a newer version of this program.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let newest = MIGRATIONS.len();
    let current = usize::try_from(version).unwrap_or(usize::MAX);
    if current > newest {
        return Err(StoreError::Conflict(format!(
            "the store has version {version}; this program knows versions up to {newest}: use \
             the newer program that made it"
        )));
    }
    if current > 0 && current < newest {
        tracing::info!(version, newest, "the store is brought to a newer form");
    }
    for (migration, next) in MIGRATIONS.iter().zip(1_i64..).skip(current) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", next)?;
        transaction.commit()?;
    }
    if current < newest {
        // What was written for it can be more than all the store has; the log keeps its size else.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(())
}
