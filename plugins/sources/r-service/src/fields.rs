//! Reading what is known out of an object, so that the rest of it can be kept.

use hookwright_sdk::Problem;
use hookwright_sdk::serde_json::{Map, Value};

/// An object of a document, and where it stands there.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    /// A JSON Pointer.
    at: String,
    map: Map<String, Value>,
}

impl Fields {
    pub(crate) fn new(at: impl Into<String>, map: Map<String, Value>) -> Self {
        Self { at: at.into(), map }
    }

    /// The text of a field. Ids come as numbers; nothing and an empty text are the same.
    pub(crate) fn text(&self, key: &str) -> Result<Option<String>, Problem> {
        let text = match self.map.get(key) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(truth)) => truth.to_string(),
            Some(other) => return Err(self.wrong(key, other, "text or a number")),
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// The text of a field, which is then no longer part of the rest.
    pub(crate) fn take_text(&mut self, key: &str) -> Result<Option<String>, Problem> {
        let text = self.text(key)?;
        self.map.remove(key);
        Ok(text)
    }

    /// An object within this one.
    pub(crate) fn object(&self, key: &str) -> Result<Option<Self>, Problem> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(map)) => Ok(Some(Self::new(self.place(key), map.clone()))),
            Some(other) => Err(self.wrong(key, other, "an object")),
        }
    }

    /// The value of a field as it is, which is then no longer part of the rest.
    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        self.map.remove(key).filter(|value| !value.is_null())
    }

    /// Whether there is such a field, even if there is nothing in it.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// Where a field stands.
    pub(crate) fn place(&self, key: &str) -> String {
        format!("{}/{key}", self.at)
    }

    /// What has not been taken.
    pub(crate) fn rest(self) -> Map<String, Value> {
        self.map
    }

    fn wrong(&self, key: &str, found: &Value, expected: &str) -> Problem {
        Problem::at(self.place(key), format!("{}; expected {expected}", kind(found)))
    }
}

/// What a value is, for a message.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
