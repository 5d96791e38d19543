//! What R-Service posts becomes the events that its documentation says.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{data, event, parse, post, token};
use hookwright_sdk::Source;
use hookwright_sdk::serde_json::{Value, json};
use source_r_service::{RService, Settings};

fn note_added() -> Value {
    json!({
        "ticket": {
            "id": "219",
            "number": "219",
            "state": "workflow_pending",
            "group": "End-User Support, Houston",
            "assignees": [{"id": "8529", "name": "Tom Edwards", "kind": "agent"}],
            "fields": {
                "webhook_id": 945,
                "account": "https://mycompany.xurrent.com",
                "name": "Note added to Request of mycompany",
                "payload": {
                    "source": "self service",
                    "member": {"name": "Tom Edwards", "id": 8529},
                    "team": {"id": 372, "name": "End-User Support, Houston"}
                }
            },
            "url": "https://mycompany.xurrent.com/requests/219"
        },
        "comment": {
            "id": "3455",
            "visibility": "unknown",
            "author": {"id": "8543", "name": "Howard Tanner", "kind": "unknown"}
        },
        "actor": {"id": "8543", "name": "Howard Tanner", "kind": "unknown"},
        "origin": {"kind": "r-service", "event": "request.note-added"}
    })
}

#[test]
fn the_documents_sample() {
    let (event, body) = event(&data("note-added"));
    assert_eq!(event.event_type, "ticket.commented");
    assert_eq!(event.subject.as_deref(), Some("219"));
    assert_eq!(event.upstream_name.as_deref(), Some("request.note-added"));
    assert_eq!(event.data_schema, "ticket/1");
    // Neither a time nor an id of the post is in an unsigned one of that age.
    assert_eq!((event.occurred_at, event.dedupe_key), (None, None));
    assert_eq!(body, note_added());
}

#[test]
fn a_signed_post_says_the_same_and_when() {
    let (event, body) = event(&data("note-added-signed"));
    assert_eq!(event.event_type, "ticket.commented");
    assert_eq!(event.subject.as_deref(), Some("219"));
    assert_eq!(event.occurred_at, Some(1_610_532_051_000));
    // The header's id is not signed; the token's is.
    assert_eq!(event.dedupe_key.as_deref(), Some("5d1f0a3ac9c34f7fa8b0f3f6b2a6b4de"));
    assert_eq!(body, note_added());
}

#[test]
fn the_connectors_sample() {
    let (event, body) = event(&data("problem-update"));
    assert_eq!(event.event_type, "problem.updated");
    assert_eq!(event.dedupe_key.as_deref(), Some("00c7bb4a-b3ba-4744-8126-1e7ef87ef90a"));
    let expected = json!({
        "ticket": {
            "id": "332",
            "number": "332",
            "state": "analyzed",
            "group": "End-User Support, Houston",
            "assignees": [{"id": "336", "name": "Joseph Coleman", "kind": "agent"}],
            // The link leads to another host than the account's, so there is no `url`.
            "fields": {
                "webhook_id": 2,
                "webhook_nodeID": "uvw",
                "account_id": "wdc",
                "account": "https://wdc.xurrent-staging.com",
                "name": "Test-IPaaS",
                "object_nodeID": "abc",
                "person_nodeID": "xyz",
                "payload": {
                    "team": {
                        "id": 14, "name": "End-User Support, Houston", "nodeID": "def",
                        "account": {"id": "wdc", "name": "Widget Data Center"}
                    },
                    "member": {
                        "id": 336, "name": "Joseph Coleman", "nodeID": "ghi",
                        "account": {"id": "widget", "name": "Widget International"}
                    },
                    "audit_line_id": 71960,
                    "audit_line_nodeID": "jkl"
                }
            }
        },
        "actor": {"id": "6", "name": "Howard Tanner", "kind": "unknown"},
        "origin": {"kind": "r-service", "event": "problem.update"}
    });
    assert_eq!(body, expected);
}

