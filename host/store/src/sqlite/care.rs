//! Looking after the file: is it whole, is there a copy of it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::{Result, StoreError};

use super::{SqliteStore, schema};

/// The most faults that a check names; a damaged file can have millions.
const MAX_FAULTS: usize = 20;

impl SqliteStore {
    /// Reads the whole file and says what is damaged in it: nothing, mostly. It can be in use.
    ///
    /// # Errors
    /// When it cannot be read at all.
    pub fn faults(path: &Path) -> Result<Vec<String>> {
        let connection = open(path)?;
        let mut statement = connection.prepare(&format!("PRAGMA integrity_check({MAX_FAULTS})"))?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
        let lines: Vec<String> = lines.collect::<std::result::Result<_, _>>()?;
        Ok(if lines == ["ok"] { Vec::new() } else { lines })
    }

    /// The version of the tables in the file, and the newest that this program knows. Older ones
    /// are brought up to date when the store is opened.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn versions(path: &Path) -> Result<(i64, i64)> {
        let version = open(path)?.pragma_query_value(None, "user_version", |row| row.get(0))?;
        Ok((version, schema::newest()))
    }

    /// Writes a copy as it is at this moment. The store can be in use meanwhile. The copy is
    /// complete when this returns, or it is not there.
    ///
    /// # Errors
    /// When there is a file at `to` already, or it cannot be written.
    pub fn back_up(path: &Path, to: &Path) -> Result<()> {
        if to.exists() {
            let detail = format!("{} is there already; choose another name", to.display());
            return Err(StoreError::Conflict(detail));
        }
        let part = beside(to);
        // Of a copy that was broken off.
        drop(fs::remove_file(&part));
        let name = part.to_str().ok_or_else(|| {
            StoreError::Conflict(format!("{} is not a name in UTF-8", to.display()))
        })?;
        let copied = open(path)?.execute("VACUUM INTO ?1", [name]).map_err(StoreError::from);
        let kept = copied.and_then(|_| keep(&part, to).map_err(|error| unwritable(to, &error)));
        if kept.is_err() {
            drop(fs::remove_file(&part));
        }
        kept
    }
}

fn open(path: &Path) -> Result<Connection> {
    // Not made if it is not there.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    Ok(connection)
}

fn beside(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    to.with_file_name(name)
}

/// On disk first, then under its name: a name never stands for half a copy.
fn keep(part: &Path, to: &Path) -> std::io::Result<()> {
    File::open(part)?.sync_all()?;
    fs::rename(part, to)?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn unwritable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unwritable(format!("{}: {error}", path.display()))
}
