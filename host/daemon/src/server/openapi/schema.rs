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

/// What is within a patch is patched as well: all of it can be left out, and null takes it away.
pub(super) fn patches(schemas: &mut Map<String, Value>) {
    let all = schemas.clone();
    for (_, schema) in schemas.iter_mut().filter(|(name, _)| name.ends_with("Patch")) {
        for property in schema["properties"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            let value = property.get_mut("anyOf").and_then(Value::as_array_mut);
            for value in value.into_iter().flatten() {
                *value = patched(value, &all);
            }
        }
    }
}

fn patched(schema: &Value, all: &Map<String, Value>) -> Value {
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    let resolved = name.and_then(|name| all.get(name)).unwrap_or(schema);
    let or_null = |one: &Value| json!({"anyOf": [{"type": "null"}, patched(one, all)]});
    let mut patch = resolved.clone();
    if let Some(members) = patch.get_mut("properties").and_then(Value::as_object_mut) {
        members.values_mut().for_each(|member| *member = or_null(member));
        patch["required"] = json!([]);
    } else if resolved["additionalProperties"].is_object() {
        patch["additionalProperties"] = or_null(&resolved["additionalProperties"]);
    } else if let Some(variants) = resolved["oneOf"].as_array() {
        // A part of one, which is whole only with what is there.
        let mut variants: Vec<_> = variants.iter().map(|one| patched(one, all)).collect();
        variants.push(json!({"type": "object"}));
        patch = json!({"anyOf": variants});
    } else {
        return schema.clone();
    }
    patch
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