#[test]
fn a_status_change_by_the_system() {
    let (event, body) = event(&data("status-changed"));
    assert_eq!(event.event_type, "ticket.status_changed");
    let expected = json!({
        "ticket": {
            "id": "70453",
            "number": "70453",
            "state": "completed",
            "group": "End-User Support, Houston",
            "fields": {
                "webhook_id": 946,
                "webhook_nodeID": "NG1lLWRlbW8uY29tL1dlYmhvb2svOTQ2",
                "account_id": "mycompany",
                "account": "https://mycompany.xurrent.com",
                "custom_url": "https://support.mycompany.com",
                "name": "request.status-changed",
                "object_nodeID": "NG1lLWRlbW8uY29tL1JlcS83MDQ1Mw",
                "person_nodeID": null,
                "instance_name": "production",
                "payload": {
                    "audit_line_id": 71961,
                    "audit_line_nodeID": "jkm",
                    "note_nodeID": "jkn",
                    "source": "Mail",
                    "sourceID": "<1@example.com>",
                    "team": {
                        "id": 14, "nodeID": "def", "name": "End-User Support, Houston",
                        "sourceID": "eus", "disabled": true,
                        "account": {"id": "wdc", "name": "Widget Data Center"}
                    }
                }
            },
            "url": "https://support.mycompany.com/requests/70453"
        },
        "comment": {"id": "3456", "visibility": "unknown", "author": {"kind": "system"}},
        "actor": {"kind": "system"},
        "changes": [{"field": "state", "from": "in_progress", "to": "completed"}],
        "origin": {"kind": "r-service", "event": "request.status-changed"}
    });
    assert_eq!(body, expected);
}

#[test]
fn a_rules_own_payload_is_kept_as_it_is() {
    let mut sample = data("automation-rule");
    let (found, body) = event(&sample);
    assert_eq!(found.event_type, "automation.fired");
    let expected = json!({
        "ticket": {
            "id": "108",
            "number": "108",
            "fields": {
                "webhook_id": 2,
                "webhook_nodeID": "asddaLXN0YWdpbmcuY29tL1dlYmhvasdasvMg",
                "account_id": "wdc",
                "account": "https://wdc.4me-demo.com",
                "name": "Log Note Dispatcher Integration",
                "object_nodeID": "asddaLXN0YWdpbmcuY29tL0F1ddfgdfgtYXRpb25SdWxlLzEwOA",
                "person_nodeID": "asddaXN0YWdpbmcuY29tL1BlcnNvbi82",
                "payload": {
                    "text": "You are too sure!",
                    "url": "https://webhook.site/c07a995f-2db3-4cc0-a9c9-17f8d937324sdf"
                }
            }
        },
        "actor": {"id": "6", "name": "Howard Tanner", "kind": "unknown"},
        "origin": {"kind": "r-service", "event": "automation_rule"}
    });
    assert_eq!(body, expected);
    // Whatever the rule's author writes, words that mean something elsewhere among it.
    for payload in [json!([1, {"a": null}]), json!("text"), json!({"status": [], "team": 1})] {
        sample["body"]["payload"] = payload.clone();
        let (_, body) = event(&sample);
        assert_eq!(body["ticket"]["fields"]["payload"], payload);
        assert_eq!(body["ticket"].get("state"), None);
    }
}

#[test]
fn a_time_entry_with_all_its_fields() {
    let (found, body) = event(&data("time-entry-create"));
    assert_eq!(found.event_type, "time_entry.created");
    assert_eq!(found.occurred_at, Some(1_458_254_171_000));
    let ticket = json!({
        "id": "6154",
        "number": "6154",
        "group": "End-User Support, Houston",
        "fields": {
            "webhook_id": 947,
            "account_id": "mycompany",
            "account": "https://mycompany.xurrent.com",
            "name": "time_entry.create",
            "object_nodeID": "NG1lLWRlbW8uY29tL1RpbWVFbnRyeS82MTU0",
            "person_nodeID": "ghi",
            "payload": {
                "id": 6154,
                "date": "2016-03-17",
                "time_spent": 90,
                "correction": false,
                "deleted": false,
                "charge_type": "fixed_price",
                "person": {"id": 8529, "name": "Tom Edwards"},
                "request": {"id": 219, "subject": "No network"},
                "team": {"id": 372, "name": "End-User Support, Houston"}
            }
        },
        "created_at": "2016-03-17T16:36:11-06:00",
        "updated_at": "2016-03-17T17:09:18-06:00"
    });
    assert_eq!(body["ticket"], ticket);

    let mut updated = data("time-entry-create");
    updated["body"]["event"] = json!("time_entry.update");
    assert_eq!(event(&updated).0.occurred_at, Some(1_458_256_158_000));
    // The record of a deleted period was last changed before it was deleted.
    let (deleted, body) = event(&data("out-of-office-delete"));
    assert_eq!(
        (deleted.event_type.as_str(), deleted.occurred_at),
        ("out_of_office_period.deleted", None)
    );
    assert_eq!(body["ticket"]["updated_at"], "2026-04-02T08:00:00Z");
    assert_eq!(body["ticket"]["fields"]["payload"]["reason"], "Vacation");
}

