//! Reads what EddyDesk's dispatcher posts with its action "send a webhook".
//!
//! An admin writes the body as a template, in JSON, XML or X-FORM-URLENCODED, with tags such as
//! `{ticket_name}` in it, and chooses all names; tags can stand in the URL too. So fields are
//! found by the names that the tags have, or where the settings say. EddyDesk puts values in as
//! they are, so a body can be broken: it is mended where there is one way to do so, and refused
//! where there are more.

mod body;
mod document;
mod form;
mod json;
mod xml;

use std::collections::BTreeMap;

use eddy_ticket::{Fields, Kind, Kinds, OTHER, Record, short, ticket_event};
use hookwright_sdk::serde_json::Value;
use hookwright_sdk::ticket::{Origin, SCHEMA};
use hookwright_sdk::{Descriptor, Host, Inbound, Level, ParsedEvent, Problem, Rejection, Source};
use serde::Deserialize;

pub use body::Format;

const EVENT_TYPES: &str = include_str!("../data/event_types.json");
const FIELDS: &str = include_str!("../data/fields.json");

/// The plugin.
pub struct EddyDesk;

/// See `settings.schema.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    event: Option<String>,
    event_field: Option<String>,
    event_types: BTreeMap<String, String>,
    fields: BTreeMap<String, String>,
    format: Format,
    template_escapes: bool,
}

impl Source for EddyDesk {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "eddydesk",
            version: env!("CARGO_PKG_VERSION"),
            title: "EddyDesk, dispatcher",
            description: "What rules of the dispatcher of EddyDesk or HelpDeskEddy send with the \
                          action \"Send a webhook\": JSON, XML, X-FORM-URLENCODED or text, with \
                          names of the admin's choice. Nothing in it is signed: use a token in \
                          the URL, or the rule's Basic or Bearer authorization.",
            events: &["ticket.*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: &[],
            origins: &[],
        }
    }

    fn parse(
        inbound: &Inbound,
        settings: &Settings,
        host: &dyn Host,
    ) -> Result<Vec<ParsedEvent>, Rejection> {
        let document = body::read(inbound, settings)?;
        if !document.mended.is_empty() {
            let what = document.mended.join("; ");
            let message = format!("the body was not in its format and has been mended: {what}");
            host.log(Level::Warn, &message);
        }
        let query = query(inbound);
        let fields = Fields::read(FIELDS, &settings.fields).map_err(Rejection::Misconfigured)?;
        let mut record = Record::new(vec![&document.value, &query], &fields);
        if record.is_empty() {
            let message = "nothing is in the body or in the query: write tags into the rule's \
                           template";
            return Err(Rejection::Malformed(Problem::new(message)));
        }
        let (kind, name) = kind(&mut record, settings, host)?;
        let origin = Origin { kind: "eddydesk".to_owned(), event: name.clone(), description: None };
        let read = ticket_event(&mut record, &kind, origin, host);
        Ok(vec![ParsedEvent {
            event_type: kind.event_type,
            subject: read.body.ticket.id.clone().or_else(|| read.body.ticket.number.clone()),
            occurred_at: read.occurred_at,
            data_schema: SCHEMA.to_owned(),
            data: read.body.to_json(),
            upstream_name: name,
            dedupe_key: read.id,
        }])
    }
}

/// What happened, and its name in the post: what the settings say of the source, else what they
/// or the table say of the name.
fn kind(
    record: &mut Record<'_>,
    settings: &Settings,
    host: &dyn Host,
) -> Result<(Kind, Option<String>), Rejection> {
    let kinds = Kinds::read(EVENT_TYPES).map_err(Rejection::Misconfigured)?;
    let find = |name: &str| kinds.find(name, &settings.event_types);
    let name = match &settings.event_field {
        Some(place) => record.text_at(place),
        // A name such as `type` can be that of another field.
        None => record
            .text("event.name")
            .or_else(|| record.text_if("event.perhaps", |name| find(name).is_some())),
    };
    let known = name.as_deref().and_then(find);
    let kind = match (&settings.event, known) {
        (Some(fixed), known) => {
            let same = known.filter(|known| known.event_type == *fixed);
            same.unwrap_or_else(|| Kind::of(fixed.clone()))
        }
        (None, Some(known)) => known,
        (None, None) => {
            let message = match name.as_deref() {
                Some(name) => format!(
                    "unknown event `{}` becomes {OTHER}: say what it means in the source's \
                     setting `event_types`",
                    short(name)
                ),
                None => format!(
                    "the post does not say what happened, so it becomes {OTHER}: write an \
                     `event` into the rule's template, or set `event` or `event_field` on the \
                     source"
                ),
            };
            host.log(Level::Warn, &message);
            Kind::of(OTHER)
        }
    };
    Ok((kind, name))
}

/// The query as an object. Of a name that stands there twice, the first counts.
fn query(inbound: &Inbound) -> Value {
    let pairs = inbound.query.iter().rev();
    pairs.map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect()
}

hookwright_sdk::export_source!(EddyDesk);
