//! What Zammad posts becomes the events that its documentation says.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use hookwright_sdk::serde_json::{Value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{Inbound, ParsedEvent, Rejection, Source};
use source_zammad::{Settings, Zammad};

/// Seed 001, zammad-webhook-payload (de), the default payload.
const SEED: &str = include_str!("../../../../tests/data/seeds/001-zammad.json");

fn host() -> FakeHost {
    let times = [
        ("2020-11-13T14:34:35.318Z", 1_605_278_075_318),
        ("2020-11-13T14:34:35.333Z", 1_605_278_075_333),
        ("2020-11-13T14:34:36.000Z", 1_605_278_076_000),
        ("2020-11-13T10:00:00.000Z", 1_605_261_600_000),
    ];
    let times = times.map(|(text, time)| (text.to_owned(), time)).to_vec();
    FakeHost { times, ..FakeHost::default() }
}

fn settings(json: Value) -> Settings {
    hookwright_sdk::serde_json::from_value(json).unwrap()
}

fn post(body: &[u8], headers: &[(&str, &str)]) -> Inbound {
    let header = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
    Inbound {
        method: "POST".into(),
        query: Vec::new(),
        headers: headers.iter().map(header).collect(),
        body: body.to_vec(),
    }
}

fn parse_with(
    body: &Value,
    headers: &[(&str, &str)],
    set: Value,
) -> Result<ParsedEvent, Rejection> {
    let inbound = post(body.to_string().as_bytes(), headers);
    let mut events = Zammad::parse(&inbound, &settings(set), &host())?;
    assert_eq!(events.len(), 1);
    Ok(events.remove(0))
}

fn kind(body: &Value) -> String {
    parse_with(body, &[], json!({})).unwrap().event_type
}

fn seed() -> Value {
    hookwright_sdk::serde_json::from_str(SEED).unwrap()
}

#[test]
fn the_documents_sample() {
    let headers = [("x-zammad-trigger", "Новая заявка"), ("x-zammad-delivery", "uuid-1")];
    let set = json!({"url": "https://zammad.example.com/"});
    let event = parse_with(&seed(), &headers, set).unwrap();
    assert_eq!(event.event_type, "ticket.created");
    assert_eq!(event.subject.as_deref(), Some("81"));
    assert_eq!(event.occurred_at, Some(1_605_278_075_333));
    assert_eq!(event.upstream_name.as_deref(), Some("Новая заявка"));
    assert_eq!(event.dedupe_key.as_deref(), Some("uuid-1"));
    assert_eq!(event.data_schema, "ticket/1");
    let data: Value = hookwright_sdk::serde_json::from_str(&event.data).unwrap();
    let expected = json!({
        "ticket": {
            "id": "81",
            "number": seed()["ticket"]["number"],
            "title": "Webhook-Test",
            "state": "open",
            "priority": "2 normal",
            "group": "Service Desk",
            "assignees": [{
                "id": seed()["ticket"]["owner"]["id"].to_string(),
                "name": format!("{} {}", seed()["ticket"]["owner"]["firstname"].as_str().unwrap(),
                    seed()["ticket"]["owner"]["lastname"].as_str().unwrap()),
                "email": seed()["ticket"]["owner"]["email"],
                "kind": "agent"
            }],
            "customer": {
                "id": "8", "name": "Emily Adams", "email": "emily@example.com",
                "phone": "0061 2 1234 7777", "kind": "customer"
            },
            "organization": "Awesome Customer Inc.",
            "created_at": "2020-11-13T14:34:35.282Z",
            "updated_at": seed()["ticket"]["updated_at"],
            "url": "https://zammad.example.com/#ticket/zoom/81"
        },
        "comment": {
            "id": "104",
            "visibility": "public",
            "author": {"name": "Emily Adams", "email": "emily@example.com", "kind": "customer"},
            "text": "This is a simple Webhook Test.",
            "html": seed()["article"]["body"],
            "channel": "phone",
            "created_at": "2020-11-13T14:34:35.318Z",
            "attachments": [{
                "name": "image1.jpeg", "content_type": "image/jpeg", "size": 35574,
                "url": "https://zammad.example.com/api/v1/ticket_attachment/81/104/174"
            }]
        },
        "actor": {"name": "Emily Adams", "email": "emily@example.com", "kind": "customer"},
        "origin": {"kind": "zammad", "event": "Новая заявка"}
    });
    assert_eq!(data, expected);
}

