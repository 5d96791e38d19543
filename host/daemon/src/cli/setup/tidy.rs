//! One thing that is set up, as people write it: without what goes without saying, in an order
//! that does not change.

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::document::{self, JSON};
use crate::setup::{ConnectionWanted, PolicyWanted, SourceWanted, SubscriptionWanted};

/// Fields in an order of their own; the others follow by name.
const FIRST: [&str; 12] = [
    "name",
    "description",
    "enabled",
    "disabled",
    "plugin",
    "digest",
    "algorithm",
    "auth",
    "sources",
    "events",
    "groups",
    "condition",
];

/// Fields that are written though they may be as they are by default.
const ALWAYS: [&str; 5] = ["name", "plugin", "auth", "events", "algorithm"];

/// Something that a set-up names.
pub(in crate::cli) trait Wanted: Serialize + DeserializeOwned {
    /// What a file calls a list of them.
    const KIND: &str;
    /// The least that can be said of one.
    fn least() -> Value;
}

impl Wanted for SubscriptionWanted {
    const KIND: &str = "subscription";
    fn least() -> Value {
        json!({ "name": "x", "plugin": "x", "events": [] })
    }
}

impl Wanted for SourceWanted {
    const KIND: &str = "source";
    fn least() -> Value {
        json!({ "name": "x", "plugin": "x", "auth": { "kind": "none" } })
    }
}

impl Wanted for ConnectionWanted {
    const KIND: &str = "connection";
    fn least() -> Value {
        json!({ "name": "x", "plugin": "x" })
    }
}

impl Wanted for PolicyWanted {
    const KIND: &str = "policy";
    fn least() -> Value {
        json!({ "name": "x", "algorithm": "none" })
    }
}

/// Fields in an order that is kept when they are written.
pub(in crate::cli) struct Fields(pub(in crate::cli) Vec<(String, Value)>);

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The fields that say something.
///
/// # Errors
/// When it cannot be written as JSON.
pub(in crate::cli) fn fields<T: Wanted>(wanted: &T) -> anyhow::Result<Fields> {
    let plain = serde_json::to_value(serde_json::from_value::<T>(T::least())?)?;
    let Value::Object(all) = serde_json::to_value(wanted)? else { return Ok(Fields(Vec::new())) };
    let mut fields: Vec<_> = all
        .into_iter()
        .filter(|(name, value)| ALWAYS.contains(&name.as_str()) || plain.get(name) != Some(value))
        .map(|(name, value)| {
            // Only in what a plugin is given does it make a difference whether a field is null.
            let value = if name == "settings" { value } else { without_nulls(value) };
            (name, value)
        })
        .collect();
    fields.sort_by_key(|(name, _)| {
        let first = FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len());
        (first, name.clone())
    });
    Ok(Fields(fields))
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(fields.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

/// An entry of a file, such as `[[subscription]]` with all that belongs to it.
///
/// # Errors
/// When it cannot be written.
pub(in crate::cli) fn entry<T: Wanted>(wanted: &T) -> anyhow::Result<String> {
    let document = std::iter::once((T::KIND, [said(fields(wanted)?)]));
    Ok(toml::to_string_pretty(&document.collect::<std::collections::BTreeMap<_, _>>())?)
}

/// Its fields alone.
///
/// # Errors
/// When it cannot be written.
pub(in crate::cli) fn body<T: Wanted>(wanted: &T) -> anyhow::Result<String> {
    Ok(toml::to_string_pretty(&said(fields(wanted)?))?)
}

/// Settings of which there is one, such as `[journal]`.
///
/// # Errors
/// When they cannot be written.
pub(in crate::cli) fn alone(name: &str, settings: &impl Serialize) -> anyhow::Result<String> {
    let settings = without_nulls(serde_json::to_value(settings)?);
    let document = Map::from_iter([(name.to_owned(), settings)]);
    Ok(toml::to_string_pretty(&document)?)
}

/// With what TOML cannot say as JSON.
fn said(Fields(fields): Fields) -> Fields {
    let (mut fields, others): (Vec<_>, Vec<_>) =
        fields.into_iter().partition(|(_, value)| document::can_say(value));
    if !others.is_empty() {
        let others: Map<_, _> = others.into_iter().collect();
        fields.push((JSON.to_owned(), Value::String(Value::Object(others).to_string())));
    }
    Fields(fields)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::super::file::File;
    use super::*;

    fn subscription(document: Value) -> SubscriptionWanted {
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn what_goes_without_saying_is_left_out() {
        let wanted = subscription(json!({
            "name": "duty", "plugin": "telegram", "events": ["*"], "enabled": true,
            "settings": {"chat_id": 1}, "verify": false, "order": "none",
        }));
        let expected = "[[subscription]]\nname = \"duty\"\nplugin = \"telegram\"\n\
                        events = [\"*\"]\n\n[subscription.settings]\nchat_id = 1\n";
        assert_eq!(entry(&wanted).unwrap(), expected);
    }

    /// Any settings, from any corner of JSON.
    fn settings() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            prop::num::f64::NORMAL.prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\\\\\"'\r\n\t#=\\[\\]]{0,6}".prop_map(Value::from),
        ];
        let value = leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        });
        prop::collection::btree_map("[a-z.\" ]{0,4}", value, 0..5)
            .prop_map(|fields| Value::Object(fields.into_iter().collect()))
    }

    proptest! {
        #[test]
        fn whatever_the_settings_are(settings in settings(), description in any::<String>()) {
            let wanted = subscription(json!({
                "name": "duty", "plugin": "p", "events": ["*"], "settings": settings,
                "description": description,
            }));
            let text = entry(&wanted).unwrap();
            let read = File::parse(&text, Path::new(".")).unwrap().subscription.remove(0);
            prop_assert_eq!(&read.settings, &settings, "{}", text);
            prop_assert_eq!(&read.description, &wanted.description);
            // The same again, and what an editor is given is the same too.
            prop_assert_eq!(entry(&read).unwrap(), text);
            let fields = document::fields(&body(&wanted).unwrap(), "subscription").unwrap();
            let edited = subscription(Value::Object(fields));
            prop_assert_eq!(&edited.settings, &settings);
        }
    }

    #[test]
    fn what_toml_cannot_say_is_read_again() {
        let settings = json!({
            "nothing": null, "large": u64::MAX, "list": [1, null, {"deep": null}], "text": "a\n'''\"\"\"\r\n\\",
        });
        let wanted = subscription(json!({
            "name": "duty", "plugin": "p", "events": ["*"], "settings": settings,
        }));
        let text = entry(&wanted).unwrap();
        let read = File::parse(&text, Path::new(".")).unwrap().subscription.remove(0);
        assert_eq!(read.settings, settings, "{text}");
        let wrong = text.replace("json = ", "json = \"[]\" # ");
        let error = File::parse(&wrong, Path::new(".")).err().unwrap().to_string();
        assert!(error.contains("`json` of subscription number 0"), "{error}");
        let typo = text.replace("[[sub", "[[source]]\nname = 1\n[[sub");
        let error = format!("{:#}", File::parse(&typo, Path::new(".")).err().unwrap());
        assert!(error.contains("source[0].name"), "{error}");
    }
}
