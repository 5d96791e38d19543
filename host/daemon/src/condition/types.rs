//! What a condition can ask of an event, and of what type it is: the envelope, and the body
//! after the published schema.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use serde_json::Value as Json;

/// The type of a part of a condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    /// Known only with the event: custom fields, and what is computed of them.
    Dyn,
    Null,
    Bool,
    Int,
    Double,
    Text,
    Time,
    Duration,
    List(Arc<Type>),
    /// An object with fields of its own choice.
    Map,
    Record(Arc<Record>),
}

/// An object whose fields are known.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// In the schema's words: `ticket`, `person`.
    pub(super) name: String,
    pub(super) fields: BTreeMap<String, Type>,
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Type {
    /// Whether values of the two can be equal or ordered.
    pub(super) fn comparable(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dyn | Self::Null, _) | (_, Self::Dyn | Self::Null) => true,
            (Self::List(a), Self::List(b)) => a.comparable(b),
            (Self::Map, Self::Record(_)) | (Self::Record(_), Self::Map) => true,
            (a, b) => a == b || (a.is_number() && b.is_number()),
        }
    }

    /// The type of what is one or the other.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Null, known) | (known, Self::Null) => known,
            (a, b) if a.is_number() && b.is_number() => Self::Double,
            _ => Self::Dyn,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Double)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dyn => "of any type",
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Int | Self::Double => "a number",
            Self::Text => "text",
            Self::Time => "a time",
            Self::Duration => "a duration",
            Self::List(_) => "a list",
            Self::Map | Self::Record(_) => "an object",
        })
    }
}

/// What the variable `event` is.
pub(super) fn event() -> Type {
    Type::Record(Arc::clone(&EVENT))
}

/// The fields of the envelope; the body's stand beside them.
const ENVELOPE: [(&str, Type); 9] = [
    ("id", Type::Text),
    ("type", Type::Text),
    ("source", Type::Text),
    ("subject", Type::Text),
    ("occurred_at", Type::Time),
    ("received_at", Type::Time),
    ("upstream_name", Type::Text),
    ("data_schema", Type::Text),
    // The whole body, for events with a schema of their own.
    ("data", Type::Dyn),
];

static EVENT: LazyLock<Arc<Record>> = LazyLock::new(|| {
    let text = include_str!("../../../model/catalogue/ticket-1.schema.json");
    // It is part of the program; a test holds that it can be read.
    let schema: Json = serde_json::from_str(text).unwrap_or_default();
    let mut fields = record(&schema, &schema, "event").fields;
    fields.extend(ENVELOPE.map(|(name, of)| (name.to_owned(), of)));
    if let Some(Type::Record(comment)) = fields.get("comment") {
        let mut with = comment.fields.clone();
        // What is asked most of a comment, and easily mistyped.
        with.insert("internal".to_owned(), Type::Bool);
        let comment = Record { name: comment.name.clone(), fields: with };
        fields.insert("comment".to_owned(), Type::Record(Arc::new(comment)));
    }
    Arc::new(Record { name: "event".to_owned(), fields })
});

fn record(root: &Json, schema: &Json, name: &str) -> Record {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let fields = properties.map(|(name, schema)| (name.clone(), of_schema(root, schema, name)));
    Record { name: name.to_owned(), fields: fields.collect() }
}

fn of_schema(root: &Json, schema: &Json, name: &str) -> Type {
    if let Some(pointer) = schema["$ref"].as_str().and_then(|link| link.strip_prefix('#')) {
        let name = pointer.rsplit('/').next().unwrap_or(name);
        return root.pointer(pointer).map_or(Type::Dyn, |schema| of_schema(root, schema, name));
    }
    match schema["type"].as_str() {
        Some("string") => Type::Text,
        Some("integer") => Type::Int,
        Some("number") => Type::Double,
        Some("boolean") => Type::Bool,
        Some("array") => Type::List(Arc::new(of_schema(root, &schema["items"], name))),
        Some("object") if schema["properties"].is_object() => {
            Type::Record(Arc::new(record(root, schema, name)))
        }
        Some("object") => Type::Map,
        None if schema["enum"][0].is_string() => Type::Text,
        _ => Type::Dyn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Type {
        path.split('.').fold(event(), |of, field| match of {
            Type::Record(record) => record.fields[field].clone(),
            Type::List(of) => (*of).clone(),
            other => panic!("{path}: {other}"),
        })
    }

    #[test]
    fn the_schema_is_read() {
        assert_eq!(at("ticket.priority"), Type::Text);
        assert_eq!(at("ticket.tags"), Type::List(Arc::new(Type::Text)));
        assert_eq!(at("ticket.assignees.0.email"), Type::Text);
        assert_eq!(at("ticket.fields"), Type::Map);
        assert_eq!(at("comment.attachments.0.size"), Type::Int);
        assert_eq!(at("comment.visibility"), Type::Text);
        assert_eq!(at("comment.internal"), Type::Bool);
        assert_eq!(at("occurred_at"), Type::Time);
        assert_eq!(at("changes.0.to"), Type::Text);
        assert_eq!(at("origin.kind"), Type::Text);
    }
}
