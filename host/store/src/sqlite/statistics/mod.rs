//! Figures over time: added up in the commit that writes them, for the minute, the hour and the
//! day at once. So nothing is left half rolled up, and what is read is as much as is shown.

mod pack;
mod waiting;

use std::collections::BTreeMap;

use async_trait::async_trait;
use hookwright_model::{Counts, DeliveryId, Step, Subject, SubjectKind, SubscriptionId, Timestamp};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};

use self::pack::{pack, unpack};
use super::SqliteStore;
use super::codec::{Id, parse};
use crate::statistics::{Counted, Overview, Span, Waiting};
use crate::{Result, StoreError};

/// Of how many a commit lets go what is old.
const KEYS_AT_ONCE: usize = 200;

#[async_trait]
impl Overview for SqliteStore {
    async fn add_counts(&self, counted: Vec<Counted>) -> Result<()> {
        if self.readers.query(is_any_canceled).await? {
            self.writer.change(add_canceled).await?;
        }
        let mut rows: BTreeMap<Place, Counts> = BTreeMap::new();
        for one in counted {
            for step in Step::ALL {
                let place = Place::new(step, &one.subject, one.at);
                rows.entry(place).or_default().add(&one.counts);
            }
        }
        let rows: Vec<_> = rows.into_iter().collect();
        if rows.is_empty() {
            return Ok(());
        }
        self.writer
            .change(move |connection| {
                rows.iter().try_for_each(|(place, counts)| add(connection, place, counts))
            })
            .await
    }

    async fn sums(&self, kind: SubjectKind, span: Span) -> Result<Vec<(Subject, Counts)>> {
        self.readers.query(move |connection| sums(connection, kind, span)).await
    }

    async fn series(
        &self,
        subjects: Vec<Subject>,
        span: Span,
    ) -> Result<Vec<Vec<(Timestamp, Counts)>>> {
        self.readers
            .query(move |connection| {
                subjects.iter().map(|subject| series(connection, subject, span)).collect()
            })
            .await
    }

    async fn counted(&self, kind: SubjectKind) -> Result<Vec<Subject>> {
        self.readers
            .query(move |connection| {
                let keys = keys(connection, Step::Day, kind, None, usize::MAX)?;
                keys.iter().map(|key| subject(kind, key)).collect()
            })
            .await
    }

    async fn forget_counts(&self, now: Timestamp) -> Result<()> {
        for step in Step::ALL {
            let before = step.start(now.before(step.kept()));
            for kind in KINDS {
                let mut last: Option<Vec<u8>> = None;
                loop {
                    let after = last.clone();
                    let query = move |connection: &Connection| {
                        keys(connection, step, kind, after.as_deref(), KEYS_AT_ONCE)
                    };
                    let keys = self.readers.query(query).await?;
                    let Some(next) = keys.last().cloned() else { break };
                    last = Some(next);
                    let forget = move |connection: &Connection| {
                        keys.iter().try_for_each(|key| forget(connection, step, kind, key, before))
                    };
                    self.writer.change(forget).await?;
                }
            }
        }
        Ok(())
    }

    async fn in_the_way(&self, limit: usize) -> Result<Vec<(SubscriptionId, DeliveryId)>> {
        self.readers.query(move |connection| waiting::in_the_way(connection, limit)).await
    }

    async fn waiting(&self, before: Timestamp, limit: usize) -> Result<Vec<Waiting>> {
        self.readers.query(move |connection| waiting::waiting(connection, before, limit)).await
    }
}

const KINDS: [SubjectKind; 4] =
    [SubjectKind::All, SubjectKind::Subscription, SubjectKind::Source, SubjectKind::Destination];

/// Where figures stand.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    step: i64,
    kind: i64,
    key: Vec<u8>,
    at: i64,
}

impl Place {
    fn new(step: Step, subject: &Subject, moment: Timestamp) -> Self {
        Self {
            step: step_number(step),
            kind: kind_number(subject.kind()),
            key: key(subject),
            at: step.start(moment).millis(),
        }
    }
}

fn step_number(step: Step) -> i64 {
    match step {
        Step::Minute => 0,
        Step::Hour => 1,
        Step::Day => 2,
    }
}

fn kind_number(kind: SubjectKind) -> i64 {
    match kind {
        SubjectKind::All => 0,
        SubjectKind::Subscription => 1,
        SubjectKind::Source => 2,
        SubjectKind::Destination => 3,
    }
}

fn key(subject: &Subject) -> Vec<u8> {
    match subject {
        Subject::All => Vec::new(),
        Subject::Subscription(id) => id.uuid().as_bytes().to_vec(),
        Subject::Source(name) => name.as_str().as_bytes().to_vec(),
        Subject::Destination(name) => name.as_bytes().to_vec(),
    }
}

fn subject(kind: SubjectKind, key: &[u8]) -> Result<Subject> {
    let text = || std::str::from_utf8(key).map_err(|error| StoreError::damaged("figures", error));
    Ok(match kind {
        SubjectKind::All => Subject::All,
        SubjectKind::Subscription => {
            let id = uuid::Uuid::from_slice(key);
            let id = id.map_err(|error| StoreError::damaged("a subscription's id", error))?;
            Subject::Subscription(SubscriptionId::from_uuid(id))
        }
        SubjectKind::Source => Subject::Source(parse("a source's name", text()?)?),
        SubjectKind::Destination => Subject::Destination(text()?.into()),
    })
}

