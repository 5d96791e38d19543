//! What the source plugin reads, this plugin writes, and the other way round.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../standard-webhooks/tests/common/mod.rs"]
mod common;

use std::collections::BTreeMap;

use common::{KyivHost, Sample, body, headers_are_clean, hostile, read, samples};
use destination_r_service::RService;
use hookwright_sdk::serde_json::{Value, from_slice, from_str, from_value, json};
use hookwright_sdk::{Decision, Destination, Event};
use proptest::prelude::*;

/// The body, or why nothing is sent.
fn sent(event: &Event, more: &Value) -> Result<String, String> {
    let mut set = json!({"uri": "https://myserver.example.com/mywebhook"});
    set.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let settings = from_value(set).unwrap();
    match RService::transform(event, &settings, &KyivHost::default()) {
        Ok(Decision::Deliver(requests)) if requests.len() == 1 => {
            headers_are_clean(&requests[0]);
            Ok(body(&requests[0]).to_owned())
        }
        Ok(Decision::Skip(reason)) => Err(reason),
        other => panic!("{other:?}"),
    }
}

fn posted(event: &Event) -> Value {
    from_str(&sent(event, &json!({})).unwrap()).unwrap()
}

fn read_again(body: &str) -> Sample {
    let inbound = common::post(body.as_bytes().to_vec());
    common::parse::<source_r_service::RService>("again", &inbound, json!({})).remove(0)
}

/// The vendor's own samples, as they are posted without a signature, and the events they become.
fn vendors() -> Vec<(String, Value, Event)> {
    let samples = samples().into_iter().filter_map(|sample| {
        let name = sample.name.strip_prefix("r-service/")?.to_owned();
        // That one is the host's to answer.
        (name != "verify").then_some((name, sample))
    });
    let samples: Vec<_> = samples
        .map(|(name, sample)| {
            let plain = name.strip_suffix("-signed").unwrap_or(&name);
            let file = format!("plugins/sources/r-service/tests/data/{plain}.json");
            let case: Value = from_slice(&read(&file)).unwrap();
            (name, case["body"].clone(), sample.event)
        })
        .collect();
    assert_eq!(samples.len(), 9);
    samples
}

#[test]
fn the_vendors_own_webhooks_come_out_as_they_came() {
    for (name, mut expected, event) in vendors() {
        match name.as_str() {
            // Its id was in a header, where documents of that age have it.
            "note-added" | "note-added-signed" => expected["payload"]["note_id"] = json!(3455),
            // Passwords and tokens stay behind at the source.
            "secrets-update" => expected["payload"]
                .as_object_mut()
                .unwrap()
                .retain(|key, _| matches!(key.as_str(), "app_offering" | "customer_account_id")),
            _ => {}
        }
        assert_eq!(posted(&event), expected, "{name}");
    }
}

#[test]
fn what_is_read_again_is_the_same_event() {
    for (name, _, event) in vendors() {
        let again = read_again(&sent(&event, &json!({})).unwrap());
        assert_eq!(again.event.event_type, event.event_type, "{name}");
        assert_eq!(again.event.subject, event.subject, "{name}");
        let mut said: Value = from_str(&event.data).unwrap();
        let mut read = again.data();
        for data in [&mut said, &mut read] {
            // It came from a header that is not passed on, or leads to the account again.
            data["ticket"].as_object_mut().unwrap().remove("url");
        }
        assert_eq!(read, said, "{name}");
    }
}

#[test]
fn the_settings_come_before_what_r_service_said() {
    let (_, _, event) =
        vendors().into_iter().find(|(name, _, _)| name == "status-changed").unwrap();
    let of = |more: Value| from_str::<Value>(&sent(&event, &more).unwrap()).unwrap();
    let ours = of(json!({
        "webhook_id": 7, "account": "https://hooks.example.com/", "name": "Ours",
        "instance_name": "test"
    }));
    assert_eq!(ours["webhook_id"], 7);
    assert_eq!(ours["account"], "https://hooks.example.com");
    assert_eq!((&ours["name"], &ours["instance_name"]), (&json!("Ours"), &json!("test")));
    // These are another webhook's and another account's.
    for key in ["webhook_nodeID", "account_id", "custom_url"] {
        assert_eq!(ours.get(key), None, "{key}");
    }
    // What is about the record stays.
    assert_eq!(ours["object_nodeID"], "NG1lLWRlbW8uY29tL1JlcS83MDQ1Mw");
    let same = of(json!({"webhook_id": 946, "account": "https://mycompany.xurrent.com"}));
    assert_eq!(same, posted(&event));
}

