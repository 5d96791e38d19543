//! Threads that read, each with its own connection, so that reading never waits for writing.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{Result, StoreError};

type Query = Box<dyn FnOnce(&Connection) + Send>;

/// Hands queries to the threads. They end when the last of these is dropped.
#[derive(Clone)]
pub(super) struct Readers {
    queries: Sender<Query>,
}

impl Readers {
    pub(super) fn start(connections: Vec<Connection>) -> Result<Self> {
        let (queries, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for (number, connection) in connections.into_iter().enumerate() {
            let receiver = Arc::clone(&receiver);
            thread::Builder::new()
                .name(format!("store-reader-{number}"))
                .spawn(move || read(&connection, &receiver))
                .map_err(|error| StoreError::Other(format!("no thread to read with: {error}")))?;
        }
        Ok(Self { queries })
    }

    /// Runs a query.
    pub(super) async fn query<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, outcome) = oneshot::channel();
        let gone = || StoreError::Other("the reading threads have ended".into());
        // Whoever asked may have gone.
        let query = Box::new(move |connection: &Connection| drop(reply.send(query(connection))));
        self.queries.send(query).map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

fn read(connection: &Connection, queries: &Mutex<Receiver<Query>>) {
    loop {
        // The lock is held while waiting, not while reading.
        let next = queries.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(query) => query(connection),
            Err(_) => return,
        }
    }
}
