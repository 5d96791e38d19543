use std::time::Duration;

use hookwright_model::request::Encoding;
use hookwright_model::{
    AttemptId, DeliveryId, EventId, Received, Redact, Sent, SubscriptionId, Timestamp, Timings,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn redaction(rules: &[Value]) -> Redaction {
    let settings = json!({ "redact": rules, "redact_failed_after": "1d" });
    let (redaction, mistakes) = Redaction::new(&serde_json::from_value(settings).unwrap());
    assert_eq!(mistakes, []);
    redaction
}

/// A body after redaction by these rules.
fn body(rules: &[Value], kind: &str, body: &str) -> String {
    let redaction = redaction(rules);
    let source = "desk".parse().unwrap();
    let place = Place { source: &source, subscription: None };
    let rules = redaction.active(Redactable::Answer, place);
    let new = rules.body(Some(kind), body.as_bytes());
    new.map_or_else(|| body.to_owned(), |new| String::from_utf8(new).unwrap())
}

fn json_body(rules: &[Value], text: &str) -> String {
    body(rules, "application/json", text)
}

#[test]
fn pointers_take_out_what_they_point_at_and_leave_the_rest_as_it_was() {
    let text = r#"{ "z":1.50, "article" : {"body":"secret \"x\"", "a":[1,2 ,{"t":"u"}]},"n":12345678901234567890123,"z":2}"#;
    for (pointer, expected) in [
        ("/article/body", text.replace(r#""secret \"x\"""#, r#""[redacted]""#)),
        ("/article/a", text.replace(r#"[1,2 ,{"t":"u"}]"#, r#""[redacted]""#)),
        ("/article/a/1", text.replace("2 ,", r#""[redacted]" ,"#)),
        ("/article/a/*/t", text.replace(r#""u""#, r#""[redacted]""#)),
        ("/*/a/2", text.replace(r#"{"t":"u"}"#, r#""[redacted]""#)),
        ("/n", text.replace("12345678901234567890123", r#""[redacted]""#)),
        ("/z", text.replace("1.50", r#""[redacted]""#).replace("2}", r#""[redacted]"}"#)),
        ("/article/b", text.into()),
        ("/article/a/3", text.into()),
        ("/z/z", text.into()),
    ] {
        assert_eq!(json_body(&[json!({ "pointer": pointer })], text), expected, "{pointer}");
    }
    let odd = r#"{"a/b":{"~":{"":1}}}"#;
    assert_eq!(
        json_body(&[json!({ "pointer": "/a~1b/~0/" })], odd),
        r#"{"a/b":{"~":{"":"[redacted]"}}}"#
    );
}

#[test]
fn patterns_find_what_is_meant_however_it_is_written() {
    let email = [json!({ "pattern": r"(?i)[\w.+-]+@[\w.-]+" })];
    for (kind, text, expected) in [
        (
            "application/json",
            r#"{"a":"to anna\u0040x.example, now"}"#,
            r#"{"a":"to [redacted], now"}"#,
        ),
        (
            "application/json",
            r#"{"anna@x.example":["Anna@x.example"]}"#,
            r#"{"[redacted]":["[redacted]"]}"#,
        ),
        (
            "application/json",
            r#"{"in":"{\"a\":\"anna\\u0040x.example\"}"}"#,
            r#"{"in":"{\"a\":\"[redacted]\"}"}"#,
        ),
        (
            "application/x-www-form-urlencoded",
            "a=b&to=anna%40x.example+hi&c=d%20e",
            "a=b&to=[redacted]+hi&c=d%20e",
        ),
        (
            "application/x-www-form-urlencoded; charset=utf-8",
            "p=%7B%22a%22%3A%22b%40c%22%7D",
            "p=%7B%22a%22%3A%22[redacted]%22%7D",
        ),
        ("text/plain", "write to anna@x.example!", "write to [redacted]!"),
        ("application/json", "{ broken anna@x.example", "{ broken [redacted]"),
        ("text/xml", "<a>anna@x.example</a>", "<a>[redacted]</a>"),
    ] {
        assert_eq!(body(&email, kind, text), expected);
    }
    let card = [json!({ "pattern": r"\b\d{16}\b" })];
    assert_eq!(
        json_body(&card, r#"{"n":4111111111111111,"m":12}"#),
        r#"{"n":"[redacted]","m":12}"#
    );
    let pair = [json!({ "pattern": "token=[a-z]+" })];
    assert_eq!(body(&pair, "application/x-www-form-urlencoded", "token=abc&x=1"), "[redacted]&x=1");
    // A dollar is no reference to a group.
    assert_eq!(body(&[json!({ "pattern": "(a)" })], "text/plain", "$1a"), "$1[redacted]");
}

#[test]
fn forms_have_fields_and_tokens_have_claims() {
    let form = "application/x-www-form-urlencoded";
    let rule = [json!({ "pointer": "/text" })];
    assert_eq!(body(&rule, form, "id=1&te%78t=hello+you&x=2"), "id=1&te%78t=[redacted]&x=2");
    let encode = |text: &str| {
        use base64::Engine;
        base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text)
    };
    let head = encode(r#"{"alg":"ES256"}"#);
    let token = |claims: &str, end: &str| format!("{head}.{}.{end}", encode(claims));
    let (before, after) = (r#"{"text":"hello","iat":1}"#, r#"{"text":"[redacted]","iat":1}"#);
    let redacted = token(after, REDACTED);
    assert_eq!(body(&rule, "application/jwt", &token(before, "sig")), redacted);
    let wrapped = format!(r#"{{"jwt":"{}"}}"#, token(before, "sig"));
    assert_eq!(json_body(&rule, &wrapped), format!(r#"{{"jwt":"{redacted}"}}"#));
    let hello = [json!({ "pattern": "hello" })];
    assert_eq!(json_body(&hello, &wrapped), format!(r#"{{"jwt":"{redacted}"}}"#));
    let other = token(r#"{"iat":1}"#, "sig");
    assert_eq!(body(&rule, "application/jwt", &other), other, "its signature is kept");
}

#[test]
fn what_was_taken_out_is_not_taken_out_again() {
    let rules =
        [json!({ "pattern": "[a-z]+" }), json!({ "pointer": "/a" }), json!({ "header": "x" })];
    let once = json_body(&rules, r#"{"a":{"b":1},"c":"d e"}"#);
    assert_eq!(once, r#"{"[redacted]":"[redacted]","[redacted]":"[redacted] [redacted]"}"#);
    assert_eq!(json_body(&rules, &once), once);
    let rules = redaction(&rules);
    let source = "desk".parse().unwrap();
    let place = Place { source: &source, subscription: None };
    let active = rules.active(Redactable::Request, place);
    assert_eq!(active.header("X", "1").as_deref(), Some(REDACTED));
    assert_eq!(active.header("X", REDACTED), None);
    let url = active.url("https://9.9/a?b=c%20d&1=2").unwrap();
    assert_eq!(active.url(&url), None, "{url}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_is_json_stays_json_and_nothing_sought_is_left(
        text in "[ -~äю\u{1F600}]{0,40}", number in any::<i64>(), key in "[a-z\"\\\\]{1,8}",
    ) {
        let document = json!({ key: [text, number, { "deep": [text.to_uppercase()] }], "s": "xSEEKx" });
        let rules = [json!({ "pattern": "(?i)see[a-z]|[aeiou]{2}" }), json!({ "pointer": "/s" })];
        let sought = regex::Regex::new("(?i)see[a-z]|[aeiou]{2}").unwrap();
        for written in [document.to_string(), serde_json::to_string_pretty(&document).unwrap()] {
            let new = json_body(&rules, &written);
            let read: Value = serde_json::from_str(&new).unwrap();
            prop_assert_eq!(&read["s"], REDACTED);
            let is_left = sought.is_match(&new.replace(REDACTED, " "));
            prop_assert!(!is_left, "{}", new);
            prop_assert_eq!(&json_body(&rules, &new), &new);
        }
    }

    #[test]
    fn the_scanner_agrees_with_a_parser_on_what_is_json(text in r#"[\[\]{}:,"a1 .e+tru-]{0,14}"#) {
        let rules = redaction(&[json!({ "pointer": "/x" })]);
        let source = "desk".parse().unwrap();
        let active = rules.active(Redactable::Answer, Place { source: &source, subscription: None });
        let is_json = !matches!(json::redact(&text, &active, true, 0), json::Redacted::NotJson);
        prop_assert_eq!(is_json, serde_json::from_str::<Value>(&text).is_ok(), "{}", text);
    }
}

#[test]
fn documents_too_deep_are_texts() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(
        json_body(&[json!({ "pattern": "1" })], &deep).len(),
        deep.len() - 1 + REDACTED.len()
    );
}

#[test]
fn rules_are_for_what_they_name() {
    let redaction = redaction(&[
        json!({ "pattern": "aaa", "what": ["request"] }),
        json!({ "pattern": "bbb", "what": ["answer"], "source": "desk" }),
        json!({ "pattern": "ccc", "subscription": "chat" }),
        json!({ "header": "X-Key" }),
    ]);
    let (desk, other) = ("desk".parse().unwrap(), "other".parse().unwrap());
    let chat = "chat".parse().unwrap();
    let attempt = Attempt {
        id: AttemptId::new(),
        delivery_id: DeliveryId::new(),
        number: 1,
        position: 0,
        revision: 0,
        started_at: Timestamp::default(),
        sent: Some(Sent {
            method: "POST".into(),
            url: "https://x.example/aaa?q=bbb".into(),
            headers: vec![("x-key".into(), "1".into()), ("y".into(), "ccc".into())],
            body: Bytes::from_static(b"aaa bbb ccc"),
        }),
        received: Some(Received {
            status: 200,
            headers: vec![("X-KEY".into(), "1".into())],
            body: Bytes::from_static(b"aaa bbb ccc"),
            complete: true,
        }),
        timings: Timings::default(),
        result: AttemptResult::Retry { reason: "aaa bbb".into(), asked: None },
        judge: None,
        notes: vec!["ccc".into()],
    };
    let mut redacted = attempt.clone();
    assert!(redaction.attempt(Place { source: &desk, subscription: Some(&chat) }, &mut redacted));
    let (sent, received) = (redacted.sent.unwrap(), redacted.received.unwrap());
    assert_eq!(sent.url, "https://x.example/[redacted]?q=bbb");
    assert_eq!(sent.headers[0].1, REDACTED);
    assert_eq!(sent.headers[1].1, REDACTED);
    assert_eq!(sent.body, "[redacted] bbb [redacted]");
    assert_eq!(received.headers[0].1, REDACTED);
    assert_eq!(received.body, "aaa [redacted] [redacted]");
    let reason = "[redacted] [redacted]".to_owned();
    assert_eq!(redacted.result, AttemptResult::Retry { reason, asked: None });
    assert_eq!(redacted.notes, [REDACTED]);

    let mut elsewhere = Attempt { sent: None, ..attempt };
    redaction.attempt(Place { source: &other, subscription: None }, &mut elsewhere);
    assert_eq!(elsewhere.received.unwrap().body, "aaa bbb ccc");
    assert_eq!(elsewhere.notes, ["ccc"]);
}

#[test]
fn a_request_that_is_changed_holds_no_reference_any_more() {
    let redaction = redaction(&[json!({ "pointer": "/text" })]);
    let source = "desk".parse().unwrap();
    let place = Place { source: &source, subscription: None };
    let secret = Part::Secret { slot: "token".into(), encoding: Encoding::Json };
    let body = |end: &str| {
        let (before, after) = (Part::Text(r#"{"key":""#.into()), Part::Text(end.into()));
        Template(vec![before, secret.clone(), after])
    };
    let request = |end| Request {
        method: "POST".into(),
        url: Template::text("https://x.example/"),
        headers: Vec::new(),
        body: body(end),
    };
    let mut changed = request(r#"","text":"hello"}"#);
    assert!(redaction.request(place, &mut changed));
    assert_eq!(changed.body, Template::text(r#"{"key":"{secret:token}","text":"[redacted]"}"#));
    assert!(!redaction.request(place, &mut changed));
    let mut other = request(r#""}"#);
    assert!(!redaction.request(place, &mut other));
    assert_eq!(other, request(r#""}"#));
}

#[test]
fn what_is_to_be_done_and_said_is_redacted_too() {
    let redaction = redaction(&[json!({ "pattern": "anna" })]);
    let source = "desk".parse().unwrap();
    let place = Place { source: &source, subscription: None };
    let now = Timestamp::default();
    let mut delivery = Delivery::new(EventId::new(), SubscriptionId::new(), now);
    delivery.follow_up = Some(FollowUp::SetField { field: "f".into(), value: "\"anna\"".into() });
    assert!(redaction.follow_up(place, &mut delivery));
    let value = "\"[redacted]\"".to_owned();
    assert_eq!(delivery.follow_up, Some(FollowUp::SetField { field: "f".into(), value }));
    delivery.reason = Some("no anna".into());
    let stderr = "anna?".to_owned();
    delivery.transform = Some(CallRecord { stderr, ..CallRecord::default() });
    assert!(redaction.delivery(place, &mut delivery));
    assert_eq!(delivery.reason.as_deref(), Some("no [redacted]"));
    assert_eq!(delivery.transform.unwrap().stderr, "[redacted]?");
    assert_eq!(redaction.failed_after(), Age::For(Duration::from_secs(86_400)));
}

#[test]
fn rules_that_make_no_sense_are_named() {
    let wrong = |rule: Redact| {
        let settings = JournalSettings { redact: vec![rule], ..JournalSettings::default() };
        let (redaction, mistakes) = Redaction::new(&settings);
        assert!(redaction.is_empty());
        let Mistake { pointer, detail } = mistakes.into_iter().next().unwrap();
        format!("{pointer} {detail}")
    };
    let none = Redact::default;
    let text = |text: &str| Some(text.to_owned());
    for (rule, expected) in [
        (none(), "/redact/0 a rule says what it takes out by exactly one"),
        (Redact { header: text("a"), pattern: text("b"), ..none() }, "/redact/0 a rule says"),
        (Redact { header: text("a b"), ..none() }, "/redact/0/header `a b` is no header's name"),
        (Redact { pointer: text("a/b"), ..none() }, "/redact/0/pointer `a/b` is no JSON Pointer"),
        (Redact { pointer: text(""), ..none() }, "/redact/0/pointer `` is no JSON Pointer"),
        (Redact { pattern: text("(a"), ..none() }, "/redact/0/pattern it is no regular expression"),
        (Redact { pattern: text(r"\d*"), ..none() }, "/redact/0/pattern it matches where there is"),
        (Redact { pattern: text(r"\w{1000}{10}"), ..none() }, "/redact/0/pattern it is no regular"),
        (
            Redact { header: text("a"), what: vec![Redactable::Event], ..none() },
            "/redact/0/what/0 an event has no headers",
        ),
        (
            Redact {
                pattern: text("a"),
                what: vec![Redactable::Request, Redactable::Inbound],
                subscription: Some("a".parse().unwrap()),
                ..none()
            },
            "/redact/0/what/1 what was posted and the event are the same for all",
        ),
    ] {
        let found = wrong(rule);
        assert!(found.starts_with(expected), "{found}");
    }
}
