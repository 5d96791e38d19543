//! Mails, and the outages that they tell of.

use async_trait::async_trait;
use hookwright_model::{MailSettings, SubscriptionId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::mail::{Aside, Mail, MailOutcome, MailPart, Mails, Outage, OutageChange};
use crate::{Result, StoreError};

use super::SqliteStore;
use super::codec::{Id, from_json, to_json};
use super::queue::Accepted;

/// How mail is set up.
const SETTINGS: &str = "mail";

pub(super) fn settings(connection: &Connection) -> Result<Option<MailSettings>> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    let found = statement.query_row([SETTINGS], |row| row.get::<_, String>(0)).optional()?;
    found.map(|doc| from_json("the settings of mail", &doc)).transpose()
}

pub(super) fn set(connection: &Connection, settings: &MailSettings) -> Result<()> {
    let doc = to_json(settings)?;
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", [SETTINGS, &doc])?;
    Ok(())
}

pub(super) fn remove(connection: &Connection) -> Result<()> {
    connection.execute("DELETE FROM meta WHERE key = ?1", [SETTINGS])?;
    Ok(())
}

/// What comes with a change, ready to be written.
pub(super) struct PackedAside {
    events: Option<Accepted>,
    outage: Option<OutageChange>,
    mails: Vec<Mail>,
}

impl PackedAside {
    pub(super) fn pack(aside: Aside) -> Result<Self> {
        let events = aside.events.map(Accepted::pack).transpose()?;
        Ok(Self { events, outage: aside.outage, mails: aside.mails })
    }

    pub(super) fn write(&self, connection: &Connection) -> Result<()> {
        if let Some(events) = &self.events {
            events.insert(connection)?;
        }
        match &self.outage {
            Some(OutageChange::Begins(outage)) => begin(connection, outage)?,
            Some(OutageChange::GoesOn(outage)) => go_on(connection, outage)?,
            Some(OutageChange::Ends(outage)) => end(connection, outage)?,
            None => {}
        }
        self.mails.iter().try_for_each(|mail| add(connection, mail))
    }
}

/// It may be that its end was committed first; then there are mails that say so.
fn begin(connection: &Connection, outage: &Outage) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO outages \
             SELECT id, ?2, ?3, ?4, ?5, ?6 FROM subscriptions WHERE id = ?1 \
             AND NOT EXISTS (SELECT 1 FROM mails WHERE thread = ?2 AND part = 1)",
        )?
        .execute(params![
            Id(outage.subscription.uuid()),
            Id(outage.id),
            outage.since.millis(),
            outage.failed,
            outage.words,
            to_json(&outage.recipients)?,
        ])?;
    Ok(())
}

fn go_on(connection: &Connection, outage: &Outage) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE outages SET failed = max(failed, ?3), words = ?4 \
             WHERE subscription = ?1 AND id = ?2",
        )?
        .execute(params![
            Id(outage.subscription.uuid()),
            Id(outage.id),
            outage.failed,
            outage.words
        ])?;
    Ok(())
}

fn end(connection: &Connection, outage: &Outage) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM outages WHERE subscription = ?1 AND id = ?2")?
        .execute(params![Id(outage.subscription.uuid()), Id(outage.id)])?;
    Ok(())
}

fn add(connection: &Connection, mail: &Mail) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO mails VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)",
        )?
        .execute(params![
            Id(mail.id),
            Id(mail.thread),
            part_number(mail.part),
            mail.recipient,
            mail.doc,
            mail.words,
            mail.created_at.millis(),
            mail.due.millis(),
            mail.tries,
        ])?;
    Ok(())
}

fn part_number(part: MailPart) -> u8 {
    match part {
        MailPart::First => 0,
        MailPart::Last => 1,
    }
}

fn outage(row: &Row<'_>) -> Result<Outage> {
    Ok(Outage {
        subscription: SubscriptionId::from_uuid(row.get::<_, Id>(0)?.0),
        id: row.get::<_, Id>(1)?.0,
        since: Timestamp::from_millis(row.get(2)?),
        failed: row.get(3)?,
        words: row.get(4)?,
        recipients: from_json("an outage's recipients", &row.get::<_, String>(5)?)?,
    })
}

