//! Whatever is posted, there is an answer.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use any_document::{json_value, with_nth};
use common::{SAMPLES, bare, data, parse, post, token};
use hookwright_sdk::Inbound;
use hookwright_sdk::serde_json::json;
use hookwright_sdk::ticket::TicketEvent;
use proptest::prelude::*;

/// Parses, and checks what must hold of every event.
fn check(inbound: &Inbound) {
    let first = parse(inbound, json!({"url": "https://help.example.com"}));
    assert_eq!(first, parse(inbound, json!({"url": "https://help.example.com"})));
    for event in first.into_iter().flatten() {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let (noun, verb) = event.event_type.split_once('.').unwrap();
        for part in [noun, verb] {
            assert!(!part.is_empty() && part.bytes().all(fits), "{}", event.event_type);
        }
        assert!(event.event_type.len() <= 128);
        let read = TicketEvent::read(&event.data).unwrap();
        assert_eq!(read.ticket.id, event.subject);
        assert_eq!(read.origin.event, event.upstream_name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(body in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&bare(&body));
        check(&bare(&token(&body)));
    }

    #[test]
    fn any_token(text in "[A-Za-z0-9_.-]{0,60}", event in any::<String>()) {
        check(&bare(json!({ "jwt": text }).to_string().as_bytes()));
        check(&bare(json!({ "event": event }).to_string().as_bytes()));
    }

    #[test]
    fn samples_with_broken_bytes(
        sample in prop::sample::select(&SAMPLES[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
    ) {
        let mut inbound = post(&data(sample));
        for (place, byte) in changes {
            let place = place.index(inbound.body.len());
            inbound.body[place] = byte;
        }
        check(&inbound);
        inbound.body.truncate(end.index(inbound.body.len()));
        check(&inbound);
    }

    #[test]
    fn samples_with_other_values(
        sample in prop::sample::select(&SAMPLES[..]),
        nth in 0_usize..40,
        value in json_value(),
    ) {
        let mut document = data(sample);
        document["body"] = with_nth(document["body"].take(), nth, &value);
        check(&post(&document));
        let claims = json!({ "iat": value, "jti": value, "data": document["body"] });
        check(&bare(&token(claims.to_string().as_bytes())));
    }

    #[test]
    fn any_link(link in "[<>;,=\" a-z/:0-9]{0,80}", id in any::<u32>()) {
        let mut sample = data("note-added");
        sample["body"]["object_id"] = json!(id);
        sample["headers"]["link"] = json!(link);
        check(&post(&sample));
    }
}
