//! The ticket in a body.

use hookwright_sdk::ticket::{Change, Person, PersonKind, Ticket};
use serde_json::{Map, Value};

use crate::kind::Kind;
use crate::person::person;
use crate::record::Record;
use crate::value::{is_empty, text};

/// How settings name a field that only this helpdesk has.
const OWN_FIELD: &str = "ticket.fields.";

/// All but times, attachments and fields.
pub(crate) fn ticket(record: &mut Record<'_>) -> Ticket {
    Ticket {
        id: record.text("ticket.id"),
        number: record.text("ticket.number"),
        title: record.text("ticket.title"),
        text: record.text("ticket.text"),
        state: record.text("ticket.state"),
        priority: record.text("ticket.priority"),
        group: record.text("ticket.group"),
        assignees: person(record, "ticket.assignee", PersonKind::Agent).into_iter().collect(),
        customer: person(record, "ticket.customer", PersonKind::Customer),
        organization: record.text("ticket.organization"),
        kind: record.text("ticket.type"),
        tags: record.take("ticket.tags", |value| !is_empty(value)).map(tags).unwrap_or_default(),
        url: record.text("ticket.url"),
        ..Ticket::default()
    }
}

fn tags(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(text).collect(),
        other => {
            let text = text(other).unwrap_or_default();
            let tags = text.split([',', ';']).map(str::trim);
            tags.filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
        }
    }
}

/// What changed, as far as the kind of event says.
pub(crate) fn changes(record: &mut Record<'_>, verb: &str, ticket: &Ticket) -> Vec<Change> {
    let person = |person: Option<&Person>| person.and_then(Person::label).map(str::to_owned);
    let (field, to) = match verb {
        "status_changed" => ("state", ticket.state.clone()),
        "priority_changed" => ("priority", ticket.priority.clone()),
        "type_changed" => ("type", ticket.kind.clone()),
        "department_changed" | "team_changed" => ("group", ticket.group.clone()),
        "assigned" => ("assignees", person(ticket.assignees.first())),
        "requester_changed" => ("customer", person(ticket.customer.as_ref())),
        _ => return Vec::new(),
    };
    let from = record.text(&format!("before.{field}"));
    let is_known = from.is_some() || to.is_some();
    is_known.then(|| Change { field: field.to_owned(), from, to }).into_iter().collect()
}

/// What the settings name as fields, what the kind of event implies, custom fields, and
/// whatever else has not been used.
pub(crate) fn own_fields(record: &mut Record<'_>, kind: &Kind) -> Map<String, Value> {
    let mut fields = kind.fields.clone();
    for (place, name) in record.settings_under(OWN_FIELD) {
        if let Some(value) = record.take(&place, |value| !is_empty(value)) {
            fields.insert(name, value.clone());
        }
    }
    if kind.verb() == "rated" {
        let score = record.take("rating.score", |value| !is_empty(value));
        fields.extend(score.map(|score| ("score".to_owned(), score.clone())));
    }
    if let Some(value) = record.take("ticket.custom_fields", |value| !is_empty(value)) {
        custom_fields(value, &mut fields);
    }
    for (name, value) in record.rest() {
        fields.entry(name).or_insert(value);
    }
    fields
}

/// Custom fields are numbered: a list of objects with `id` and `field_value`, or an object of
/// values by number. The names are those of the tags in a template.
fn custom_fields(value: &Value, fields: &mut Map<String, Value>) {
    let mut add = |id: &str, value: &Value| {
        if !is_empty(value) {
            fields.insert(format!("custom_field_{id}"), value.clone());
        }
    };
    match value {
        Value::Array(items) => {
            for item in items {
                let value = item.get("field_value").or_else(|| item.get("value"));
                if let Some((id, value)) = item.get("id").and_then(text).zip(value) {
                    add(&id, value);
                }
            }
        }
        Value::Object(object) => object.iter().for_each(|(id, value)| add(id, value)),
        other => {
            fields.insert("custom_fields".to_owned(), other.clone());
        }
    }
}