fn add(connection: &Connection, place: &Place, more: &Counts) -> Result<()> {
    let Place { step, kind, key, at } = place;
    let mut find = connection.prepare_cached(
        "SELECT counts FROM statistics WHERE step = ?1 AND kind = ?2 AND key = ?3 AND at = ?4",
    )?;
    let found =
        find.query_row(params![step, kind, key, at], |row| row.get::<_, Vec<u8>>(0)).optional()?;
    let counts = match found {
        Some(bytes) => {
            let mut counts = unpack(&bytes)?;
            counts.add(more);
            pack(&counts)
        }
        None => pack(more),
    };
    connection
        .prepare_cached("INSERT OR REPLACE INTO statistics VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![step, kind, key, at, counts])?;
    Ok(())
}

fn is_any_canceled(connection: &Connection) -> Result<bool> {
    Ok(connection.prepare_cached("SELECT 1 FROM canceled")?.exists([])?)
}

fn add_canceled(connection: &Connection) -> Result<()> {
    let canceled = connection
        .prepare_cached("DELETE FROM canceled RETURNING at, subscription, deliveries")?
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, Id>(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<Vec<(i64, Id, i64)>>>()?;
    for (at, subscription, canceled) in canceled {
        let canceled = u64::try_from(canceled).unwrap_or(0);
        let counts = Counts { canceled, ..Counts::default() };
        let subscription = Subject::Subscription(SubscriptionId::from_uuid(subscription.0));
        for subject in [Subject::All, subscription] {
            for step in Step::ALL {
                let place = Place::new(step, &subject, Timestamp::from_millis(at));
                add(connection, &place, &counts)?;
            }
        }
    }
    Ok(())
}

/// The keys of a kind, after one of them, found by their place in the index.
fn keys(
    connection: &Connection,
    step: Step,
    kind: SubjectKind,
    after: Option<&[u8]>,
    limit: usize,
) -> Result<Vec<Vec<u8>>> {
    let (step, kind) = (step_number(step), kind_number(kind));
    let next = |is: &str| {
        format!(
            "SELECT key FROM statistics WHERE step = ?1 AND kind = ?2 AND key {is} ?3 \
             ORDER BY key LIMIT 1"
        )
    };
    // An empty key is one too.
    let mut first = connection.prepare_cached(&next(">="))?;
    let mut following = connection.prepare_cached(&next(">"))?;
    let mut keys: Vec<Vec<u8>> = Vec::new();
    while keys.len() < limit {
        let found = match keys.last().map(Vec::as_slice).or(after) {
            Some(last) => following.query_row(params![step, kind, last], |row| row.get(0)),
            None => first.query_row(params![step, kind, Vec::<u8>::new()], |row| row.get(0)),
        };
        let Some(key) = found.optional()? else { break };
        keys.push(key);
    }
    Ok(keys)
}

fn sums(connection: &Connection, kind: SubjectKind, span: Span) -> Result<Vec<(Subject, Counts)>> {
    // Whoever has anything in it has something in its days.
    let mut all = Vec::new();
    for key in keys(connection, Step::Day, kind, None, usize::MAX)? {
        let mut sum = Counts::default();
        for part in span.coarsest() {
            rows(connection, kind, &key, part, |_, counts| sum.add(&counts))?;
        }
        if sum != Counts::default() {
            all.push((subject(kind, &key)?, sum));
        }
    }
    Ok(all)
}

fn series(
    connection: &Connection,
    subject: &Subject,
    span: Span,
) -> Result<Vec<(Timestamp, Counts)>> {
    let mut series = Vec::new();
    rows(connection, subject.kind(), &key(subject), span, |at, counts| series.push((at, counts)))?;
    Ok(series)
}

fn rows(
    connection: &Connection,
    kind: SubjectKind,
    key: &[u8],
    span: Span,
    mut each: impl FnMut(Timestamp, Counts),
) -> Result<()> {
    let mut statement = connection.prepare_cached(ROWS)?;
    let mut rows = statement.query(params![
        step_number(span.step),
        kind_number(kind),
        key,
        span.since.millis(),
        span.until.millis(),
    ])?;
    while let Some(row) = rows.next()? {
        let ValueRef::Blob(counts) = row.get_ref(1)? else {
            return Err(StoreError::damaged("figures", "they are no bytes"));
        };
        each(Timestamp::from_millis(row.get(0)?), unpack(counts)?);
    }
    Ok(())
}

const ROWS: &str = "SELECT at, counts FROM statistics \
     WHERE step = ?1 AND kind = ?2 AND key = ?3 AND at >= ?4 AND at < ?5 ORDER BY at";

fn forget(
    connection: &Connection,
    step: Step,
    kind: SubjectKind,
    key: &[u8],
    before: Timestamp,
) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM statistics WHERE step = ?1 AND kind = ?2 AND key = ?3 AND at < ?4",
        )?
        .execute(params![step_number(step), kind_number(kind), key, before.millis()])?;
    Ok(())
}
