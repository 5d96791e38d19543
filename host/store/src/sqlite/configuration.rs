//! What admins set up: sources, subscriptions, plugins, secrets.

use std::collections::BTreeMap;

use hookwright_model::{Digest, Limits, Name, PluginKey, PluginVersion, Role, Secret, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;

use crate::{Changes, Configuration, Result, StoreError, Vault};

use super::codec::{Id, from_json, parse, to_json};
use super::{audit, lanes, numbers, policies};

/// What is encrypted to see, when the store is opened, whether the key is the right one.
const CHECK: &str = "hookwright";

/// Refuses a key that does not open this store's secrets.
pub(super) fn check_key(connection: &Connection, vault: &Vault) -> Result<()> {
    let sealed = connection
        .query_row("SELECT value FROM meta WHERE key = 'key_check'", [], |row| {
            row.get::<_, Vec<u8>>(0)
        })
        .optional()?;
    match sealed {
        Some(sealed) if vault.open(CHECK, &sealed).is_some() => Ok(()),
        Some(_) => Err(StoreError::Conflict(
            "the key is not the one that this store's secrets were encrypted with: give the key \
             that belongs to it"
                .into(),
        )),
        None => {
            let sealed = vault.seal(CHECK, CHECK.as_bytes()).map_err(StoreError::Other)?;
            connection
                .execute("INSERT INTO meta VALUES ('key_check', ?1)", [sealed])
                .map(drop)
                .map_err(StoreError::from)
        }
    }
}

pub(super) fn read(connection: &Connection) -> Result<Configuration> {
    Ok(Configuration {
        connections: documents(
            connection,
            "a connection",
            "SELECT doc FROM connections ORDER BY name",
        )?,
        sources: documents(connection, "a source", "SELECT doc FROM sources ORDER BY name")?,
        subscriptions: documents(
            connection,
            "a subscription",
            "SELECT doc FROM subscriptions ORDER BY name",
        )?,
        plugins: documents(connection, "a plugin", "SELECT doc FROM plugins ORDER BY sequence")?,
        limits: limits(connection)?,
        secrets: names(connection)?,
        secrets_set_at: set_at(connection)?,
        policies: policies::read(connection)?,
        confirmed: super::confirmed::all(connection)?,
        journal: super::keeping::settings(connection)?,
        numbers: numbers::read(connection)?,
        mail: super::mails::settings(connection)?,
    })
}

fn documents<T: DeserializeOwned>(
    connection: &Connection,
    what: &str,
    sql: &str,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_and_then([], |row| from_json(what, &row.get::<_, String>(0)?))?;
    rows.collect()
}

fn limits(connection: &Connection) -> Result<BTreeMap<PluginKey, Limits>> {
    let mut statement = connection.prepare_cached("SELECT role, name, doc FROM plugin_limits")?;
    let rows = statement.query_and_then([], |row| {
        let text = |column: usize| row.get::<_, String>(column).map_err(StoreError::from);
        let role = match text(0)?.as_str() {
            "source" => Role::Source,
            "destination" => Role::Destination,
            other => return Err(StoreError::damaged("a plugin's role", other)),
        };
        let key = PluginKey { role, name: parse("a plugin's name", &text(1)?)? };
        Ok((key, from_json("a plugin's limits", &text(2)?)?))
    })?;
    rows.collect()
}

fn names(connection: &Connection) -> Result<Vec<Name>> {
    let mut statement = connection.prepare_cached("SELECT name FROM secrets ORDER BY name")?;
    let rows =
        statement.query_and_then([], |row| parse("a secret's name", &row.get::<_, String>(0)?))?;
    rows.collect()
}

fn set_at(connection: &Connection) -> Result<BTreeMap<Name, Timestamp>> {
    let mut statement =
        connection.prepare_cached("SELECT name, set_at FROM secrets WHERE set_at IS NOT NULL")?;
    let rows = statement.query_and_then([], |row| {
        let name = parse("a secret's name", &row.get::<_, String>(0)?)?;
        Ok((name, Timestamp::from_millis(row.get(1)?)))
    })?;
    rows.collect()
}

pub(super) fn change(connection: &Connection, vault: &Vault, changes: &Changes) -> Result<()> {
    let execute = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
        connection.execute(sql, params).map(drop).map_err(StoreError::from)
    };
    if let Some(journal) = &changes.journal {
        super::keeping::set(connection, journal)?;
    }
    if changes.removed_mail {
        super::mails::remove(connection)?;
    }
    if let Some(mail) = &changes.mail {
        super::mails::set(connection, mail)?;
    }
    // Removed first: what replaces them may have their names.
    for id in &changes.removed_connections {
        execute("DELETE FROM connections WHERE id = ?1", &[&Id(id.uuid())])?;
    }
    for id in &changes.removed_sources {
        execute("DELETE FROM sources WHERE id = ?1", &[&Id(id.uuid())])?;
    }
    for id in &changes.removed_subscriptions {
        execute("DELETE FROM subscriptions WHERE id = ?1", &[&Id(id.uuid())])?;
        execute(
            "UPDATE deliveries SET state = 5, next_attempt_at = NULL, turn = NULL, \
             reason = 'the subscription was removed' WHERE subscription = ?1 AND state IN (0, 1)",
            &[&Id(id.uuid())],
        )?;
    }
    for digest in &changes.removed_plugins {
        execute("DELETE FROM code WHERE digest = ?1", &[digest.as_bytes()])?;
        execute("DELETE FROM plugins WHERE digest = ?1", &[digest.as_bytes()])?;
    }
    for name in &changes.removed_secrets {
        execute("DELETE FROM secrets WHERE name = ?1", &[&name.as_str()])?;
    }
    for (name, secret) in &changes.secrets {
        let sealed = vault.seal(name.as_str(), secret.expose()).map_err(StoreError::Other)?;
        execute(
            "INSERT OR REPLACE INTO secrets (name, sealed, set_at) VALUES (?1, ?2, ?3)",
            &[&name.as_str(), &sealed, &Timestamp::now().millis()],
        )?;
    }
    for name in &changes.removed_policies {
        policies::remove(connection, name)?;
    }
    for policy in &changes.policies {
        policies::set(connection, policy)?;
    }
    for change in &changes.policy_keys {
        policies::change_key(connection, vault, change)?;
    }
    for (key, limits) in &changes.limits {
        execute(
            "INSERT OR REPLACE INTO plugin_limits VALUES (?1, ?2, ?3)",
            &[&key.role.as_str(), &key.name.as_str(), &to_json(limits)?],
        )?;
    }
    for connection in &changes.connections {
        execute(
            "INSERT INTO connections VALUES (?1, ?2, ?3) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, doc = excluded.doc",
            &[&Id(connection.id.uuid()), &connection.name.as_str(), &to_json(connection)?],
        )?;
    }
    for source in &changes.sources {
        execute(
            "INSERT INTO sources VALUES (?1, ?2, ?3) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, doc = excluded.doc",
            &[&Id(source.id.uuid()), &source.name.as_str(), &to_json(source)?],
        )?;
    }
    for (id, number) in &changes.numbers {
        numbers::give(connection, *id, *number)?;
    }
    for subscription in &changes.subscriptions {
        execute(
            "INSERT INTO subscriptions VALUES (?1, ?2, ?3) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, doc = excluded.doc",
            &[&Id(subscription.id.uuid()), &subscription.name.as_str(), &to_json(subscription)?],
        )?;
        if subscription.order.is_none() || subscription.after_failure.is_skip() {
            lanes::skip_failed(connection, subscription.id, subscription.updated_at)?;
        }
    }
    changes.audit.iter().try_for_each(|entry| audit::note(connection, entry))
}

