//! From a document to what stands in its form.

use serde_json::{Map, Value};

use super::schema::{Alternative, Field, Kind};
use super::{Entries, read};

/// Enters a value into a field. What the field cannot express is entered as JSON, so that
/// whatever was there comes back as it was.
pub fn enter(field: &Field, value: Option<&Value>, entries: &mut Entries) {
    let mut own = Entries::default();
    if let Some(value) = value {
        put(field, value, &mut own);
    }
    let mut mistakes = Vec::new();
    let again = read(field, &Entries::of(encoded(&own).as_bytes()), &mut mistakes);
    if again.as_ref() == value || value.is_none() {
        entries.extend(own);
        return;
    }
    let text = value.map(pretty).unwrap_or_default();
    entries.put(field.key.clone(), text);
    entries.put(format!("{}.as", field.key), "json");
}

/// As browsers would send it: they change line breaks.
fn encoded(entries: &Entries) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, values) in &entries.0 {
        for value in values {
            form.append_pair(name, value);
        }
    }
    form.finish()
}

/// JSON with line breaks.
#[must_use]
pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn put(field: &Field, value: &Value, entries: &mut Entries) {
    let key = field.key.as_str();
    let set = |entries: &mut Entries| entries.put(format!("{key}.set"), "1");
    match (&field.kind, value) {
        (Kind::Text(_) | Kind::Any, Value::String(text)) => {
            entries.put(key, text.as_str());
            if text.is_empty() {
                set(entries);
            }
        }
        (Kind::Number { .. }, Value::Number(number)) => entries.put(key, number.to_string()),
        (Kind::Bool, Value::Bool(is_on)) => {
            set(entries);
            if *is_on {
                entries.put(key, "true");
            }
        }
        (Kind::Choice(all), value) if all.iter().any(|one| one.value == *value) => {
            entries.put(key, value.to_string());
        }
        (Kind::Lines, Value::Array(items)) => {
            let lines: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            entries.put(key, lines.join("\n"));
            if items.is_empty() {
                set(entries);
            }
        }
        (Kind::Checks(_), Value::Array(items)) => {
            items.iter().for_each(|item| entries.put(key, item.to_string()));
            if items.is_empty() {
                set(entries);
            }
        }
        (Kind::Map, Value::Object(members)) => map(field, members, entries),
        (Kind::Object { fields, open }, Value::Object(members)) => {
            object(field, fields, *open, members, entries);
        }
        (Kind::Pick(all), value) => pick(key, all, value, entries),
        // What does not fit is found by reading it again.
        _ => {}
    }
}

fn map(field: &Field, members: &Map<String, Value>, entries: &mut Entries) {
    let key = field.key.as_str();
    if members.is_empty() {
        entries.put(format!("{key}.set"), "1");
    }
    for (name, value) in members {
        // An input is one line.
        let value = value.as_str().unwrap_or_default();
        if !name.contains(['\n', '\r']) && !value.contains(['\n', '\r']) {
            entries.put(format!("{key}.key"), name.as_str());
            entries.put(format!("{key}.value"), value);
        }
    }
}

fn object(
    field: &Field,
    fields: &[Field],
    open: bool,
    members: &Map<String, Value>,
    entries: &mut Entries,
) {
    if members.is_empty() {
        entries.put(format!("{}.set", field.key), "1");
    }
    for one in fields {
        enter(one, members.get(&one.name), entries);
    }
    let is_known = |name: &str| fields.iter().any(|one| one.name == name);
    let rest = members.iter().filter(|(name, _)| !is_known(name));
    let rest: Map<String, Value> =
        rest.map(|(name, value)| (name.clone(), value.clone())).collect();
    if open && !rest.is_empty() {
        entries.put(format!("{}.rest", field.key), pretty(&rest.into()));
    }
}

fn pick(key: &str, all: &[Alternative], value: &Value, entries: &mut Entries) {
    let fits = |one: &&Alternative| jsonschema::is_valid(&one.schema, value);
    let Some(number) = all.iter().position(|one| fits(&one)) else { return };
    entries.put(format!("{key}.of"), number.to_string());
    if let Some(alternative) = all.get(number) {
        enter(&alternative.field, Some(value), entries);
    }
}
