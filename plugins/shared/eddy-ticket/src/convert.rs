//! From the product's words to the canonical ones.

use hookwright_sdk::ticket::{Origin, PersonKind, TicketEvent};
use hookwright_sdk::{Host, Level};

use crate::comment::{Message, author, comment, rating};
use crate::kind::Kind;
use crate::links::{attachments, has_links};
use crate::person::person;
use crate::record::Record;
use crate::ticket::{changes, own_fields, ticket};
use crate::time::{shown, to_utc};

/// What a body says.
#[derive(Debug)]
pub struct Reading {
    /// The body of the event.
    pub body: TicketEvent,
    /// When the helpdesk recorded it.
    pub occurred_at: Option<u64>,
    /// The helpdesk's own id of the event.
    pub id: Option<String>,
}

/// Reads the event out of a record.
pub fn ticket_event(
    record: &mut Record<'_>,
    kind: &Kind,
    origin: Origin,
    host: &dyn Host,
) -> Reading {
    record.place(&kind.places);
    let verb = kind.verb();
    let id = record.text("event.id");
    let mut times = Times { event: record.text("event.time"), ..Times::default() };
    let mut ticket = ticket(record);
    let changes = changes(record, verb, &ticket);
    let files = attachments(&record.take_all("attachments", has_links));
    times.created = record.text("ticket.created_at");
    let (mut about, mut writer) = (None, None);
    match verb {
        "replied" | "commented" | "other" => {
            about = comment(record, kind, &ticket, files);
            times.comment = record.text("comment.created_at");
            if verb != "other" {
                writer = about.as_ref().and_then(|comment| comment.author.clone());
            }
        }
        "created" => {
            // The first post of a ticket is what it is about.
            ticket.text = ticket.text.or(Message::take(record).text);
            ticket.attachments = files;
            writer = author(record, kind, &ticket);
        }
        _ => ticket.attachments = files,
    }
    if verb == "rated" {
        about = rating(record, &ticket);
    }
    times.created = times.created.or_else(|| record.text("ticket.created_at.perhaps"));
    times.updated = record.text("ticket.updated_at");
    let occurred_at = times.of(verb).and_then(|time| {
        let unread = |error: &String| {
            host.log(Level::Warn, &format!("{error}: the time of arrival is used instead"));
        };
        to_utc(time, host).inspect_err(unread).ok()
    });
    let actor = person(record, "actor", PersonKind::Unknown).or(writer);
    let due_at = record.text("ticket.due_at");
    ticket.fields = own_fields(record, kind);
    let shown = |time: Option<String>| time.map(|time| shown(time, host));
    ticket.due_at = shown(due_at);
    ticket.created_at = shown(times.created);
    ticket.updated_at = shown(times.updated);
    if let Some(comment) = &mut about {
        comment.created_at = shown(times.comment);
    }
    let body = TicketEvent { ticket, comment: about, actor, changes, origin };
    Reading { body, occurred_at, id }
}

/// The times in a body, as they stand there.
#[derive(Debug, Default)]
struct Times {
    event: Option<String>,
    comment: Option<String>,
    created: Option<String>,
    updated: Option<String>,
}

impl Times {
    /// When it happened.
    fn of(&self, verb: &str) -> Option<&str> {
        let [event, comment, created, updated] =
            [&self.event, &self.comment, &self.created, &self.updated].map(Option::as_deref);
        event.or(match verb {
            // Time passed, and nothing was written to the ticket.
            "sla_reached" | "sla_warning" | "reminder_reached" => None,
            "created" => created.or(updated),
            "replied" => comment.or(updated),
            // The product's times of posts are those of answers.
            _ => updated.or(comment),
        })
    }
}
