//! An event in a file.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;

/// An event, whole or only its data.
#[derive(clap::Args)]
pub(super) struct EventFile {
    /// A CloudEvent in JSON, or only its data; `-` for the standard input.
    file: PathBuf,
    #[command(flatten)]
    envelope: Envelope,
}

/// What an event has beside its data.
#[derive(clap::Args)]
pub(super) struct Envelope {
    /// The event's type, if the file is only its data.
    #[arg(long = "type")]
    event_type: Option<String>,
    /// The event's source, if the file is only its data.
    #[arg(long, default_value = "hookwright-cli")]
    source: String,
    /// What it is about, if the file is only its data.
    #[arg(long)]
    subject: Option<String>,
}

impl EventFile {
    /// The event as it is sent.
    pub(super) fn cloud_event(self) -> anyhow::Result<Value> {
        Ok(self.envelope.around(read(&self.file)?))
    }
}

impl Envelope {
    /// The document, or an event with it as its data if a type is given.
    pub(super) fn around(self, document: Value) -> Value {
        let Some(event_type) = self.event_type else { return document };
        serde_json::json!({
            "specversion": "1.0",
            "id": uuid::Uuid::now_v7().to_string(),
            "source": self.source,
            "type": event_type,
            "subject": self.subject,
            "dataschema": "ticket/1",
            "datacontenttype": "application/json",
            "data": document,
        })
    }
}

/// A JSON document in a file, or of the standard input.
pub(super) fn read(file: &Path) -> anyhow::Result<Value> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).context("cannot read the standard input")?;
    } else {
        text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
    }
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))
}
