//! Where the fields of an event stand in the body.

use std::collections::BTreeMap;

use hookwright_sdk::Problem;
use hookwright_sdk::serde_json::{self, Map, Value};
use serde::Deserialize;

const FIELDS: &str = include_str!("../data/fields.json");

/// The object of the comment in the table.
const OBJECT: &str = "answer";

#[derive(Deserialize)]
struct Table {
    fields: BTreeMap<String, String>,
}

/// Places of fields: the admin's and the known ones.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    settings: &'a BTreeMap<String, String>,
    known: BTreeMap<String, String>,
}

impl<'a> Places<'a> {
    /// The table, and the settings before it.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub(crate) fn read(settings: &'a BTreeMap<String, String>) -> Result<Self, Problem> {
        let table: Table = serde_json::from_str(FIELDS)
            .map_err(|error| Problem::new(format!("fields.json: {error}")))?;
        Ok(Self { settings, known: table.fields })
    }

    /// The body with these values, each at its place.
    ///
    /// # Errors
    /// When two places of the settings are in each other's way. Known places give way.
    pub(crate) fn document(
        &self,
        values: Vec<(String, Value)>,
        object: &str,
    ) -> Result<Value, Problem> {
        let mut document = Map::new();
        let (set, known): (Vec<_>, Vec<_>) =
            values.into_iter().partition(|(field, _)| self.settings.contains_key(field));
        for (field, value) in set {
            let place = self.settings.get(&field).map(String::as_str).unwrap_or_default();
            if !put(&mut document, place, value) {
                let at = format!("/fields/{}", field.replace('~', "~0").replace('/', "~1"));
                let message = format!(
                    "`{place}` is in the way of another field's place, or inside of it: give each \
                     field a place of its own"
                );
                return Err(Problem::at(at, message));
            }
        }
        for (field, value) in known {
            let Some(place) = self.known.get(&field) else { continue };
            let place = place.trim_start_matches('?');
            let place = match place.strip_prefix('/').and_then(|rest| rest.split_once('/')) {
                Some((OBJECT, rest)) => format!("/{object}/{rest}"),
                _ => place.to_owned(),
            };
            put(&mut document, &place, value);
        }
        Ok(Value::Object(document))
    }
}

/// Puts a value at a name or a JSON Pointer. False if something is there, or on the way.
fn put(document: &mut Map<String, Value>, place: &str, value: Value) -> bool {
    let Some(pointer) = place.strip_prefix('/') else {
        return insert(document, place, value);
    };
    let mut keys: Vec<String> =
        pointer.split('/').map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
    let Some(last) = keys.pop() else { return false };
    let mut at = document;
    for key in keys {
        let next = at.entry(key).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(next) = next else { return false };
        at = next;
    }
    insert(at, &last, value)
}

fn insert(object: &mut Map<String, Value>, key: &str, value: Value) -> bool {
    let is_free = !object.contains_key(key);
    if is_free {
        object.insert(key.to_owned(), value);
    }
    is_free
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookwright_sdk::serde_json::json;

    #[test]
    fn names_and_pointers() {
        let mut document = Map::new();
        assert!(put(&mut document, "a/b", json!(1)));
        assert!(put(&mut document, "/c/d~1e", json!(2)));
        assert!(put(&mut document, "/c/0", json!(3)));
        assert!(!put(&mut document, "/c", json!(4)));
        assert!(!put(&mut document, "/c/0/x", json!(5)));
        assert_eq!(Value::Object(document), json!({"a/b": 1, "c": {"d/e": 2, "0": 3}}));
    }
}
