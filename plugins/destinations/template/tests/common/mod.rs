//! What the tests share.

#![allow(dead_code, clippy::unwrap_used, clippy::panic, missing_docs)]

use destination_template::{Settings, Template};
use hookwright_sdk::serde_json::{Value, from_value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{
    CheckSettings, Decision, Destination, Encoding, Event, Failure, Part, Problem, Request,
    SecretUse,
};

pub fn event(data: &Value) -> Event {
    Event {
        id: "evt_1".into(),
        source: "helpdesk".into(),
        event_type: "ticket.created".into(),
        subject: Some("81".into()),
        occurred_at: 0,
        data_schema: "ticket/1".into(),
        data: data.to_string(),
    }
}

/// An event with this text in every field that people write.
pub fn saying(text: &str) -> Value {
    json!({
        "ticket": {
            "id": "81", "number": text, "title": text, "text": text, "state": text,
            "group": text, "tags": [text, text], "fields": { "note": text },
            "customer": { "name": text, "email": text }
        },
        "comment": { "text": text },
        "origin": { "kind": "zenlix" }
    })
}

pub fn settings(settings: Value) -> Settings {
    from_value(settings).unwrap()
}

pub fn send_with(data: &Value, set: Value, host: &FakeHost) -> Result<Request, Failure> {
    match Template::transform(&event(data), &settings(set), host)? {
        Decision::Deliver(mut requests) if requests.len() == 1 => Ok(requests.remove(0)),
        other => panic!("{other:?}"),
    }
}

pub fn send(data: &Value, set: Value) -> Result<Request, Failure> {
    send_with(data, set, &FakeHost::default())
}

pub fn refused(data: &Value, set: Value) -> String {
    match send(data, set) {
        Err(Failure::Misconfigured(why)) => why,
        other => panic!("{other:?}"),
    }
}

pub fn rejected(data: &Value, set: Value) -> String {
    match send(data, set) {
        Err(Failure::Rejected(why)) => why,
        other => panic!("{other:?}"),
    }
}

pub fn check(set: Value) -> Vec<String> {
    Template::check(&settings(set)).iter().map(Problem::to_string).collect()
}

pub fn text(text: &str) -> Part {
    Part::Text(text.into())
}

pub fn secret(slot: &str, encoding: Encoding) -> Part {
    Part::Secret(SecretUse { slot: slot.into(), encoding })
}

/// Parts as one text, secrets as `S`.
pub fn shown(parts: &[Part]) -> String {
    let texts = parts.iter().map(|part| match part {
        Part::Text(text) => text.as_str(),
        _ => "S",
    });
    texts.collect()
}

pub fn header<'a>(request: &'a Request, name: &str) -> &'a [Part] {
    &request.headers.iter().find(|(known, _)| known == name).unwrap().1
}
