//! No post makes the plugin panic.

#![allow(clippy::unwrap_used, missing_docs)]

use hookwright_sdk::serde_json::{self, Value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{Inbound, Source};
use proptest::prelude::*;
use source_eddydesk::EddyDesk;

const SAMPLES: [&str; 6] = [
    include_str!("data/maxdev-new-message.json"),
    include_str!("data/bot-staff-reply.json"),
    include_str!("data/nested-with-settings.json"),
    include_str!("data/tags-xml.json"),
    include_str!("data/tags-form.json"),
    include_str!("data/broken-json.json"),
];

const CONTENT_TYPES: [&str; 5] =
    ["", "application/json", "application/xml", "application/x-www-form-urlencoded", "text/plain"];

/// The body of a sample, and the settings for it.
fn sample(text: &str) -> (Vec<u8>, Value) {
    let mut case: Value = serde_json::from_str(text).unwrap();
    let body = match case["post"]["body"].take() {
        Value::String(text) => text,
        other => other.to_string(),
    };
    (body.into_bytes(), case.get("settings").cloned().unwrap_or_else(|| json!({})))
}

/// Says whether the post was taken; what matters is that it comes to that.
fn parse(content_type: &str, query: &str, body: Vec<u8>, settings: Value) -> bool {
    let headers = vec![("content-type".to_owned(), content_type.as_bytes().to_vec())];
    let query = vec![("ticket_id".to_owned(), query.to_owned())];
    let inbound = Inbound { method: "POST".into(), query, headers, body };
    let settings = serde_json::from_value(settings).unwrap();
    match EddyDesk::parse(&inbound, &settings, &FakeHost::default()) {
        Ok(events) => {
            let data: Value = serde_json::from_str(&events[0].data).unwrap();
            assert!(data.is_object());
            assert!(events[0].event_type.starts_with("ticket."));
            true
        }
        Err(_) => false,
    }
}

fn content_type() -> impl Strategy<Value = &'static str> {
    prop::sample::select(CONTENT_TYPES.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(
        content_type in content_type(),
        body in prop::collection::vec(any::<u8>(), 0..300),
        query in any::<String>(),
        escapes in any::<bool>(),
    ) {
        parse(content_type, &query, body, json!({"template_escapes": escapes}));
    }

    #[test]
    fn arbitrary_text(content_type in content_type(), body in "[\\PC\n\"\\\\{}<>&=:,\\[\\]]{0,200}") {
        parse(content_type, "", body.into_bytes(), json!({}));
    }

    #[test]
    fn mutated_samples(
        sample_text in prop::sample::select(SAMPLES.to_vec()),
        content_type in content_type(),
        mutations in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 1..12),
    ) {
        let (mut body, settings) = sample(sample_text);
        for (place, how, byte) in mutations {
            if body.is_empty() {
                break;
            }
            let at = place.index(body.len());
            match how {
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                2 => drop(body.remove(at)),
                _ => body.truncate(at),
            }
        }
        parse(content_type, "1", body, settings);
    }
}

#[test]
fn samples_are_taken() {
    for text in SAMPLES {
        let (body, settings) = sample(text);
        assert!(parse("", "", body, settings));
    }
}
