//! What changed, for helpdesks that only say how a ticket is now: it is compared with the
//! ticket in its last event.

use hookwright_model::{Event, EventType};
use serde_json::{Value, json};

use crate::redaction::is_redacted;

/// What an update is, if this field is the only one that changed.
const MEANINGS: [(&str, &str); 5] = [
    ("state", "ticket.status_changed"),
    ("priority", "ticket.priority_changed"),
    ("group", "ticket.department_changed"),
    ("assignees", "ticket.assigned"),
    ("type", "ticket.type_changed"),
];
/// Fields whose changes are told besides.
const OTHERS: [&str; 2] = ["title", "customer"];

/// The type of events that say only that something changed.
pub(super) const UPDATED: &str = "ticket.updated";

/// Adds to an update what changed since `last`; if it was one thing only, the event's type says
/// which. Changes that the helpdesk told itself stay, and then nothing is added.
pub(super) fn tell(mut event: Event, last: &Event) -> Event {
    let read = |event: &Event| serde_json::from_str::<Value>(&event.data).ok();
    let Some((mut data, last)) = read(&event).zip(read(last)) else { return event };
    if data["changes"].as_array().is_some_and(|told| !told.is_empty()) {
        return event;
    }
    let named = MEANINGS.iter().map(|(field, _)| *field);
    let changes: Vec<(&str, Value)> = named
        .chain(OTHERS)
        .filter_map(|field| {
            let (now, before) = (shown(&data["ticket"][field]), shown(&last["ticket"][field]));
            // What a post does not mention has not changed, as far as is known; nor has what was
            // taken out of the journal.
            let unknown = before.as_deref().is_some_and(is_redacted);
            let changed = now.is_some() && now != before && !unknown;
            changed.then(|| {
                let change = [("field", Some(field.to_owned())), ("from", before), ("to", now)];
                let known = change.into_iter().filter_map(|(key, value)| Some((key, value?)));
                (field, known.map(|(key, value)| (key.to_owned(), json!(value))).collect())
            })
        })
        .collect();
    if changes.is_empty() {
        return event;
    }
    if let [(field, _)] = changes.as_slice()
        && let Some((_, meaning)) = MEANINGS.iter().find(|(known, _)| known == field)
        && let Ok(meaning) = meaning.parse::<EventType>()
    {
        event.event_type = meaning;
    }
    data["changes"] = changes.into_iter().map(|(_, change)| change).collect();
    event.data = data.to_string().into();
    event
}

/// A field as text: people by what they are called.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(people) => {
            let shown: Vec<_> = people.iter().filter_map(shown).collect();
            Some(shown.join(", "))
        }
        Value::Object(person) => ["name", "email", "id"]
            .iter()
            .find_map(|key| person.get(*key)?.as_str().map(str::to_owned)),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use hookwright_model::{EventId, Timestamp};

    use super::*;

    fn event(data: &Value) -> Event {
        Event {
            id: EventId::new(),
            source: "helpdesk".parse().unwrap(),
            event_type: UPDATED.parse().unwrap(),
            subject: Some("81".into()),
            occurred_at: Timestamp::default(),
            received_at: Timestamp::default(),
            data_schema: "ticket/1".into(),
            data: data.to_string().into(),
            upstream_name: None,
            dedupe_key: None,
        }
    }

    fn told(before: &Value, now: &Value) -> (String, Value) {
        let told = tell(event(&json!({ "ticket": now })), &event(&json!({ "ticket": before })));
        let data: Value = serde_json::from_str(&told.data).unwrap();
        (told.event_type.to_string(), data["changes"].clone())
    }

    #[test]
    fn one_change_names_the_event() {
        for (field, event_type) in MEANINGS {
            let (found, changes) = told(&json!({ field: "a" }), &json!({ field: "b" }));
            assert_eq!(found, event_type);
            assert_eq!(changes, json!([{ "field": field, "from": "a", "to": "b" }]));
        }
        let people = |name: &str| json!({ "assignees": [{ "name": name, "kind": "agent" }] });
        let (found, changes) = told(&people("Ann"), &people("Ben"));
        assert_eq!(found, "ticket.assigned");
        assert_eq!(changes, json!([{ "field": "assignees", "from": "Ann", "to": "Ben" }]));
    }

    #[test]
    fn several_changes_are_an_update() {
        let (found, changes) = told(
            &json!({ "state": "new", "priority": "1" }),
            &json!({ "state": "open", "priority": "2" }),
        );
        assert_eq!(found, UPDATED);
        assert_eq!(changes.as_array().unwrap().len(), 2);
        let (found, changes) = told(&json!({ "title": "a" }), &json!({ "title": "b" }));
        assert_eq!((found.as_str(), changes.as_array().unwrap().len()), (UPDATED, 1));
    }

    #[test]
    fn nothing_is_made_up() {
        for (before, now) in [
            (json!({ "state": "new" }), json!({ "state": "new" })),
            (json!({ "state": "new", "priority": "1" }), json!({ "state": "new" })),
            (json!({}), json!({})),
            (json!(null), json!([])),
            (json!({ "state": "[redacted]" }), json!({ "state": "new" })),
        ] {
            assert_eq!(told(&before, &now), (UPDATED.to_owned(), Value::Null));
        }
        let own = json!({ "ticket": { "state": "b" }, "changes": [{ "field": "state" }] });
        let same = tell(event(&own), &event(&json!({ "ticket": { "state": "a" } })));
        assert_eq!(serde_json::from_str::<Value>(&same.data).unwrap(), own);
    }
}
