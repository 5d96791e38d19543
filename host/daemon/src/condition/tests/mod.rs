//! What conditions mean, what is told of wrong ones, and what they may cost.

mod meaning;
mod mistakes;
mod properties;

use hookwright_model::{Event, EventId, Timestamp};
use serde_json::{Value as Json, json};

use super::{Condition, EventView, Outcome};

/// An event with a body.
fn event(data: &Json) -> Event {
    Event {
        id: EventId::new(),
        source: "helpdesk".parse().unwrap(),
        event_type: "ticket.commented".parse().unwrap(),
        subject: Some("81".into()),
        // A Friday afternoon.
        occurred_at: Timestamp::from_millis(1_605_278_075_282),
        received_at: Timestamp::from_millis(1_605_278_076_000),
        data_schema: "ticket/1".into(),
        data: data.to_string().into(),
        upstream_name: None,
        dedupe_key: None,
    }
}

/// A ticket with most of what there can be.
fn full() -> Json {
    json!({
        "ticket": {
            "id": "81", "number": "10081", "title": "No network in room 12", "state": "open",
            "priority": "high", "group": "Service Desk", "tags": ["vip", "network"],
            "assignees": [
                {"id": "5", "name": "Emma Taylor", "email": "emma@example.com", "kind": "agent"},
                {"id": "6", "name": "Иван", "kind": "agent"},
            ],
            "fields": {
                "building": "B", "floor": 3, "area": 12.5, "vip": true, "gone": null,
                "nested": {"deep": ["x", "y"]},
            },
            "due_at": "2020-11-14T12:00:00Z",
        },
        "comment": {
            "visibility": "public", "text": "Es geht wieder, Grüße", "channel": "email",
            "attachments": [{"name": "a.png", "size": 35_574}],
        },
        "actor": {"name": "Emily Adams", "kind": "customer"},
        "changes": [{"field": "state", "from": "new", "to": "open"}],
        "origin": {"kind": "zammad", "event": "Customer replied"},
    })
}

fn evaluate(condition: &str, data: &Json) -> Outcome {
    let compiled =
        Condition::compile(condition).unwrap_or_else(|error| panic!("{condition}: {error}"));
    let event = event(data);
    compiled.evaluate(&EventView::new(&event))
}

fn holds(condition: &str, data: &Json) -> bool {
    evaluate(condition, data).holds.unwrap_or_else(|error| panic!("{condition}: {error}"))
}
