//! Webhook policies and their keys.

use hookwright_model::{Name, Policy, PolicyKey, Secret};
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::{from_json, to_json};
use crate::{PolicyKeyChange, Result, StoreError, Vault};

pub(super) fn read(connection: &Connection) -> Result<Vec<Policy>> {
    let sql = "SELECT doc, keys FROM policies ORDER BY name";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_and_then([], |row| {
        let policy: Policy = from_json("a policy", &row.get::<_, String>(0)?)?;
        let keys = from_json("a policy's keys", &row.get::<_, String>(1)?)?;
        Ok(Policy { keys, ..policy })
    })?;
    rows.collect()
}

/// Sets everything but the keys.
pub(super) fn set(connection: &Connection, policy: &Policy) -> Result<()> {
    connection
        .execute(
            "INSERT INTO policies (name, doc, keys) VALUES (?1, ?2, '[]') \
             ON CONFLICT (name) DO UPDATE SET doc = excluded.doc",
            params![policy.name.as_str(), to_json(policy)?],
        )
        .map(drop)
        .map_err(StoreError::from)
}

pub(super) fn remove(connection: &Connection, name: &Name) -> Result<()> {
    let removed = connection.execute("DELETE FROM policies WHERE name = ?1", [name.as_str()])?;
    if removed == 0 { Err(no_policy(name)) } else { Ok(()) }
}

/// Another key takes the place of the one that signs; or none does.
pub(super) fn change_key(
    connection: &Connection,
    vault: &Vault,
    change: &PolicyKeyChange,
) -> Result<()> {
    let name = &change.policy;
    let keys = connection
        .query_row("SELECT keys FROM policies WHERE name = ?1", [name.as_str()], |row| {
            row.get::<_, String>(0)
        })
        .optional()?
        .ok_or_else(|| no_policy(name))?;
    let mut keys: Vec<PolicyKey> = from_json("a policy's keys", &keys)?;
    let signing = keys.first().filter(|key| key.kept_until.is_none()).map(|key| &key.kid);
    if signing != change.instead_of.as_ref() {
        let detail = format!("the key of the policy `{name}` was changed meanwhile; try again");
        return Err(StoreError::Conflict(detail));
    }
    // Those before too: so a key can be withdrawn that was found out to be known to others.
    for key in &mut keys {
        let until = key.kept_until.map_or(change.keep_until, |until| until.min(change.keep_until));
        key.kept_until = Some(until);
    }
    keys.retain(|key| key.kept_until.is_some_and(|until| until > change.now));
    keys.truncate(Policy::MAX_KEPT_KEYS);
    let mut sealed = None;
    if let Some((key, private)) = &change.key {
        let place = place(name, &key.kid);
        sealed = Some(vault.seal(&place, private.expose()).map_err(StoreError::Other)?);
        keys.insert(0, key.clone());
    }
    connection
        .execute(
            "UPDATE policies SET keys = ?2, sealed = ?3 WHERE name = ?1",
            params![name.as_str(), to_json(&keys)?, sealed],
        )
        .map(drop)
        .map_err(StoreError::from)
}

pub(super) fn private_key(
    connection: &Connection,
    vault: &Vault,
    name: &Name,
    kid: &str,
) -> Result<Option<Secret>> {
    let sealed = connection
        .query_row("SELECT sealed FROM policies WHERE name = ?1", [name.as_str()], |row| {
            row.get::<_, Option<Vec<u8>>>(0)
        })
        .optional()?
        .flatten();
    // With the key's id in the seal, that of another key does not open.
    Ok(sealed.and_then(|sealed| vault.open(&place(name, kid), &sealed)))
}

/// What a private key is sealed for. A secret's name has no `/`.
fn place(name: &Name, kid: &str) -> String {
    format!("policy/{name}/{kid}")
}

fn no_policy(name: &Name) -> StoreError {
    StoreError::NotFound(format!("policy `{name}`"))
}
