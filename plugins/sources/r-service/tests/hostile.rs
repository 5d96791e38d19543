//! Bad posts are refused, and the refusal says what is wrong and where.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{bare, data, event, parse, refusal, token};
use hookwright_sdk::serde_json::{Value, json};

fn starts(body: &[u8], expected: &str) {
    let refusal = refusal(body);
    assert!(refusal.starts_with(expected), "{refusal}\n is not\n{expected}");
    assert!(refusal.len() < 400, "{} bytes", refusal.len());
}

fn with(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut body = data("note-added")["body"].clone();
    change(&mut body);
    body.to_string().into_bytes()
}

#[test]
fn what_is_no_webhook() {
    starts(b"", "not JSON: EOF");
    starts(b"event=request.create", "not JSON: ");
    starts(b"{\"event\":", "not JSON: EOF");
    starts(b"[]", "a JSON list; expected an object");
    starts(b"\"text\"", "invalid type: string \"text\", expected an object");
    starts(b"{}", "/event: no `event`: this is not a webhook of R-Service");
    starts(br#"{"event":null}"#, "/event: no `event`");
    starts(br#"{"event":""}"#, "/event: no `event`");
    starts(b"{\"event\":\"\xd0\"}", "not UTF-8 at byte 10");
    starts(b"\xff", "not UTF-8 at byte 0");
    starts(br#"{"event":"request.create"} x"#, "not JSON: trailing characters");
}

#[test]
fn wrong_types() {
    starts(&with(|body| body["event"] = json!(["a"])), "/event: a list; expected text");
    starts(&with(|body| body["object_id"] = json!({})), "/object_id: an object; expected text");
    starts(&with(|body| body["person_name"] = json!([])), "/person_name: a list; ");
    starts(&with(|body| body["account"] = json!([])), "/account: a list; expected text");
    starts(&with(|body| body["payload"] = json!([])), "/payload: a list; expected an object");
    starts(&with(|body| body["payload"] = json!(7)), "/payload: a number; expected an object");
    let within = |key: &str, value: Value| with(|body| body["payload"] = json!({ key: value }));
    starts(&within("status", json!({})), "/payload/status: an object; expected text");
    starts(&within("team", json!("Houston")), "/payload/team: text; expected an object");
    starts(&within("member", json!({"id": []})), "/payload/member/id: a list; expected");
    starts(&within("note_id", json!([])), "/payload/note_id: a list; expected");
    starts(&within("created_at", json!("soon")), "/payload/created_at: `soon` is not a time");
}

#[test]
fn nothing_where_something_was() {
    // All of it is optional but the event.
    let (found, body) = event(&json!({"headers": {}, "body": {"event": "request.note-added"}}));
    assert_eq!((found.subject, found.occurred_at, found.dedupe_key), (None, None, None));
    let bare = json!({
        "ticket": {},
        "comment": {"visibility": "unknown"},
        "origin": {"kind": "r-service", "event": "request.note-added"}
    });
    assert_eq!(body, bare);

    let mut nulls = data("status-changed");
    for (key, value) in nulls["body"].as_object_mut().unwrap() {
        if key != "event" {
            *value = json!(null);
        }
    }
    let (_, body) = event(&nulls);
    assert_eq!(body["actor"], json!({"kind": "system"}));
    assert_eq!(body["changes"], json!([{"field": "state"}]));

    let mut nulls = data("status-changed");
    for (_, value) in nulls["body"]["payload"].as_object_mut().unwrap() {
        *value = json!(null);
    }
    nulls["body"]["payload"]["member"] = json!({});
    let (_, body) = event(&nulls);
    assert_eq!(body["ticket"].get("assignees"), None);
    assert_eq!(body.get("comment"), None);
}

#[test]
fn deep_and_huge() {
    let deep = format!("{{\"event\":\"automation_rule\",\"payload\":{}", "[".repeat(100_000));
    starts(deep.as_bytes(), "not JSON: ");
    let closed = format!(
        "{{\"event\":\"automation_rule\",\"payload\":{}{}}}",
        "[".repeat(1_000),
        "]".repeat(1_000)
    );
    starts(closed.as_bytes(), "not JSON: recursion limit exceeded");
    starts(&token(closed.as_bytes()), "/jwt: in the claims: not JSON: recursion limit");
    let huge = "x".repeat(5_000_000);
    let (found, body) = event(&json!({
        "headers": {"link": huge},
        "body": {"event": "request.create", "object_id": 1, "payload": {"source": huge}}
    }));
    assert_eq!(found.event_type, "ticket.created");
    assert_eq!(body["ticket"]["fields"]["payload"]["source"].as_str().unwrap().len(), 5_000_000);
    let (found, _) = event(&json!({"headers": {}, "body": {"event": huge}}));
    assert_eq!(found.event_type, "ticket.other");
    starts(&with(|body| body["object_id"] = json!([huge])), "/object_id: a list; expected");
}

#[test]
fn broken_tokens() {
    let jwt = |token: &str| json!({"jwt": token}).to_string().into_bytes();
    starts(&jwt("a.b"), "/jwt: not a signed token: parts divided by `.`: 2; expected 3");
    starts(&jwt("a.b.c.d"), "/jwt: not a signed token: parts divided by `.`: 4; expected 3");
    starts(&jwt(""), "/jwt: not a signed token: parts divided by `.`: 1; expected 3");
    starts(&jwt(&".".repeat(1_000_000)), "/jwt: not a signed token: parts");
    starts(&jwt("a.!!!!.c"), "/jwt: the claims are not base64url: ");
    starts(&jwt("a.e30=.c"), "/jwt: the claims are not base64url: ");
    starts(&jwt("a.e.c"), "/jwt: the claims are not base64url: ");
    starts(&jwt("a..c"), "/jwt: in the claims: not JSON: EOF");
    starts(br#"{"jwt":{}}"#, "/jwt: invalid type: map");
    starts(br#"{"jwt":"a.b.c","jwt":"d.e.f"}"#, "duplicate field `jwt`");
    starts(&token(b"\xff{"), "/jwt: in the claims: not UTF-8 at byte 0");
    starts(&token(b"[]"), "/jwt: in the claims: a JSON list; expected an object");
    starts(&token(b"{}"), "/jwt: in the claims: /data: no claim `data`");
    starts(&token(br#"{"data":"x"}"#), "/jwt: in the claims: /data: text; expected the webhook");
    starts(&token(br#"{"data":{}}"#), "/jwt: in the claims: /data/event: no `event`");
    starts(
        &token(br#"{"data":{"event":"request.create","payload":{"team":[]}}}"#),
        "/jwt: in the claims: /data/payload/team: a list; expected an object",
    );
    starts(&token(br#"{"jti":[],"data":{}}"#), "/jwt: in the claims: /jti: a list; expected");
    for time in ["-1", "1e300", "\"soon\"", "[]", "true", "253402300800"] {
        let claims = format!("{{\"iat\":{time},\"data\":{{\"event\":\"request.create\"}}}}");
        starts(&token(claims.as_bytes()), "/jwt: in the claims: /iat: not a time: expected Unix");
    }
}

#[test]
fn a_token_alone_is_believed() {
    let claims = br#"{"iat":1610532051.25,"data":{"event":"request.create","object_id":1}}"#;
    let mut body: Value = hookwright_sdk::serde_json::from_slice(&token(claims)).unwrap();
    body["event"] = json!("request.update");
    body["object_id"] = json!(2);
    let parsed = parse(&bare(body.to_string().as_bytes()), json!({})).unwrap();
    assert_eq!(parsed[0].event_type, "ticket.created");
    assert_eq!(parsed[0].subject.as_deref(), Some("1"));
    assert_eq!(parsed[0].occurred_at, Some(1_610_532_051_250));
    // A token within a token is no webhook.
    let inner = br#"{"data":{"jwt":"a.b.c"}}"#;
    starts(&token(inner), "/jwt: in the claims: /data/event: no `event`");
}
