//! `hookwright bench`: how much a daemon takes on this machine, and a receiver to try it with.

mod answering;
mod count;
mod load;
mod post;
mod sink;
mod summary;
mod target;
#[cfg(test)]
mod tests;

use std::task::Poll;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Daemon;

#[derive(clap::Subcommand)]
pub(super) enum Bench {
    /// Post a file many times, and say how quickly it was acknowledged. `--url` is the whole
    /// address, such as http://127.0.0.1:8088/in/helpdesk.
    Load(load::Load),
    /// Run a receiver that counts what arrives, until Ctrl-C.
    Sink(sink::Sink),
}

impl Bench {
    pub(super) async fn run(self, daemon: &Daemon) -> anyhow::Result<()> {
        match self {
            Self::Load(load) => load.run(daemon).await,
            Self::Sink(sink) => sink.run(daemon.json).await,
        }
    }
}

/// Hears when this process is asked to end, by Ctrl-C or by the system, from when it is made.
struct Ending(Vec<Signal>);

impl Ending {
    /// If signals cannot be heard, nothing is: then the first of them ends the process at once.
    fn listen() -> Self {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        Self(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    /// Resolves when it was asked.
    async fn asked(mut self) {
        std::future::poll_fn(|cx| {
            let mut signals = self.0.iter_mut();
            if signals.any(|signal| signal.poll_recv(cx).is_ready()) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}
