//! The body of ticket events, schema `ticket/1`: what sources write and destinations read.
//!
//! Every field may be absent, since no helpdesk sends everything. New optional fields can
//! appear; unknown ones are ignored.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The name of the schema.
pub const SCHEMA: &str = "ticket/1";

/// The body of an event about a ticket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TicketEvent {
    /// The ticket as it is after the event; in an event of another noun, such as
    /// `problem.created`, that record.
    pub ticket: Ticket,
    /// The comment or answer that the event is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<Comment>,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<Person>,
    /// What changed, as far as the helpdesk says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Where the event comes from.
    pub origin: Origin,
}

/// A ticket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ticket {
    /// What the helpdesk's API calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The subject line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is about, as plain text, where the helpdesk keeps this apart from the comments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The helpdesk's own word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The helpdesk's own word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// Department, group or team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Who works on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<Person>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Person>,
    /// The customer's organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// What kind of ticket it is, in the helpdesk's own word: `incident`, `question`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Fields that only this helpdesk has, by its own names.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
    /// Links; fetching them may need a login.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// When it is to be done, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<String>,
    /// A page for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Whether a comment can be seen by the customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The customer can see it.
    Public,
    /// Only agents can see it.
    Internal,
    /// The helpdesk does not say.
    #[default]
    #[serde(other)]
    Unknown,
}

/// A comment, answer or note.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Comment {
    /// What the helpdesk's API calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Who can see it.
    pub visibility: Visibility,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
    /// As plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// As HTML, if it was written so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// How it came: `email`, `phone`, `web`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Links; fetching them may need a login.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// A file, as a link.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attachment {
    /// Its file name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// In bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What someone is to the ticket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonKind {
    /// Works on tickets.
    Agent,
    /// Asks.
    Customer,
    /// A machine.
    System,
    /// The helpdesk does not say.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Someone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// What the helpdesk's API calls them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The whole name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A number, as the helpdesk writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Agent or customer.
    pub kind: PersonKind,
}

/// A field that changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Change {
    /// `state`, `priority`, `group`, `assignees`, or the helpdesk's own name.
    pub field: String,
    /// Before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Where an event comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The source plugin, which tells what the original payload looks like.
    pub kind: String,
    /// The helpdesk's own name for what happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// What was said about it in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Person {
    /// The name, else the address, else the id.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        let known = [&self.name, &self.email, &self.id];
        known.into_iter().flatten().map(String::as_str).find(|text| !text.is_empty())
    }
}

impl TicketEvent {
    /// Reads the body of an event.
    ///
    /// # Errors
    /// When it is not such a body; the text says where and why.
    pub fn read(data: &str) -> Result<Self, String> {
        serde_json::from_str(data).map_err(|error| format!("the event is not a {SCHEMA}: {error}"))
    }

    /// The body as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Only maps with keys that are no strings, and failing writers, can fail; there are
        // none here.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What is new in it as text: the comment, else what the ticket is about.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        let comment = self.comment.as_ref().and_then(|comment| comment.text.as_deref());
        comment.or(self.ticket.text.as_deref()).filter(|text| !text.trim().is_empty())
    }
}
