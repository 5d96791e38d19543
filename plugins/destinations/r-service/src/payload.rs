//! What is about this event only.

use hookwright_sdk::Event;
use hookwright_sdk::serde_json::{Map, Value, json};
use hookwright_sdk::ticket::{Person, TicketEvent};

use crate::envelope::id;

/// The only records whose former status is told.
const WITH_PREVIOUS_STATUS: [&str; 6] = [
    "request.status-changed",
    "problem.status-changed",
    "workflow.status-changed",
    "task.status-changed",
    "project.status-changed",
    "project_task.status-changed",
];

/// The longest `source` and `sourceID` of R-Service, in characters.
const MAX_SOURCE: usize = 30;
const MAX_SOURCE_ID: usize = 128;

/// The payload of what R-Service said itself: what the source plugin has kept of it, and what it
/// has found places for in the event.
pub(crate) fn again(kept: Option<Value>, body: &TicketEvent, name: &str) -> Value {
    let mut payload = match kept {
        None => Map::new(),
        Some(Value::Object(payload)) => payload,
        // Whatever the author of an automation rule has written.
        Some(other) => return other,
    };
    of_record(&mut payload, body, name);
    for (key, time) in
        [("created_at", &body.ticket.created_at), ("updated_at", &body.ticket.updated_at)]
    {
        if let Some(time) = time {
            payload.insert(key.to_owned(), json!(time));
        }
    }
    Value::Object(payload)
}

/// The payload of what another helpdesk said.
pub(crate) fn of(event: &Event, body: &TicketEvent, name: &str) -> Value {
    let mut payload = Map::new();
    let cut = |text: &str, longest: usize| text.chars().take(longest).collect::<String>();
    if !event.source.is_empty() {
        payload.insert("source".to_owned(), json!(cut(&event.source, MAX_SOURCE)));
    }
    // The id as the helpdesk writes it, whatever `object_id` is.
    let helpdesks_id = body.ticket.id.as_ref().or(body.ticket.number.as_ref());
    if let Some(id) = helpdesks_id.or(event.subject.as_ref()) {
        payload.insert("sourceID".to_owned(), json!(cut(id, MAX_SOURCE_ID)));
    }
    if let Some(group) = &body.ticket.group {
        payload.insert("team".to_owned(), json!({ "name": group }));
    }
    // R-Service gives a record to one person.
    if let Some(member) = body.ticket.assignees.first().and_then(member) {
        payload.insert("member".to_owned(), member);
    }
    of_record(&mut payload, body, name);
    Value::Object(payload)
}

fn of_record(payload: &mut Map<String, Value>, body: &TicketEvent, name: &str) {
    let note = body.comment.as_ref().and_then(|comment| comment.id.as_deref());
    if let Some(note) = note {
        payload.insert("note_id".to_owned(), id(note));
    }
    if let Some(status) = &body.ticket.state {
        payload.insert("status".to_owned(), json!(status));
    }
    if WITH_PREVIOUS_STATUS.contains(&name) {
        let change = body.changes.iter().find(|change| change.field == "state");
        if let Some(before) = change.and_then(|change| change.from.as_ref()) {
            payload.insert("previous_status".to_owned(), json!(before));
        }
    }
}

fn member(person: &Person) -> Option<Value> {
    let mut member = Map::new();
    if let Some(text) = &person.id {
        member.insert("id".to_owned(), id(text));
    }
    if let Some(name) = person.name.as_ref().or(person.email.as_ref()) {
        member.insert("name".to_owned(), json!(name));
    }
    (!member.is_empty()).then_some(Value::Object(member))
}
