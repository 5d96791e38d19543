//! The body of events in which the host tells of itself, schema `operation/1`: that a delivery
//! has failed for good, that a plugin is suspended. They are about no ticket.

use serde::Deserialize;

use crate::Event;

/// The name of the schema.
pub const SCHEMA: &str = "operation/1";

/// What happened to the host, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Operation {
    /// In one line.
    pub summary: String,
    /// Why, often in the words of a receiver.
    pub detail: Option<String>,
    /// A page of the host's console.
    pub url: Option<String>,
    /// How many like it were not told before.
    pub left_out: u64,
}

impl Operation {
    /// Reads an event; nothing if it does not tell of the host.
    ///
    /// # Errors
    /// When it should and cannot be read; the text says where and why.
    pub fn of(event: &Event) -> Result<Option<Self>, String> {
        if event.data_schema != SCHEMA {
            return Ok(None);
        }
        let read: Result<Self, _> = serde_json::from_str(&event.data);
        read.map(Some).map_err(|error| format!("the event is not an {SCHEMA}: {error}"))
    }

    /// All but the summary, for people; may be empty.
    #[must_use]
    pub fn text(&self) -> String {
        let more = (self.left_out > 0).then(|| format!("And {} more like this.", self.left_out));
        let parts = [self.detail.clone(), more].into_iter().flatten();
        parts.filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join("\n")
    }
}

/// Why an event is nothing for a receiver that knows tickets only, if it is not.
#[must_use]
pub fn skip(event: &Event) -> Option<String> {
    (event.data_schema == SCHEMA).then(|| {
        format!("the event `{}` tells of Hookwright itself, and of no ticket", event.event_type)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(data_schema: &str, data: &str) -> Event {
        Event {
            id: "evt_1".into(),
            source: "hookwright".into(),
            event_type: "plugin.suspended".into(),
            subject: None,
            occurred_at: 0,
            data_schema: data_schema.into(),
            data: data.into(),
        }
    }

    #[test]
    fn only_what_tells_of_the_host_is_read() {
        assert_eq!(Operation::of(&event("ticket/1", "{}")), Ok(None));
        assert_eq!(skip(&event("ticket/1", "{}")), None);
        let told = event(SCHEMA, r#"{"summary":"s","detail":"d","left_out":2,"new":{}}"#);
        let read = Operation::of(&told).unwrap().unwrap();
        assert_eq!((read.summary.as_str(), read.text()), ("s", "d\nAnd 2 more like this.".into()));
        assert!(skip(&told).unwrap().contains("`plugin.suspended`"));
        let error = Operation::of(&event(SCHEMA, r#"{"summary":7}"#)).unwrap_err();
        assert!(error.starts_with("the event is not an operation/1: "), "{error}");
    }
}
