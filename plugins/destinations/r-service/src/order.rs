//! The order in which R-Service writes the fields of a webhook. What it has no place for comes
//! last, by its name.

use hookwright_sdk::serde_json::{Map, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};

const ENVELOPE: [&str; 14] = [
    "webhook_id",
    "webhook_nodeID",
    "account_id",
    "account",
    "custom_url",
    "name",
    "event",
    "object_id",
    "object_nodeID",
    "person_id",
    "person_nodeID",
    "person_name",
    "instance_name",
    "payload",
];

const PAYLOAD: [&str; 10] = [
    "audit_line_id",
    "audit_line_nodeID",
    "note_id",
    "note_nodeID",
    "source",
    "sourceID",
    "status",
    "previous_status",
    "team",
    "member",
];

/// A team or a member, and the account of one.
const NAMED: [&str; 6] = ["id", "nodeID", "name", "sourceID", "disabled", "account"];

/// An object, written in the order of its kind.
pub(crate) struct InOrder<'a> {
    object: &'a Map<String, Value>,
    order: &'static [&'static str],
}

impl<'a> InOrder<'a> {
    pub(crate) fn envelope(object: &'a Map<String, Value>) -> Self {
        Self { object, order: &ENVELOPE }
    }

    /// The order of what stands in a field.
    fn order_of(&self, key: &str) -> &'static [&'static str] {
        match key {
            "payload" if self.order == ENVELOPE => &PAYLOAD,
            "team" | "member" if self.order == PAYLOAD => &NAMED,
            "account" if self.order == NAMED => &NAMED,
            _ => &[],
        }
    }
}

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = self.order.iter().filter_map(|key| self.object.get_key_value(*key));
        let others = self.object.iter().filter(|(key, _)| !self.order.contains(&key.as_str()));
        let mut map = serializer.serialize_map(Some(self.object.len()))?;
        for (key, value) in known.chain(others) {
            match value {
                Value::Object(object) => {
                    map.serialize_entry(key, &Self { object, order: self.order_of(key) })?;
                }
                other => map.serialize_entry(key, other)?,
            }
        }
        map.end()
    }
}
