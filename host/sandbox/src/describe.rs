//! Checks what a plugin says of itself.

use std::collections::BTreeSet;

use hookwright_model::{Descriptor, TypePattern};

/// Longest text for people, in bytes.
const MAX_TEXT: usize = 4_000;

/// # Errors
/// Says what is wrong, for the plugin's author.
pub(crate) fn check(descriptor: &Descriptor) -> Result<(), String> {
    let texts = [
        ("version", &descriptor.version, 64),
        ("title", &descriptor.title, 200),
        ("description", &descriptor.description, MAX_TEXT),
    ];
    for (what, text, most) in texts {
        if text.len() > most {
            return Err(format!("the {what} has {} bytes; it can have {most}", text.len()));
        }
    }
    if descriptor.version.is_empty() {
        return Err("the version is empty".into());
    }
    for pattern in &descriptor.events {
        pattern.parse::<TypePattern>().map_err(|error| format!("events: {error}"))?;
    }
    let schema: serde_json::Value = serde_json::from_str(&descriptor.settings_schema)
        .map_err(|error| format!("the settings schema is not JSON: {error}"))?;
    if !schema.is_object() {
        return Err("the settings schema is not a JSON object".into());
    }
    let mut seen = BTreeSet::new();
    for slot in &descriptor.secrets {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        let name = &slot.name;
        if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
            let shown: String = name.chars().take(80).collect();
            return Err(format!(
                "the secret `{shown}` is not named with 1 to 64 lower-case letters, digits, `-` \
                 or `_`"
            ));
        }
        if !seen.insert(name) {
            return Err(format!("the secret `{name}` is declared twice"));
        }
    }
    for origin in &descriptor.origins {
        let shown: String = origin.chars().take(80).collect();
        let url = crate::check::check_url(origin)
            .map_err(|problem| format!("the origin `{shown}` {problem}"))?;
        if url.path() != "/" || url.query().is_some() {
            return Err(format!("the origin `{shown}` has a path; it is a scheme, host and port"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use hookwright_model::SecretSlot;

    use super::*;

    fn good() -> Descriptor {
        Descriptor {
            name: "telegram".parse().unwrap(),
            version: "1.0.0".into(),
            title: "Telegram".into(),
            description: String::new(),
            homepage: None,
            events: vec!["ticket.*".into()],
            settings_schema: "{}".into(),
            secrets: vec![slot("token")],
            origins: vec!["https://api.telegram.org".into()],
        }
    }

    fn slot(name: &str) -> SecretSlot {
        SecretSlot {
            name: name.into(),
            title: String::new(),
            description: String::new(),
            required: true,
        }
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(check(&good()), Ok(()));
        let cases = [
            (Descriptor { version: String::new(), ..good() }, "version is empty"),
            (Descriptor { title: "x".repeat(201), ..good() }, "title has 201 bytes"),
            (Descriptor { events: vec!["ticket*".into()], ..good() }, "`ticket*`"),
            (Descriptor { settings_schema: "{".into(), ..good() }, "not JSON"),
            (Descriptor { settings_schema: "[]".into(), ..good() }, "not a JSON object"),
            (Descriptor { secrets: vec![slot("A b")], ..good() }, "`A b`"),
            (Descriptor { secrets: vec![slot("a"), slot("a")], ..good() }, "declared twice"),
            (Descriptor { origins: vec!["telegram".into()], ..good() }, "not a URL"),
            (Descriptor { origins: vec!["https://a.b/c".into()], ..good() }, "has a path"),
        ];
        for (descriptor, words) in cases {
            let error = check(&descriptor).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
