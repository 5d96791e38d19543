//! What is to be written to a ticket at a helpdesk, schema `write/1`: events that the host makes
//! for the destination plugin of a connection, and that nobody subscribes to.

use serde::Deserialize;
use serde_json::Value;

use crate::ticket::Ticket;
use crate::{Decision, Event, Failure, Request, document};

/// The name of the schema.
pub const SCHEMA: &str = "write/1";
/// The type of an event that asks for a field to be set.
pub const SET_FIELD: &str = "connection.set_field";
/// The type of an event that asks for a comment to be added.
pub const ADD_COMMENT: &str = "connection.add_comment";
/// What the plugin of a connection understands.
pub const EVENTS: &[&str] = &[SET_FIELD, ADD_COMMENT];

/// The longest id that can be that of a ticket, in bytes.
const MAX_ID: usize = 128;

/// Something to write to a ticket.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// What the helpdesk's API calls the ticket: letters of ASCII, digits, `-` and `_` only, so
    /// that it can stand in a path as it is.
    pub ticket_id: String,
    /// The ticket as it was in the event that led to this; it may lack everything.
    pub ticket: Ticket,
    /// What to write.
    pub change: Change,
}

/// What to write.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Set a field.
    SetField(Field),
    /// Add a comment.
    AddComment(Comment),
}

/// A field and its new value.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Field {
    /// What the helpdesk's API calls it; never empty.
    pub name: String,
    /// Any JSON.
    pub value: Value,
}

/// Who can see a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Agents.
    Internal,
    /// The customer too.
    Public,
}

/// A new comment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Comment {
    /// Plain text; never blank.
    pub text: String,
    /// Who can see it.
    pub visibility: Visibility,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    ticket: Ticket,
    field: Option<Field>,
    comment: Option<Comment>,
}

impl Write {
    /// Reads an event; nothing if it is not one that asks to write.
    ///
    /// # Errors
    /// When it asks for what cannot be written; the text says why.
    pub fn read(event: &Event) -> Result<Option<Self>, String> {
        if !EVENTS.contains(&event.event_type.as_str()) {
            return Ok(None);
        }
        if event.data_schema != SCHEMA {
            return Err(format!("the event is a {}; expected a {SCHEMA}", event.data_schema));
        }
        let body: Body = document::read(event.data.as_bytes())
            .map_err(|problem| format!("the event is not a {SCHEMA}: {problem}"))?;
        let change = if event.event_type == SET_FIELD {
            let field = body.field.ok_or("the event does not say what to write: no `field`")?;
            if field.name.trim().is_empty() {
                return Err("/field/name: the name of the field is empty".to_owned());
            }
            Change::SetField(field)
        } else {
            let comment =
                body.comment.ok_or("the event does not say what to write: no `comment`")?;
            if comment.text.trim().is_empty() {
                return Err("/comment/text: the comment is empty".to_owned());
            }
            Change::AddComment(comment)
        };
        let id = event.subject.as_deref().or(body.ticket.id.as_deref()).unwrap_or_default();
        let ticket_id = plain_id(id)?.to_owned();
        Ok(Some(Self { ticket_id, ticket: body.ticket, change }))
    }
}

/// The decision on an event: one request for what it asks to write. Events of other types are
/// skipped.
///
/// # Errors
/// When the event asks for what cannot be written.
pub fn decide(
    event: &Event,
    request: impl FnOnce(&Write) -> Result<Request, Failure>,
) -> Result<Decision, Failure> {
    match Write::read(event).map_err(Failure::Rejected)? {
        Some(write) => Ok(Decision::Deliver(vec![request(&write)?])),
        None => Ok(Decision::Skip(format!(
            "a connection takes {} and {}, and not `{}`; subscriptions are for other events",
            SET_FIELD, ADD_COMMENT, event.event_type
        ))),
    }
}

/// An id that means nothing else in a path.
fn plain_id(id: &str) -> Result<&str, String> {
    if id.is_empty() {
        return Err("the event does not say which ticket: it has no subject".to_owned());
    }
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if id.len() <= MAX_ID && id.bytes().all(is_plain) {
        return Ok(id);
    }
    let shown: String = id.chars().take(80).flat_map(char::escape_debug).collect();
    Err(format!(
        "`{shown}` cannot be the id of a ticket: ids have up to {MAX_ID} letters of ASCII, digits, \
         `-` and `_`"
    ))
}
