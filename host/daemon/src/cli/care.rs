//! `hookwright backup`, `restore` and `doctor`: they work on the data directory itself, also
//! while a daemon does.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use hookwright_store::SqliteStore;

use super::{Daemon, Data, output};
use crate::care::doctor::{self, Health};
use crate::care::{key_file, restore, store_file};

#[derive(clap::Args)]
pub(super) struct Backup {
    #[command(flatten)]
    data: Data,
    /// Where the copy goes; there must be nothing yet.
    file: PathBuf,
}

impl Backup {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let store = store_file(&self.data.data);
        SqliteStore::back_up(&store, &self.file)
            .with_context(|| format!("cannot copy {}", store.display()))?;
        println!("The store is copied to {}.", self.file.display());
        let key = key_file(&self.data.data);
        if self.data.key.is_none() && key.exists() {
            println!(
                "The key of its secrets is not in it: keep a copy of {} at another place.",
                key.display()
            );
        }
        Ok(())
    }
}

#[derive(clap::Args)]
pub(super) struct Restore {
    #[command(flatten)]
    data: Data,
    /// A copy that `hookwright backup` made.
    file: PathBuf,
    /// The copy of the key file that belongs to it; left out if the key is given with
    /// `HOOKWRIGHT_KEY` or is in the data directory already.
    #[arg(long)]
    key_file: Option<PathBuf>,
}

impl Restore {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        restore::restore(&self.file, &self.data.data, self.key_file.as_deref())?;
        println!(
            "The store is in {} again. `hookwright doctor` looks at it.",
            self.data.data.display()
        );
        Ok(())
    }
}

#[derive(clap::Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    data: Data,
}

impl Doctor {
    pub(super) async fn run(self, daemon: &Daemon) -> anyhow::Result<()> {
        let findings = doctor::examine(&self.data.data, self.data.key.as_deref()).await;
        if daemon.json {
            output::json(&findings)?;
        } else {
            let rows = findings.iter().map(|finding| {
                let health = match finding.health {
                    Health::Good => "ok",
                    Health::Warning => "warning",
                    Health::Bad => "BAD",
                };
                let text = match finding.advice.as_str() {
                    "" => finding.detail.clone(),
                    advice => format!("{}\n→ {advice}", finding.detail),
                };
                vec![health.to_owned(), finding.what.clone(), text]
            });
            output::table(&["", "what", "found"], rows);
        }
        match findings.iter().filter(|finding| finding.health == Health::Bad).count() {
            0 => Ok(()),
            1 => bail!("one thing is bad"),
            count => bail!("{count} things are bad"),
        }
    }
}
