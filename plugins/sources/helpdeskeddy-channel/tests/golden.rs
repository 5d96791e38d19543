//! What HelpDeskEddy's outgoing channel posts becomes the events that the tables of the format
//! report say. Each case is a file in `data/` and names the document that its body comes from.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hookwright_sdk::serde_json::{self, Value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{Inbound, Rejection, Source};
use proptest::prelude::*;
use serde::Deserialize;
use source_helpdeskeddy_channel::{HelpDeskEddyChannel, Settings};

const SAMPLE: &str = include_str!("data/answer-nested.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    document: String,
    #[serde(default)]
    settings: Option<Value>,
    /// What the host's clock says of local times.
    #[serde(default)]
    times: BTreeMap<String, u64>,
    post: Value,
    expected: Value,
}

fn post(body: &[u8]) -> Inbound {
    Inbound { method: "POST".into(), query: Vec::new(), headers: Vec::new(), body: body.to_vec() }
}

fn settings(json: Value) -> Settings {
    serde_json::from_value(json).unwrap()
}

/// All that comes of a post.
fn outcome(body: &Value, set: Value, host: &FakeHost) -> Result<Value, Rejection> {
    let inbound = post(body.to_string().as_bytes());
    let mut events = HelpDeskEddyChannel::parse(&inbound, &settings(set), host)?;
    assert_eq!(events.len(), 1);
    let event = events.remove(0);
    assert_eq!(event.data_schema, "ticket/1");
    Ok(json!({
        "event_type": event.event_type,
        "subject": event.subject,
        "occurred_at": event.occurred_at,
        "upstream_name": event.upstream_name,
        "dedupe_key": event.dedupe_key,
        "log": *host.lines.borrow(),
        "data": serde_json::from_str::<Value>(&event.data).unwrap(),
    }))
}

fn event_type(name: &str, set: Value) -> String {
    let body = json!({"event_type": name, "ticket_id": 1});
    let found = outcome(&body, set, &FakeHost::default()).unwrap();
    assert_eq!(found["upstream_name"], name);
    assert_eq!(found["data"]["origin"]["event"], name);
    found["event_type"].as_str().unwrap().to_owned()
}

#[test]
fn the_documents_samples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case: Case = serde_json::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let host = FakeHost { times: case.times.into_iter().collect(), ..FakeHost::default() };
        let found = outcome(&case.post, case.settings.unwrap_or_else(|| json!({})), &host)
            .unwrap_or_else(|rejection| panic!("{}: {rejection:?}", case.document));
        let expected = &case.expected;
        assert!(
            found == *expected,
            "{} ({})\n--- found\n{found:#}\n--- expected\n{expected:#}",
            path.display(),
            case.document
        );
        count += 1;
    }
    assert_eq!(count, 7);
}

#[test]
fn every_subscription_has_its_event() {
    // public templates
    for (name, expected) in [
        ("ticket_create", "ticket.created"),
        ("ticket_answer", "ticket.replied"),
        ("ticket_chat_answer", "ticket.replied"),
        ("ticket_comment", "ticket.commented"),
        ("ticket_status", "ticket.status_changed"),
        ("ticket_priority", "ticket.priority_changed"),
        ("ticket_type", "ticket.type_changed"),
        ("ticket_owner", "ticket.assigned"),
        ("ticket_close", "ticket.closed"),
        ("ticket_department", "ticket.department_changed"),
        ("ticket_sla", "ticket.sla_reached"),
        ("ticket_rate", "ticket.rated"),
        ("ticket_status_changed", "ticket.status_changed"),
        ("ticket_что-то", "ticket.other"),
        ("x", "ticket.other"),
    ] {
        assert_eq!(event_type(name, json!({})), expected, "{name}");
    }
}

#[test]
fn the_settings_come_before_the_table() {
    let set = json!({"event_types": {"ticket_rate": "ticket.updated", "x": "ticket.merged"}});
    assert_eq!(event_type("ticket_rate", set.clone()), "ticket.updated");
    assert_eq!(event_type("x", set.clone()), "ticket.merged");
    assert_eq!(event_type("ticket_close", set), "ticket.closed");
    // The table's channel holds as long as the type does.
    let body = json!({"event_type": "ticket_answer", "ticket_id": 1, "message": "x"});
    let channel = |to: &str| {
        let set = json!({"event_types": {"ticket_answer": to}});
        outcome(&body, set, &FakeHost::default()).unwrap()["data"]["comment"]["channel"].clone()
    };
    assert_eq!(channel("ticket.replied"), "classic");
    assert_eq!(channel("ticket.commented"), Value::Null);
}

#[test]
fn unknown_names_are_logged_and_kept() {
    let host = FakeHost::default();
    let found = outcome(&json!({"event_type": "ы".repeat(1_000_000)}), json!({}), &host).unwrap();
    assert_eq!(found["event_type"], "ticket.other");
    let lines = host.lines.borrow();
    assert!(lines[0].contains("setting `event_types`") && lines[0].len() < 400, "{lines:?}");
}

