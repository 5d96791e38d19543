//! Calling a plugin here: the same sandbox as the daemon's, so the same bytes come out.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use hookwright_model::request::{Credential, Part, Template};
use hookwright_model::{
    CallRecord, Decision, Digest, Event, Failure, Limits, Original, PluginVersion, Request, Role,
    Timestamp,
};
use hookwright_sandbox::{Context, Inbound, ParsedEvent, Plugin, Sandbox, TimeZone};
use serde_json::{Value, json};

use super::{delivery, output};
use crate::app;
use crate::plugins::version;

#[derive(clap::Args)]
pub(super) struct RunPlugin {
    /// The plugin's file.
    file: PathBuf,
    /// For a destination: an event in JSON, as `hookwright event show` prints it.
    #[arg(long)]
    event: Option<PathBuf>,
    /// What the helpdesk posted: for a source what it reads, for a destination what it may look
    /// at.
    #[arg(long)]
    post: Option<PathBuf>,
    /// A header of the post, as `Name: value`.
    #[arg(long = "header")]
    headers: Vec<String>,
    /// The settings, in JSON.
    #[arg(long)]
    settings: Option<PathBuf>,
    /// The zone of times that carry none, such as Europe/Berlin.
    #[arg(long)]
    time_zone: Option<String>,
    /// When a post came in, such as 2026-01-31T12:00:00Z; now if not given.
    #[arg(long)]
    received_at: Option<String>,
}

/// Compiles and loads a plugin from a file.
fn load(file: &Path) -> anyhow::Result<(Plugin, usize)> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let code = app::compiler()?.compile(&bytes)?;
    let sandbox = Sandbox::new(NonZeroUsize::MIN)?;
    Ok((sandbox.load(&code, Digest::of(&bytes), &Limits::default())?, bytes.len()))
}

/// What a plugin in a file says of itself.
pub(super) fn inspect(file: &Path) -> anyhow::Result<PluginVersion> {
    let (plugin, size) = load(file)?;
    Ok(version(&plugin, size))
}

impl RunPlugin {
    pub(super) fn run(self, as_json: bool) -> anyhow::Result<()> {
        let (plugin, _) = load(&self.file)?;
        match plugin.key().role {
            Role::Destination => self.destination(&plugin, as_json),
            Role::Source => self.source(&plugin, as_json),
        }
    }

    fn original(&self) -> anyhow::Result<Option<Arc<Original>>> {
        let Some(post) = &self.post else { return Ok(None) };
        let body =
            std::fs::read(post).with_context(|| format!("cannot read {}", post.display()))?;
        let headers = self.headers.iter().map(|header| {
            let (name, value) = header
                .split_once(':')
                .with_context(|| format!("`{header}` is not a header like `Name: value`"))?;
            Ok((name.trim().to_ascii_lowercase(), value.trim().as_bytes().to_vec()))
        });
        let headers = headers.collect::<anyhow::Result<_>>()?;
        Ok(Some(Arc::new(Original { headers, body: Bytes::from(body) })))
    }