/// Seed 003 (R-Service Webhooks API), the list of events, and the catalogue that people see.
#[test]
fn every_event_of_the_list_has_its_name() {
    let list: Value =
        from_slice(&read("plugins/sources/r-service/tests/data/events.json")).unwrap();
    let mut names = BTreeMap::new();
    for part in ["seed", "current"] {
        for (name, event_type) in list[part].as_object().unwrap() {
            names.insert(event_type.as_str().unwrap().to_owned(), name.clone());
        }
    }
    let catalogue: Value = from_slice(&read("host/model/catalogue/r-service.json")).unwrap();
    let rows = catalogue["events"].as_array().unwrap().iter();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows: BTreeMap<_, _> = rows.map(|row| (text(row, "type"), text(row, "upstream"))).collect();
    assert_eq!(rows, names);
    assert_eq!(names.len(), 82);
    names.remove("subscription.verify_requested");
    for (event_type, name) in &names {
        // As if another helpdesk had said it.
        let event = common::event(event_type, &json!({"ticket": {"id": "219"}}));
        let post = posted(&event);
        assert_eq!(post["event"], name.as_str(), "{event_type}");
        assert_eq!(post["name"], name.as_str(), "{event_type}");
        let again = read_again(&post.to_string());
        assert_eq!(again.event.event_type, *event_type);
    }
}

#[test]
fn what_is_near_has_a_name_and_the_rest_is_skipped() {
    let event = |event_type: &str| common::event(event_type, &json!({"ticket": {"id": "219"}}));
    for (event_type, expected) in [
        ("ticket.replied", "request.note-added"),
        ("ticket.closed", "request.status-changed"),
        ("problem.resolved", "problem.status-changed"),
        ("change.closed", "workflow.status-changed"),
        ("ticket.department_changed", "request.team-changed"),
        ("ticket.priority_changed", "request.update"),
        ("ticket.rated", "request.update"),
    ] {
        assert_eq!(posted(&event(event_type))["event"], expected, "{event_type}");
    }
    for event_type in [
        "ticket.deleted",
        "ticket.sla_reached",
        "ticket.other",
        "broadcast.closed",
        "contact.created",
        "nonsense",
    ] {
        let reason = sent(&event(event_type), &json!({})).unwrap_err();
        assert!(reason.contains(event_type) && reason.contains("`events`"), "{reason}");
        let more = json!({"events": {event_type: "automation_rule"}});
        let post = sent(&event(event_type), &more).unwrap();
        assert_eq!(from_str::<Value>(&post).unwrap()["event"], "automation_rule");
    }
}

#[test]
fn only_the_host_asks_a_receiver_to_call_back() {
    let data = json!({
        "ticket": {"fields": {"payload": {"callback": "https://evil.example/"}}},
        "origin": {"kind": "r-service", "event": "webhook.verify"}
    });
    let reason = sent(&common::event("ticket.other", &data), &json!({})).unwrap_err();
    assert!(reason.contains("`webhook.verify`"), "{reason}");
    // From elsewhere the name is not believed, nor are the fields.
    let mut elsewhere = data;
    elsewhere["origin"]["kind"] = json!("elsewhere");
    let post = posted(&common::event("ticket.created", &elsewhere));
    assert_eq!(post["event"], "request.create");
    assert!(!post.to_string().contains("evil"));
}

#[test]
fn the_status_before_is_told_of_six_records() {
    let changes = json!([{"field": "state", "from": "assigned", "to": "completed"}]);
    let before = |event_type: &str, upstream: Option<&str>| {
        let origin =
            json!({"kind": if upstream.is_some() { "r-service" } else { "x" }, "event": upstream});
        let data = json!({"ticket": {"state": "completed"}, "changes": changes, "origin": origin});
        posted(&common::event(event_type, &data))["payload"].get("previous_status").cloned()
    };
    for noun in ["ticket", "problem", "change", "task", "project", "project_task"] {
        let event_type = format!("{noun}.status_changed");
        assert_eq!(before(&event_type, None), Some(json!("assigned")), "{noun}");
    }
    assert_eq!(before("risk.status_changed", None), None);
    assert_eq!(before("ticket.updated", None), None);
    // The host told what changed; R-Service did not.
    assert_eq!(before("ticket.status_changed", Some("request.update")), None);
}

