//! References to policies: by number in documents, by name in what is set up.

use hookwright_model::Name;
use serde_json::Value;

use crate::registry::Snapshot;

/// The policy that is meant: `7`, `"7"`, `{"id": 7}` or `{"name": "…"}`; none by null.
///
/// # Errors
/// Says what there is not.
pub(super) fn policy(snapshot: &Snapshot, value: &Value) -> Result<Option<Name>, String> {
    let numbers = &snapshot.configuration.numbers.policies;
    let by_number = |number: i64| {
        let found = numbers.iter().find(|(_, known)| **known == number);
        found.map(|(name, _)| Some(name.clone())).ok_or_else(|| {
            format!("there is no webhook policy with the id {number}; see /webhook_policies")
        })
    };
    let wrong = || "a reference is the id of a webhook policy, or an object with its id".to_owned();
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => by_number(number.as_i64().ok_or_else(wrong)?),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => by_number(text.parse().map_err(|_| wrong())?),
        Value::Object(object) => match (object.get("id"), object.get("name")) {
            (Some(id @ (Value::Number(_) | Value::String(_))), _) => policy(snapshot, id),
            (None, Some(Value::String(name))) => {
                let found = numbers.keys().find(|known| known.as_str() == name);
                let shown: String = name.chars().take(80).collect();
                found
                    .map(|name| Some(name.clone()))
                    .ok_or_else(|| format!("there is no webhook policy with the name `{shown}`"))
            }
            _ => Err(wrong()),
        },
        Value::Bool(_) | Value::Array(_) => Err(wrong()),
    }
}