    fn context(&self, now: Timestamp, subject: String) -> anyhow::Result<Context> {
        let settings = match &self.settings {
            None => "{}".to_owned(),
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                let value: Value = serde_json::from_str(&text)
                    .with_context(|| format!("{} is not JSON", file.display()))?;
                value.to_string()
            }
        };
        let time_zone = match &self.time_zone {
            None => TimeZone::UTC,
            Some(name) => TimeZone::named(name)?,
        };
        let original = self.original()?;
        let settings = settings.into();
        Ok(Context { settings, now, attempt: 1, original, time_zone, subject })
    }

    fn destination(&self, plugin: &Plugin, as_json: bool) -> anyhow::Result<()> {
        let Some(file) = &self.event else {
            bail!("{} is a destination: give an event with --event", plugin.key());
        };
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let event: Event = serde_json::from_str(&text).with_context(|| {
            format!("{} is not an event as `hookwright event show` prints it", file.display())
        })?;
        let context = self.context(event.received_at, event.id.to_string())?;
        let report = plugin.transform(&event, &context, &Limits::default());
        if as_json {
            let answer = match &report.outcome {
                Ok(Ok(decision)) => json!({ "decision": decision }),
                Ok(Err(failure)) => json!({ "failure": failure }),
                Err(_) => json!({}),
            };
            output::json(&json!({ "answer": answer, "call": report.record }))?;
        } else {
            cost(&report.record);
        }
        match report.outcome {
            Ok(Ok(_)) if as_json => Ok(()),
            Ok(Ok(Decision::Skip(reason))) => {
                println!("skip: {reason}");
                Ok(())
            }
            Ok(Ok(Decision::Deliver(requests))) => {
                requests.iter().for_each(request);
                Ok(())
            }
            Ok(Err(Failure::Rejected(reason))) => bail!("rejected: {reason}"),
            Ok(Err(Failure::Misconfigured(reason))) => bail!("misconfigured: {reason}"),
            Ok(Err(Failure::Transient(reason))) => bail!("to be tried again: {reason}"),
            Ok(Err(Failure::Other(reason))) => bail!("{reason}"),
            Err(fault) => bail!("{fault}"),
        }
    }

    fn source(&self, plugin: &Plugin, as_json: bool) -> anyhow::Result<()> {
        let now = match &self.received_at {
            None => Timestamp::now(),
            Some(text) => {
                let time: jiff::Timestamp =
                    text.parse().with_context(|| format!("`{text}` is not a time"))?;
                Timestamp::from_millis(time.as_millisecond())
            }
        };
        let context = self.context(now, "a post".into())?;
        let Some(original) = context.original.clone() else {
            bail!("{} is a source: give what was posted with --post", plugin.key());
        };
        let inbound = Inbound { method: "POST", query: &[], original: &original };
        let report = plugin.parse(&inbound, &context, &Limits::default());
        if as_json {
            let events = match &report.outcome {
                Ok(Ok(events)) => events.iter().map(event_json).collect(),
                _ => Vec::new(),
            };
            output::json(&json!({ "events": events, "call": report.record }))?;
        } else {
            cost(&report.record);
        }
        match report.outcome {
            Ok(Ok(_)) if as_json => Ok(()),
            Ok(Ok(events)) => events.iter().try_for_each(|event| output::json(&event_json(event))),
            Ok(Err(rejection)) => bail!("refused: {rejection:?}"),
            Err(fault) => bail!("{fault}"),
        }
    }
}

fn cost(call: &CallRecord) {
    println!("{}", delivery::cost(call));
    delivery::log(call);
}

fn event_json(event: &ParsedEvent) -> Value {
    json!({
        "type": event.event_type,
        "subject": event.subject,
        "occurred_at": event.occurred_at,
        "data_schema": event.data_schema,
        "data": serde_json::from_str::<Value>(&event.data).unwrap_or_default(),
        "upstream_name": event.upstream_name,
        "dedupe_key": event.dedupe_key,
    })
}

/// A request as it would be sent, but for what is filled in then.
fn request(request: &Request) {
    println!();
    println!("{} {}", request.method, template(&request.url));
    for (name, value) in &request.headers {
        println!("{name}: {}", template(value));
    }
    if !request.body.is_empty() {
        println!();
        println!("{}", template(&request.body));
    }
}

fn template(template: &Template) -> String {
    let credential = |credential: &Credential| match credential {
        Credential::Text(text) => text.clone(),
        Credential::Secret(slot) => format!("{{secret:{slot}}}"),
    };
    let parts = template.0.iter().map(|part| match part {
        Part::Text(text) => text.clone(),
        Part::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Part::Secret { slot, .. } => format!("{{secret:{slot}}}"),
        Part::Basic { username, password } => {
            format!("{{base64 of {}:{}}}", credential(username), credential(password))
        }
        Part::Signature(signature) => format!("{{signature with {}}}", signature.slot),
        Part::DeliveryId => "{delivery id}".to_owned(),
        Part::SentAt => "{time of sending}".to_owned(),
    });
    parts.collect()
}
