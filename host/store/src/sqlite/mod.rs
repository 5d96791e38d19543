//! SQLite: embedded, in write-ahead mode, synced to disk with every commit.

mod audit;
mod care;
mod claim;
mod codec;
mod configuration;
mod confirmed;
mod deliveries;
mod events;
mod health;
mod idempotency;
mod keeping;
mod lanes;
mod mails;
mod numbers;
mod once;
mod pack;
mod policies;
mod queue;
mod reader;
mod rejects;
mod replays;
mod schema;
mod search;
mod statistics;
mod tokens;
mod users;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hookwright_model::{
    Attempt, Backfill, Delivery, DeliveryId, Digest, Event, EventId, Name, Original, PluginVersion,
    Redeliver, Reject, RejectId, Replay, ReplayId, ReplayMove, Secret, SubscriptionId, Timestamp,
};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::{
    Aside, Begun, Changes, Configuration, DeliveryFilter, DeliverySummary, Due, Entry, EventFilter,
    Found, Lease, Noted, Page, Post, Progress, RejectCap, ReplayCount, ReplayDelivery, ReplayEvent,
    ReplayFilter, ReplayStep, Result, Store, StoreError, SubscriptionHealth, TakenIn, Vault,
    Wanted,
};
use reader::Readers;
use writer::Writer;

/// Threads that read. The console and the scheduler rarely ask more at once.
const READERS: usize = 3;

/// A store in one file.
#[derive(Clone)]
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    vault: Vault,
    path: Arc<Path>,
    watch: fn(Written),
}

/// What was written, and is yet to be committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A post that was taken in.
    Accepted,
    /// The progress of a delivery.
    Recorded,
}

impl SqliteStore {
    /// Opens the store in this file, which is made if it is not there.
    ///
    /// # Errors
    /// When the file is no store, is damaged, or was made by a newer version of this program;
    /// when its secrets were encrypted with another key.
    pub fn open(path: &Path, vault: Vault) -> Result<Self> {
        let mut connection = Connection::open(path)?;
        configure(&connection)?;
        schema::migrate(&mut connection)?;
        configuration::check_key(&connection, &vault)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = |_| {
            let reader = Connection::open_with_flags(path, flags)?;
            reader.set_prepared_statement_cache_capacity(64);
            reader.busy_timeout(Duration::from_secs(10))?;
            Ok(reader)
        };
        let readers = (0..READERS).map(reader).collect::<Result<_>>()?;
        let (writer, readers) = (Writer::start(connection)?, Readers::start(readers)?);
        Ok(Self { writer, readers, vault, path: path.into(), watch: |_| {} })
    }

    /// Has this called within changes, when all of one is written and nothing of it is committed.
    /// It is for tests in which the process ends there.
    #[must_use]
    pub fn watched(self, watch: fn(Written)) -> Self {
        Self { watch, ..self }
    }
}

fn configure(connection: &Connection) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    // Another process may write too, as `hookwright token create` does.
    connection.busy_timeout(Duration::from_secs(10))?;
    let pragmas = [
        // Only for a new file. Rows hold whole tickets: larger pages have fewer overflows.
        ("page_size", "8192"),
        // Only for a new file. Lets retention give room back bit by bit.
        ("auto_vacuum", "incremental"),
        ("journal_mode", "wal"),
        // Every commit is synced: what is acknowledged survives the loss of power.
        ("synchronous", "full"),
        ("foreign_keys", "on"),
        // What is erased is overwritten, and not only unlinked.
        ("secure_delete", "on"),
        ("cache_size", "-65536"),
        ("temp_store", "memory"),
        // 32 MiB of log: a commit seldom has to copy pages back.
        ("wal_autocheckpoint", "4096"),
    ];
    for (name, value) in pragmas {
        connection.pragma_update(None, name, value)?;
    }
    Ok(())
}

