//! What a plugin says to the host at the root of its settings' schema, under `x-hookwright`.

use serde::Deserialize;
use serde_json::Value;

#[derive(Default, Deserialize)]
struct Schema {
    #[serde(rename = "x-hookwright", default)]
    annotation: Annotation,
}

/// What it says. What is not known here is left to those who know it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Annotation {
    /// A JSON Pointer to the setting that holds the address which needs confirming.
    #[serde(default)]
    pub(super) verify: Option<String>,
}

impl Annotation {
    /// Of a schema as JSON text. One that cannot be read says nothing.
    pub(super) fn of(settings_schema: &str) -> Self {
        serde_json::from_str(settings_schema)
            .map(|Schema { annotation }| annotation)
            .unwrap_or_default()
    }

    /// The address in settings, if there is one.
    pub(super) fn address<'s>(&self, settings: &'s Value) -> Option<&'s str> {
        let address = settings.pointer(self.verify.as_deref()?)?.as_str()?;
        (!address.is_empty()).then_some(address)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_address_is_where_the_schema_says() {
        let of = |schema: &Value| Annotation::of(&schema.to_string());
        let schema = json!({
            "type": "object", "x-hookwright": {"verify": "/to/uri", "other": [1]}
        });
        let settings = json!({"to": {"uri": "https://a.example/"}, "uri": "https://b.example/"});
        assert_eq!(of(&schema).address(&settings), Some("https://a.example/"));
        for none in
            [json!({}), json!({"to": {}}), json!({"to": {"uri": 7}}), json!({"to": {"uri": ""}})]
        {
            assert_eq!(of(&schema).address(&none), None, "{none}");
        }
        for silent in
            [json!({}), json!({"x-hookwright": {}}), json!({"x-hookwright": 7}), json!(true)]
        {
            assert_eq!(of(&silent).address(&settings), None, "{silent}");
        }
    }
}
