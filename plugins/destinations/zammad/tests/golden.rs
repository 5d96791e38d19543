//! Zammad-style requests, as Zammad's documentation and code have them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use destination_zammad::{Settings, Zammad};
use hookwright_sdk::serde_json::{Value, from_str, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{CheckSettings, Decision, Destination, Event, Failure, Part, Request};

/// Seed 001, zammad-webhook-payload (de), the default payload as the page shows it.
const SEED: &[u8] = include_bytes!("../../../../tests/data/seeds/001-zammad.json");
/// The same, encoded by Ruby 3.1 with ActiveSupport 6.1: 5,789 bytes.
const WIRE: &[u8] = include_bytes!("../../../../tests/data/seeds/001-zammad.wire.json");

fn request(data: &Value, original: &[u8], settings: Value) -> Request {
    let event = Event {
        id: "evt_1".into(),
        source: "helpdesk".into(),
        event_type: "ticket.created".into(),
        subject: Some("81".into()),
        occurred_at: 0,
        data_schema: "ticket/1".into(),
        data: data.to_string(),
    };
    let host = FakeHost { original_body: original.to_vec(), ..FakeHost::default() };
    let settings: Settings = hookwright_sdk::serde_json::from_value(settings).unwrap();
    match Zammad::transform(&event, &settings, &host) {
        Ok(Decision::Deliver(mut requests)) if requests.len() == 1 => requests.remove(0),
        other => panic!("{other:?}"),
    }
}

fn body(request: &Request) -> &str {
    match request.body.as_slice() {
        [Part::Text(text)] => text,
        other => panic!("{other:?}"),
    }
}

fn header<'a>(request: &'a Request, name: &str) -> &'a [Part] {
    &request.headers.iter().find(|(known, _)| known == name).unwrap().1
}

fn settings() -> Value {
    json!({"url": "https://example.com/hook"})
}

fn from_zammad() -> Value {
    json!({"ticket": {}, "origin": {"kind": "zammad", "event": "Neues Ticket – für alle"}})
}

#[test]
fn zammads_own_payload_comes_out_byte_for_byte() {
    for original in [SEED, WIRE] {
        let request = request(&from_zammad(), original, settings());
        assert_eq!(body(&request).len(), 5_789);
        assert_eq!(body(&request).as_bytes(), WIRE);
    }
}

#[test]
fn the_headers_are_zammads() {
    let request = request(&from_zammad(), SEED, settings());
    let names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Content-Type",
            "User-Agent",
            "X-Zammad-Trigger",
            "X-Zammad-Delivery",
            "X-Hub-Signature",
            "Authorization",
            "Authorization"
        ]
    );
    let text = |text: &str| vec![Part::Text(text.into())];
    assert_eq!(header(&request, "Content-Type"), text("application/json; charset=utf-8"));
    assert_eq!(header(&request, "User-Agent"), text("Zammad User Agent"));
    assert_eq!(header(&request, "X-Zammad-Trigger"), text("Neues Ticket – für alle"));
    assert_eq!(header(&request, "X-Zammad-Delivery"), [Part::DeliveryId]);
    assert!(matches!(
        header(&request, "X-Hub-Signature"),
        [Part::Text(prefix), Part::Signature(signature)]
            if prefix == "sha1=" && signature.slot == "signature_token"
    ));
    assert_eq!(request.method, "POST");
}

#[test]
fn a_trigger_is_named_whatever_the_event_comes_from() {
    let elsewhere = json!({"ticket": {}, "origin": {"kind": "zenlix", "event": "create"}});
    let trigger = |data: &Value, set: Value| {
        let request = request(data, b"", set);
        match header(&request, "X-Zammad-Trigger") {
            [Part::Text(text)] => text.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(trigger(&elsewhere, settings()), "ticket.created");
    let named = json!({"url": "https://example.com/", "trigger": "Archive"});
    assert_eq!(trigger(&elsewhere, named), "Archive");
    let hostile = json!({"ticket": {}, "origin": {"kind": "zammad", "event": "a\r\nX-Admin: 1"}});
    assert_eq!(trigger(&hostile, settings()), "a  X-Admin: 1");
}

#[test]
fn other_helpdesks_events_get_zammads_shape() {
    let data = json!({
        "ticket": {
            "id": "E3XK", "number": "E3XK", "title": "Message <with> attachments", "state": "lock",
            "priority": "normal", "group": "Default group",
            "assignees": [{"name": "System Account", "email": "a@b.c", "kind": "agent"}],
            "customer": {"name": "Emily Adams", "email": "emily@example.com", "kind": "customer"}
        },
        "comment": {
            "id": "7", "visibility": "internal", "text": "Ok & done",
            "author": {"name": "r", "kind": "agent"},
            "attachments": [{"name": "a.png", "size": 12, "url": "https://example.com/a.png"}]
        },
        "actor": {"name": "r"},
        "origin": {"kind": "zenlix", "event": "comment"}
    });
    let request = request(&data, b"not zammad's", settings());
    assert!(body(&request).starts_with(r#"{"ticket":{"article_count":1,"article_ids":[7],"#));
    assert!(body(&request).contains(r#""title":"Message \u003cwith\u003e attachments""#));
    let payload: Value = from_str(body(&request)).unwrap();
    // The fields that a strict receiver of Zammad's webhooks reads (EuroPython's internal bot).
    let ticket = &payload["ticket"];
    assert_eq!(ticket["group"]["name"], "Default group");
    assert_eq!(ticket["owner"]["firstname"], "System");
    assert_eq!(ticket["owner"]["lastname"], "Account");
    assert_eq!(ticket["customer"]["lastname"], "Adams");
    assert_eq!(ticket["updated_by"]["lastname"], "r");
    assert_eq!(payload["article"]["internal"], true);
    assert_eq!(payload["article"]["sender"], "Agent");
    assert_eq!(payload["article"]["body"], "Ok & done");
    assert_eq!(payload["article"]["subject"], "Message <with> attachments");
    assert_eq!(payload["article"]["attachments"][0]["size"], "12");
}

#[test]
fn without_a_comment_the_article_is_empty() {
    let data = json!({"ticket": {"id": "1"}, "origin": {"kind": "zenlix"}});
    let request = request(&data, b"", settings());
    assert!(body(&request).ends_with(r#""article":{}}"#), "{}", body(&request));
}

#[test]
fn what_is_no_ticket_is_rejected() {
    let event = Event {
        id: "evt_1".into(),
        source: "x".into(),
        event_type: "x.y".into(),
        subject: None,
        occurred_at: 0,
        data_schema: "other/1".into(),
        data: "7".into(),
    };
    let settings = hookwright_sdk::serde_json::from_value(settings()).unwrap();
    let failure = Zammad::transform(&event, &settings, &FakeHost::default()).unwrap_err();
    assert!(matches!(failure, Failure::Rejected(text) if text.contains("the event has no origin")));
}

#[test]
fn an_address_with_a_password_in_it_is_told() {
    let problems = |url: &str| {
        let settings = hookwright_sdk::serde_json::json!({ "url": url });
        let settings: Settings = hookwright_sdk::serde_json::from_value(settings).unwrap();
        Zammad::check(&settings).len()
    };
    assert_eq!(problems("https://example.com/hook"), 0);
    assert_eq!(problems("https://user:password@example.com/hook"), 1);
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
    let decision = Zammad::transform(
        &event,
        &hookwright_sdk::serde_json::from_value(settings()).unwrap(),
        &FakeHost::default(),
    );
    let Ok(Decision::Skip(reason)) = decision else { panic!("{decision:?}") };
    assert!(reason.contains("of no ticket"), "{reason}");
}
