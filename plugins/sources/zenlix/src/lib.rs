//! Reads Zenlix's web-hooks.

mod convert;
mod payload;

use hookwright_sdk::ticket::SCHEMA;
use hookwright_sdk::{
    Descriptor, Host, Inbound, Level, ParsedEvent, Problem, Rejection, Source, document,
};
use serde::Deserialize;

use payload::Payload;

/// The plugin.
pub struct Zenlix;

/// There is nothing to set.
#[derive(Debug, Default, Deserialize)]
pub struct Settings {}

impl Source for Zenlix {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "zenlix",
            version: env!("CARGO_PKG_VERSION"),
            title: "Zenlix",
            description: "Web-hooks of Zenlix. They carry no signature: use a token in the URL.",
            events: &["ticket.*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: &[],
            origins: &[],
        }
    }

    fn parse(
        inbound: &Inbound,
        _: &Settings,
        host: &dyn Host,
    ) -> Result<Vec<ParsedEvent>, Rejection> {
        let payload: Payload<'_> = document::read(&inbound.body).map_err(Rejection::Malformed)?;
        let Some(action) = payload.action.get() else {
            let message = "no `action`: this is not a web-hook of Zenlix";
            return Err(Rejection::Malformed(Problem::at("/action", message)));
        };
        let event_type = event_type(action).unwrap_or_else(|| {
            host.log(Level::Info, &format!("unknown action `{action}` becomes ticket.other"));
            "ticket.other"
        });
        let occurred_at = payload.dt.get().map(|time| host.to_utc(time)).transpose();
        let occurred_at =
            occurred_at.map_err(|message| Rejection::Malformed(Problem::at("/dt", message)))?;
        let body = convert::ticket_event(&payload, action, event_type, host);
        Ok(vec![ParsedEvent {
            event_type: event_type.to_owned(),
            subject: body.ticket.id.clone(),
            occurred_at,
            data_schema: SCHEMA.to_owned(),
            data: body.to_json(),
            upstream_name: Some(action.to_owned()),
            dedupe_key: None,
        }])
    }
}

/// What an action means. Those of the document, then those that the product's source knows
/// besides, among them the misspelt `aprrove`.
fn event_type(action: &str) -> Option<&'static str> {
    Some(match action {
        "create" => "ticket.created",
        "refer" => "ticket.assigned",
        "lock" | "lockNext" => "ticket.locked",
        "unlock" => "ticket.unlocked",
        "ok" => "ticket.resolved",
        "unok" | "unokNext" => "ticket.reopened",
        "waitok" => "ticket.review_requested",
        "approve" | "aprrove" => "ticket.approved",
        "delete" => "ticket.deleted",
        "restore" => "ticket.restored",
        "comment" => "ticket.commented",
        "edit" => "ticket.updated",
        "noapprove" => "ticket.rejected",
        "arch" => "ticket.archived",
        _ => return None,
    })
}

hookwright_sdk::export_source!(Zenlix);