impl From<rusqlite::Error> for StoreError {
    /// In the words of the store.
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        match error {
            rusqlite::Error::QueryReturnedNoRows => StoreError::NotFound("such entry".into()),
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::SystemIoFailure
                | ErrorCode::FileLockingProtocolFailed => StoreError::Unwritable(text),
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged(text),
                ErrorCode::ConstraintViolation => StoreError::Conflict(text),
                _ => StoreError::Other(text),
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..) => StoreError::Damaged(text),
            _ => StoreError::Other(text),
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn accept(&self, post: Post) -> Result<TakenIn> {
        // Packed here and not by the thread that writes, which all others wait for.
        let packed = queue::Accepted::pack(post)?;
        let watch = self.watch;
        self.writer
            .change(move |connection| {
                packed.insert(connection).inspect(|_| watch(Written::Accepted))
            })
            .await
    }

    async fn keep_reject(
        &self,
        reject: Reject,
        original: Arc<Original>,
        cap: RejectCap,
    ) -> Result<RejectId> {
        let packed = rejects::PackedReject::pack(reject, &original)?;
        self.writer.change(move |connection| packed.keep(connection, cap)).await
    }

    async fn rejects(&self, source: Option<Name>, page: Page<RejectId>) -> Result<Vec<Reject>> {
        self.readers.query(move |connection| rejects::list(connection, source.as_ref(), page)).await
    }

    async fn reject(&self, id: RejectId) -> Result<(Reject, Original)> {
        self.readers.query(move |connection| rejects::one(connection, id)).await
    }

    async fn remove_reject(&self, id: RejectId) -> Result<bool> {
        self.writer.change(move |connection| rejects::remove(connection, id)).await
    }

    async fn last_event(&self, source: Name, subject: Arc<str>) -> Result<Option<Event>> {
        self.readers.query(move |connection| events::last(connection, &source, &subject)).await
    }

    async fn forget(&self, now: Timestamp, rejects_before: Timestamp) -> Result<bool> {
        self.writer.change(move |connection| rejects::forget(connection, now, rejects_before)).await
    }

    async fn claim(&self, wanted: Wanted, lease: Lease) -> Result<Due> {
        let now = wanted.now;
        // Found and read by a thread that reads: the one that writes is waited for by all.
        let due = move |connection: &Connection| claim::due(connection, &wanted, lease.owner);
        let mut due = self.readers.query(due).await?;
        if due.works.is_empty() {
            return Ok(due);
        }
        let ids: Vec<_> = due.works.iter().map(|work| work.delivery.id).collect();
        let take = move |connection: &Connection| claim::take(connection, &ids, now, lease);
        let mut taken = self.writer.change(take).await?.into_iter();
        due.works.retain(|_| taken.next().unwrap_or(false));
        Ok(due)
    }

    async fn renew(&self, lease: Lease) -> Result<()> {
        self.writer.change(move |connection| queue::renew(connection, lease)).await
    }

    async fn release_all(&self, now: Timestamp) -> Result<u64> {
        self.writer.change(move |connection| queue::release_all(connection, now)).await
    }

    async fn bring_forward(&self, now: Timestamp, by: Duration) -> Result<u64> {
        self.writer.change(move |connection| queue::bring_forward(connection, now, by)).await
    }

    async fn last_received_at(&self) -> Result<Option<Timestamp>> {
        self.readers.query(events::last_received_at).await
    }

    async fn writable(&self) -> Result<()> {
        if self.writer.is_able() {
            return Ok(());
        }
        self.writer.change(schema::write_version).await?;
        self.writer.is_able_again();
        Ok(())
    }

    async fn next_due(&self) -> Result<Option<Timestamp>> {
        self.readers.query(queue::next_due).await
    }

    async fn record(&self, progress: Arc<Progress>) -> Result<Noted> {
        let packed = queue::Recorded::pack(progress)?;
        let watch = self.watch;
        self.writer
            .change(move |connection| {
                packed.write(connection).inspect(|_| watch(Written::Recorded))
            })
            .await
    }

