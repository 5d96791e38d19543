//! What the derived schemas cannot say.

use serde_json::{Map, Value, json};

/// Goes through all schemas.
pub(super) fn complete(schemas: &mut Map<String, Value>) {
    let all = schemas.clone();
    for schema in schemas.values_mut() {
        walk(schema, &all);
    }
    // Of these serde refuses members that it does not know, and the derive does not see it.
    for name in ["Auth", "Extract", "PaceKey", "Signing", "SourceAuth"] {
        let variants = schemas.get_mut(name).and_then(|one| one.get_mut("oneOf"));
        for variant in variants.and_then(Value::as_array_mut).into_iter().flatten() {
            if variant.get("properties").is_some() {
                variant["additionalProperties"] = false.into();
            }
        }
    }
}

fn walk(schema: &mut Value, all: &Map<String, Value>) {
    match schema {
        Value::Object(_) => {
            bounds(schema);
            join(schema, all);
            schema.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(|one| {
                walk(one, all);
            });
        }
        Value::Array(items) => items.iter_mut().for_each(|one| walk(one, all)),
        _ => {}
    }
}

/// How large an integer can be follows from its format.
pub(super) fn bounds(schema: &mut Value) {
    let largest = match schema["format"].as_str() {
        Some("uint8") => u64::from(u8::MAX),
        Some("uint16") => u64::from(u16::MAX),
        Some("uint32") => u64::from(u32::MAX),
        Some("uint64") => u64::MAX,
        _ => return,
    };
    if let Some(schema) = schema.as_object_mut() {
        schema.entry("maximum").or_insert_with(|| largest.into());
        schema.entry("minimum").or_insert_with(|| json!(0));
    }
}

/// A variant with its tag inside: both parts are one object, which has no other members. As two of
/// which one allows no others, nothing would fit.
fn join(schema: &mut Value, all: &Map<String, Value>) {
    let Some(parts) = schema["allOf"].as_array() else { return };
    let resolved: Vec<_> = parts
        .iter()
        .map(|part| {
            let name = part["$ref"].as_str().and_then(|path| path.rsplit('/').next());
            name.and_then(|name| all.get(name)).unwrap_or(part)
        })
        .collect();
    if !resolved.iter().any(|part| part["additionalProperties"] == false) {
        return;
    }
    let mut joined = json!({"type": "object", "properties": {}, "required": []});
    for part in resolved {
        for (name, property) in part["properties"].as_object().into_iter().flatten() {
            joined["properties"][name] = property.clone();
        }
        let required = part["required"].as_array().cloned().unwrap_or_default();
        if let Some(all) = joined["required"].as_array_mut() {
            all.extend(required);
        }
    }
    joined["additionalProperties"] = false.into();
    if let Some(description) = schema.get("description") {
        joined["description"] = description.clone();
    }
    *schema = joined;
}
