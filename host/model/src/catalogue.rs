//! All event types there are, what helpdesks call them, and the schema of their bodies. The
//! data is in `catalogue`, one file for each document it comes from.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The JSON Schema of the body of events about tickets and other records, `ticket/1`.
pub const TICKET_SCHEMA: &str = include_str!("../catalogue/ticket-1.schema.json");

/// The JSON Schema of the body of events that ask for an address to be confirmed, `verify/1`.
pub const VERIFY_SCHEMA: &str = include_str!("../catalogue/verify-1.schema.json");

/// The JSON Schema of the body of events in which the host tells of itself, `operation/1`.
pub const OPERATION_SCHEMA: &str = include_str!("../catalogue/operation-1.schema.json");

const TYPES: &str = include_str!("../catalogue/types.json");
const EXAMPLES: &str = include_str!("../catalogue/examples.json");
const SOURCES: [&str; 5] = [
    include_str!("../catalogue/eddydesk.json"),
    include_str!("../catalogue/helpdeskeddy-channel.json"),
    include_str!("../catalogue/r-service.json"),
    include_str!("../catalogue/zammad.json"),
    include_str!("../catalogue/zenlix.json"),
];

/// A type of events.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct KnownType {
    /// Such as `ticket.created`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// For people.
    pub title: String,
    /// What it means.
    pub description: String,
    /// The name of the schema of its body.
    pub data_schema: String,
    /// The sources that can give it, with their own names for it.
    pub sources: BTreeMap<String, Vec<String>>,
    /// A body, if there is an example.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub example: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Types {
    types: Vec<TypeEntry>,
}

#[derive(Deserialize)]
struct TypeEntry {
    #[serde(rename = "type")]
    event_type: String,
    title: String,
    description: String,
    #[serde(default = "ticket")]
    data_schema: String,
}

fn ticket() -> String {
    "ticket/1".to_owned()
}

#[derive(Deserialize)]
struct SourceFile {
    source: String,
    events: Vec<SourceEvent>,
    /// Types that the source concludes from what happened, without a name for it.
    #[serde(default)]
    concluded: Vec<Concluded>,
}

#[derive(Deserialize)]
struct SourceEvent {
    upstream: String,
    #[serde(rename = "type")]
    event_type: String,
}

#[derive(Deserialize)]
struct Concluded {
    #[serde(rename = "type")]
    event_type: String,
}

/// All types, by name.
#[must_use]
pub fn types() -> &'static [KnownType] {
    static ALL: LazyLock<Vec<KnownType>> = LazyLock::new(|| {
        read().unwrap_or_else(|error| {
            // The data is part of the program, and a test reads it.
            debug_assert!(false, "the catalogue cannot be read: {error}");
            Vec::new()
        })
    });
    &ALL
}

fn read() -> serde_json::Result<Vec<KnownType>> {
    let Types { types } = serde_json::from_str(TYPES)?;
    let mut examples: BTreeMap<String, Box<RawValue>> = serde_json::from_str(EXAMPLES)?;
    let mut sources: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for text in SOURCES {
        let file: SourceFile = serde_json::from_str(text)?;
        for event in file.events {
            let of_type = sources.entry(event.event_type).or_default();
            of_type.entry(file.source.clone()).or_default().push(event.upstream);
        }
        for concluded in file.concluded {
            sources
                .entry(concluded.event_type)
                .or_default()
                .entry(file.source.clone())
                .or_default();
        }
    }
    let known = types.into_iter().map(|entry| KnownType {
        sources: sources.remove(&entry.event_type).unwrap_or_default(),
        example: examples.remove(&entry.event_type),
        title: entry.title,
        description: entry.description,
        data_schema: entry.data_schema,
        event_type: entry.event_type,
    });
    Ok(known.collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::EventType;

    #[test]
    fn the_data_is_whole() {
        let types = read().unwrap();
        let names: BTreeSet<_> = types.iter().map(|known| known.event_type.as_str()).collect();
        assert_eq!(names.len(), types.len(), "each type stands once");
        for name in &names {
            assert!(name.parse::<EventType>().is_ok(), "{name}");
        }
        // The closed list of ticket verbs; `other` stands for what has no verb.
        let verbs = names.iter().filter_map(|name| name.strip_prefix("ticket."));
        assert_eq!(verbs.clone().count(), 32, "{:?}", verbs.collect::<Vec<_>>());
        for text in SOURCES {
            let file: SourceFile = serde_json::from_str(text).unwrap();
            for event in file.events {
                assert!(names.contains(&*event.event_type), "{}", event.event_type);
            }
        }
        let examples: BTreeMap<String, Box<RawValue>> = serde_json::from_str(EXAMPLES).unwrap();
        assert!(examples.keys().all(|name| names.contains(&**name)));
        for known in &types {
            if known.event_type.starts_with("ticket.") {
                assert!(known.example.is_some(), "{} has no example", known.event_type);
            }
        }
    }

    /// How many names each document has: 12 events of Zenlix and four that its code knows
    /// besides, 12 of HelpDeskEddy's channel, 77 of R-Service and five newer ones.
    #[test]
    fn no_name_is_missing() {
        let counts = SOURCES.map(|text| {
            let file: SourceFile = serde_json::from_str(text).unwrap();
            let names: BTreeSet<_> = file.events.iter().map(|event| &event.upstream).collect();
            assert_eq!(names.len(), file.events.len(), "{}", file.source);
            (file.source, file.events.len())
        });
        let expected = [
            ("eddydesk", 17),
            ("helpdeskeddy-channel", 12),
            ("r-service", 82),
            ("zammad", 6),
            ("zenlix", 16),
        ];
        assert_eq!(counts, expected.map(|(name, count)| (name.to_owned(), count)));
    }
}
