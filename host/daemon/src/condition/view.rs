//! An event as conditions see it.

use std::borrow::Cow;

use hookwright_model::{Event, Timestamp};
use serde_json::Value as Json;

use super::value::Value;

/// An event and its body, which is read once for all conditions.
pub struct EventView<'e> {
    event: &'e Event,
    body: Result<Json, String>,
}

impl<'e> EventView<'e> {
    /// Reads the body.
    #[must_use]
    pub fn new(event: &'e Event) -> Self {
        let body = serde_json::from_str(&event.data);
        Self { event, body: body.map_err(|error| format!("the event's data: {error}")) }
    }

    /// Why conditions cannot look at the event.
    pub(super) fn unreadable(&self) -> Option<&str> {
        self.body.as_ref().err().map(String::as_str)
    }

    /// The group of the ticket, if it has one.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        self.body.as_ref().ok()?.pointer("/ticket/group")?.as_str()
    }

    /// A field of the variable `event`.
    pub(super) fn field(&self, name: &str) -> Value<'_> {
        let text = |text: &'e str| Value::Text(Cow::Borrowed(text));
        let optional = |value: Option<&'e str>| value.map_or(Value::Null, text);
        match name {
            // The id is the only thing here that is not text already.
            "id" => Value::Text(Cow::Owned(self.event.id.to_string())),
            "type" => text(self.event.event_type.as_str()),
            "source" => text(self.event.source.as_str()),
            "subject" => optional(self.event.subject.as_deref()),
            "occurred_at" => time(self.event.occurred_at),
            "received_at" => time(self.event.received_at),
            "upstream_name" => optional(self.event.upstream_name.as_deref()),
            "data_schema" => text(&self.event.data_schema),
            "data" => self.body.as_ref().map_or(Value::Null, Value::from),
            name => {
                let found = self.body.as_ref().ok().and_then(|body| body.get(name));
                found.map_or(Value::Null, Value::from)
            }
        }
    }
}

fn time(at: Timestamp) -> Value<'static> {
    jiff::Timestamp::from_millisecond(at.millis()).map_or(Value::Null, Value::Time)
}
