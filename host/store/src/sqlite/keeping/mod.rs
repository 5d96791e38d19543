//! Letting go, erasing, redacting.

mod erase;
mod file;
mod redact;
mod sweep;
mod traces;

use std::sync::Arc;

use async_trait::async_trait;
use hookwright_model::{DeliveryId, EventId, JournalSettings, RejectId, Timestamp};
use rusqlite::{Connection, OptionalExtension};

use crate::keeping::{
    Counts, Erased, Found, FoundRejects, Keeping, Redactor, Sought, StoreSize, Swept,
};
use crate::{Result, StoreError};

pub(super) use redact::check;
pub(super) use traces::Needle;

use super::SqliteStore;
use super::codec::{Id, from_json, to_json};
use super::lanes;

#[async_trait]
impl Keeping for SqliteStore {
    async fn let_go(&self, before: Timestamp, after: Option<EventId>) -> Result<Swept> {
        let candidates = self
            .readers
            .query(move |connection| sweep::candidates(connection, before, after))
            .await?;
        let sweep::Candidates { ended, next } = candidates;
        if ended.is_empty() {
            return Ok(Swept { next, ..Swept::default() });
        }
        let swept =
            self.writer.change(move |connection| sweep::let_go(connection, &ended, before)).await?;
        // What did not fit into the batch comes first in the next.
        Ok(Swept { next: swept.next.or(next), ..swept })
    }

    async fn size(&self) -> Result<StoreSize> {
        self.readers.query(file::size).await
    }

    async fn give_back(&self) -> Result<bool> {
        if !self.readers.query(file::is_roomy).await? {
            return Ok(false);
        }
        self.writer.change(file::give_back).await
    }

    async fn find(&self, sought: Arc<Sought>, after: Option<EventId>) -> Result<Found> {
        self.readers.query(move |connection| erase::find(connection, &sought, after)).await
    }

    async fn find_rejects(
        &self,
        sought: Arc<Sought>,
        after: Option<RejectId>,
    ) -> Result<FoundRejects> {
        self.readers.query(move |connection| erase::find_rejects(connection, &sought, after)).await
    }

    async fn count(&self, events: Vec<EventId>) -> Result<Counts> {
        self.readers.query(move |connection| erase::count(connection, &events)).await
    }

    async fn erase(&self, events: Vec<EventId>, rejects: Vec<RejectId>) -> Result<Erased> {
        self.writer.change(move |connection| erase::erase(connection, &events, &rejects)).await
    }

    async fn empty_log(&self) -> Result<bool> {
        let path = Arc::clone(&self.path);
        // Not by the thread that writes, whose changes are transactions.
        self.readers.query(move |_| file::empty_log(&path)).await
    }

    async fn rewrite(&self) -> Result<bool> {
        let path = Arc::clone(&self.path);
        self.readers.query(move |_| file::rewrite(&path)).await
    }

    async fn redact(&self, now: Timestamp, redactor: Arc<dyn Redactor>) -> Result<bool> {
        let due = self.readers.query(move |connection| redact::due(connection, now)).await?;
        if due.is_empty() {
            if self.readers.query(redact::is_walking).await? {
                return self.writer.change(redact::walk).await;
            }
            return Ok(false);
        }
        for event in due {
            let redactor = Arc::clone(&redactor);
            let plan = self
                .readers
                .query(move |connection| redact::plan(connection, event, now, &*redactor))
                .await;
            let plan = match plan {
                // One that cannot be read shall not keep others from being redacted.
                Err(StoreError::Damaged(problem)) => {
                    tracing::error!(%event, problem, "an event cannot be redacted");
                    redact::Plan::put_off(event, now)
                }
                plan => plan?,
            };
            self.writer.change(move |connection| plan.carry_out(connection)).await?;
        }
        Ok(true)
    }
}

/// How the journal is set up.
const SETTINGS: &str = "journal";
/// There while there is something to redact by; how far a walk through what is kept has come.
const REDACTION: &str = "redaction";

pub(super) fn settings(connection: &Connection) -> Result<JournalSettings> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    let found = statement.query_row([SETTINGS], |row| row.get::<_, String>(0)).optional()?;
    Ok(found.map(|doc| from_json("the journal's settings", &doc)).transpose()?.unwrap_or_default())
}

/// New rules hold for what is kept already, too.
pub(super) fn set(connection: &Connection, new: &JournalSettings) -> Result<()> {
    let old = settings(connection)?;
    let doc = to_json(new)?;
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", [SETTINGS, &doc])?;
    if new.redact.is_empty() {
        connection.execute("DELETE FROM meta WHERE key = ?1", [REDACTION])?;
        connection.execute("DELETE FROM to_redact", [])?;
    } else if new.redact != old.redact {
        redact::start(connection)?;
    }
    Ok(())
}

/// Removes an event from the journal, which has no deliveries any more, and its original if it
/// was the last of it.
fn remove_event(connection: &Connection, event: EventId, counts: &mut Counts) -> Result<()> {
    let id = Id(event.uuid());
    let original: Option<i64> = connection
        .prepare_cached("DELETE FROM events WHERE id = ?1 RETURNING original")?
        .query_row([&id], |row| row.get(0))
        .optional()?;
    connection.prepare_cached("DELETE FROM to_redact WHERE event = ?1")?.execute([&id])?;
    let Some(original) = original else { return Ok(()) };
    counts.events += 1;
    let removed = connection
        .prepare_cached(
            "DELETE FROM originals WHERE id = ?1 \
             AND NOT EXISTS (SELECT 1 FROM events WHERE original = ?1)",
        )?
        .execute([original])?;
    counts.originals += removed as u64;
    Ok(())
}

/// Removes a delivery from the journal, with its requests and attempts.
fn remove_delivery(connection: &Connection, delivery: &Id, counts: &mut Counts) -> Result<()> {
    let delete = |sql: &str| -> Result<u64> {
        Ok(connection.prepare_cached(sql)?.execute([delivery])? as u64)
    };
    // Those behind it shall not wait for what is gone.
    lanes::leave(connection, DeliveryId::from_uuid(delivery.0), Timestamp::now())?;
    counts.attempts += delete("DELETE FROM attempts WHERE delivery = ?1")?;
    counts.requests += delete("DELETE FROM requests WHERE delivery = ?1")?;
    counts.deliveries += delete("DELETE FROM deliveries WHERE id = ?1")?;
    Ok(())
}
