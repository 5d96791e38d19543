//! What a subscription is tried out with.

use std::fmt::Display;

use hookwright_model::{Event, Name, Timestamp};
use serde_json::json;

use super::{SOURCE, TEST, event};
use crate::server::problem::Problem;

/// The id of the ticket that tests are about: as R-Service has it.
const TICKET: &str = "12345";

/// The event that tries out a subscription: about a ticket of which everything is said that a
/// plugin may want to show. `url` is where the daemon is reached.
///
/// # Errors
/// As [`event`].
pub fn test(subscription: &Name, url: &impl Display, now: Timestamp) -> Result<Event, Problem> {
    let agent = json!({
        "id": "2", "name": "Alex Agent", "email": "agent@example.com", "kind": "agent",
    });
    let customer = json!({
        "id": "3", "name": "Kim Customer", "email": "customer@example.com",
        "phone": "+12025550123", "kind": "customer",
    });
    let time = now.to_string();
    let data = json!({
        "ticket": {
            "id": TICKET,
            "number": TICKET,
            "title": format!("Test of the subscription {subscription}"),
            "text": "Somebody tries out this subscription. The ticket does not exist.",
            "state": "open",
            "priority": "normal",
            "group": "Service Desk",
            "assignees": [agent],
            "customer": customer,
            "organization": "Example Ltd.",
            "type": "question",
            "tags": ["test"],
            "created_at": time,
            "updated_at": time,
            "url": url.to_string(),
        },
        "comment": {
            "id": "1",
            "visibility": "public",
            "author": customer,
            "text": "This is a test. Nothing has to be done.",
            "channel": "web",
            "created_at": time,
        },
        "actor": { "name": "Hookwright", "kind": "system" },
        "origin": { "kind": SOURCE, "event": TEST },
    });
    event(TEST, TICKET, "ticket/1", &data, now)
}

#[cfg(test)]
mod tests {
    use hookwright_model::catalogue::TICKET_SCHEMA;
    use serde_json::Value;

    use super::*;
    use crate::control::{Kind, is_reserved};

    #[test]
    fn a_test_is_a_ticket_as_the_schema_has_it() {
        let name = "duty".parse().unwrap();
        let event = test(&name, &"https://hooks.example.com", Timestamp::default()).unwrap();
        assert_eq!((Kind::of(&event), is_reserved(&event.event_type)), (Some(Kind::Test), true));
        assert_eq!(event.subject.as_deref(), Some("12345"));
        let data: Value = serde_json::from_str(&event.data).unwrap();
        let schema = serde_json::from_str(TICKET_SCHEMA).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let wrong: Vec<_> = schema.iter_errors(&data).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        // Everything but what is told of few tickets only, so that every template has something.
        let fields = data["ticket"].as_object().unwrap();
        let known: Value = serde_json::from_str(TICKET_SCHEMA).unwrap();
        let known = known["$defs"]["ticket"]["properties"].as_object().unwrap();
        let rare = ["fields", "attachments", "due_at"];
        let missing: Vec<_> = known.keys().filter(|key| !fields.contains_key(*key)).collect();
        assert!(missing.iter().all(|key| rare.contains(&key.as_str())), "{missing:?}");
        // Of another source it would be somebody else's.
        let foreign = Event { source: "tests".parse().unwrap(), ..event };
        assert_eq!(Kind::of(&foreign), None);
    }
}