fn mail(row: &Row<'_>) -> Result<Mail> {
    Ok(Mail {
        id: row.get::<_, Id>(0)?.0,
        thread: row.get::<_, Id>(1)?.0,
        part: if row.get::<_, u8>(2)? == 0 { MailPart::First } else { MailPart::Last },
        recipient: row.get(3)?,
        doc: row.get(4)?,
        words: row.get(5)?,
        created_at: Timestamp::from_millis(row.get(6)?),
        due: Timestamp::from_millis(row.get(7)?),
        tries: row.get(8)?,
    })
}

#[async_trait]
impl Mails for SqliteStore {
    async fn outages(&self) -> Result<Vec<Outage>> {
        self.readers
            .query(|connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT subscription, id, since, failed, words, recipients FROM outages",
                )?;
                let rows = statement.query_and_then([], outage)?;
                rows.collect()
            })
            .await
    }

    async fn add_mails(&self, mails: Vec<Mail>) -> Result<()> {
        self.writer
            .change(move |connection| mails.iter().try_for_each(|mail| add(connection, mail)))
            .await
    }

    async fn due_mails(&self, now: Timestamp, limit: usize) -> Result<Vec<Mail>> {
        self.readers
            .query(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT id, thread, part, recipient, doc, words, created_at, due, tries \
                     FROM mails WHERE state = 0 AND due <= ?1 AND NOT EXISTS ( \
                         SELECT 1 FROM mails AS first WHERE first.thread = mails.thread \
                         AND first.part < mails.part AND first.recipient = mails.recipient \
                         AND first.state = 0) \
                     ORDER BY due LIMIT ?2",
                )?;
                let limit = i64::try_from(limit).unwrap_or(i64::MAX);
                let rows = statement.query_and_then(params![now.millis(), limit], mail)?;
                rows.collect()
            })
            .await
    }

    async fn waiting_mails(&self) -> Result<(u64, Option<Timestamp>)> {
        self.readers
            .query(|connection| {
                connection
                    .prepare_cached(
                        "SELECT count(*), min(due) FILTER (WHERE part = 0 OR NOT EXISTS ( \
                             SELECT 1 FROM mails AS first WHERE first.thread = mails.thread \
                             AND first.part < mails.part AND first.recipient = mails.recipient \
                             AND first.state = 0)) FROM mails WHERE state = 0",
                    )?
                    .query_row([], |row| {
                        let due: Option<i64> = row.get(1)?;
                        let count: i64 = row.get(0)?;
                        Ok((count.unsigned_abs(), due.map(Timestamp::from_millis)))
                    })
                    .map_err(StoreError::from)
            })
            .await
    }

    async fn note_mail(&self, id: Uuid, outcome: MailOutcome) -> Result<()> {
        let (state, due) = match outcome {
            MailOutcome::Again(due) => (0, Some(due.millis())),
            MailOutcome::Sent => (1, None),
            MailOutcome::GivenUp => (2, None),
        };
        self.writer
            .change(move |connection| {
                connection
                    .prepare_cached(
                        "UPDATE mails SET state = ?2, due = ifnull(?3, due), tries = tries + 1, \
                         words = iif(?2 = 0, words, NULL) WHERE id = ?1",
                    )?
                    .execute(params![Id(id), state, due])?;
                Ok(())
            })
            .await
    }

    async fn forget_mails(&self, before: Timestamp) -> Result<()> {
        self.writer
            .change(move |connection| {
                connection.execute(
                    "DELETE FROM mails WHERE state <> 0 AND created_at < ?1",
                    [before.millis()],
                )?;
                Ok(())
            })
            .await
    }

    async fn forget_mail_words(&self) -> Result<()> {
        self.writer
            .change(|connection| {
                connection.execute("UPDATE outages SET words = NULL WHERE words NOT NULL", [])?;
                connection.execute("UPDATE mails SET words = NULL WHERE words NOT NULL", [])?;
                Ok(())
            })
            .await
    }
}
