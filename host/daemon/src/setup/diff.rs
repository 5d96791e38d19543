//! What a set-up changes, for people to read before it does.

use std::fmt::{self, Display};

use hookwright_model::FieldChange;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What happens to one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Change {
    /// `secret`, `plugin`, `policy`, `connection`, `source`, `subscription`, `journal` or `mail`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What happens to it.
    pub action: Action,
    /// Which fields change, from what to what. Secrets are never shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// What happens to one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// Nothing.
    Unchanged,
    /// It is there no more.
    Remove,
}

impl Action {
    /// By comparison.
    #[must_use]
    pub fn of<T: PartialEq>(old: Option<&T>, new: &T) -> Self {
        match old {
            None => Self::Create,
            Some(old) if old == new => Self::Unchanged,
            Some(_) => Self::Update,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Unchanged => "unchanged",
            Self::Remove => "remove",
        })
    }
}

impl Change {
    pub(super) fn new(
        kind: &str,
        name: &dyn Display,
        action: Action,
        fields: Vec<FieldChange>,
    ) -> Self {
        Self { kind: kind.to_owned(), name: name.to_string(), action, fields }
    }
}

/// What happens to a thing, and to which of its fields.
pub(super) fn compare<T: Serialize>(old: Option<&T>, new: &T) -> (Action, Vec<FieldChange>) {
    let Some(old) = old else { return (Action::Create, Vec::new()) };
    let fields = fields(old, new);
    let action = if fields.is_empty() { Action::Unchanged } else { Action::Update };
    (action, fields)
}

/// The fields that differ, to the innermost.
#[must_use]
pub fn fields<T: Serialize>(old: &T, new: &T) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    // What cannot be written as JSON is not stored as such either.
    let json = |value: &T| serde_json::to_value(value).unwrap_or(Value::Null);
    walk("", &json(old), &json(new), &mut changes);
    changes
}

fn walk(pointer: &str, old: &Value, new: &Value, changes: &mut Vec<FieldChange>) {
    match (old, new) {
        (old, new) if old == new => {}
        (Value::Object(olds), Value::Object(news)) => {
            let added = news.keys().filter(|key| !olds.contains_key(*key));
            for key in olds.keys().chain(added) {
                let side = |side: &serde_json::Map<String, Value>| {
                    side.get(key).cloned().unwrap_or(Value::Null)
                };
                let key = key.replace('~', "~0").replace('/', "~1");
                walk(&format!("{pointer}/{key}"), &side(olds), &side(news), changes);
            }
        }
        (old, new) => changes.push(FieldChange {
            pointer: pointer.to_owned(),
            from: old.clone(),
            to: new.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_named() {
        let old = json!({"a": 1, "b": {"c": [1], "d/e": 2}, "gone": true});
        let new = json!({"a": 1, "b": {"c": [1, 2], "d/e": 3}, "new": "x"});
        let found: Vec<_> = fields(&old, &new)
            .into_iter()
            .map(|change| (change.pointer, change.from, change.to))
            .collect();
        assert_eq!(
            found,
            [
                ("/b/c".to_owned(), json!([1]), json!([1, 2])),
                ("/b/d~1e".to_owned(), json!(2), json!(3)),
                ("/gone".to_owned(), json!(true), Value::Null),
                ("/new".to_owned(), Value::Null, json!("x")),
            ]
        );
        assert_eq!(compare(Some(&old), &old), (Action::Unchanged, Vec::new()));
        assert_eq!(compare(None, &old).0, Action::Create);
    }
}
