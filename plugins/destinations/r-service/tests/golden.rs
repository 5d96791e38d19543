//! Webhooks as R-Service (Xurrent, 4me) documents them. Each case is a file in `data/` and names
//! the document that it comes from.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../standard-webhooks/tests/common/mod.rs"]
mod common;

use std::fs;
use std::path::Path;

use common::{KyivHost, body, header, headers_are_clean, samples};
use destination_r_service::{RService, Settings};
use hookwright_sdk::serde_json::{Value, from_str, from_value, json};
use hookwright_sdk::{
    BasicCredentials, CheckSettings, Credential, Decision, Destination, Event, Failure, Part,
    Request,
};
use serde::Deserialize;

fn settings(more: &Value) -> Settings {
    let mut set = json!({"uri": "https://myserver.example.com/mywebhook"});
    set.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    from_value(set).unwrap()
}

/// The request, or why nothing is sent.
fn transform(event: &Event, more: &Value) -> Result<Request, String> {
    match RService::transform(event, &settings(more), &KyivHost::default()) {
        Ok(Decision::Deliver(mut requests)) if requests.len() == 1 => Ok(requests.remove(0)),
        Ok(Decision::Skip(reason)) => Err(reason),
        other => panic!("{other:?}"),
    }
}

fn posted(event: &Event, more: &Value) -> Value {
    from_str(body(&transform(event, more).unwrap())).unwrap()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    document: String,
    /// An event of another helpdesk's sample, by its name.
    #[serde(default)]
    sample: Option<String>,
    /// Or an event of the host.
    #[serde(default)]
    event: Option<HostsEvent>,
    #[serde(default)]
    settings: Value,
    expected: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HostsEvent {
    event_type: String,
    data_schema: String,
    data: Value,
}

#[test]
fn the_documents_cases() {
    let samples = samples();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case: Case = from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let event = match (&case.sample, &case.event) {
            (Some(name), None) => {
                // Its sample has a placeholder for the action.
                let zenlix = name.strip_prefix("zenlix:").map(common::zenlix);
                let found = samples.iter().find(|sample| sample.name == *name);
                let found = zenlix.as_ref().or(found);
                found.unwrap_or_else(|| panic!("no sample {name}")).event.clone()
            }
            (None, Some(own)) => Event {
                data_schema: own.data_schema.clone(),
                ..common::event(&own.event_type, &own.data)
            },
            _ => panic!("{}: a sample or an event", path.display()),
        };
        let more = if case.settings.is_null() { json!({}) } else { case.settings };
        let (found, expected) = (posted(&event, &more), case.expected);
        assert!(
            found == expected,
            "{} ({})\n--- found\n{found:#}\n--- expected\n{expected:#}",
            path.display(),
            case.document
        );
        count += 1;
    }
    assert_eq!(count, 7);
}

#[test]
fn the_request_is_the_vendors() {
    let event = common::event("ticket.created", &json!({"ticket": {"id": "219"}}));
    let request = transform(&event, &json!({})).unwrap();
    assert_eq!(request.method, "POST");
    assert_eq!(request.url, [Part::Text("https://myserver.example.com/mywebhook".into())]);
    assert_eq!(header(&request, "Content-Type"), Some("application/json; charset=utf-8"));
    let agent = "xurrent/1.0 (https://developer.xurrent.com/v1/webhooks)";
    assert_eq!(header(&request, "User-Agent"), Some(agent));
    assert_eq!(header(&request, "Link"), None);
    let of = |name: &str| {
        request.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
    };
    assert_eq!(of("X-Xurrent-Delivery"), Some(&[Part::DeliveryId][..]));
    let pair = Part::Basic(BasicCredentials {
        username: Credential::Secret("username".into()),
        password: Credential::Secret("password".into()),
    });
    assert_eq!(of("Authorization"), Some(&[Part::Text("Basic ".into()), pair][..]));
    let older = "4me/1.0 (https://developer.xurrent.com/v1/webhooks)";
    let request = transform(&event, &json!({ "user_agent": older })).unwrap();
    assert_eq!(header(&request, "User-Agent"), Some(older));
}

#[test]
fn fields_stand_in_the_vendors_order() {
    let data = json!({
        "ticket": {
            "id": "70453", "state": "completed",
            "assignees": [{"name": "Tom Edwards", "id": "8529"}],
            "fields": {
                "payload": {
                    "zone": 1, "audit_line_nodeID": "jkm", "audit_line_id": 71961,
                    "note_nodeID": "jkn", "sourceID": "<1@example.com>", "source": "Mail",
                    "member": {"name": "Tom Edwards", "id": 8529},
                    "team": {
                        "account": {"name": "Widget Data Center", "id": "wdc"}, "disabled": true,
                        "sourceID": "eus", "name": "End-User Support, Houston", "nodeID": "def",
                        "id": 14
                    }
                },
                "instance_name": "production", "webhook_nodeID": "a", "webhook_id": 946,
                "account_id": "mycompany", "account": "https://mycompany.xurrent.com",
                "custom_url": "https://support.mycompany.com", "object_nodeID": "b",
                "person_nodeID": "c", "name": "n", "anew": {"b": [], "a": {}}
            }
        },
        "comment": {"id": "3456"},
        "actor": {"id": "8543", "name": "Howard Tanner"},
        "changes": [{"field": "state", "from": "in_progress", "to": "completed"}],
        "origin": {"kind": "r-service", "event": "request.status-changed"}
    });
    let event = common::event("ticket.status_changed", &data);
    let expected = concat!(
        r#"{"webhook_id":946,"webhook_nodeID":"a","account_id":"mycompany","#,
        r#""account":"https://mycompany.xurrent.com","#,
        r#""custom_url":"https://support.mycompany.com","name":"n","#,
        r#""event":"request.status-changed","object_id":70453,"object_nodeID":"b","#,
        r#""person_id":8543,"person_nodeID":"c","person_name":"Howard Tanner","#,
        r#""instance_name":"production","payload":{"audit_line_id":71961,"#,
        r#""audit_line_nodeID":"jkm","note_id":3456,"note_nodeID":"jkn","source":"Mail","#,
        r#""sourceID":"<1@example.com>","status":"completed","previous_status":"in_progress","#,
        r#""team":{"id":14,"nodeID":"def","name":"End-User Support, Houston","sourceID":"eus","#,
        r#""disabled":true,"account":{"id":"wdc","name":"Widget Data Center"}},"#,
        r#""member":{"id":8529,"name":"Tom Edwards"},"zone":1},"anew":{"a":{},"b":[]}}"#
    );
    assert_eq!(body(&transform(&event, &json!({})).unwrap()), expected);
}

