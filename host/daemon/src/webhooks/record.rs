//! A webhook or a policy, as it is shown.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// Fields in the order of the document. What a record has not is not in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record(Vec<(&'static str, Value)>);

impl Record {
    /// Adds a field, if it has a value.
    pub(super) fn put<T: Into<Value>>(&mut self, field: &'static str, value: Option<T>) {
        self.0.extend(value.map(|value| (field, value.into())));
    }

    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == field).map(|(_, value)| value)
    }

    /// Only those of these fields that it has.
    pub(super) fn some_of(&self, fields: &[&str]) -> Self {
        let shown = self.0.iter().filter(|(field, _)| fields.contains(field));
        Self(shown.cloned().collect())
    }

    /// All these fields, as somebody asks for them; null where it has none.
    pub(super) fn all_of(&self, fields: &[&'static str]) -> Self {
        let value = |field| self.get(field).cloned().unwrap_or_default();
        Self(fields.iter().map(|field| (*field, value(field))).collect())
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, value) in &self.0 {
            map.serialize_entry(field, value)?;
        }
        map.end()
    }
}
