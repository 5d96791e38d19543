//! What the tests share.

#![allow(dead_code, clippy::unwrap_used, clippy::panic, missing_docs)]

use destination_parent_comment::{ParentComment, Settings};
use hookwright_sdk::serde_json::{Value, from_value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{
    Answer, Decision, Destination, Event, Exchange, Failure, Judge, Part, Request, Verdict,
};

pub const BASE: &str = "https://eguzkia.helpdeskeddy.com";

pub fn settings(more: &Value) -> Settings {
    let mut set = json!({ "base_url": BASE });
    set.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    from_value(set).unwrap()
}

pub fn event(data: &Value) -> Event {
    Event {
        id: "evt_1".into(),
        source: "desk".into(),
        event_type: "ticket.replied".into(),
        subject: Some("1234".into()),
        occurred_at: 0,
        data_schema: "ticket/1".into(),
        data: data.to_string(),
    }
}

/// A child with an answer, and what else is said of it.
pub fn child(more: &Value) -> Value {
    let mut data = json!({
        "ticket": {"id": "1234", "fields": {"parent_ticket_id": "1200"}},
        "comment": {"text": "Готово"}
    });
    merge(&mut data, more);
    data
}

fn merge(into: &mut Value, more: &Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more.clone(),
    }
}

pub fn transform(data: &Value, more: &Value) -> Result<Decision, Failure> {
    ParentComment::transform(&event(data), &settings(more), &FakeHost::default())
}

pub fn sent(data: &Value, more: &Value) -> Request {
    match transform(data, more) {
        Ok(Decision::Deliver(mut requests)) if requests.len() == 1 => requests.remove(0),
        other => panic!("{other:?}"),
    }
}

/// Why nothing is sent.
pub fn skipped(data: &Value, more: &Value) -> String {
    match transform(data, more) {
        Ok(Decision::Skip(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

pub fn url(request: &Request) -> &str {
    match request.url.as_slice() {
        [Part::Text(url)] => url,
        other => panic!("{other:?}"),
    }
}

/// The fields of the body, as a library for forms reads them.
pub fn form(request: &Request) -> Vec<(String, String)> {
    let [Part::Text(body)] = request.body.as_slice() else { panic!("{:?}", request.body) };
    form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

/// What the plugin makes of an answer to a request.
pub fn judged(event: Event, request: Request, status: u16, body: &str) -> Verdict {
    let answer = Answer { status, headers: Vec::new(), body: body.into(), complete: true };
    let exchange = Exchange { event, request, position: 0, resends: 0, answer };
    let judgement = ParentComment::judge(&exchange, &settings(&json!({})), &FakeHost::default());
    assert!(judgement.follow_ups.is_empty());
    judgement.verdict
}
