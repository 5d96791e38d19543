//! Payloads as the Standard Webhooks specification (1.0.0) has them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{KyivHost, body, header, headers_are_clean, hostile, samples};
use destination_standard_webhooks::{Settings, StandardWebhooks};
use hookwright_sdk::serde_json::{Value, from_str, from_value, json};
use hookwright_sdk::{CheckSettings, Decision, Destination, Event, Failure, Request};
use proptest::prelude::*;

fn settings(more: &Value) -> Settings {
    let mut set = json!({"url": "https://example.com/hook"});
    set.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    from_value(set).unwrap()
}

fn transform(event: &Event, more: &Value) -> Result<Request, Failure> {
    match StandardWebhooks::transform(event, &settings(more), &KyivHost::default())? {
        Decision::Deliver(mut requests) if requests.len() == 1 => Ok(requests.remove(0)),
        other => panic!("{other:?}"),
    }
}

fn request(event: &Event) -> Request {
    transform(event, &json!({})).unwrap()
}

/// Specification 1.0.0, "Signature scheme", the minified example; its `data` and `type`, our
/// metadata between them ("additional metadata can be added as top-level properties").
#[test]
fn the_specifications_example() {
    let event = Event {
        id: "evt_1".into(),
        source: "crm".into(),
        event_type: "contact.created".into(),
        subject: None,
        // Ours has milliseconds.
        occurred_at: 1_667_507_170_344,
        data_schema: "contact/1".into(),
        data: "{\n  \"id\": \"1f81eb52-5198-4599-803e-771906343485\"\n}".into(),
    };
    let request = request(&event);
    assert_eq!(
        body(&request),
        "{\"type\":\"contact.created\",\"timestamp\":\"2022-11-03T20:26:10.344Z\",\"id\":\"evt_1\",\
         \"source\":\"crm\",\"data\":{\"id\":\"1f81eb52-5198-4599-803e-771906343485\"}}"
    );
    assert_eq!(request.method, "POST");
    assert_eq!(header(&request, "Content-Type"), Some("application/json"));
}

#[test]
fn the_hosts_headers_are_left_to_the_host() {
    let request = request(&common::event("ticket.created", &json!({})));
    let names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Content-Type", "Authorization"]);
}

#[test]
fn events_of_every_helpdesk() {
    for sample in samples() {
        let request = request(&sample.event);
        headers_are_clean(&request);
        let payload: Value = from_str(body(&request)).unwrap();
        let event = &sample.event;
        assert_eq!(payload["type"], event.event_type.as_str(), "{}", sample.name);
        assert_eq!(payload["id"], event.id.as_str(), "{}", sample.name);
        assert_eq!(payload["source"], "desk");
        assert_eq!(payload.get("subject").and_then(Value::as_str), event.subject.as_deref());
        assert_eq!(payload["data"], sample.data(), "{}", sample.name);
        let time: jiff::Timestamp = payload["timestamp"].as_str().unwrap().parse().unwrap();
        assert_eq!(time.as_millisecond(), event.occurred_at.cast_signed(), "{}", sample.name);
    }
}

#[test]
fn data_is_passed_on_digit_by_digit() {
    let mut event = common::event("ticket.created", &json!({}));
    event.data = r#"{"z": 10000000000000000000000, "a": [1.50, 1E2, "\u00e9\/"], "z": 2}"#.into();
    let request = request(&event);
    let data = r#""data":{"z":10000000000000000000000,"a":[1.50,1E2,"\u00e9\/"],"z":2}}"#;
    assert!(body(&request).ends_with(data), "{}", body(&request));
}

#[test]
fn events_with_hardly_anything() {
    for data in ["{}", "null", "[]", "7", "\"\""] {
        let event = Event {
            id: String::new(),
            source: String::new(),
            event_type: String::new(),
            subject: None,
            occurred_at: 0,
            data_schema: String::new(),
            data: data.into(),
        };
        let expected = format!(
            "{{\"type\":\"\",\"timestamp\":\"1970-01-01T00:00:00Z\",\"id\":\"\",\"source\":\"\",\
             \"data\":{data}}}"
        );
        assert_eq!(body(&request(&event)), expected);
    }
}

#[test]
fn what_is_not_json_is_rejected() {
    let mut event = common::event("ticket.created", &json!({}));
    for data in ["", "{", "{} x", "{\"a\":}", "\u{feff}{}"] {
        event.data = data.into();
        let failure = transform(&event, &json!({})).unwrap_err();
        assert!(
            matches!(&failure, Failure::Rejected(text) if text.contains("event is not JSON: ")),
            "{failure:?}"
        );
    }
}

#[test]
fn headers_of_the_settings_are_sent() {
    let event = common::event("ticket.created", &json!({}));
    let more = json!({"headers": {"X-Environment": "Prüfung", "X-Bad": "a\r\nX-Admin: 1"}});
    let request = transform(&event, &more).unwrap();
    assert_eq!(header(&request, "X-Environment"), Some("Prüfung"));
    assert_eq!(header(&request, "X-Bad"), Some("a  X-Admin: 1"));
    headers_are_clean(&request);
}

#[test]
fn headers_of_the_host_are_refused_when_the_settings_are_saved() {
    let problems = |headers: Value| {
        let problems = StandardWebhooks::check(&settings(&json!({ "headers": headers })));
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(problems(json!({"X-Environment": "test", "Accept": "*/*"})).is_empty());
    assert_eq!(
        problems(json!({"Webhook-Id": "1", "content-type": "text/plain"})),
        [
            "/headers/Webhook-Id: `Webhook-Id` is set by Hookwright itself; leave it out of \
             `headers`",
            "/headers/content-type: `content-type` is set by Hookwright itself; leave it out of \
             `headers`",
        ]
    );
}

#[test]
fn the_schemas_examples_are_settings() {
    let schema: Value = from_str(StandardWebhooks::describe().settings_schema).unwrap();
    for (name, property) in schema["properties"].as_object().unwrap() {
        assert!(property["title"].is_string() && property["description"].is_string(), "{name}");
        for example in property["examples"].as_array().unwrap() {
            let set = settings(&json!({ name: example }));
            assert!(StandardWebhooks::check(&set).is_empty());
        }
    }
}

fn comes_back(text: &str) {
    let data = json!({"ticket": {"id": text, "title": text}, "comment": {"text": text}});
    let mut event = common::event("ticket.commented", &data);
    event.subject = Some(text.to_owned());
    let request = request(&event);
    headers_are_clean(&request);
    let payload: Value = from_str(body(&request)).unwrap();
    assert_eq!(payload["data"], data);
    assert_eq!(payload["subject"], text);
    let expected = ["data", "id", "source", "subject", "timestamp", "type"];
    assert!(payload.as_object().unwrap().keys().eq(expected));
}

#[test]
fn hostile_texts_come_back() {
    hostile().iter().for_each(|text| comes_back(text));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_comes_back(text in any::<String>()) {
        comes_back(&text);
    }
}
