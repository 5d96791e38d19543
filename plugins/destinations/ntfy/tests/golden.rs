//! Messages as Zammad's predefined webhook for ntfy has them, and answers as ntfy's documentation
//! and code have them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../../shared/chat-text/testing/mod.rs"]
mod testing;

use destination_ntfy::{Ntfy, Settings};
use hookwright_sdk::serde_json::{Value, from_value, json};
use hookwright_sdk::{CheckSettings, Part, Verdict};
use proptest::prelude::*;
use testing::{
    any_event, event, everywhere, hostile, is_failed, is_put_off, is_retried, zammad, zenlix,
};

fn settings() -> Value {
    json!({"topic": "helpdesk"})
}

fn body(event: &hookwright_sdk::Event) -> Value {
    testing::body::<Ntfy>(event, settings())
}

fn message(body: &Value) -> &str {
    body["message"].as_str().unwrap()
}

/// Seed 001; the shape is that of `Webhook::PreDefined::Ntfy`.
#[test]
fn zammads_ticket_is_zammads_message() {
    assert_eq!(
        testing::text::<Ntfy>(&zammad(), settings()),
        concat!(
            r#"{"topic":"helpdesk","title":"Webhook-Test","message":"[Ticket#10081]: "#,
            r#"Created by Emily Adams at 2020-11-13 14:34 (UTC+00:00)\n"#,
            r#"* Group: Service Desk\n* Owner: Emma Taylor\n* State: open\n"#,
            r#"This is a simple Webhook Test.","#,
            r#""click":"https://zammad.example.com/#ticket/zoom/81"}"#
        )
    );
}

/// "Publish as JSON": to the server's root. What authenticates is a secret, and left out by the
/// host if it is not set.
#[test]
fn the_request_goes_to_the_server() {
    let set = json!({
        "server_url": "http://127.0.0.1:8080/", "topic": "t", "priority": 4, "tags": ["ticket"]
    });
    let request = testing::transform::<Ntfy>(&zammad(), set.clone()).unwrap();
    assert_eq!(request.method, "POST");
    assert_eq!(request.url, [Part::Text("http://127.0.0.1:8080/".into())]);
    let names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Content-Type", "Authorization", "Authorization"]);
    assert!(matches!(&request.headers[1].1[..], [Part::Text(bearer), Part::Secret(token)]
        if bearer == "Bearer " && token.slot == "token"));
    assert!(matches!(&request.headers[2].1[..], [Part::Text(basic), Part::Basic(_)]
        if basic == "Basic "));
    let body = testing::body::<Ntfy>(&zammad(), set);
    assert_eq!((&body["priority"], &body["tags"]), (&json!(4), &json!(["ticket"])));
}

/// Seed 000.
#[test]
fn other_helpdesks_tickets_get_the_same_shape() {
    assert_eq!(
        body(&zenlix()),
        json!({
            "topic": "helpdesk",
            "title": "Message with attachments",
            "message": "[Ticket#E3XK]: Last updated at 2019-06-11 11:24 (UTC+03:00)\n\
                        * Group: Default group\n* Owner: System Account\n* State: lock\n\
                        Body text with attachments.\nРусский текст."
        })
    );
}

#[test]
fn texts_stay_in_their_fields() {
    for text in hostile() {
        let body = body(&everywhere(&text));
        let known = ["topic", "title", "message", "click"];
        assert!(body.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())));
        assert_eq!(body["topic"], "helpdesk");
        assert!(!message(&body).contains(['\u{202e}', '\0']), "{body}");
    }
}

#[test]
fn long_texts_are_cut_with_an_ellipsis() {
    for part in ["слово ", "😀", "\\", "\"x\" "] {
        let data = json!({"ticket": {"title": part.repeat(9_000), "text": part.repeat(40_000)}});
        let event = event("ticket.created", &data);
        let body = body(&event);
        assert!(message(&body).len() <= 4_096 && message(&body).ends_with('…'), "{part}");
        assert!(message(&body).len() > 3_500, "{part}: {}", message(&body).len());
        assert!(testing::text::<Ntfy>(&event, settings()).len() <= 8_192);
    }
}

