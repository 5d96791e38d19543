//! The attributes of an event, each as the text that its type in CloudEvents has.

use hookwright_sdk::Event;
use hookwright_sdk::time::rfc3339;

use crate::Settings;
use crate::encode::{segment, uri};

/// A name and a value.
pub(crate) type Attribute = (&'static str, String);

/// The attribute that is a header of its own in binary mode.
pub(crate) const DATA_CONTENT_TYPE: &str = "datacontenttype";

/// What the data of every event is.
pub(crate) const JSON: &str = "application/json";

/// The attributes in the order of the specification.
///
/// # Errors
/// When one that must not be empty is.
pub(crate) fn attributes(event: &Event, settings: &Settings) -> Result<Vec<Attribute>, String> {
    let required = [("id", &event.id), ("source", &event.source), ("type", &event.event_type)];
    if let Some((name, _)) = required.iter().find(|(_, value)| value.is_empty()) {
        return Err(format!("the event has no {name}, and CloudEvents need one"));
    }
    let mut attributes = vec![
        ("specversion", "1.0".to_owned()),
        ("id", clean(&event.id)),
        ("source", format!("{}{}", settings.source_base, segment(&event.source))),
        ("type", clean(&format!("{}{}", settings.type_prefix, event.event_type))),
    ];
    if let Some(subject) = event.subject.as_deref().filter(|subject| !subject.is_empty()) {
        attributes.push(("subject", clean(subject)));
    }
    attributes.push(("time", rfc3339(event.occurred_at)));
    attributes.push((DATA_CONTENT_TYPE, JSON.to_owned()));
    if !event.data_schema.is_empty() {
        let base = if has_scheme(&event.data_schema) { "" } else { &settings.schema_base };
        attributes.push(("dataschema", format!("{base}{}", uri(&event.data_schema))));
    }
    Ok(attributes)
}

/// Whether an event is complete without this attribute.
pub(crate) fn is_optional(name: &str) -> bool {
    matches!(name, "subject" | "dataschema")
}

/// Whether a text starts as absolute URIs do.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte))
}

/// A text without the characters that the type String of CloudEvents does not have: control
/// characters and what Unicode calls noncharacters.
fn clean(text: &str) -> String {
    let is_missing = |c: char| {
        let noncharacter = matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
        c.is_control() || noncharacter
    };
    text.chars().map(|c| if is_missing(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_have_no_control_characters() {
        assert_eq!(clean("a\r\n\u{0}\u{7f}\u{85}b"), "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}b");
        assert_eq!(clean("\u{fdd0}\u{fffe}\u{10ffff}"), "\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(clean("Euro € 😀 שלום"), "Euro € 😀 שלום");
    }

    #[test]
    fn absolute_uris_have_a_scheme() {
        for text in ["https://example.com/1", "urn:a:b", "x+y.z-1:"] {
            assert!(has_scheme(text), "{text}");
        }
        for text in ["ticket/1", "1a:b", ":", "a/b:c", "ä:b", ""] {
            assert!(!has_scheme(text), "{text}");
        }
    }
}
