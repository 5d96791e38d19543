//! What an event is called in a channel.

use std::collections::BTreeMap;

use hookwright_sdk::control::TEST;
use hookwright_sdk::serde_json;
use hookwright_sdk::ticket::{TicketEvent, Visibility};
use serde::Deserialize;

/// The source's table, read backwards: what one plugin takes the other one sends.
const EVENT_TYPES: &str =
    include_str!("../../../sources/helpdeskeddy-channel/data/event_types.json");

#[derive(Deserialize)]
struct Table {
    event_types: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    event_type: String,
    #[serde(default)]
    channel: Option<String>,
}

/// Why an event has no name.
pub(crate) enum Nameless {
    /// A channel says nothing of such events.
    Unknown(String),
    /// The table cannot be read.
    Broken(String),
}

/// The value of `event_type`. The settings come before the table, in which a chat's answers are
/// apart from others.
pub(crate) fn name(
    event_type: &str,
    body: &TicketEvent,
    settings: &BTreeMap<String, String>,
) -> Result<String, Nameless> {
    let in_settings = |wanted: &str| {
        let found = settings.iter().find(|(_, known)| known.as_str() == wanted);
        found.map(|(name, _)| name.clone())
    };
    if let Some(name) = in_settings(event_type) {
        return Ok(name);
    }
    let table: Table = serde_json::from_str(EVENT_TYPES)
        .map_err(|error| Nameless::Broken(format!("event_types.json: {error}")))?;
    let nearest = nearest(event_type, body);
    let is_chat = is_chat(body);
    let found = nearest.and_then(|wanted| {
        in_settings(wanted).or_else(|| {
            let fits = |entry: &&Entry| entry.event_type == wanted;
            let mut entries =
                table.event_types.iter().filter(|(_, entry)| fits(entry)).collect::<Vec<_>>();
            entries.sort_by_key(|(_, entry)| (entry.channel.as_deref() == Some("omni")) != is_chat);
            entries.first().map(|(name, _)| (*name).clone())
        })
    });
    found.ok_or_else(|| {
        Nameless::Unknown(format!(
            "an outgoing channel of HelpDeskEddy says nothing of events like `{event_type}`; to \
             send it, name it in the setting `event_types`"
        ))
    })
}

/// The type of the table that is nearest, if one is near. The channel has twelve
/// subscriptions, all of them about tickets.
fn nearest<'a>(event_type: &'a str, body: &TicketEvent) -> Option<&'a str> {
    if event_type == TEST {
        return Some("ticket.created");
    }
    let verb = event_type.strip_prefix("ticket.")?;
    let is_public =
        body.comment.as_ref().is_some_and(|comment| comment.visibility == Visibility::Public);
    Some(match verb {
        // Comments are notes among agents; what the customer sees is an answer.
        "commented" if is_public => "ticket.replied",
        "resolved" | "archived" => "ticket.closed",
        "reopened" | "locked" | "unlocked" | "review_requested" | "approved" | "rejected"
        | "restored" | "frozen" | "unfrozen" => "ticket.status_changed",
        "team_changed" => "ticket.department_changed",
        "updated" => body.changes.iter().find_map(|change| match change.field.as_str() {
            "state" => Some("ticket.status_changed"),
            "priority" => Some("ticket.priority_changed"),
            "type" => Some("ticket.type_changed"),
            "group" => Some("ticket.department_changed"),
            "assignees" => Some("ticket.assigned"),
            _ => None,
        })?,
        _ => event_type,
    })
}

fn is_chat(body: &TicketEvent) -> bool {
    let channel = body.comment.as_ref().and_then(|comment| comment.channel.as_deref());
    channel.is_some_and(|channel| matches!(channel, "omni" | "chat"))
}

/// What the object is called that holds the comment.
pub(crate) fn object(event_type: &str, body: &TicketEvent) -> &'static str {
    let nearest = nearest(event_type, body).unwrap_or(event_type);
    match nearest {
        "ticket.created" => "post",
        "ticket.replied" if is_chat(body) => "message",
        "ticket.replied" => "answer",
        _ => "comment",
    }
}