pub(super) fn install(
    connection: &Connection,
    version: &PluginVersion,
    bytes: &[u8],
) -> Result<bool> {
    connection
        .execute(
            "INSERT OR IGNORE INTO plugins (digest, doc, bytes) VALUES (?1, ?2, ?3)",
            params![version.digest.as_bytes(), to_json(version)?, bytes],
        )
        .map(|rows| rows > 0)
        .map_err(StoreError::from)
}

pub(super) fn plugin_bytes(connection: &Connection, digest: Digest) -> Result<Vec<u8>> {
    connection
        .query_row("SELECT bytes FROM plugins WHERE digest = ?1", [digest.as_bytes()], |row| {
            row.get(0)
        })
        .optional()?
        .ok_or_else(|| StoreError::NotFound(format!("plugin with digest {digest}")))
}

pub(super) fn code_checksum(
    connection: &Connection,
    digest: Digest,
    runtime: u64,
) -> Result<Option<Digest>> {
    connection
        .query_row(
            "SELECT checksum FROM code WHERE digest = ?1 AND runtime = ?2",
            params![digest.as_bytes(), runtime.to_be_bytes()],
            |row| row.get::<_, [u8; 32]>(0),
        )
        .optional()
        .map(|checksum| checksum.map(Digest::from_bytes))
        .map_err(StoreError::from)
}

pub(super) fn note_code(
    connection: &Connection,
    digest: Digest,
    runtime: u64,
    checksum: Digest,
) -> Result<()> {
    connection
        .execute(
            "INSERT OR REPLACE INTO code VALUES (?1, ?2, ?3)",
            params![digest.as_bytes(), runtime.to_be_bytes(), checksum.as_bytes()],
        )
        .map(drop)
        .map_err(StoreError::from)
}

pub(super) fn secret(
    connection: &Connection,
    vault: &Vault,
    name: &Name,
) -> Result<Option<Secret>> {
    let sealed = connection
        .query_row("SELECT sealed FROM secrets WHERE name = ?1", [name.as_str()], |row| {
            row.get::<_, Vec<u8>>(0)
        })
        .optional()?;
    sealed.map(|sealed| opened(vault, name, &sealed)).transpose()
}

fn opened(vault: &Vault, name: &Name, sealed: &[u8]) -> Result<Secret> {
    let opened = vault.open(name.as_str(), sealed);
    opened.ok_or_else(|| StoreError::Damaged(format!("the secret `{name}` cannot be decrypted")))
}

pub(super) fn secrets(
    connection: &Connection,
    vault: &Vault,
) -> Result<Vec<(Name, Result<Secret>)>> {
    let mut statement = connection.prepare_cached("SELECT name, sealed FROM secrets")?;
    let rows = statement.query_and_then([], |row| {
        let name: Name = parse("a secret's name", &row.get::<_, String>(0)?)?;
        let secret = opened(vault, &name, &row.get::<_, Vec<u8>>(1)?);
        Ok((name, secret))
    })?;
    rows.collect()
}
