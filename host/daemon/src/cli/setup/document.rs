//! Documents in TOML. What TOML cannot say stands in them as JSON.

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::mistake::in_words;

/// The field with further fields in JSON: TOML has no `null`, and no numbers beyond 64 bits.
pub(super) const JSON: &str = "json";

/// The lists whose entries can have that field.
const LISTS: [&str; 4] = ["policy", "connection", "source", "subscription"];

/// Reads a document.
///
/// # Errors
/// Says where and what is wrong with it.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> anyhow::Result<T> {
    let table: toml::Table = toml::from_str(text)?;
    let entries = LISTS.iter().filter_map(|list| table.get(*list)?.as_array()).flatten();
    if !entries.into_iter().any(|entry| entry.get(JSON).is_some()) {
        // Read from the text once more: so a mistake is shown with its line.
        return Ok(toml::from_str(text)?);
    }
    let mut document = serde_json::to_value(&table)?;
    for list in LISTS {
        let entries = document.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for (number, entry) in entries.enumerate() {
            let Some(fields) = entry.as_object_mut() else { continue };
            let Some(more) = fields.remove(JSON) else { continue };
            let cannot = || format!("`{JSON}` of {list} number {number} is not a JSON object");
            let text = more.as_str().with_context(cannot)?;
            let more: Map<String, Value> = serde_json::from_str(text).with_context(cannot)?;
            fields.extend(more);
        }
    }
    serde_path_to_error::deserialize(document).map_err(|error| {
        anyhow::anyhow!("{}: {}", error.path(), in_words(&error.inner().to_string()))
    })
}

/// The fields of one thing: in JSON, or in TOML, with or without the head that its kind has in a
/// file of several.
///
/// # Errors
/// When it is neither.
pub(super) fn fields(text: &str, kind: &str) -> anyhow::Result<Map<String, Value>> {
    if text.trim_start().starts_with('{') {
        return Ok(serde_json::from_str(text)?);
    }
    let table: toml::Table = toml::from_str(text)?;
    let mut fields = match serde_json::to_value(table)? {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    if let Some(entries) = fields.remove(kind) {
        match entries {
            Value::Array(mut entries) if fields.is_empty() && entries.len() == 1 => {
                match entries.remove(0) {
                    Value::Object(entry) => fields = entry,
                    _ => anyhow::bail!("`{kind}` has no fields"),
                }
            }
            _ => anyhow::bail!("there must be one `[[{kind}]]` and nothing else"),
        }
    }
    if let Some(more) = fields.remove(JSON) {
        let cannot = || format!("`{JSON}` is not a JSON object");
        let text = more.as_str().with_context(cannot)?;
        let more: Map<String, Value> = serde_json::from_str(text).with_context(cannot)?;
        fields.extend(more);
    }
    Ok(fields)
}

/// Whether TOML can say it.
pub(super) fn can_say(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number.is_i64() || number.is_f64(),
        Value::Array(items) => items.iter().all(can_say),
        Value::Object(fields) => fields.values().all(can_say),
    }
}
