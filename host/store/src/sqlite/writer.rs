//! The one thread that writes: what arrives while it commits is committed together next.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{Result, StoreError};

/// The most changes of one commit. Beyond this a commit takes longer without saving more.
const MAX_BATCH: usize = 256;

/// A change, to be made in a transaction with others; run again alone if another fails.
trait Job: Send {
    fn run(&mut self, connection: &Connection) -> Result<()>;
    fn finish(self: Box<Self>, outcome: Result<()>);
}

struct Change<T, F> {
    change: F,
    value: Option<T>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: FnMut(&Connection) -> Result<T> + Send> Job for Change<T, F> {
    fn run(&mut self, connection: &Connection) -> Result<()> {
        self.value = Some((self.change)(connection)?);
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        let Self { value, reply, .. } = *self;
        let none = || StoreError::Other("a change was not made".into());
        // Whoever asked may have gone; what was committed stays so.
        drop(reply.send(outcome.and_then(|()| value.ok_or_else(none))));
    }
}

/// Hands changes to the thread. The thread ends when the last of these is dropped.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: Sender<Box<dyn Job>>,
    able: Arc<AtomicBool>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self> {
        let (jobs, receiver) = channel();
        let able = Arc::new(AtomicBool::new(true));
        let found = Arc::clone(&able);
        thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write(&connection, &receiver, &found))
            .map_err(|error| StoreError::Other(format!("no thread to write with: {error}")))?;
        Ok(Self { jobs, able })
    }

    /// Whether nothing is known against writing. A change that is made does not tell: there may
    /// have been nothing to write in it.
    pub(super) fn is_able(&self) -> bool {
        self.able.load(Ordering::Relaxed)
    }

    pub(super) fn is_able_again(&self) {
        self.able.store(true, Ordering::Relaxed);
    }

    /// Makes a change, and returns when it is committed and safe. The closure may be called
    /// twice, the first time for nothing.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        change: impl FnMut(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, outcome) = oneshot::channel();
        let gone = || StoreError::Other("the writing thread has ended".into());
        self.jobs.send(Box::new(Change { change, value: None, reply })).map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

fn write(connection: &Connection, jobs: &Receiver<Box<dyn Job>>, able: &AtomicBool) {
    let together = |batch: &mut Vec<_>, more: Option<&Receiver<_>>| {
        let outcome = together(connection, batch, more);
        if matches!(outcome, Err(StoreError::Unwritable(_))) {
            able.store(false, Ordering::Relaxed);
        }
        outcome
    };
    let mut batch = Vec::with_capacity(MAX_BATCH);
    while let Ok(first) = jobs.recv() {
        batch.push(first);
        match together(&mut batch, Some(jobs)) {
            Ok(()) => batch.drain(..).for_each(|job| job.finish(Ok(()))),
            Err(error) if batch.len() == 1 => {
                batch.drain(..).for_each(|job| job.finish(Err(error.clone())));
            }
            // One of them is at fault, and the others shall not suffer for it.
            Err(_) => {
                for job in std::mem::take(&mut batch) {
                    let mut alone = vec![job];
                    let outcome = together(&mut alone, None);
                    alone.drain(..).for_each(|job| job.finish(outcome.clone()));
                }
            }
        }
    }
}

/// All or nothing, and with it what `more` has until all of it is done.
fn together(
    connection: &Connection,
    batch: &mut Vec<Box<dyn Job>>,
    more: Option<&Receiver<Box<dyn Job>>>,
) -> Result<()> {
    execute(connection, "BEGIN IMMEDIATE")?;
    match run(connection, batch, more).and_then(|()| execute(connection, "COMMIT")) {
        Ok(()) => Ok(()),
        Err(error) => {
            // SQLite may have rolled back by itself, as when the disk is full.
            if !connection.is_autocommit()
                && let Err(error) = execute(connection, "ROLLBACK")
            {
                tracing::error!(%error, "a failed change could not be rolled back");
            }
            Err(error)
        }
    }
}

fn run(
    connection: &Connection,
    batch: &mut Vec<Box<dyn Job>>,
    more: Option<&Receiver<Box<dyn Job>>>,
) -> Result<()> {
    let mut done = 0;
    let mut has_yielded = false;
    loop {
        while let Some(job) = batch.get_mut(done) {
            job.run(connection)?;
            done += 1;
        }
        let next = more.filter(|_| done < MAX_BATCH).and_then(|jobs| jobs.try_recv().ok());
        match next {
            Some(job) => batch.push(job),
            None if has_yielded => return Ok(()),
            // A commit costs as much as several changes. Whoever waits for a processor may be
            // about to send another one; if nobody does, no time is lost.
            None => {
                std::thread::yield_now();
                has_yielded = true;
            }
        }
    }
}

fn execute(connection: &Connection, sql: &str) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    statement.execute([]).map(drop).map_err(StoreError::from)
}
