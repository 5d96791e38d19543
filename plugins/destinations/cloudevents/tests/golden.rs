//! CloudEvents as the specification 1.0.2, its HTTP protocol binding and its JSON format have
//! them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../standard-webhooks/tests/common/mod.rs"]
mod common;

use common::{KyivHost, body, header, headers_are_clean, hostile, samples};
use destination_cloudevents::{CloudEvents, Settings};
use hookwright_sdk::serde_json::{Value, from_str, from_value, json};
use hookwright_sdk::{CheckSettings, Decision, Destination, Event, Failure, Request};
use proptest::prelude::*;

fn transform(event: &Event, more: &Value, host: &KyivHost) -> Result<Request, Failure> {
    let mut set = json!({"url": "https://example.com/broker"});
    set.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let settings: Settings = from_value(set).unwrap();
    match CloudEvents::transform(event, &settings, host)? {
        Decision::Deliver(mut requests) if requests.len() == 1 => Ok(requests.remove(0)),
        other => panic!("{other:?}"),
    }
}

fn structured(event: &Event) -> Request {
    transform(event, &json!({}), &KyivHost::default()).unwrap()
}

fn binary(event: &Event) -> Request {
    transform(event, &json!({"mode": "binary"}), &KyivHost::default()).unwrap()
}

/// Specification 1.0.2, the "Example" of a pull request's event, as far as our envelope has its
/// attributes.
fn pull_request() -> Event {
    Event {
        id: "A234-1234-1234".into(),
        source: "cloudevents".into(),
        event_type: "github.pull_request.opened".into(),
        subject: Some("123".into()),
        occurred_at: 1_522_900_591_000,
        data_schema: String::new(),
        data: r#"{"appinfoA":"abc"}"#.into(),
    }
}

#[test]
fn the_specifications_example_structured() {
    let more = json!({
        "source_base": "https://github.com/cloudevents/spec/", "type_prefix": "com."
    });
    let request = transform(&pull_request(), &more, &KyivHost::default()).unwrap();
    assert_eq!(
        body(&request),
        "{\"specversion\":\"1.0\",\"id\":\"A234-1234-1234\",\
         \"source\":\"https://github.com/cloudevents/spec/cloudevents\",\
         \"type\":\"com.github.pull_request.opened\",\"subject\":\"123\",\
         \"time\":\"2018-04-05T03:56:31Z\",\"datacontenttype\":\"application/json\",\
         \"data\":{\"appinfoA\":\"abc\"}}"
    );
    assert_eq!(request.method, "POST");
    let kind = header(&request, "Content-Type");
    assert_eq!(kind, Some("application/cloudevents+json; charset=utf-8"));
    let names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Content-Type", "Authorization"]);
}

#[test]
fn the_specifications_example_binary() {
    let mut event = pull_request();
    // HTTP binding 1.0.2, section 3.1.3.2, the example of a header value.
    event.subject = Some("Euro € 😀".into());
    event.data_schema = "ticket/1".into();
    let request = binary(&event);
    assert_eq!(body(&request), event.data);
    let names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Content-Type",
            "ce-specversion",
            "ce-id",
            "ce-source",
            "ce-type",
            "ce-subject",
            "ce-time",
            "ce-dataschema",
            "Authorization"
        ]
    );
    for (name, expected) in [
        ("Content-Type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-id", "A234-1234-1234"),
        ("ce-source", "cloudevents"),
        ("ce-type", "github.pull_request.opened"),
        ("ce-subject", "Euro%20%E2%82%AC%20%F0%9F%98%80"),
        ("ce-time", "2018-04-05T03:56:31Z"),
        ("ce-dataschema", "urn:hookwright:schema:ticket/1"),
    ] {
        assert_eq!(header(&request, name), Some(expected));
    }
}

#[test]
fn schemas_are_absolute_uris() {
    let mut event = pull_request();
    for (name, base, expected) in [
        ("ticket/1", None, Some("urn:hookwright:schema:ticket/1")),
        ("ticket/1", Some("https://example.com/s/"), Some("https://example.com/s/ticket/1")),
        ("https://example.com/x y", None, Some("https://example.com/x%20y")),
        ("", None, None),
    ] {
        event.data_schema = name.into();
        let more = base.map_or_else(|| json!({}), |base| json!({ "schema_base": base }));
        let request = transform(&event, &more, &KyivHost::default()).unwrap();
        let sent: Value = from_str(body(&request)).unwrap();
        assert_eq!(sent.get("dataschema").and_then(Value::as_str), expected, "{name}");
    }
}

