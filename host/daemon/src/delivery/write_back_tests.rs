use hookwright_model::{EventId, SubscriptionId, Timestamp};
use serde_json::json;

use super::*;

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn write_backs(document: Value) -> WriteBacks {
    WriteBacks::new(&serde_json::from_value::<Vec<WriteBack>>(document).unwrap())
}

fn delivery(state: DeliveryState) -> Delivery {
    let new = Delivery::new(EventId::new(), SubscriptionId::new(), Timestamp::now());
    Delivery { state, ..new }
}

/// As SMS Traffic's documentation has it.
const REPLY: &str = r#"<?xml version="1.0"?><reply><result>OK</result><code>0</code><description>queued 1 messages</description><message_infos><message_info><phone>79051112233</phone><sms_id>1000472891</sms_id></message_info></message_infos></reply>"#;
const SMS_ID: &str = "reply/message_infos/message_info/sms_id";

fn answer(body: &str) -> Received {
    let headers = vec![("x-request-id".to_owned(), "r-7".to_owned())];
    Received { status: 200, headers, body: body.to_owned().into(), complete: true }
}

fn set(field: &str, value: &str) -> FollowUp {
    FollowUp::SetField { field: field.into(), value: value.into() }
}

fn wanted(caused: &Caused) -> Vec<FollowUp> {
    caused.children.iter().map(|child| child.follow_up.clone().unwrap()).collect()
}

#[test]
fn an_answer_becomes_a_field_and_a_comment() {
    let write_backs = write_backs(json!([
        { "from": { "xml": SMS_ID }, "field": "custom_field_12" },
        { "from": { "xml": SMS_ID }, "comment": { "text": "SMS queued: {value}" } },
        { "from": { "header": "X-Request-Id" }, "field": "trace", "connection": "other" },
    ]));
    let parent = delivery(DeliveryState::Delivered);
    let desk = name("desk");
    let caused = write_backs.after(&parent, Some(&answer(REPLY)), Some(&desk));
    let comment = FollowUp::AddComment { internal: true, text: "SMS queued: 1000472891".into() };
    let expected = [set("custom_field_12", "\"1000472891\""), comment, set("trace", "\"r-7\"")];
    assert_eq!(wanted(&caused), expected);
    let connections: Vec<_> =
        caused.children.iter().map(|child| child.connection.as_ref().unwrap().as_str()).collect();
    assert_eq!(connections, ["desk", "desk", "other"]);
    for child in &caused.children {
        assert_eq!(child.parent, Some(parent.id));
        assert_eq!(child.event_id, parent.event_id);
        assert_eq!((child.state, &child.requests), (DeliveryState::Pending, &None));
    }
    assert!(caused.notes.is_empty());
}

#[test]
fn json_keeps_its_type_in_a_field_and_becomes_text_in_a_comment() {
    let write_backs = write_backs(json!([
        { "from": { "json": "/id" }, "field": "a" },
        { "from": { "json": "/tags" }, "field": "b" },
        { "from": { "json": "/ok" }, "comment": { "text": "{value}", "visibility": "public" } },
        { "from": { "json": "/name" }, "comment": { "text": "<{value}>" } },
    ]));
    let body = r#"{"id": 81, "tags": ["x", 1.50], "ok": true, "name": "Привет \"{value}\""}"#;
    let parent = delivery(DeliveryState::Delivered);
    let caused = write_backs.after(&parent, Some(&answer(body)), None);
    let comment = |internal, text: &str| FollowUp::AddComment { internal, text: text.into() };
    assert_eq!(
        wanted(&caused),
        [
            set("a", "81"),
            set("b", r#"["x",1.5]"#),
            comment(false, "true"),
            comment(true, "<Привет \"{value}\">"),
        ]
    );
    assert!(caused.children.iter().all(|child| child.connection.is_none()));
}

#[test]
fn what_is_not_there_is_not_written_and_said() {
    let write_backs = write_backs(json!([
        { "from": { "json": "/id" }, "field": "a" },
        { "from": { "json": "/null" }, "field": "b" },
        { "from": { "regex": "id=(\\d+)" }, "comment": { "text": "{value}" } },
        { "from": { "json": "no pointer" }, "field": "c" },
        { "comment": { "text": "Sent." } },
    ]));
    let parent = delivery(DeliveryState::Delivered);
    let caused = write_backs.after(&parent, Some(&answer(r#"{"null": null}"#)), None);
    assert_eq!(wanted(&caused), [FollowUp::AddComment { internal: true, text: "Sent.".into() }]);
    assert_eq!(caused.notes[0], "the field `a` was not written: /id is not in the answer");
    assert_eq!(caused.notes[1], "the field `b` was not written: /null is not in the answer");
    assert_eq!(
        caused.notes[2],
        r"the comment was not written: what matches `id=(\d+)` is not in the answer"
    );
    assert!(caused.notes[3].starts_with("the field `c` cannot be written: `no pointer`"));
    assert_eq!(caused.notes.len(), 4);
}

#[test]
fn each_at_its_time() {
    let write_backs = write_backs(json!([
        { "comment": { "text": "delivered" } },
        { "comment": { "text": "failed" }, "when": "failed" },
        { "comment": { "text": "answered" }, "when": "answered" },
        { "from": { "body": true }, "field": "why", "when": "failed" },
    ]));
    let got = answer("no");
    let texts = |state, received: Option<&Received>| -> Vec<String> {
        let caused = write_backs.after(&delivery(state), received, None);
        let text = |follow_up| match follow_up {
            FollowUp::AddComment { text, .. } => text,
            FollowUp::SetField { value, .. } => value,
            FollowUp::Send(_) => unreachable!(),
        };
        wanted(&caused).into_iter().map(text).collect()
    };
    assert_eq!(texts(DeliveryState::Delivered, Some(&got)), ["delivered", "answered"]);
    assert_eq!(texts(DeliveryState::Failed, Some(&got)), ["failed", "answered", "\"no\""]);
    assert_eq!(texts(DeliveryState::Pending, Some(&got)), ["answered"]);
    assert_eq!(texts(DeliveryState::Running, Some(&got)), ["answered"]);
    // Nobody was there.
    assert_eq!(texts(DeliveryState::Failed, None), ["failed"]);
    assert!(texts(DeliveryState::Skipped, None).is_empty());
    let unanswered = write_backs.after(&delivery(DeliveryState::Failed), None, None);
    assert_eq!(unanswered.notes, ["the field `why` was not written: there was no answer"]);
}
