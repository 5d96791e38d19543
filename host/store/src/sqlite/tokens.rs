//! API tokens, of which only hashes are kept.

use hookwright_model::{Digest, Timestamp, Token, TokenId};
use rusqlite::{Connection, params};

use crate::{Result, StoreError};

use super::codec::{Id, from_json, to_json};

pub(super) fn add(connection: &Connection, token: &Token) -> Result<()> {
    connection
        .execute(
            "INSERT INTO tokens (id, hash, doc) VALUES (?1, ?2, ?3)",
            params![Id(token.id.uuid()), token.hash.as_bytes(), to_json(token)?],
        )
        .map(drop)
        .map_err(StoreError::from)
}

pub(super) fn all(connection: &Connection) -> Result<Vec<Token>> {
    let mut statement =
        connection.prepare_cached("SELECT doc, hash, used_at FROM tokens ORDER BY id")?;
    let rows = statement.query_and_then([], |row| {
        let token: Token = from_json("a token", &row.get::<_, String>(0)?)?;
        let used: Option<i64> = row.get(2)?;
        let hash = Digest::from_bytes(row.get(1)?);
        Ok(Token { hash, used_at: used.map(Timestamp::from_millis), ..token })
    })?;
    rows.collect()
}

pub(super) fn note_use(connection: &Connection, id: TokenId, now: Timestamp) -> Result<()> {
    connection
        .prepare_cached("UPDATE tokens SET used_at = max(coalesce(used_at, 0), ?2) WHERE id = ?1")?
        .execute(params![Id(id.uuid()), now.millis()])?;
    Ok(())
}

pub(super) fn remove(connection: &Connection, id: TokenId) -> Result<bool> {
    let removed = connection.execute("DELETE FROM tokens WHERE id = ?1", [Id(id.uuid())]);
    removed.map(|count| count > 0).map_err(StoreError::from)
}
