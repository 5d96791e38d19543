//! What holds for every condition and every event; another interpreter's opinion.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{event, full};
use crate::condition::{Condition, EventView};

/// Conditions that are syntax, and often sense.
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "event.ticket.priority",
        "event.ticket.tags",
        "event.ticket.fields.floor",
        "event.ticket.fields",
        "event.ticket",
        "event.comment.internal",
        "event.changes",
        "event.ticket.assignees",
        "event.occurred_at",
        "event.prio",
        "event.ticket.prio",
        "x",
        "'high'",
        "'open'",
        "1",
        "2.5",
        "true",
        "null",
        "[1, 'a']",
        "duration('1h')",
        "event",
        "event.ticket.fields.nested.deep",
        "event.ticket.group",
        "event.data.ticket.state",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(5, 40, 3, |inner| {
        let binary = prop::sample::select(vec![
            "==", "!=", "<", "<=", ">", ">=", "&&", "||", "+", "-", "*", "/", "%", "in",
        ]);
        let method = prop::sample::select(vec![
            "contains('i')",
            "startsWith('h')",
            "matches('h.*')",
            "size()",
            "lowerAscii()",
            "exists(x, x == 'vip')",
            "all(x, x > 1)",
            "map(x, x)",
            "filter(x, true)",
            "getHours()",
            "exists_one(x, x.kind == 'agent')",
            "frobnicate()",
            "floor",
            "email",
        ]);
        let function = prop::sample::select(vec![
            "has",
            "size",
            "int",
            "string",
            "!",
            "-",
            "timestamp",
            "dyn",
        ]);
        prop_oneof![
            (inner.clone(), binary, inner.clone()).prop_map(|(a, by, b)| format!("({a} {by} {b})")),
            (inner.clone(), method).prop_map(|(of, method)| format!("{of}.{method}")),
            (function, inner.clone()).prop_map(|(function, of)| format!("{function}({of})")),
            (inner.clone(), inner.clone()).prop_map(|(of, key)| format!("{of}[{key}]")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(test, yes, no)| format!("({test} ? {yes} : {no})")),
        ]
    })
}

/// Bodies that fit the schema, do not, or are something else.
fn body() -> impl Strategy<Value = Json> {
    let scalar = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "[a-zé]{0,6}".prop_map(Json::from),
    ];
    let any_json = scalar.prop_recursive(3, 16, 4, |inner| {
        let key = prop::sample::select(vec![
            "ticket",
            "tags",
            "priority",
            "fields",
            "floor",
            "nested",
            "deep",
            "comment",
            "kind",
            "visibility",
            "changes",
            "assignees",
            "group",
            "email",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map(key.prop_map(str::to_owned), inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    });
    (any_json, any::<bool>()).prop_map(
        |(ticket, whole)| {
            if whole { ticket } else { json!({"ticket": ticket}) }
        },
    )
}

/// What the crate's own interpreter says.
fn reference(condition: &str, data: &Json) -> Option<bool> {
    let program = cel::Program::compile(condition).ok()?;
    let mut context = cel::Context::default();
    let mut event = data.clone();
    event["type"] = json!("ticket.commented");
    event["data"] = data.clone();
    event["comment"]["internal"] = json!(data["comment"]["visibility"] == "internal");
    context.add_variable("event", cel::to_value(&event).ok()?).ok()?;
    match program.execute(&context) {
        Ok(cel::Value::Bool(holds)) => Some(holds),
        _ => None,
    }
}

fn ours(condition: &str, data: &Json) -> Option<bool> {
    let event = event(data);
    let compiled = Condition::compile(condition).ok()?;
    compiled.evaluate(&EventView::new(&event)).holds.ok()
}

#[test]
fn the_other_interpreter_agrees() {
    let data = full();
    let mut compared = 0;
    for condition in [
        "event.ticket.priority == 'high' && !event.comment.internal",
        "event.ticket.tags.exists(t, t.startsWith('net')) && 'vip' in event.ticket.tags",
        "event.ticket.assignees.map(p, p.name) == ['Emma Taylor', 'Иван']",
        "event.ticket.assignees.filter(p, has(p.email)).size() == 1",
        "event.ticket.fields.floor > 2 && event.ticket.fields.area < 13.0",
        "size('Grüße') == 5 && 7 / 2 == 3 && -7 / 2 == -3 && -7 % 2 == -1",
        "1 == 1.0 && 'a' < 'b' && [1, 2] == [1, 2] && [1] != [2]",
        "true || 1 / 0 == 1",
        "1 / 0 == 1 || true",
        "event.ticket.tags.all(t, t != 'x') ? event.type == 'ticket.commented' : false",
        "event.ticket.tags.exists_one(t, t == 'vip')",
        "'building' in event.ticket.fields",
        "int('42') == 42 && string(42) == '42' && double('1.5') == 1.5",
    ] {
        assert_eq!(ours(condition, &data), Some(true), "{condition}");
        assert_eq!(reference(condition, &data), Some(true), "{condition}");
        compared += 1;
    }
    assert_eq!(compared, 13);
}

proptest! {
    #[test]
    fn any_text_is_a_condition_or_told(text in "\\PC{0,60}") {
        if let Err(mistake) = Condition::compile(&text) {
            prop_assert!(mistake.column() <= text.chars().count() + 2, "{mistake}");
        }
    }

    #[test]
    fn any_tokens_are_a_condition_or_told(tokens in prop::collection::vec(
        prop::sample::select(vec![
            "event", ".", "ticket", "(", ")", "[", "]", "'a'", "\"", "'", "==", "&&", "!", "?", ":",
            "has", "exists", ",", "{", "}", "1", "1.", "e5", "0x", "u", "\\", "\n", "//", "é", "in",
        ]), 0..24)) {
        drop(Condition::compile(&tokens.concat()));
    }

    /// A checked condition has a result for every event, or says what in the event does not
    /// fit; and what it costs is bounded.
    #[test]
    fn checked_conditions_know_their_fields(condition in condition(), body in body()) {
        let Ok(compiled) = Condition::compile(&condition) else { return Ok(()) };
        let event = event(&body);
        let outcome = compiled.evaluate(&EventView::new(&event));
        if let Err(mistake) = &outcome.holds {
            prop_assert!(!mistake.detail().contains("has no field"), "{mistake}");
            prop_assert!(!mistake.detail().contains("there is no"), "{mistake}");
        }
        let again = compiled.evaluate(&EventView::new(&event));
        prop_assert_eq!(again.cost, outcome.cost);
    }

    /// Where both have a result, it is the same. Where something is absent, the other has none;
    /// that null is the same as empty is ours alone, and times the other is built without.
    #[test]
    fn the_other_interpreter_agrees_on_many(condition in condition()) {
        if condition.contains("null") || condition.contains("occurred_at") {
            return Ok(());
        }
        let mut data = full();
        data["ticket"]["fields"].as_object_mut().unwrap().remove("gone");
        if let (Some(ours), Some(theirs)) = (ours(&condition, &data), reference(&condition, &data)) {
            prop_assert_eq!(ours, theirs, "{}", condition);
        }
    }
}

#[test]
fn conditions_are_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Arc::new(Condition::compile("event.comment.internal").unwrap()));
}