#[test]
fn times_without_an_offset_get_one() {
    let mut sample = data("time-entry-create");
    sample["body"]["payload"]["created_at"] = json!("2016-03-17 16:36:11");
    let (found, body) = event(&sample);
    assert_eq!(found.occurred_at, Some(1_458_232_571_000));
    assert_eq!(body["ticket"]["created_at"], "1458232571000 ms after 1970");
}

#[test]
fn secrets_stay_behind() {
    let sample = data("secrets-update");
    let (found, body) = event(&sample);
    assert_eq!(found.event_type, "app_instance.secrets_updated");
    assert!(!found.data.contains("hush") && !found.data.contains("client-1"));
    let offering = &sample["body"]["payload"]["app_offering"];
    let payload = json!({"app_offering": offering, "customer_account_id": "wdc"});
    assert_eq!(body["ticket"]["fields"]["payload"], payload);
    for payload in [sample["body"]["payload"].clone(), json!(["hush"]), json!({"team": "hush"})] {
        let mut unknown = sample.clone();
        unknown["body"]["event"] = json!("app_instance.secrets-delete");
        unknown["body"]["payload"] = payload;
        let (found, _) = event(&unknown);
        assert_eq!(found.event_type, "app_instance.other");
        assert!(!found.data.contains("hush"));
    }
    let (_, harmless) = event(&data("app-instance-create"));
    let payload = &data("app-instance-create")["body"]["payload"];
    assert_eq!(&harmless["ticket"]["fields"]["payload"], payload);
}

#[test]
fn who_and_where_can_change() {
    let changed = |name: &str, payload: Value| {
        let mut sample = data("problem-update");
        sample["body"]["event"] = json!(name);
        sample["body"]["payload"] = payload;
        event(&sample).1["changes"].clone()
    };
    let team = json!({"team": {"id": 14, "name": "Networks"}});
    assert_eq!(
        changed("problem.team-changed", team),
        json!([{"field": "group", "to": "Networks"}])
    );
    let member = json!({"member": {"id": 336}});
    assert_eq!(
        changed("task.member-changed", member),
        json!([{"field": "assignees", "to": "336"}])
    );
    assert_eq!(changed("task.member-changed", json!({})), json!([{"field": "assignees"}]));
    // Risks have no status before.
    let status = json!({"status": "high"});
    assert_eq!(changed("risk.status-changed", status), json!([{"field": "state", "to": "high"}]));
    assert_eq!(changed("project.manager-changed", json!({"status": "open"})), Value::Null);
}

#[test]
fn the_settings_come_before_the_webhook() {
    let set = json!({"url": "https://help.example.com/"});
    let url = |sample: &Value| {
        let parsed = parse(&post(sample), set.clone()).unwrap();
        let body: Value = hookwright_sdk::serde_json::from_str(&parsed[0].data).unwrap();
        body["ticket"]["url"].clone()
    };
    assert_eq!(url(&data("note-added")), "https://help.example.com/requests/219");
    let mut without = data("note-added");
    without["headers"] = json!({});
    assert_eq!(url(&without), "https://help.example.com/requests/219");
    without["body"]["event"] = json!("problem.note-added");
    assert_eq!(url(&without), Value::Null);
}

#[test]
fn the_host_is_asked_to_answer_a_verification() {
    let sample = data("verify");
    let callback = &sample["body"]["payload"]["callback"];
    let claims = json!({"jti": "1", "data": sample["body"]}).to_string();
    for inbound in [post(&sample), common::bare(&token(claims.as_bytes()))] {
        let events = parse(&inbound, json!({})).unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].event_type, "source.verify");
        let body: Value = hookwright_sdk::serde_json::from_str(&events[0].data).unwrap();
        assert_eq!(body, json!({ "callback": callback }));
        // Nobody can have another server called.
        for other in ["https://other.example", "http://mycompany.xurrent.com"] {
            let refused = parse(&inbound, json!({ "url": other })).unwrap_err();
            assert!(format!("{refused:?}").contains("/payload/callback"), "{refused:?}");
        }
    }
}

#[test]
fn the_descriptor_is_in_order() {
    let descriptor = RService::describe();
    let schema: Value = hookwright_sdk::serde_json::from_str(descriptor.settings_schema).unwrap();
    for example in schema["properties"]["url"]["examples"].as_array().unwrap() {
        let set = json!({ "url": example });
        hookwright_sdk::serde_json::from_value::<Settings>(set).unwrap();
    }
    assert_eq!(descriptor.name, "r-service");
    assert_eq!(descriptor.events.len(), 25);
}
