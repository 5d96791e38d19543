//! The one thread that writes: what arrives while it works is committed with it, and what arrives
//! while it commits is committed together next.

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
        if done >= MAX_BATCH {
            return Ok(());
        }
        match more.and_then(|jobs| jobs.try_recv().ok()) {
            Some(job) => batch.push(job),
            None if has_yielded || more.is_none() => return Ok(()),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is asked for joins what is under way, and each is told what became of its own.
    #[tokio::test]
    async fn one_that_fails_harms_none_of_those_it_joined() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE done (number INTEGER PRIMARY KEY)").unwrap();
        let writer = Writer::start(connection).unwrap();
        let (go_on, gate) = channel::<()>();
        let (begun, has_begun) = channel();
        let first = writer.change(move |connection| {
            // Only when it is made the first time: then nobody waits any more.
            begun.send(()).ok();
            gate.recv().ok();
            connection.execute("INSERT INTO done VALUES (0)", []).map_err(StoreError::from)
        });
        let insert = |number: i64| {
            writer.change(move |connection| {
                if number == 13 {
                    return Err(StoreError::Conflict("not this one".into()));
                }
                let sql = "INSERT INTO done VALUES (?1)";
                connection.execute(sql, [number]).map_err(StoreError::from)
            })
        };
        let others = async {
            while has_begun.try_recv().is_err() {
                tokio::task::yield_now().await;
            }
            // All of them are asked for before the first is made.
            let release = async { drop(go_on) };
            tokio::join!(insert(1), insert(13), insert(2), release)
        };
        let (first, (one, failed, two, ())) = tokio::join!(first, others);
        assert_eq!((first.unwrap(), one.unwrap(), two.unwrap()), (1, 1, 1));
        assert!(matches!(failed, Err(StoreError::Conflict(_))), "{failed:?}");
        let all = writer.change(|connection| {
            let sql = "SELECT group_concat(number) FROM (SELECT number FROM done ORDER BY number)";
            connection.query_row(sql, [], |row| row.get::<_, String>(0)).map_err(StoreError::from)
        });
        assert_eq!(all.await.unwrap(), "0,1,2");
    }
}