#[test]
fn ids_are_numbers_where_there_are_any() {
    let ids = |ticket: Value| {
        let mut event = common::event("ticket.created", &json!({ "ticket": ticket }));
        event.subject = None;
        let post = posted(&event);
        (post.get("object_id").cloned(), post["payload"].get("sourceID").cloned())
    };
    let text = |text: &str| Some(json!(text));
    assert_eq!(ids(json!({"id": "81", "number": "67081"})), (Some(json!(81)), text("81")));
    let other = json!({"id": "E3XK", "number": "67081"});
    assert_eq!(ids(other), (Some(json!(67081)), text("E3XK")));
    assert_eq!(ids(json!({"id": "E3XK", "number": "007"})), (text("E3XK"), text("E3XK")));
    assert_eq!(ids(json!({})), (None, None));
    let long = ids(json!({"id": "ы".repeat(1_000)})).1.unwrap();
    assert_eq!(long.as_str().unwrap().chars().count(), 128);
    let event = common::event("ticket.created", &json!({}));
    assert_eq!(posted(&event)["object_id"], 81, "the subject");
}

#[test]
fn machines_are_nobody() {
    let person = |data: Value| {
        let post = posted(&common::event("ticket.commented", &data));
        (post["person_id"].clone(), post["person_name"].clone())
    };
    let nobody = (Value::Null, json!(""));
    assert_eq!(person(json!({})), nobody);
    assert_eq!(person(json!({"actor": {"kind": "system", "id": "1", "name": "Bot"}})), nobody);
    let ann = json!({"id": "ann", "email": "ann@example.com"});
    assert_eq!(person(json!({ "actor": ann })), (Value::Null, json!("ann@example.com")));
    let author = json!({"comment": {"author": {"id": "6", "name": "Howard Tanner"}}});
    assert_eq!(person(author), (json!(6), json!("Howard Tanner")));
}

#[test]
fn events_of_every_helpdesk() {
    let (mut count, mut skipped) = (0, 0);
    for sample in samples() {
        let event = &sample.event;
        if event.event_type == "source.verify" {
            // The host answers it, and gives it to nobody.
            continue;
        }
        let post = match sent(event, &json!({})) {
            Ok(post) => post,
            Err(reason) => {
                assert!(reason.contains(&event.event_type), "{}: {reason}", sample.name);
                skipped += 1;
                continue;
            }
        };
        count += 1;
        let again = read_again(&post);
        let noun = |event: &Event| event.event_type.split('.').next().unwrap().to_owned();
        assert_eq!(noun(&again.event), noun(event), "{}", sample.name);
        assert_ne!(again.event.event_type, "ticket.other", "{}", sample.name);
        let data = sample.data();
        assert_eq!(again.data()["ticket"].get("state"), data["ticket"].get("state"));
        assert_eq!(again.data()["ticket"].get("group"), data["ticket"].get("group"));
    }
    assert!(count > 25 && skipped > 3, "{count} sent, {skipped} skipped");
}

/// The texts that R-Service sends come back, and no other text gets in.
fn comes_back(text: &str) {
    let person = json!({"name": text, "email": text});
    let data = json!({
        "ticket": {
            "id": text, "number": text, "title": "SECRET", "text": "SECRET", "state": text,
            "group": text, "assignees": [person], "url": text, "fields": {"payload": "SECRET"}
        },
        "comment": {"id": text, "text": "SECRET", "html": "SECRET"},
        "actor": person,
        "changes": [{"field": "state", "from": text}],
        "origin": {"kind": "elsewhere", "event": text}
    });
    let post = sent(&common::event("ticket.status_changed", &data), &json!({})).unwrap();
    assert!(!post.contains("SECRET"));
    let post: Value = from_str(&post).unwrap();
    let same = |value: &Value| assert_eq!(value, text);
    let payload = &post["payload"];
    [&post["person_name"], &payload["status"], &payload["previous_status"]]
        .into_iter()
        .for_each(same);
    for id in [&post["object_id"], &payload["note_id"]] {
        let digits = id.as_u64().map(|number| number.to_string());
        assert_eq!(digits.as_deref().or(id.as_str()), Some(text));
    }
    [&payload["team"]["name"], &payload["member"]["name"]].into_iter().for_each(same);
    let keys: Vec<&String> = post.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["event", "name", "object_id", "payload", "person_id", "person_name"]);
}

#[test]
fn hostile_texts_come_back() {
    hostile().iter().for_each(|text| comes_back(text));
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_comes_back(text in any::<String>()) {
        comes_back(&text);
    }

    /// Whatever the author of an automation rule writes.
    #[test]
    fn every_payload_of_a_rule_comes_out_as_it_came(payload in json_value()) {
        let mut expected = json!({
            "webhook_id": 2, "account": "https://wdc.4me-demo.com", "name": "Log",
            "event": "automation_rule", "object_id": 108, "person_id": 6,
            "person_name": "Howard Tanner", "payload": payload
        });
        let again = read_again(&expected.to_string());
        // Nothing and an empty payload are the same.
        if payload.is_null() {
            expected["payload"] = json!({});
        }
        prop_assert_eq!(posted(&again.event), expected);
    }
}
