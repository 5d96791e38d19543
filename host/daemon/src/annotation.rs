//! What a plugin says to this host beside its contract: `"x-hookwright"` at the root of the
//! schema of its settings.

use hookwright_model::Preset;
use serde::Deserialize;
use serde_json::Value;

/// What it says. All of it can be left out, and what is not understood is as if it were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotation {
    /// The preset for subscriptions that name none.
    pub preset: Option<Preset>,
    /// A JSON Pointer into the settings: the address that has to prove that it wants to be
    /// called.
    pub verify: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Document {
    preset: Option<String>,
    verify: Option<String>,
}

impl Annotation {
    /// Reads it from a settings schema, and warns of what it does not understand.
    #[must_use]
    pub fn of(plugin: &str, schema: &str) -> Self {
        let schema: Value = serde_json::from_str(schema).unwrap_or_default();
        let Some(found) = schema.get("x-hookwright") else { return Self::default() };
        let Document { preset, verify } = Document::deserialize(found).unwrap_or_else(|error| {
            tracing::warn!(plugin, %error, "the plugin's x-hookwright cannot be read");
            Document::default()
        });
        let preset = preset.and_then(|name| match name.parse() {
            Ok(preset) => Some(preset),
            Err(error) => {
                tracing::warn!(plugin, %error, "the plugin suggests a preset that there is not");
                None
            }
        });
        Self { preset, verify }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_is_left_out() {
        let of = |schema: &str| Annotation::of("test", schema);
        let both = r#"{"x-hookwright": {"preset": "xurrent", "verify": "/uri", "later": 1}}"#;
        let read = Annotation { preset: Some(Preset::Xurrent), verify: Some("/uri".into()) };
        assert_eq!(of(both), read);
        let verify = r#"{"x-hookwright": {"preset": "fax", "verify": "/uri"}}"#;
        assert_eq!(of(verify), Annotation { preset: None, verify: Some("/uri".into()) });
        for nothing in ["", "[]", "{}", r#"{"x-hookwright": 1}"#, r#"{"x-hookwright": null}"#] {
            assert_eq!(of(nothing), Annotation::default(), "{nothing}");
        }
    }
}
