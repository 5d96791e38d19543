//! What a JSON value says as text.

use serde_json::{Map, Value};

/// Where an object says what it is called, most telling first.
const NAMING: [&str; 7] = ["name", "title", "value", "field_value", "text", "label", "#text"];

/// The text of a string, a number, a truth value, or of an object that names something: the
/// product's API gives names in several languages, such as `{"name": {"en": "Open"}}`.
pub(crate) fn text(value: &Value) -> Option<String> {
    text_within(value, 3)
}

fn text_within(value: &Value, depth: u8) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Array(items) => match items.as_slice() {
            [only] if depth > 0 => text_within(only, depth - 1)?,
            _ => return None,
        },
        Value::Object(object) if depth > 0 => {
            let named = NAMING.iter().find_map(|name| object.get(*name));
            let named = named.or_else(|| first_language(object))?;
            text_within(named, depth - 1)?
        }
        Value::Object(_) | Value::Null => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

/// Of names by language, the alphabetically first that is there.
fn first_language(object: &Map<String, Value>) -> Option<&Value> {
    let is_language = |key: &String| key.len() == 2 && key.bytes().all(|b| b.is_ascii_lowercase());
    let all = !object.is_empty() && object.keys().all(is_language);
    let texts = object.values().filter(|value| text_within(value, 0).is_some());
    if all { texts.into_iter().next() } else { None }
}

/// Whether there is nothing in a value.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_found() {
        let some = |value: Value| text(&value).unwrap();
        assert_eq!(some(json!(" a ")), "a");
        assert_eq!(some(json!(7)), "7");
        assert_eq!(some(json!(false)), "false");
        assert_eq!(some(json!({"id": "open", "name": {"ru": "Открыта"}})), "Открыта");
        assert_eq!(some(json!({"ru": "", "ua": "Відкрита"})), "Відкрита");
        assert_eq!(some(json!(["a"])), "a");
    }

    #[test]
    fn what_has_no_name_has_no_text() {
        for value in [
            json!(null),
            json!(""),
            json!("  "),
            json!([]),
            json!({}),
            json!(["a", "b"]),
            json!({"id": 7, "age": 8}),
            json!({"name": {"name": {"name": {"name": "too deep"}}}}),
        ] {
            assert_eq!(text(&value), None, "{value}");
        }
    }
}
