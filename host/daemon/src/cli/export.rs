//! `hookwright delivery export` and `hookwright event export`.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use http_body_util::BodyExt;

use super::client::Client;
use super::search::{Pairs, address};

/// Where it goes.
#[derive(clap::Args)]
pub(super) struct Output {
    /// Write to this file, which stands under its name only when it is complete; without this, to
    /// the standard output.
    #[arg(short, long)]
    output: Option<PathBuf>,
}

impl Output {
    /// Writes an export, and says on the standard error how far it is.
    pub(super) async fn write(
        &self,
        client: &Client,
        what: &str,
        filter: &Pairs,
    ) -> anyhow::Result<()> {
        let path = address(&format!("/v1/export/{what}"), filter);
        let Some(file) = &self.output else {
            let stdout = BufWriter::new(io::stdout().lock());
            return copy(client, &path, what, stdout).await.map(drop).or_else(unless_closed);
        };
        let cannot = || format!("cannot write {}", file.display());
        let part = beside(file);
        let open = File::create(&part).with_context(cannot)?;
        let written = async {
            let open = copy(client, &path, what, BufWriter::new(open)).await?;
            let open = open.into_inner().map_err(io::IntoInnerError::into_error)?;
            open.sync_all()?;
            fs::rename(&part, file)?;
            Ok::<_, anyhow::Error>(())
        };
        let written = written.await;
        if written.is_err() {
            drop(fs::remove_file(&part));
        }
        written.with_context(cannot)
    }
}

/// Copies an answer as it comes.
async fn copy<W: Write>(
    client: &Client,
    path: &str,
    what: &str,
    mut to: BufWriter<W>,
) -> anyhow::Result<BufWriter<W>> {
    let mut body = client.stream(path).await?;
    let mut count = Count::new(what);
    while let Some(frame) = body.frame().await {
        let frame = frame.context("the export broke off; the daemon's log says why")?;
        if let Some(bytes) = frame.data_ref() {
            to.write_all(bytes)?;
            count.add(bytes);
        }
    }
    to.flush()?;
    count.end();
    Ok(to)
}

/// Whoever reads the output, as `head` does, may have enough.
fn unless_closed(error: anyhow::Error) -> anyhow::Result<()> {
    let closed = error.downcast_ref::<io::Error>().map(io::Error::kind);
    if closed == Some(io::ErrorKind::BrokenPipe) { Ok(()) } else { Err(error) }
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    file.with_file_name(name)
}

/// How many there were, for people who watch.
struct Count<'a> {
    what: &'a str,
    lines: usize,
    shown: usize,
    watched: bool,
}

impl<'a> Count<'a> {
    /// It is shown again after so many.
    const STEP: usize = 1_000;

    fn new(what: &'a str) -> Self {
        Self { what, lines: 0, shown: 0, watched: io::stderr().is_terminal() }
    }

    fn add(&mut self, bytes: &[u8]) {
        self.lines += bytes.iter().filter(|byte| **byte == b'\n').count();
        if self.watched && self.lines >= self.shown + Self::STEP {
            self.shown = self.lines;
            eprint!("\r{} {}", self.lines, self.what);
        }
    }

    fn end(&self) {
        let start = if self.watched { "\r" } else { "" };
        eprintln!("{start}{} {}", self.lines, self.what);
    }
}