#[test]
fn what_happened_is_concluded_from_the_payload() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = seed();
        change(&mut body);
        kind(&body)
    };
    let second = |body: &mut Value| body["ticket"]["article_ids"] = json!([104, 105]);
    assert_eq!(with(&|_| ()), "ticket.created");
    assert_eq!(with(&second), "ticket.replied");
    assert_eq!(
        with(&|body| {
            second(body);
            body["article"]["internal"] = json!(true);
        }),
        "ticket.commented"
    );
    assert_eq!(with(&|body| body["article"] = json!({})), "ticket.updated");
    let closed = |close_at: &'static str| {
        with(&move |body| {
            body["article"] = json!({});
            body["ticket"]["state"] = json!("closed");
            body["ticket"]["close_at"] = json!(close_at);
        })
    };
    assert_eq!(closed("2020-11-13T14:34:36.000Z"), "ticket.closed");
    assert_eq!(closed("2020-11-13T10:00:00.000Z"), "ticket.updated");
    assert_eq!(
        with(&|body| drop(body.as_object_mut().unwrap().remove("article"))),
        "ticket.updated"
    );
}

#[test]
fn the_settings_and_custom_payloads_come_before_conclusions() {
    let set = json!({"triggers": {"Warnung": "ticket.sla_warning"}});
    let named = |trigger| {
        parse_with(&seed(), &[("X-Zammad-Trigger", trigger)], set.clone()).unwrap().event_type
    };
    assert_eq!(named("Warnung"), "ticket.sla_warning");
    assert_eq!(named("Andere"), "ticket.created");
    assert_eq!(kind(&json!({"event": "ticket.rated", "ticket": {}})), "ticket.rated");
    assert_eq!(kind(&json!({"event": "escalation", "ticket": {}})), "ticket.sla_reached");
    assert_eq!(kind(&json!({"event": "Не то"})), "ticket.other");
}

#[test]
fn nobody_is_nobody() {
    let mut body = seed();
    body["ticket"]["owner"] = json!({"id": 1, "login": "-", "firstname": "-", "lastname": ""});
    body["ticket"]["customer"] = json!({});
    let event = parse_with(&body, &[], json!({})).unwrap();
    let data: Value = hookwright_sdk::serde_json::from_str(&event.data).unwrap();
    assert_eq!(data["ticket"]["assignees"], Value::Null);
    assert_eq!(data["ticket"]["customer"], Value::Null);
}

#[test]
fn bad_posts_are_refused_with_a_place() {
    let refuse = |body: &[u8]| match Zammad::parse(&post(body, &[]), &Settings::default(), &host())
    {
        Err(Rejection::Malformed(problem)) => problem.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(refuse(b"").starts_with("not JSON"));
    assert!(refuse(b"{\"ticket\": {").starts_with("not JSON"));
    assert!(refuse(b"\xff\xfe").starts_with("not UTF-8 at byte 0"));
    assert!(refuse(b"{}").contains("neither a `ticket` nor an `event`"));
    assert!(refuse(b"[]").contains("expected an object"));
    assert!(refuse(br#"{"ticket": 7}"#).starts_with("/ticket: invalid type"));
    assert!(refuse(br#"{"ticket": {"title": []}}"#).starts_with("/ticket/title: "));
    assert!(refuse(br#"{"ticket": {"updated_at": "soon"}}"#).starts_with("/ticket/updated_at: "));
    let nulls = br#"{"ticket": {"id": null, "owner": null, "article_ids": null}, "article": null}"#;
    let parsed = Zammad::parse(&post(nulls, &[]), &Settings::default(), &host()).unwrap();
    assert_eq!(parsed[0].event_type, "ticket.updated");
}
