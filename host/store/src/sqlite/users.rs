//! People who can log in, and who is logged in.

use std::net::IpAddr;

use async_trait::async_trait;
use hookwright_model::{
    AuditEntry, AuditId, Digest, Name, PasswordHash, Timestamp, Token, TokenId, User, UserId,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::Arc;

use crate::accounts::{Accounts, AuditFilter, ErasedAudit, StoredSession, UserChange};
use crate::keeping::Sought;
use crate::{Page, Result, StoreError};

use super::codec::{Id, from_json, parse, to_json};
use super::{SqliteStore, audit, tokens};

#[async_trait]
impl Accounts for SqliteStore {
    async fn add_token(&self, token: Token, audit: AuditEntry) -> Result<()> {
        self.writer
            .change(move |connection| {
                tokens::add(connection, &token)?;
                audit::note(connection, &audit)
            })
            .await
    }

    async fn tokens(&self) -> Result<Vec<Token>> {
        self.readers.query(tokens::all).await
    }

    async fn note_use(&self, id: TokenId, now: Timestamp) -> Result<()> {
        self.writer.change(move |connection| tokens::note_use(connection, id, now)).await
    }

    async fn remove_token(&self, id: TokenId, audit: AuditEntry) -> Result<bool> {
        self.writer
            .change(move |connection| {
                let removed = tokens::remove(connection, id)?;
                if removed {
                    audit::note(connection, &audit)?;
                }
                Ok(removed)
            })
            .await
    }

    async fn add_user(&self, user: User, audit: AuditEntry) -> Result<()> {
        self.writer
            .change(move |connection| {
                add(connection, &user)?;
                audit::note(connection, &audit)
            })
            .await
    }

    async fn users(&self) -> Result<Vec<User>> {
        self.readers.query(all).await
    }

    async fn user(&self, name: Name) -> Result<Option<User>> {
        self.readers.query(move |connection| named(connection, &name)).await
    }

    async fn change_user(&self, change: UserChange) -> Result<()> {
        self.writer.change(move |connection| self::change(connection, &change)).await
    }

    async fn remove_user(&self, id: UserId, audit: AuditEntry) -> Result<bool> {
        self.writer
            .change(move |connection| {
                let gone =
                    connection.execute("DELETE FROM users WHERE id = ?1", [Id(id.uuid())])?;
                if gone > 0 {
                    audit::note(connection, &audit)?;
                }
                Ok(gone > 0)
            })
            .await
    }

    async fn open_session(
        &self,
        session: StoredSession,
        password: PasswordHash,
        audit: AuditEntry,
    ) -> Result<bool> {
        self.writer
            .change(move |connection| {
                let is_open = open_session(connection, &session, &password)?;
                if is_open {
                    audit::note(connection, &audit)?;
                }
                Ok(is_open)
            })
            .await
    }

    async fn session(&self, hash: Digest) -> Result<Option<(StoredSession, User)>> {
        self.readers.query(move |connection| session(connection, hash)).await
    }

    async fn see_session(&self, hash: Digest, now: Timestamp) -> Result<()> {
        self.writer
            .change(move |connection| {
                connection
                    .prepare_cached("UPDATE sessions SET seen_at = ?2 WHERE hash = ?1")?
                    .execute(params![hash.as_bytes(), now.millis()])?;
                Ok(())
            })
            .await
    }

    async fn close_session(&self, hash: Digest, audit: Option<AuditEntry>) -> Result<bool> {
        self.writer
            .change(move |connection| {
                let sql = "DELETE FROM sessions WHERE hash = ?1";
                let gone = connection.execute(sql, [hash.as_bytes()])? > 0;
                if let Some(audit) = audit.as_ref().filter(|_| gone) {
                    audit::note(connection, audit)?;
                }
                Ok(gone)
            })
            .await
    }

    async fn forget_sessions(&self, seen: Timestamp, made: Timestamp) -> Result<()> {
        let (seen, made) = (seen.millis(), made.millis());
        let sql = "SELECT EXISTS (SELECT 1 FROM sessions WHERE seen_at <= ?1 OR made_at <= ?2)";
        // Most of the time there is nothing to write.
        let some = self
            .readers
            .query(move |connection| {
                connection
                    .query_row(sql, [seen, made], |row| row.get::<_, bool>(0))
                    .map_err(StoreError::from)
            })
            .await?;
        if !some {
            return Ok(());
        }
        self.writer
            .change(move |connection| {
                let sql = "DELETE FROM sessions WHERE seen_at <= ?1 OR made_at <= ?2";
                connection.execute(sql, [seen, made]).map(drop).map_err(StoreError::from)
            })
            .await
    }

    async fn note_audit(&self, entries: Vec<AuditEntry>) -> Result<()> {
        self.writer
            .change(move |connection| {
                entries.iter().try_for_each(|entry| audit::note(connection, entry))
            })
            .await
    }

    async fn audit(&self, filter: AuditFilter, page: Page<AuditId>) -> Result<Vec<AuditEntry>> {
        self.readers.query(move |connection| audit::list(connection, &filter, page)).await
    }

    async fn forget_audit(&self, before: Timestamp) -> Result<bool> {
        if !self.readers.query(move |connection| audit::is_any_before(connection, before)).await? {
            return Ok(false);
        }
        self.writer.change(move |connection| audit::forget(connection, before)).await
    }

    async fn erase_audit(
        &self,
        sought: Arc<Sought>,
        after: Option<AuditId>,
        dry_run: bool,
    ) -> Result<ErasedAudit> {
        let find = move |connection: &Connection| audit::find(connection, &sought, after);
        let (found, next) = self.readers.query(find).await?;
        let entries = found.len() as u64;
        if !dry_run && !found.is_empty() {
            self.writer
                .change(move |connection| {
                    found.iter().try_for_each(|(id, changes)| audit::set(connection, *id, changes))
                })
                .await?;
        }
        Ok(ErasedAudit { entries, next })
    }
}

const COLUMNS: &str = "u.doc, u.password, u.last_login_at";

/// From the column on at which these begin.
fn user(row: &Row<'_>, at: usize) -> Result<User> {
    let user: User = from_json("a user", &row.get::<_, String>(at)?)?;
    let last: Option<i64> = row.get(at + 2)?;
    Ok(User {
        password: PasswordHash(row.get(at + 1)?),
        last_login_at: last.map(Timestamp::from_millis),
        ..user
    })
}

fn add(connection: &Connection, user: &User) -> Result<()> {
    let added = connection.execute(
        "INSERT INTO users (id, name, doc, password) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (name) DO NOTHING",
        params![Id(user.id.uuid()), user.name.as_str(), document(user)?, user.password.0],
    )?;
    if added == 0 {
        return Err(StoreError::Conflict(format!("there is a user `{}` already", user.name)));
    }
    Ok(())
}

/// But for what has a column of its own.
fn document(user: &User) -> Result<String> {
    to_json(&User { last_login_at: None, ..user.clone() })
}

fn all(connection: &Connection) -> Result<Vec<User>> {
    let sql = format!("SELECT {COLUMNS} FROM users u ORDER BY u.name");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_and_then([], |row| user(row, 0))?;
    rows.collect()
}

fn named(connection: &Connection, name: &Name) -> Result<Option<User>> {
    let sql = format!("SELECT {COLUMNS} FROM users u WHERE u.name = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([name.as_str()])?;
    rows.next()?.map(|row| user(row, 0)).transpose()
}

fn change(connection: &Connection, change: &UserChange) -> Result<()> {
    let UserChange { user, was, ends_sessions, audit } = change;
    let id = Id(user.id.uuid());
    let there = named(connection, &user.name)?;
    if !there.is_some_and(|there| there.id == user.id && there.updated_at == *was) {
        return Err(StoreError::Conflict(format!(
            "the user `{}` was changed or removed meanwhile: look at them, and try again",
            user.name
        )));
    }
    connection.execute(
        "UPDATE users SET doc = ?2, password = ?3 WHERE id = ?1",
        params![id, document(user)?, user.password.0],
    )?;
    if *ends_sessions {
        connection.execute("DELETE FROM sessions WHERE user = ?1", [&id])?;
    }
    audit.iter().try_for_each(|entry| audit::note(connection, entry))
}

fn open_session(
    connection: &Connection,
    session: &StoredSession,
    password: &PasswordHash,
) -> Result<bool> {
    let id = Id(session.user.uuid());
    let sql = format!("SELECT {COLUMNS} FROM users u WHERE u.id = ?1");
    let found = connection
        .prepare_cached(&sql)?
        .query_row([&id], |row| Ok(user(row, 0)))
        .optional()?
        .transpose()?;
    // They may have been disabled, or their password changed, while this one was being checked.
    if !found.is_some_and(|user| !user.disabled && user.password == *password) {
        return Ok(false);
    }
    let made_at = session.made_at.millis();
    connection.execute(
        "INSERT INTO sessions VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            session.hash.as_bytes(),
            id,
            made_at,
            session.seen_at.millis(),
            session.address.to_string()
        ],
    )?;
    connection
        .execute("UPDATE users SET last_login_at = ?2 WHERE id = ?1", params![id, made_at])?;
    Ok(true)
}

fn session(connection: &Connection, hash: Digest) -> Result<Option<(StoredSession, User)>> {
    let sql = format!(
        "SELECT s.user, s.made_at, s.seen_at, s.address, {COLUMNS} FROM sessions s \
         JOIN users u ON u.id = s.user WHERE s.hash = ?1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([hash.as_bytes()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let time = |column| row.get(column).map(Timestamp::from_millis);
    let address: IpAddr = parse("a session's address", &row.get::<_, String>(3)?)?;
    let session = StoredSession {
        hash,
        user: UserId::from_uuid(row.get::<_, Id>(0)?.0),
        made_at: time(1)?,
        seen_at: time(2)?,
        address,
    };
    Ok(Some((session, user(row, 4)?)))
}
