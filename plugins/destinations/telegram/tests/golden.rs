//! Requests to the Bot API and its answers, as its documentation (10.1) has them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use destination_telegram::{Settings, Telegram};
use hookwright_sdk::serde_json::{Value, from_str, from_value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{
    Answer, CheckSettings, Decision, Destination, Encoding, Event, Exchange, Failure, Judge, Part,
    Request, SecretUse, Verdict,
};

fn event(data: &Value) -> Event {
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

fn requests(data: &Value, settings: Value) -> Vec<Request> {
    let settings: Settings = from_value(settings).unwrap();
    match Telegram::transform(&event(data), &settings, &FakeHost::default()) {
        Ok(Decision::Deliver(requests)) => requests,
        other => panic!("{other:?}"),
    }
}

fn body(request: &Request) -> Value {
    match request.body.as_slice() {
        [Part::Text(text)] => from_str(text).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn ticket() -> Value {
    json!({
        "ticket": {
            "id": "81", "number": "81081", "title": "Webhook-Test <1>", "state": "open",
            "priority": "2 normal", "group": "Service Desk",
            "assignees": [{"name": "Emma Taylor"}],
            "customer": {"name": "Emily Adams"},
            "url": "https://zammad.example.com/#ticket/zoom/81"
        },
        "comment": {
            "visibility": "internal", "text": "Test & more.", "author": {"name": "Chris Miller"},
            "attachments": [{"name": "image1.jpeg", "url": "https://zammad.example.com/a/1"}]
        },
        "origin": {"kind": "zammad"}
    })
}

#[test]
fn the_request_is_send_message_with_the_token_in_the_url() {
    let requests = requests(&ticket(), json!({"chat_id": -1001234567890_i64}));
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!(request.method, "POST");
    assert_eq!(
        request.url,
        [
            Part::Text("https://api.telegram.org/bot".into()),
            Part::Secret(SecretUse { slot: "token".into(), encoding: Encoding::Raw }),
            Part::Text("/sendMessage".into())
        ]
    );
    assert_eq!(
        body(request),
        json!({
            "chat_id": "-1001234567890",
            "text": "<b>Ticket created: #81081 Webhook-Test &lt;1&gt;</b>\n\
                     State: open · Priority: 2 normal · Group: Service Desk\n\
                     Customer: Emily Adams · Assigned to: Emma Taylor · By: Chris Miller · internal\n\n\
                     Test &amp; more.\n\
                     📎 <a href=\"https://zammad.example.com/a/1\">image1.jpeg</a>\n\n\
                     <a href=\"https://zammad.example.com/#ticket/zoom/81\">Open the ticket</a>",
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": true}
        })
    );
}

#[test]
fn settings_become_parameters() {
    let set = json!({
        "chat_id": "@support", "format": "markdown_v2", "message_thread_id": 7, "silent": true,
        "link_preview": true, "api_url": "http://127.0.0.1:8081/"
    });
    let request = requests(&json!({"ticket": {"title": "A.B"}}), set).remove(0);
    assert!(matches!(&request.url[0], Part::Text(url) if url == "http://127.0.0.1:8081/bot"));
    assert_eq!(
        body(&request),
        json!({
            "chat_id": "@support", "message_thread_id": 7, "text": "*Ticket created: A\\.B*",
            "parse_mode": "MarkdownV2", "disable_notification": true
        })
    );
    let plain = requests(&ticket(), json!({"chat_id": 1, "format": "plain"})).remove(0);
    assert_eq!(body(&plain).get("parse_mode"), None);
    assert!(body(&plain)["text"].as_str().unwrap().contains("Test & more."));
}

#[test]
fn ten_thousand_characters_are_three_messages() {
    let long = "слово ".repeat(1_667);
    let data = json!({"ticket": {"title": "Long", "text": long}});
    let requests = requests(&data, json!({"chat_id": 1}));
    assert_eq!(requests.len(), 3);
    let texts: Vec<_> =
        requests.iter().map(|request| body(request)["text"].as_str().unwrap().to_owned()).collect();
    let words = texts.join(" ").matches("слово").count();
    assert_eq!(words, 1_667);
}

#[test]
fn the_link_to_nothing_else_than_the_web() {
    let data = json!({"ticket": {"title": "x", "url": "javascript:alert(1)"}});
    let text = body(&requests(&data, json!({"chat_id": 1}))[0])["text"].to_string();
    assert!(!text.contains("javascript"), "{text}");
}

#[test]
fn an_event_without_a_ticket_still_says_what_happened() {
    let text = body(&requests(&json!({}), json!({"chat_id": 1}))[0])["text"].clone();
    assert_eq!(text, "<b>Ticket created</b>");
    let bad = Event { data: "7".into(), ..event(&json!({})) };
    let settings = from_value(json!({"chat_id": 1})).unwrap();
    let failure = Telegram::transform(&bad, &settings, &FakeHost::default()).unwrap_err();
    assert!(matches!(failure, Failure::Rejected(_)));
}

fn verdict(status: u16, answer: &str) -> Verdict {
    verdict_with(status, &[], answer)
}

fn verdict_with(status: u16, headers: &[(&str, &str)], answer: &str) -> Verdict {
    let header = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
    let request = requests(&ticket(), json!({"chat_id": 1})).remove(0);
    let exchange = Exchange {
        event: event(&ticket()),
        request,
        position: 0,
        resends: 0,
        answer: Answer {
            status,
            headers: headers.iter().map(header).collect(),
            body: answer.as_bytes().to_vec(),
            complete: true,
        },
    };
    let settings = from_value(json!({"chat_id": 1})).unwrap();
    Telegram::judge(&exchange, &settings, &FakeHost::default()).verdict
}

fn error(code: u16, description: &str) -> Verdict {
    let answer = json!({"ok": false, "error_code": code, "description": description});
    verdict(code, &answer.to_string())
}

#[test]
fn ok_is_delivered_with_the_messages_id() {
    let answer = r#"{"ok":true,"result":{"message_id":365,"date":1,"chat":{"id":1},"text":"x"}}"#;
    match verdict(200, answer) {
        Verdict::Delivered(receipt) => assert_eq!(receipt.remote_id.as_deref(), Some("365")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn slowing_down_is_not_a_failure() {
    let answer = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 14","parameters":{"retry_after":14}}"#;
    match verdict(429, answer) {
        Verdict::Retry(wait) => {
            assert_eq!(wait.not_before, Some(14_000));
            assert!(!wait.counted);
            assert_eq!(wait.reason, "429 Too Many Requests: retry after 14");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_header_alone_says_when_too() {
    let answer = r#"{"ok":false,"error_code":429,"description":"Too Many Requests"}"#;
    for body in [answer, "<html>429 Too Many Requests</html>", ""] {
        match verdict_with(429, &[("Retry-After", "14")], body) {
            Verdict::Retry(wait) => {
                assert_eq!((wait.not_before, wait.counted), (Some(14_000), false));
            }
            other => panic!("{other:?}"),
        }
        // The host, which has a clock, waits until then.
        let date = [("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")];
        assert!(matches!(verdict_with(429, &date, body), Verdict::Retry(wait) if !wait.counted));
    }
    // The body comes first: it is what the Bot API documents.
    let answer =
        r#"{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":3}}"#;
    assert!(matches!(verdict_with(429, &[("Retry-After", "14")], answer), Verdict::Retry(wait)
        if wait.not_before == Some(3_000) && !wait.counted));
}

#[test]
fn a_chat_that_moved_gets_the_message_at_its_new_id() {
    let answer = r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1009876543210}}"#;
    match verdict(400, answer) {
        Verdict::Resend(again) => {
            assert_eq!(body(&again.request)["chat_id"], "-1009876543210");
            assert!(again.reason.contains("set chat_id to -1009876543210"), "{}", again.reason);
            assert!(body(&again.request)["text"].as_str().unwrap().contains("Test &amp; more."));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_will_never_work_is_final() {
    for (code, description) in [
        (400, "Bad Request: chat not found"),
        (400, "Bad Request: message thread not found"),
        (400, "Bad Request: message text is empty"),
        (400, "Bad Request: message is too long"),
        (401, "Unauthorized"),
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (403, "Forbidden: bot was kicked from the group chat"),
        (403, "Forbidden: bot is not a member of the channel chat"),
        (403, "Forbidden: the group chat was deleted"),
        (404, "Not Found"),
    ] {
        match error(code, description) {
            Verdict::Failed(reason) => assert_eq!(reason, format!("{code} {description}")),
            other => panic!("{description}: {other:?}"),
        }
    }
}

#[test]
fn what_may_work_later_is_tried_again() {
    for verdict in [
        error(500, "Internal Server Error"),
        error(502, "Bad Gateway"),
        error(429, "Too Many Requests"),
        verdict(429, "<html>429 Too Many Requests</html>"),
        verdict(502, "<html>502 Bad Gateway</html>"),
        verdict(200, "welcome to the hotel's wireless network"),
        verdict(200, ""),
    ] {
        assert!(matches!(verdict, Verdict::Retry(ref wait) if wait.counted), "{verdict:?}");
    }
}

#[test]
fn chats_that_cannot_be_are_named() {
    let check = |chat: Value| Telegram::check(&from_value(json!({"chat_id": chat})).unwrap());
    for good in [json!(1), json!(-100123), json!("17"), json!("-17"), json!("@support")] {
        assert!(check(good.clone()).is_empty(), "{good}");
    }
    for bad in [json!("support"), json!("@a"), json!(""), json!("12 34"), json!("@süß")] {
        let problems = check(bad.clone());
        assert_eq!(problems[0].at.as_deref(), Some("/chat_id"), "{bad}");
    }
}

/// The host tells of itself, of no ticket.
#[test]
fn what_happens_to_the_host_is_told() {
    let data = json!({
        "summary": "A delivery of ticket.created to duty has failed for good",
        "detail": "500 Internal Server Error\n<b>",
        "url": "https://hooks.example.com/console/deliveries/dlv_1"
    });
    let told = Event {
        event_type: "delivery.exhausted".into(),
        data_schema: "operation/1".into(),
        ..event(&data)
    };
    let settings: Settings = from_value(json!({"chat_id": 1, "format": "html"})).unwrap();
    let Ok(Decision::Deliver(requests)) =
        Telegram::transform(&told, &settings, &FakeHost::default())
    else {
        panic!("nothing is sent")
    };
    assert_eq!(
        body(&requests[0])["text"],
        "<b>A delivery of ticket.created to duty has failed for good</b>\n\n\
         500 Internal Server Error\n&lt;b&gt;\n\n\
         <a href=\"https://hooks.example.com/console/deliveries/dlv_1\">Open the console</a>"
    );
}