#[test]
fn the_link_leads_to_the_tickets_page() {
    let link = |page: &str| {
        let data = json!({"ticket": {"id": "219", "url": page}});
        let request = transform(&common::event("ticket.created", &data), &json!({})).unwrap();
        headers_are_clean(&request);
        header(&request, "Link").map(str::to_owned)
    };
    let page = "https://mycompany.xurrent.com/requests/219";
    let expected = "<https://mycompany.xurrent.com/requests/219>; rel=\"canonical\"";
    assert_eq!(link(page).as_deref(), Some(expected));
    for page in [
        "javascript:alert(1)",
        "https://a.example/>; rel=\"canonical\", <https://evil.example/",
        "https://a.example/\r\nX-Admin: 1",
        "https://a.example/ы",
        "https://a.example/a b",
        "",
        &format!("https://a.example/{}", "a".repeat(2_000)),
    ] {
        assert_eq!(link(page), None, "{page}");
    }
}

#[test]
fn credentials_are_secrets() {
    let problems = |more: Value| {
        let problems = RService::check(&settings(&more));
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(problems(json!({})).is_empty());
    assert!(problems(json!({"uri": "https://a.example/u:p@x?y=a@b"})).is_empty());
    let found = problems(json!({"uri": "https://user:pass@a.example/"}));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("/uri: there is a user name or password"), "{found:?}");
    assert!(!found[0].contains("pass@"));
    let found = problems(json!({"account": "https://user@a.example"}));
    assert!(found[0].starts_with("/account: "), "{found:?}");
}

#[test]
fn events_that_r_service_does_not_have_are_named() {
    let problems = |more: Value| {
        let problems = RService::check(&settings(&more));
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        problems(json!({"test_event": "risk.created"})),
        ["/test_event: R-Service has no event `risk.created`: there are `risk.create`, \
             `risk.manager-changed`, `risk.note-added`, `risk.status-changed`, `risk.update`"]
    );
    let events = json!({
        "ticket.merged": "request.update", "ticket.deleted": "requests",
        "ticket.other": "webhook.verify"
    });
    let found = problems(json!({ "events": events }));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("/events/ticket.deleted: R-Service has no event `requests`"));
    // Nobody can have a receiver call an address that a ticket names.
    assert!(found[1].starts_with("/events/ticket.other: "), "{found:?}");
}

#[test]
fn the_schema_says_what_can_be_set() {
    let schema: Value = from_str(RService::describe().settings_schema).unwrap();
    assert_eq!(schema["x-hookwright"], json!({"preset": "xurrent", "verify": "/uri"}));
    for (name, property) in schema["properties"].as_object().unwrap() {
        assert!(property["title"].is_string() && property["description"].is_string(), "{name}");
        for example in property["examples"].as_array().unwrap() {
            let set = settings(&json!({ name: example }));
            assert!(RService::check(&set).is_empty(), "{name}");
        }
    }
    // What the schema calls a default is one.
    let event = common::event("subscription.test", &json!({}));
    let defaults = json!({
        "test_event": schema["properties"]["test_event"]["default"],
        "user_agent": schema["properties"]["user_agent"]["default"],
        "events": schema["properties"]["events"]["default"],
    });
    assert_eq!(transform(&event, &defaults), transform(&event, &json!({})));
}

#[test]
fn what_is_no_ticket_is_rejected() {
    let mut event = common::event("ticket.created", &json!({}));
    for (event_type, data, expected) in [
        ("ticket.created", "7", "the event is not a ticket/1: "),
        ("ticket.created", r#"{"ticket":7}"#, "the event is not a ticket/1: "),
        ("subscription.verify_requested", "{}", "the event is not a verify/1: "),
        ("subscription.verify_requested", r#"{"callback":7}"#, "the event is not a verify/1: "),
    ] {
        event.event_type = event_type.into();
        event.data = data.into();
        let failure = RService::transform(&event, &settings(&json!({})), &KyivHost::default());
        assert!(
            matches!(&failure, Err(Failure::Rejected(text)) if text.starts_with(expected)),
            "{failure:?}"
        );
    }
}

/// The host tells of itself: there is no ticket to say anything of.
#[test]
fn what_happens_to_the_host_is_skipped() {
    let event = Event {
        id: "evt_1".into(),
        source: "hookwright".into(),
        event_type: "plugin.suspended".into(),
        subject: Some("telegram".into()),
        occurred_at: 0,
        data_schema: "operation/1".into(),
        data: r#"{"summary":"The plugin telegram is suspended","url":"https://h.example"}"#.into(),
    };
    let decision = RService::transform(&event, &settings(&json!({})), &KyivHost::default());
    let Ok(Decision::Skip(reason)) = decision else { panic!("{decision:?}") };
    assert!(reason.contains("of no ticket"), "{reason}");
}
