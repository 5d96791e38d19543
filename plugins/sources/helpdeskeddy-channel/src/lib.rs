//! Reads what HelpDeskEddy's outgoing channel posts.
//!
//! Its page documents one thing of the body: that `event_type` says what happened. What its
//! values are called, and where everything else stands, is data (`data/`), most of it guesses
//! that the settings can correct without a new version.

use std::collections::BTreeMap;

use eddy_ticket::{Fields, Kind, Kinds, OTHER, Record, short, ticket_event};
use hookwright_sdk::serde_json::{Map, Value};
use hookwright_sdk::ticket::{Origin, SCHEMA};
use hookwright_sdk::{
    Descriptor, Host, Inbound, Level, ParsedEvent, Problem, Rejection, Source, document,
};
use serde::Deserialize;

const EVENT_TYPES: &str = include_str!("../data/event_types.json");
const FIELDS: &str = include_str!("../data/fields.json");

/// The plugin.
pub struct HelpDeskEddyChannel;

/// See `settings.schema.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    event_types: BTreeMap<String, String>,
    fields: BTreeMap<String, String>,
}

impl Source for HelpDeskEddyChannel {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "helpdeskeddy-channel",
            version: env!("CARGO_PKG_VERSION"),
            title: "HelpDeskEddy, outgoing channel",
            description: "What an outgoing channel (\"Исходящий канал\") of HelpDeskEddy posts: \
                          twelve kinds of events of one department. Nothing in it is signed, and \
                          its address is all that can be set: use a token in the URL.",
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
        if is_probe(&inbound.body) {
            host.log(Level::Info, "an empty post: taken for a test of the connection");
            return Ok(Vec::new());
        }
        let body: Map<String, Value> =
            document::read(&inbound.body).map_err(Rejection::Malformed)?;
        let body = Value::Object(body);
        let kinds = Kinds::read(EVENT_TYPES).map_err(Rejection::Misconfigured)?;
        let fields = Fields::read(FIELDS, &settings.fields).map_err(Rejection::Misconfigured)?;
        let mut record = Record::new(vec![&body], &fields);
        let Some(name) = record.text("event.name") else {
            let message = "no `event_type`, or none that is text: this is not what an outgoing \
                           channel of HelpDeskEddy posts";
            return Err(Rejection::Malformed(Problem::at("/event_type", message)));
        };
        let kind = kinds.find(&name, &settings.event_types).unwrap_or_else(|| {
            let message = format!(
                "unknown event_type `{}` becomes {OTHER}: say what it means in the source's \
                 setting `event_types`",
                short(&name)
            );
            host.log(Level::Warn, &message);
            Kind::of(OTHER)
        });
        let origin = Origin {
            kind: "helpdeskeddy-channel".to_owned(),
            event: Some(name.clone()),
            description: None,
        };
        let read = ticket_event(&mut record, &kind, origin, host);
        Ok(vec![ParsedEvent {
            event_type: kind.event_type,
            subject: read.body.ticket.id.clone().or_else(|| read.body.ticket.number.clone()),
            occurred_at: read.occurred_at,
            data_schema: SCHEMA.to_owned(),
            data: read.body.to_json(),
            upstream_name: Some(name),
            dedupe_key: read.id,
        }])
    }
}

/// Whether there is nothing in a post. The product tests the address when a channel is saved,
/// and does not say with what; PHP writes an empty object as an empty list.
fn is_probe(body: &[u8]) -> bool {
    matches!(body.trim_ascii(), b"" | b"{}" | b"[]" | b"null")
}

hookwright_sdk::export_source!(HelpDeskEddyChannel);
