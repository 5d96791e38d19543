//! A message that Telegram cannot read is sent again as plain text.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use destination_telegram::{Settings, Telegram};
use hookwright_sdk::serde_json::{Value, from_str, from_value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{
    Answer, Decision, Destination, Event, Exchange, Judge, Part, Replacement, Request, Verdict,
};
use proptest::prelude::*;

fn event(data: &Value) -> Event {
    Event {
        id: "evt_1".into(),
        source: "helpdesk".into(),
        event_type: "ticket.commented".into(),
        subject: Some("81".into()),
        occurred_at: 0,
        data_schema: "ticket/1".into(),
        data: data.to_string(),
    }
}

fn settings(set: &Value) -> Settings {
    from_value(set.clone()).unwrap()
}

fn requests(data: &Value, set: &Value) -> Vec<Request> {
    match Telegram::transform(&event(data), &settings(set), &FakeHost::default()) {
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

/// What becomes of a request after an answer that says so.
fn verdict(event: Event, request: Request, position: u32, set: &Value, answer: &Value) -> Verdict {
    let answer = Answer {
        status: u16::try_from(answer["error_code"].as_u64().unwrap()).unwrap(),
        headers: Vec::new(),
        body: answer.to_string().into_bytes(),
        complete: true,
    };
    let exchange = Exchange { event, request, position, resends: 0, answer };
    Telegram::judge(&exchange, &settings(set), &FakeHost::default()).verdict
}

/// The Bot API's words for TDLib's "Character '.' is reserved and must be escaped".
fn cannot_parse() -> Value {
    let description = "Bad Request: can't parse entities: Character '.' is reserved and must be \
                       escaped with the preceding '\\'";
    json!({"ok": false, "error_code": 400, "description": description})
}

fn again(data: &Value, request: Request, position: u32, set: &Value) -> Replacement {
    match verdict(event(data), request, position, set, &cannot_parse()) {
        Verdict::Resend(again) => again,
        other => panic!("{other:?}"),
    }
}

/// What is seen of a message in a syntax of Telegram: read back from what was sent, and not from
/// the event.
fn visible(body: &Value) -> String {
    let text = body["text"].as_str().unwrap();
    let mut seen = String::new();
    let mut chars = text.chars();
    let skip_until = |chars: &mut std::str::Chars<'_>, end: char| {
        let mut escaped = false;
        while let Some(c) = chars.next().filter(|&c| c != end || escaped) {
            escaped = end == ')' && c == '\\' && !escaped;
        }
    };
    let html = body["parse_mode"] == "HTML";
    while let Some(c) = chars.next() {
        match c {
            '<' if html => skip_until(&mut chars, '>'),
            '\\' if !html => seen.extend(chars.next()),
            '*' | '[' if !html => {}
            ']' if !html => skip_until(&mut chars, ')'),
            c => seen.push(c),
        }
    }
    if html {
        seen = seen.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    }
    seen
}

fn ticket(text: &str) -> Value {
    json!({
        "ticket": {"number": "81081", "title": text, "url": "https://zammad.example.com/a_(b)?c=\\&d"},
        "comment": {
            "text": text, "author": {"name": text},
            "attachments": [{"name": text, "url": "https://zammad.example.com/1*2"}]
        }
    })
}

#[test]
fn the_same_words_come_without_styles() {
    let data = ticket("1 < 2 & a_b. *x* `y` \\z [l](m) &lt;");
    for format in ["html", "markdown_v2"] {
        let set = json!({"chat_id": 7, "format": format, "silent": true, "message_thread_id": 3});
        let request = requests(&data, &set).remove(0);
        let again = again(&data, request.clone(), 0, &set);
        assert!(again.reason.starts_with("400 Bad Request: can't parse entities: "));
        assert!(again.reason.ends_with("; sent as plain text"), "{}", again.reason);
        assert_eq!((&again.request.url, &again.request.headers), (&request.url, &request.headers));
        let (sent, plain) = (body(&request), body(&again.request));
        assert_eq!(plain["text"], visible(&sent));
        assert!(plain["text"].as_str().unwrap().contains("a_b. *x* `y` \\z [l](m) &lt;\n"));
        // Everything else is as it was.
        let mut expected = sent;
        expected["text"] = plain["text"].clone();
        expected.as_object_mut().unwrap().remove("parse_mode");
        assert_eq!(plain, expected);
    }
}

#[test]
fn it_happens_once() {
    let data = ticket("x");
    let set = json!({"chat_id": 7});
    let plain = again(&data, requests(&data, &set).remove(0), 0, &set).request;
    match verdict(event(&data), plain, 0, &set, &cannot_parse()) {
        Verdict::Failed(reason) => assert!(reason.starts_with("400 Bad Request: can't parse")),
        other => panic!("{other:?}"),
    }
    let set = json!({"chat_id": 7, "format": "plain"});
    let request = requests(&data, &set).remove(0);
    let found = verdict(event(&data), request, 0, &set, &cannot_parse());
    assert!(matches!(found, Verdict::Failed(_)), "{found:?}");
}

#[test]
fn a_chat_that_moved_stays_where_it_is() {
    let data = ticket("x");
    let set = json!({"chat_id": -7});
    let moved = json!({
        "ok": false, "error_code": 400, "description": "Bad Request: group chat was upgraded to a \
        supergroup chat", "parameters": {"migrate_to_chat_id": -1_009_876_543_210_i64}
    });
    let request = requests(&data, &set).remove(0);
    let Verdict::Resend(moved) = verdict(event(&data), request, 0, &set, &moved) else { panic!() };
    let plain = again(&data, moved.request, 0, &set).request;
    assert_eq!(body(&plain)["chat_id"], "-1009876543210");
    assert_eq!(body(&plain).get("parse_mode"), None);
}

#[test]
fn each_of_several_messages_keeps_its_part() {
    let data = ticket(&"слово. ".repeat(1_500));
    let set = json!({"chat_id": 7, "format": "markdown_v2"});
    let requests = requests(&data, &set);
    assert!(requests.len() > 2);
    for (position, request) in (0..).zip(&requests) {
        let plain = body(&again(&data, request.clone(), position, &set).request);
        assert_eq!(plain["text"], visible(&body(request)), "{position}");
    }
    // There is no such part: nothing is made up.
    let found = verdict(event(&data), requests[0].clone(), 99, &set, &cannot_parse());
    assert!(matches!(found, Verdict::Failed(_)), "{found:?}");
}

#[test]
fn what_cannot_be_read_again_fails() {
    let set = json!({"chat_id": 7});
    let request = requests(&ticket("x"), &set).remove(0);
    let event = Event { data: "7".into(), ..event(&json!({})) };
    let found = verdict(event, request, 0, &set, &cannot_parse());
    assert!(matches!(found, Verdict::Failed(_)), "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_is_seen_as_before(
        text in prop_oneof![any::<String>(), "[<>&;*_\\[\\]()~`#+=|{}.!\\\\a-c \n-]{0,60}"],
        markdown in any::<bool>(),
    ) {
        let data = ticket(&text);
        let format = if markdown { "markdown_v2" } else { "html" };
        let set = json!({"chat_id": 7, "format": format});
        let request = requests(&data, &set).remove(0);
        let plain = body(&again(&data, request.clone(), 0, &set).request);
        prop_assert_eq!(plain["text"].as_str().unwrap(), visible(&body(&request)));
    }
}