#[test]
fn events_of_every_helpdesk() {
    for sample in samples() {
        let event = &sample.event;
        let request = structured(event);
        headers_are_clean(&request);
        let sent: Value = from_str(body(&request)).unwrap();
        assert_eq!(sent["data"], sample.data(), "{}", sample.name);
        assert_eq!(sent["type"], event.event_type.as_str(), "{}", sample.name);
        assert_eq!(sent["source"], "desk");
        assert_eq!(sent.get("subject").and_then(Value::as_str), event.subject.as_deref());
        let time: jiff::Timestamp = sent["time"].as_str().unwrap().parse().unwrap();
        assert_eq!(time.as_millisecond(), event.occurred_at.cast_signed(), "{}", sample.name);
        let request = binary(event);
        headers_are_clean(&request);
        assert_eq!(body(&request), event.data, "{}", sample.name);
        assert_eq!(header(&request, "ce-type"), Some(event.event_type.as_str()));
    }
}

#[test]
fn data_is_passed_on_as_it_is() {
    let mut event = pull_request();
    event.data = r#"{"z": 10000000000000000000000, "a": [1.50, 1E2], "z": 2}"#.into();
    let expected = format!("\"data\":{}}}", event.data);
    assert!(body(&structured(&event)).ends_with(&expected));
    assert_eq!(body(&binary(&event)), event.data);
}

#[test]
fn events_with_hardly_anything() {
    for data in ["null", "{}", "7"] {
        let event = Event {
            id: "1".into(),
            source: "a".into(),
            event_type: "b".into(),
            subject: Some(String::new()),
            occurred_at: 0,
            data_schema: String::new(),
            data: data.into(),
        };
        let expected = format!(
            "{{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a\",\"type\":\"b\",\
             \"time\":\"1970-01-01T00:00:00Z\",\"datacontenttype\":\"application/json\",\
             \"data\":{data}}}"
        );
        assert_eq!(body(&structured(&event)), expected);
        assert_eq!(header(&binary(&event), "ce-subject"), None);
    }
}

#[test]
fn what_is_no_event_is_rejected() {
    let refuse = |event: &Event| match transform(event, &json!({}), &KyivHost::default()) {
        Err(Failure::Rejected(text)) => text,
        other => panic!("{other:?}"),
    };
    for data in ["", "{", "{} x"] {
        let event = Event { data: data.into(), ..pull_request() };
        assert!(refuse(&event).starts_with("the data of the event is not JSON: "));
    }
    let event = Event { source: String::new(), ..pull_request() };
    assert_eq!(refuse(&event), "the event has no source, and CloudEvents need one");
}

#[test]
fn a_subject_without_end_is_no_header() {
    let event = Event { subject: Some("ы".repeat(1_000)), ..pull_request() };
    let host = KyivHost::default();
    let request = transform(&event, &json!({"mode": "binary"}), &host).unwrap();
    assert_eq!(header(&request, "ce-subject"), None);
    let lines = host.fake.lines.borrow();
    assert!(lines[0].starts_with("`subject` is left out: 6000 bytes"), "{lines:?}");
}

#[test]
fn the_schemas_examples_are_settings() {
    let schema: Value = from_str(CloudEvents::describe().settings_schema).unwrap();
    for (name, property) in schema["properties"].as_object().unwrap() {
        assert!(property["title"].is_string() && property["description"].is_string(), "{name}");
        for example in property["examples"].as_array().unwrap() {
            transform(&pull_request(), &json!({ name: example }), &KyivHost::default()).unwrap();
        }
    }
}

/// One round of percent-decoding, as receivers do it.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let [first, more @ ..] = rest {
        if *first == b'%' {
            bytes.push(u8::from_str_radix(&String::from_utf8_lossy(&more[..2]), 16).unwrap());
            rest = &more[2..];
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn comes_back(text: &str) {
    let data = json!({"ticket": {"id": text, "title": text}, "comment": {"text": text}});
    let event = Event {
        subject: Some(text.to_owned()),
        data_schema: text.to_owned(),
        ..common::event("ticket.commented", &data)
    };
    let request = structured(&event);
    headers_are_clean(&request);
    let sent: Value = from_str(body(&request)).unwrap();
    assert_eq!(sent["data"], data);
    let subject = sent.get("subject").and_then(Value::as_str).unwrap_or_default();
    assert!(!subject.chars().any(char::is_control));
    assert_eq!(subject.chars().count(), text.chars().count());
    let request = binary(&event);
    for (name, _) in request.headers.iter().filter(|(name, _)| name.starts_with("ce-")) {
        let value = header(&request, name).unwrap();
        assert!(value.bytes().all(|byte| byte.is_ascii_graphic()), "{name}: {value}");
    }
    assert_eq!(from_str::<Value>(body(&request)).unwrap(), data);
    if let Some(sent) = header(&request, "ce-subject") {
        assert_eq!(decoded(sent), subject);
    }
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

#[test]
fn an_address_with_a_password_in_it_is_told() {
    let problems = |url: &str| {
        let settings = hookwright_sdk::serde_json::json!({ "url": url });
        let settings: Settings = hookwright_sdk::serde_json::from_value(settings).unwrap();
        CloudEvents::check(&settings).len()
    };
    assert_eq!(problems("https://example.com/hook"), 0);
    assert_eq!(problems("https://user:password@example.com/hook"), 1);
}