    async fn wake(&self, waiting: Vec<(DeliveryId, Timestamp)>, now: Timestamp) -> Result<()> {
        self.writer.change(move |connection| health::wake(connection, &waiting, now)).await
    }

    async fn healths(&self) -> Result<Vec<SubscriptionHealth>> {
        self.readers.query(health::all).await
    }

    async fn keep_healths(&self, healths: Vec<SubscriptionHealth>) -> Result<()> {
        self.writer
            .change(move |connection| {
                healths.iter().try_for_each(|health| health::keep(connection, health))
            })
            .await
    }

    async fn disable(
        &self,
        health: SubscriptionHealth,
        now: Timestamp,
        aside: Aside,
    ) -> Result<()> {
        let aside = mails::PackedAside::pack(aside)?;
        self.writer
            .change(move |connection| {
                health::disable(connection, &health, now)?;
                aside.write(connection)
            })
            .await
    }

    async fn requeue(&self, id: DeliveryId, now: Timestamp) -> Result<()> {
        self.writer.change(move |connection| queue::requeue(connection, id, now)).await
    }

    async fn cancel(&self, id: DeliveryId, now: Timestamp) -> Result<()> {
        self.writer.change(move |connection| queue::cancel(connection, id, now)).await
    }

    async fn event(&self, id: EventId) -> Result<(Event, Original)> {
        self.readers.query(move |connection| events::one(connection, id)).await
    }

    async fn find_events(
        &self,
        filter: EventFilter,
        page: Page<EventId>,
    ) -> Result<Found<Event, EventId>> {
        self.readers.query(move |connection| search::events(connection, &filter, page)).await
    }

    async fn delivery(&self, id: DeliveryId) -> Result<(Delivery, DeliverySummary)> {
        self.readers.query(move |connection| deliveries::one(connection, id)).await
    }

    async fn entry(&self, id: DeliveryId) -> Result<Entry> {
        self.readers.query(move |connection| search::entry(connection, id)).await
    }

    async fn find_deliveries(
        &self,
        filter: DeliveryFilter,
        page: Page<DeliveryId>,
    ) -> Result<Found<DeliverySummary, DeliveryId>> {
        self.readers.query(move |connection| search::deliveries(connection, &filter, page)).await
    }

    async fn attempts_after(
        &self,
        id: DeliveryId,
        after: u32,
        limit: usize,
    ) -> Result<Vec<Attempt>> {
        let attempts = move |connection: &_| deliveries::attempts(connection, id, after, limit);
        self.readers.query(attempts).await
    }

    async fn last_answers(
        &self,
        ids: Vec<DeliveryId>,
        most: usize,
    ) -> Result<Vec<(DeliveryId, Vec<u8>)>> {
        self.readers
            .query(move |connection| {
                let mut found = Vec::with_capacity(ids.len());
                for id in &ids {
                    if let Some(body) = deliveries::last_answer(connection, *id, most)? {
                        found.push((*id, body));
                    }
                }
                Ok(found)
            })
            .await
    }

    async fn configuration(&self) -> Result<Configuration> {
        self.readers.query(configuration::read).await
    }

    async fn change(&self, changes: Changes) -> Result<()> {
        let vault = self.vault.clone();
        let events = changes.events.clone().map(queue::Accepted::pack).transpose()?;
        self.writer
            .change(move |connection| {
                configuration::change(connection, &vault, &changes)?;
                events.iter().try_for_each(|events| events.insert(connection).map(drop))
            })
            .await
    }

    async fn confirm(&self, address: Digest, now: Timestamp) -> Result<()> {
        self.writer.change(move |connection| confirmed::add(connection, address, now)).await
    }

    async fn number(&self, subscription: SubscriptionId) -> Result<i64> {
        self.writer.change(move |connection| numbers::of(connection, subscription)).await
    }

    async fn own_key(&self, purpose: &'static str) -> Result<Secret> {
        let vault = self.vault.clone();
        self.writer.change(move |connection| confirmed::key(connection, &vault, purpose)).await
    }

