//! A settings schema, to be read by people: its properties in a table.

use serde::Serialize;
use serde_json::Value;

/// How deep objects within objects are gone into.
const MAX_DEPTH: usize = 4;
/// The most properties that are listed.
const MAX_ROWS: usize = 200;

/// One setting.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    /// Where it is, with dots.
    name: String,
    title: String,
    /// What it can be.
    kind: String,
    is_required: bool,
    /// As JSON; empty if there is none.
    default: String,
    description: String,
}

/// The settings of a schema. What is no schema has none.
pub(super) fn rows(schema: &str) -> Vec<Row> {
    let schema = serde_json::from_str(schema).unwrap_or(Value::Null);
    let mut rows = Vec::new();
    add(&schema, &schema, "", 0, &mut rows);
    rows.truncate(MAX_ROWS);
    rows
}

fn add(root: &Value, schema: &Value, prefix: &str, depth: usize, rows: &mut Vec<Row>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let required = schema.get("required").and_then(Value::as_array);
    for (name, property) in properties {
        if depth > MAX_DEPTH || rows.len() >= MAX_ROWS {
            return;
        }
        let property = resolved(root, property);
        let text = |key: &str| property.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
        let path = format!("{prefix}{name}");
        rows.push(Row {
            name: path.clone(),
            title: text("title"),
            kind: kind(root, property, &mut Far { ..Far::START }),
            is_required: required.is_some_and(|all| all.iter().any(|one| one == name.as_str())),
            default: property.get("default").map(Value::to_string).unwrap_or_default(),
            description: text("description"),
        });
        add(root, property, &format!("{path}."), depth + 1, rows);
    }
}

/// What is meant, where a part of the same document is named.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let path = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#'));
    path.and_then(|path| root.pointer(path)).unwrap_or(schema)
}

/// How far it is looked for what values can be: a schema can name itself, and more than once.
struct Far {
    depth: usize,
    /// How many parts may still be looked at.
    left: usize,
}

impl Far {
    const START: Self = Self { depth: 0, left: 100 };
}

/// What a value can be: its values if they are listed, else its type.
fn kind(root: &Value, schema: &Value, far: &mut Far) -> String {
    if far.depth > MAX_DEPTH || far.left == 0 {
        return String::new();
    }
    far.depth += 1;
    far.left -= 1;
    let kind = named(root, schema, far);
    far.depth -= 1;
    kind
}

fn named(root: &Value, schema: &Value, far: &mut Far) -> String {
    let list = |values: &[Value]| {
        let texts = values.iter().map(|one| one.as_str().map_or(one.to_string(), str::to_owned));
        texts.collect::<Vec<_>>().join(" | ")
    };
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return list(values);
    }
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    let mut of = |one: &Value| kind(root, resolved(root, one), far);
    for key in ["oneOf", "anyOf"] {
        if let Some(all) = schema.get(key).and_then(Value::as_array) {
            let mut kinds: Vec<_> = all.iter().map(&mut of).collect();
            kinds.retain(|kind| !kind.is_empty());
            kinds.dedup();
            return kinds.join(" | ");
        }
    }
    match schema.get("type") {
        Some(Value::String(name)) if name == "array" => {
            let items = schema.get("items").map(of);
            match items.filter(|items| !items.is_empty()) {
                Some(items) => format!("array ({items})"),
                None => "array".to_owned(),
            }
        }
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => list(names),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_are_listed_with_what_they_can_be() {
        let schema = r##"{"type":"object","required":["url"],"properties":{
            "url":{"type":"string","title":"Address","description":"Where."},
            "mode":{"enum":["a","b",1],"default":"a"},
            "ids":{"type":"array","items":{"$ref":"#/$defs/id"}},
            "more":{"type":"object","properties":{"deep":{"type":["string","null"]}}},
            "either":{"oneOf":[{"type":"string"},{"type":"integer"}]}},
            "$defs":{"id":{"type":"integer"}}}"##;
        let rows = rows(schema);
        let seen = rows.iter().map(|row| (row.name.as_str(), row.kind.as_str()));
        let mut seen: Vec<_> = seen.collect();
        seen.sort_unstable();
        assert_eq!(
            seen,
            [
                ("either", "string | integer"),
                ("ids", "array (integer)"),
                ("mode", "a | b | 1"),
                ("more", "object"),
                ("more.deep", "string | null"),
                ("url", "string"),
            ]
        );
        let url = rows.iter().find(|row| row.name == "url").unwrap();
        assert!(url.is_required && url.title == "Address" && url.description == "Where.");
        assert_eq!(rows.iter().find(|row| row.name == "mode").unwrap().default, "\"a\"");
    }

    #[test]
    fn a_schema_that_names_itself_has_an_end() {
        let schema = r##"{"properties":{"a":{"$ref":"#"}},"type":"object"}"##;
        assert_eq!(rows(schema).len(), MAX_DEPTH + 1);
        let itself = json!({"$ref": "#/properties/a"});
        let many = vec![itself.clone(); 1_000];
        for own in [json!({"type": "array", "items": itself}), json!({"oneOf": many}), itself] {
            let schema = json!({"properties": {"a": own}});
            assert_eq!(rows(&schema.to_string()).len(), 1, "{own}");
        }
        assert!(rows("no schema").is_empty() && rows("[]").is_empty());
    }
}