#[test]
fn events_with_hardly_any_fields_still_say_what_happened() {
    assert_eq!(
        body(&event("problem.created", &json!({}))),
        json!({
            "topic": "helpdesk", "title": "Problem created",
            "message": "[Problem]: Created at 2020-11-13 14:34 (UTC+00:00)"
        })
    );
}

#[test]
fn internal_comments_are_marked_or_left_out() {
    let data = json!({"ticket": {}, "comment": {"visibility": "internal", "text": "psst"}});
    let note = event("ticket.commented", &data);
    assert!(message(&body(&note)).contains("(internal)\n"));
    let set = json!({"topic": "t", "internal_comments": "skip"});
    let skipped = testing::transform::<Ntfy>(&note, set);
    assert!(skipped.unwrap_err().contains("internal_comments"));
}

/// binwiederhier/ntfy: `server/errors.go`.
#[test]
fn answers_of_ntfy() {
    let verdict =
        |status, after, said: &str| testing::verdict::<Ntfy>(settings(), status, after, said);
    let published = r#"{"id":"hwQ2YpKdmg","time":1635528741,"event":"message","topic":"helpdesk","message":"x"}"#;
    match verdict(200, None, published) {
        Verdict::Delivered(receipt) => assert_eq!(receipt.remote_id.as_deref(), Some("hwQ2YpKdmg")),
        other => panic!("{other:?}"),
    }
    let error = |status: u16, code: u32, text: &str, after| {
        let said =
            json!({"code": code, "http": status, "error": text, "link": "https://ntfy.sh/docs"});
        verdict(status, after, &said.to_string())
    };
    assert!(is_failed(&error(403, 40301, "forbidden", None), "403 forbidden (ntfy error 40301)"));
    assert!(is_failed(&error(401, 40101, "unauthorized", None), "needs a `token`"));
    assert!(is_failed(&error(400, 40009, "invalid topic", None), "400 invalid topic"));
    assert!(is_failed(&error(413, 41303, "JSON body too large", None), "41303"));
    let slow = "limit reached: too many requests, please be nice";
    assert!(is_retried(&error(429, 42901, slow, None)));
    assert!(is_put_off(&error(429, 42901, slow, Some("5")), 5_000));
    assert!(is_retried(&error(507, 50701, "cannot publish to UnifiedPush topic", None)));
    assert!(is_retried(&verdict(200, None, "<html>ntfy</html>")));
}

#[test]
fn settings_that_cannot_be_are_named() {
    let check = |set: Value| {
        let settings: Settings = from_value(set).unwrap();
        Ntfy::check(&settings).into_iter().map(|problem| problem.at.unwrap()).collect::<Vec<_>>()
    };
    assert!(check(json!({"topic": "t"})).is_empty());
    assert!(check(json!({"topic": "t", "server_url": "http://127.0.0.1:80/"})).is_empty());
    assert_eq!(check(json!({"topic": "t", "server_url": "https://ntfy.sh/t"})), ["/server_url"]);
    assert_eq!(check(json!({"topic": "docs"})), ["/topic"]);
    assert_eq!(check(json!({"topic": "t", "tags": ["a", "b,c"]})), ["/tags/1"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_event_is_a_message_within_the_limits(event in any_event()) {
        let text = testing::text::<Ntfy>(&event, settings());
        prop_assert!(text.len() <= 8_192);
        let body = body(&event);
        prop_assert!(message(&body).len() <= 4_096 && message(&body).len() > 5);
    }
}

/// The host tells of itself, of no ticket.
#[test]
fn what_happens_to_the_host_is_told() {
    assert_eq!(
        body(&testing::operation()),
        json!({
            "topic": "helpdesk",
            "title": "The plugin telegram is suspended: its calls to make requests fail",
            "message": "[Hookwright]: Suspended at 2020-11-13 14:34 (UTC+00:00)\n\n\
                        trap: *unreachable* <b>\nAnd 2 more like this.",
            "click": "https://hooks.example.com/console/plugins/telegram"
        })
    );
}