    async fn install_plugin(&self, version: PluginVersion, bytes: Arc<[u8]>) -> Result<bool> {
        self.writer
            .change(move |connection| configuration::install(connection, &version, &bytes))
            .await
    }

    async fn plugin_bytes(&self, digest: Digest) -> Result<Vec<u8>> {
        self.readers.query(move |connection| configuration::plugin_bytes(connection, digest)).await
    }

    async fn code_checksum(&self, digest: Digest, runtime: u64) -> Result<Option<Digest>> {
        self.readers
            .query(move |connection| configuration::code_checksum(connection, digest, runtime))
            .await
    }

    async fn note_code(&self, digest: Digest, runtime: u64, checksum: Digest) -> Result<()> {
        self.writer
            .change(move |connection| {
                configuration::note_code(connection, digest, runtime, checksum)
            })
            .await
    }

    async fn secret(&self, name: Name) -> Result<Option<Secret>> {
        let vault = self.vault.clone();
        self.readers.query(move |connection| configuration::secret(connection, &vault, &name)).await
    }

    async fn secrets(&self) -> Result<Vec<(Name, Result<Secret>)>> {
        let vault = self.vault.clone();
        self.readers.query(move |connection| configuration::secrets(connection, &vault)).await
    }

    async fn policy_key(&self, name: Name, kid: String) -> Result<Option<Secret>> {
        let vault = self.vault.clone();
        self.readers
            .query(move |connection| policies::private_key(connection, &vault, &name, &kid))
            .await
    }

    async fn begin_request(&self, id: Digest, request: Digest, now: Timestamp) -> Result<Begun> {
        let vault = self.vault.clone();
        self.writer
            .change(move |connection| {
                idempotency::begin(connection, &vault, id, request.as_bytes(), now)
            })
            .await
    }

    async fn end_request(
        &self,
        id: Digest,
        request: Digest,
        answer: Option<Vec<u8>>,
        now: Timestamp,
    ) -> Result<()> {
        let vault = self.vault.clone();
        self.writer
            .change(move |connection| {
                let (request, answer) = (request.as_bytes(), answer.as_deref());
                idempotency::end(connection, &vault, id, request, answer, now)
            })
            .await
    }

    async fn add_replay(&self, replay: Replay) -> Result<()> {
        self.writer.change(move |connection| replays::add(connection, &replay)).await
    }

    async fn replay(&self, id: ReplayId) -> Result<Replay> {
        self.readers.query(move |connection| replays::one(connection, id)).await
    }

    async fn replays(&self, filter: ReplayFilter, page: Page<ReplayId>) -> Result<Vec<Replay>> {
        self.readers.query(move |connection| replays::list(connection, filter, page)).await
    }

    async fn move_replay(&self, id: ReplayId, to: ReplayMove, now: Timestamp) -> Result<Replay> {
        self.writer.change(move |connection| replays::make(connection, id, &to, now)).await
    }

    async fn step_replay(&self, step: ReplayStep) -> Result<Option<Replay>> {
        self.writer.change(move |connection| replays::step(connection, &step)).await
    }

    async fn remove_replay(&self, id: ReplayId) -> Result<()> {
        self.writer.change(move |connection| replays::remove(connection, id)).await
    }

    async fn count_replay(&self, what: Redeliver) -> Result<Vec<ReplayCount>> {
        self.readers.query(move |connection| replays::count(connection, &what)).await
    }

    async fn replay_deliveries(
        &self,
        what: Redeliver,
        after: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Vec<ReplayDelivery>> {
        self.readers
            .query(move |connection| replays::deliveries(connection, &what, after, limit))
            .await
    }

    async fn replay_events(
        &self,
        what: Backfill,
        after: Option<EventId>,
        limit: usize,
    ) -> Result<Vec<ReplayEvent>> {
        self.readers.query(move |connection| replays::events(connection, &what, after, limit)).await
    }
}
