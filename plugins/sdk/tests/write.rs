//! Events that ask to write to a ticket.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use hookwright_sdk::serde_json::{Value, json};
use hookwright_sdk::write::{ADD_COMMENT, Change, SET_FIELD, Visibility, Write, decide};
use hookwright_sdk::{Decision, Event, Failure, Request};
use proptest::prelude::*;

fn event(event_type: &str, data: &Value) -> Event {
    Event {
        id: "evt_1".into(),
        source: "desk".into(),
        event_type: event_type.into(),
        subject: Some("81".into()),
        occurred_at: 0,
        data_schema: "write/1".into(),
        data: data.to_string(),
    }
}

fn field(value: &Value) -> Value {
    json!({"ticket": {}, "field": {"name": "x", "value": value}})
}

#[test]
fn fields_keep_their_values() {
    for value in [json!("a"), json!(7), json!(null), json!(true), json!([1, {"b": "c"}])] {
        let write = Write::read(&event(SET_FIELD, &field(&value))).unwrap().unwrap();
        assert_eq!(write.ticket_id, "81");
        let Change::SetField(field) = write.change else { panic!() };
        assert_eq!((field.name.as_str(), field.value), ("x", value));
    }
}

#[test]
fn comments_say_who_sees_them() {
    for (word, expected) in [("internal", Visibility::Internal), ("public", Visibility::Public)] {
        let data =
            json!({"ticket": {"title": "T"}, "comment": {"text": "a\nb", "visibility": word}});
        let write = Write::read(&event(ADD_COMMENT, &data)).unwrap().unwrap();
        assert_eq!(write.ticket.title.as_deref(), Some("T"));
        let Change::AddComment(comment) = write.change else { panic!() };
        assert_eq!((comment.text.as_str(), comment.visibility), ("a\nb", expected));
    }
}

#[test]
fn the_tickets_id_is_the_subject_and_else_the_tickets() {
    let data = json!({"ticket": {"id": "7"}, "field": {"name": "x", "value": 1}});
    let mut event = event(SET_FIELD, &data);
    assert_eq!(Write::read(&event).unwrap().unwrap().ticket_id, "81");
    event.subject = None;
    assert_eq!(Write::read(&event).unwrap().unwrap().ticket_id, "7");
    event.data = field(&json!(1)).to_string();
    let error = Write::read(&event).unwrap_err();
    assert_eq!(error, "the event does not say which ticket: it has no subject");
}

#[test]
fn ids_that_mean_something_in_a_path_are_refused() {
    for bad in ["..", "1/2", "1?x", "%2e", "1 2", "ä", "1\n", "#1", &"1".repeat(129)] {
        let mut event = event(SET_FIELD, &field(&json!(1)));
        event.subject = Some(bad.into());
        let error = Write::read(&event).unwrap_err();
        assert!(error.contains("cannot be the id of a ticket"), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let comment = |comment: Value| json!({ "comment": comment });
    for (event_type, data, expected) in [
        (SET_FIELD, json!(7), "the event is not a write/1: invalid type: integer `7`"),
        (SET_FIELD, json!({}), "the event does not say what to write: no `field`"),
        (SET_FIELD, json!({"field": {"value": 1}}), "the event is not a write/1: /field: missing"),
        (SET_FIELD, json!({"field": {"name": " ", "value": 1}}), "/field/name: the name of the"),
        (SET_FIELD, comment(json!({"text": "x", "visibility": "public"})), "the event does not"),
        (ADD_COMMENT, field(&json!(1)), "the event does not say what to write: no `comment`"),
        (ADD_COMMENT, comment(json!({"text": "", "visibility": "public"})), "/comment/text: the"),
        (
            ADD_COMMENT,
            comment(json!({"text": "x", "visibility": "all"})),
            "the event is not a write/1: /comment/visibility: unknown variant `all`",
        ),
    ] {
        let error = Write::read(&event(event_type, &data)).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
    let other = Event { data_schema: "ticket/1".into(), ..event(SET_FIELD, &field(&json!(1))) };
    assert_eq!(Write::read(&other).unwrap_err(), "the event is a ticket/1; expected a write/1");
}

#[test]
fn events_of_other_types_are_skipped() {
    let request = |_: &Write| Ok(Request::post("https://a.example"));
    match decide(&event("ticket.created", &json!({})), request) {
        Ok(Decision::Skip(reason)) => assert!(reason.contains("`ticket.created`"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let found = decide(&event(SET_FIELD, &field(&json!(1))), request);
    assert!(matches!(found, Ok(Decision::Deliver(requests)) if requests.len() == 1));
    let found = decide(&event(SET_FIELD, &json!({})), request);
    assert!(matches!(found, Err(Failure::Rejected(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_id_that_is_taken_is_one_segment_of_a_path(id in any::<String>()) {
        let mut event = event(SET_FIELD, &field(&json!(1)));
        event.subject = Some(id.clone());
        if let Ok(write) = Write::read(&event) {
            let encoded: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
            prop_assert_eq!(encoded, write.unwrap().ticket_id);
        }
    }
}
