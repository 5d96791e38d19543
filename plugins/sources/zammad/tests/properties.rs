//! Whatever is posted, there is an answer, and it is always the same one.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use any_document::{json_value, with_nth};
use hookwright_sdk::serde_json;
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::ticket::TicketEvent;
use hookwright_sdk::{Inbound, Source};
use proptest::prelude::*;
use source_zammad::{Settings, Zammad};

const SEED: &str = include_str!("../../../../tests/data/seeds/001-zammad.json");

/// Knows the sample's times, so that the sample itself is read.
fn host() -> FakeHost {
    let times = [
        ("2020-11-13T14:34:35.318Z", 1_605_278_075_318),
        ("2020-11-13T14:34:35.333Z", 1_605_278_075_333),
        ("2020-11-13T14:34:36.000Z", 1_605_278_076_000),
        ("2020-11-13T10:00:00.000Z", 1_605_261_600_000),
    ];
    let times = times.map(|(text, time)| (text.to_owned(), time)).to_vec();
    FakeHost { times, ..FakeHost::default() }
}

/// Parses, and checks what must hold of every event. Says whether it could be read.
fn check(body: &[u8], trigger: &str) -> bool {
    let inbound = Inbound {
        method: "POST".into(),
        query: Vec::new(),
        headers: vec![("x-zammad-trigger".into(), trigger.as_bytes().to_vec())],
        body: body.to_vec(),
    };
    let parse = || Zammad::parse(&inbound, &Settings::default(), &host());
    let first = parse();
    assert_eq!(first, parse());
    let read = first.is_ok();
    for event in first.into_iter().flatten() {
        let (noun, verb) = event.event_type.split_once('.').unwrap();
        assert!(!noun.is_empty() && !verb.is_empty() && event.event_type.is_ascii());
        let read = TicketEvent::read(&event.data).unwrap();
        assert_eq!(read.ticket.id, event.subject);
        // A few times what was posted, whatever that was.
        assert!(event.data.len() <= 4_096 + 8 * body.len());
    }
    read
}

#[test]
fn the_sample_itself_is_read() {
    assert!(check(SEED.as_bytes(), ""));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(body in prop::collection::vec(any::<u8>(), 0..512)) {
        check(&body, "");
    }

    #[test]
    fn the_sample_with_anything_anywhere(
        place in 0_usize..220,
        with in json_value(),
        trigger in any::<String>(),
    ) {
        let document = serde_json::from_str(SEED).unwrap();
        let document = with_nth(document, place, &with);
        check(document.to_string().as_bytes(), &trigger);
    }

    #[test]
    fn the_sample_with_bytes_changed(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut body = SEED.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        check(&body, "");
    }
}