#[test]
fn an_empty_post_is_a_test_of_the_connection() {
    for body in ["", " \n", "{}", "[]", "null"] {
        let events = HelpDeskEddyChannel::parse(
            &post(body.as_bytes()),
            &settings(json!({})),
            &FakeHost::default(),
        );
        assert_eq!(events.unwrap(), [], "{body}");
    }
}

#[test]
fn bad_posts_are_refused_with_a_place() {
    let refuse = |body: &[u8]| match HelpDeskEddyChannel::parse(
        &post(body),
        &settings(json!({})),
        &FakeHost::default(),
    ) {
        Err(Rejection::Malformed(problem)) => problem.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(refuse(b"event_type=ticket_answer").starts_with("not JSON"));
    assert!(refuse(b"{\"event_type\":\"\xd0\"}").starts_with("not UTF-8 at byte 15"));
    assert!(refuse(b"[1]").contains("expected an object"));
    assert!(refuse(b"7").contains("invalid type"));
    assert!(refuse(b"{\"event_type\":\"ticket_answer\"").starts_with("not JSON"));
    for body in [
        json!({"ticket_id": 1}),
        json!({"event_type": null}),
        json!({"event_type": ""}),
        json!({"event_type": {}}),
        json!({"event_type": ["a", "b"]}),
    ] {
        let problem = refuse(body.to_string().as_bytes());
        assert!(problem.starts_with("/event_type: no `event_type`"), "{problem}");
    }
    for open in ["{\"event_type\":", "[", "{\"a\":["] {
        refuse(open.repeat(200_000).as_bytes());
    }
}

#[test]
fn strange_values_do_no_harm() {
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    for strange in [
        json!(null),
        json!(-1.5),
        json!([[[1]]]),
        json!({"id": {"id": {}}}),
        json!("ы".repeat(100_000)),
    ] {
        for part in ["ticket", "answer"] {
            let mut body = sample["post"].clone();
            body[part] = strange.clone();
            outcome(&body, json!({}), &FakeHost::default()).unwrap();
            let mut body = sample["post"].clone();
            for value in body[part].as_object_mut().unwrap().values_mut() {
                *value = strange.clone();
            }
            outcome(&body, json!({}), &FakeHost::default()).unwrap();
        }
    }
}

#[test]
fn the_data_says_what_is_a_guess() {
    let table: Value = serde_json::from_str(include_str!("../data/event_types.json")).unwrap();
    let table = table["event_types"].as_object().unwrap();
    assert_eq!(table.len(), 12);
    for (name, entry) in table {
        assert_eq!(entry["guess"] == true, name != "ticket_answer", "{name}");
        assert!(entry["wording"].is_string());
    }
    let schema: Value =
        serde_json::from_str(HelpDeskEddyChannel::describe().settings_schema).unwrap();
    let named = &schema["properties"]["fields"]["propertyNames"]["anyOf"][0]["enum"];
    let table: Value = serde_json::from_str(include_str!("../data/fields.json")).unwrap();
    for (field, names) in table["fields"].as_object().unwrap() {
        let is_settable = named.as_array().unwrap().contains(&json!(field));
        assert!(is_settable || field == "event.name" || field.ends_with(".perhaps"), "{field}");
        let is_guess = |name: &Value| name.as_str().unwrap().starts_with('?');
        assert_eq!(names.as_array().unwrap().iter().all(is_guess), field != "event.name");
    }
    for (name, property) in schema["properties"].as_object().unwrap() {
        for example in property["examples"].as_array().unwrap() {
            settings(json!({ name: example }));
        }
    }
}

/// Says whether the post was taken; what matters is that it comes to that.
fn parse(body: &[u8]) -> bool {
    HelpDeskEddyChannel::parse(&post(body), &settings(json!({})), &FakeHost::default()).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_do_no_harm(body in prop::collection::vec(any::<u8>(), 0..300)) {
        parse(&body);
    }

    #[test]
    fn mutated_samples_do_no_harm(
        mutations in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 1..12),
    ) {
        let case: Value = serde_json::from_str(SAMPLE).unwrap();
        let mut body = case["post"].to_string().into_bytes();
        for (place, how, byte) in mutations {
            if body.is_empty() {
                break;
            }
            let at = place.index(body.len());
            match how {
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                2 => drop(body.remove(at)),
                _ => body.truncate(at),
            }
        }
        parse(&body);
    }
}

/// What is served to people, kept with the model.
const CATALOGUE: &str = include_str!("../../../../host/model/catalogue/helpdeskeddy-channel.json");

#[test]
fn the_catalogue_says_the_same() {
    let catalogue: Value = serde_json::from_str(CATALOGUE).unwrap();
    let rows = catalogue["events"].as_array().unwrap();
    assert_eq!(rows.len(), 12);
    for row in rows {
        let body = json!({ "event_type": row["upstream"], "ticket": { "id": 1234 } });
        let found = outcome(&body, json!({}), &FakeHost::default()).unwrap();
        assert_eq!(found["event_type"], row["type"], "{row}");
    }
}
