//! The values of an event, by the names that the source plugin has for its fields.

use std::collections::BTreeMap;

use hookwright_sdk::serde_json::{Value, json};
use hookwright_sdk::ticket::{Attachment, Comment, Person, Ticket, TicketEvent};
use hookwright_sdk::{Event, Host};

use crate::time::{local, relocated};

/// How settings name a field that only the event's helpdesk has.
const OWN_FIELD: &str = "ticket.fields.";

/// How the source plugin calls the product's custom fields.
const CUSTOM_FIELD: &str = "custom_field_";

/// All that an event says. What it does not say is left out.
pub(crate) fn values(
    event: &Event,
    body: &TicketEvent,
    name: &str,
    settings: &BTreeMap<String, String>,
    host: &dyn Host,
) -> Vec<(String, Value)> {
    let mut values = Values(Vec::new());
    values.add("event.name", json!(name));
    values.add("event.id", json!(event.id));
    values.add("event.time", json!(local(event.occurred_at, host)));
    let is_rating = event.event_type == "ticket.rated";
    values.ticket(&body.ticket, event, host);
    values.own_fields(&body.ticket, settings, is_rating);
    if let Some(comment) = &body.comment {
        values.comment(comment, is_rating, host);
    }
    values.person("actor", body.actor.as_ref());
    for change in &body.changes {
        values.text(&format!("before.{}", change.field), change.from.as_ref());
    }
    let files = body.comment.iter().flat_map(|comment| &comment.attachments);
    let files: Vec<_> = files.chain(&body.ticket.attachments).map(file).collect();
    if !files.is_empty() {
        values.add("attachments", json!(files));
    }
    values.0
}

struct Values(Vec<(String, Value)>);

impl Values {
    fn add(&mut self, field: &str, value: Value) {
        self.0.push((field.to_owned(), value));
    }

    fn text(&mut self, field: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.add(field, json!(text));
        }
    }

    /// Ids of the product are numbers; others' are passed on as they are.
    fn id(&mut self, field: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.add(field, id(text));
        }
    }

    fn person(&mut self, at: &str, person: Option<&Person>) {
        let Some(person) = person else { return };
        self.id(&format!("{at}.id"), person.id.as_ref());
        self.text(&format!("{at}.name"), person.name.as_ref());
        self.text(&format!("{at}.email"), person.email.as_ref());
        self.text(&format!("{at}.phone"), person.phone.as_ref());
    }

    fn ticket(&mut self, ticket: &Ticket, event: &Event, host: &dyn Host) {
        self.id("ticket.id", ticket.id.as_ref().or(event.subject.as_ref()));
        self.text("ticket.number", ticket.number.as_ref());
        self.text("ticket.title", ticket.title.as_ref());
        self.text("ticket.text", ticket.text.as_ref());
        self.text("ticket.state", ticket.state.as_ref());
        self.text("ticket.priority", ticket.priority.as_ref());
        self.text("ticket.group", ticket.group.as_ref());
        self.text("ticket.type", ticket.kind.as_ref());
        self.text("ticket.organization", ticket.organization.as_ref());
        self.text("ticket.url", ticket.url.as_ref());
        if !ticket.tags.is_empty() {
            self.add("ticket.tags", json!(ticket.tags));
        }
        for (field, time) in [
            ("ticket.created_at", &ticket.created_at),
            ("ticket.updated_at", &ticket.updated_at),
            ("ticket.due_at", &ticket.due_at),
        ] {
            self.text(field, time.as_ref().map(|time| relocated(time, host)).as_ref());
        }
        // The product gives a ticket to one agent.
        self.person("ticket.assignee", ticket.assignees.first());
        self.person("ticket.customer", ticket.customer.as_ref());
    }

    /// What only the event's helpdesk has: at the places of the settings, else as custom
    /// fields, each with its number or its name.
    fn own_fields(
        &mut self,
        ticket: &Ticket,
        settings: &BTreeMap<String, String>,
        is_rating: bool,
    ) {
        let mut custom = Vec::new();
        for (name, value) in &ticket.fields {
            let field = format!("{OWN_FIELD}{name}");
            if settings.contains_key(&field) {
                self.add(&field, value.clone());
            } else if is_rating && name == "score" {
                self.add("rating.score", value.clone());
            } else {
                let number = name.strip_prefix(CUSTOM_FIELD).unwrap_or(name);
                custom.push(json!({ "id": id(number), "field_value": value }));
            }
        }
        if !custom.is_empty() {
            self.add("ticket.custom_fields", json!(custom));
        }
    }

    fn comment(&mut self, comment: &Comment, is_rating: bool, host: &dyn Host) {
        if is_rating {
            self.text("rating.comment", comment.text.as_ref());
            return;
        }
        self.id("comment.id", comment.id.as_ref());
        // As the product's editor writes it, if it was written so.
        self.text("comment.body", comment.html.as_ref().or(comment.text.as_ref()));
        self.text("comment.text", comment.text.as_ref());
        self.text("comment.html", comment.html.as_ref());
        self.text("comment.channel", comment.channel.as_ref());
        let time = comment.created_at.as_ref().map(|time| relocated(time, host));
        self.text("comment.created_at", time.as_ref());
        self.person("comment.author", comment.author.as_ref());
    }
}

fn id(text: &str) -> Value {
    // Not `007`, which would come back as `7`.
    let number = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    number.map_or_else(|| json!(text), |number| json!(number))
}

fn file(file: &Attachment) -> Value {
    json!({ "name": file.name, "link": file.url })
}
