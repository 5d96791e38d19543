//! Reads what Zammad's triggers and scheduler jobs post: the default payload, and custom
//! payloads that keep `ticket` or name an `event`.

mod convert;
mod kind;
mod payload;

use std::collections::BTreeMap;

use hookwright_sdk::ticket::SCHEMA;
use hookwright_sdk::{
    Descriptor, Host, Inbound, ParsedEvent, Problem, Rejection, Source, document,
};
use serde::Deserialize;

use payload::Payload;

/// The plugin.
pub struct Zammad;

/// See `settings.schema.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    url: Option<String>,
    triggers: BTreeMap<String, String>,
}

impl Source for Zammad {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "zammad",
            version: env!("CARGO_PKG_VERSION"),
            title: "Zammad",
            description: "Triggers and scheduler jobs with the action \"webhook\".",
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
        let payload: Payload<'_> = document::read(&inbound.body).map_err(Rejection::Malformed)?;
        if payload.ticket.is_none() && payload.event.is_none() {
            let message = "neither a `ticket` nor an `event`: this is not Zammad's default \
                           payload, nor a custom one that says what happened";
            return Err(Rejection::Malformed(Problem::at("", message)));
        }
        let header = |name: &str| {
            let found = inbound.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
        };
        let trigger = header("x-zammad-trigger");
        let event_type = kind::event_type(&payload, trigger.as_deref(), settings, host);
        let body = convert::ticket_event(&payload, trigger.clone(), settings);
        let ticket = payload.ticket.as_ref();
        let updated_at = ticket.and_then(|ticket| ticket.updated_at.get());
        let occurred_at = match updated_at.map(|time| host.to_utc(time)).transpose() {
            Ok(time) => time,
            Err(message) => {
                return Err(Rejection::Malformed(Problem::at("/ticket/updated_at", message)));
            }
        };
        Ok(vec![ParsedEvent {
            event_type,
            subject: body.ticket.id.clone(),
            occurred_at,
            data_schema: SCHEMA.to_owned(),
            data: body.to_json(),
            upstream_name: payload.event.as_ref().and_then(document::Text::owned).or(trigger),
            dedupe_key: header("x-zammad-delivery"),
        }])
    }
}

hookwright_sdk::export_source!(Zammad);
