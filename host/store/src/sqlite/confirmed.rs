//! Addresses that their owners have confirmed, and the key that they are asked with.

use std::collections::HashSet;

use hookwright_model::{Digest, Secret, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use zeroize::Zeroizing;

use crate::{Result, StoreError, Vault};

/// The bytes of a key: as many as its HMAC has.
const KEY_LEN: usize = 32;

pub(super) fn all(connection: &Connection) -> Result<HashSet<Digest>> {
    let mut statement = connection.prepare_cached("SELECT address FROM confirmed")?;
    let rows = statement.query_and_then([], |row| Ok(Digest::from_bytes(row.get(0)?)))?;
    rows.collect()
}

pub(super) fn add(connection: &Connection, address: Digest, now: Timestamp) -> Result<()> {
    connection
        .execute(
            "INSERT OR IGNORE INTO confirmed VALUES (?1, ?2)",
            params![address.as_bytes(), now.millis()],
        )
        .map(drop)
        .map_err(StoreError::from)
}

/// The key for a purpose, sealed in the store; made if it is not there.
pub(super) fn key(connection: &Connection, vault: &Vault, purpose: &str) -> Result<Secret> {
    // A space stands in no secret's name, so that neither opens under the other's.
    let name = format!("the host's key: {purpose}");
    let sealed = connection
        .query_row("SELECT value FROM meta WHERE key = ?1", [&name], |row| row.get::<_, Vec<u8>>(0))
        .optional()?;
    if let Some(sealed) = sealed {
        let opened = vault.open(&name, &sealed);
        return opened.ok_or_else(|| StoreError::Damaged(format!("{name} cannot be decrypted")));
    }
    let mut key = Zeroizing::new([0; KEY_LEN]);
    getrandom::fill(&mut *key)
        .map_err(|error| StoreError::Other(format!("no random numbers: {error}")))?;
    let sealed = vault.seal(&name, &*key).map_err(StoreError::Other)?;
    connection.execute("INSERT INTO meta VALUES (?1, ?2)", params![name, sealed])?;
    Ok(Secret::new(key.to_vec()))
}
