//! Documents that nobody would send, for tests of what reads documents.

use proptest::prelude::*;
use serde_json::{Map, Value};

/// Any JSON, a few levels deep.
pub fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// The document with a value in the place of the nth one in it; as it is if it has fewer.
#[must_use]
pub fn with_nth(mut document: Value, mut nth: usize, with: &Value) -> Value {
    replace(&mut document, &mut nth, with);
    document
}

fn replace(document: &mut Value, nth: &mut usize, with: &Value) {
    if *nth == 0 {
        *document = with.clone();
    }
    *nth = nth.wrapping_sub(1);
    match document {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, nth, with)),
        Value::Object(map) => map.values_mut().for_each(|item| replace(item, nth, with)),
        _ => {}
    }
}
