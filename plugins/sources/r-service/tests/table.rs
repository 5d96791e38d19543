//! Every event that R-Service knows has its canonical type.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::collections::BTreeMap;

use common::{data, event};
use hookwright_sdk::serde_json::{Value, from_str, json};

/// What is served to people, kept with the model.
const CATALOGUE: &str = include_str!("../../../../host/model/catalogue/r-service.json");

fn expected() -> BTreeMap<String, String> {
    let table = data("events");
    let of = |part: &str| table[part].as_object().unwrap().clone();
    assert_eq!((of("seed").len(), of("current").len()), (77, 5));
    let both = of("seed").into_iter().chain(of("current"));
    both.map(|(name, found)| (name, found.as_str().unwrap().to_owned())).collect()
}

#[test]
fn every_event_has_its_type() {
    let mut seen = 0;
    for (upstream, canonical) in expected() {
        if upstream == "webhook.verify" {
            // The host's own; see `nothing_happens_on_verification`.
            continue;
        }
        let mut sample = data("note-added");
        sample["body"]["event"] = json!(upstream);
        let (found, body) = event(&sample);
        assert_eq!(found.event_type, canonical, "{upstream}");
        assert_eq!(found.upstream_name.as_deref(), Some(upstream.as_str()));
        assert_eq!(body["origin"]["event"], upstream);
        let commented = canonical.ends_with(".commented");
        assert_eq!(body.get("comment").is_some(), commented, "{upstream}");
        seen += 1;
    }
    assert_eq!(seen, 81);
}

#[test]
fn the_catalogue_says_the_same() {
    let catalogue: Value = from_str(CATALOGUE).unwrap();
    let rows = catalogue["events"].as_array().unwrap().iter();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows: BTreeMap<_, _> = rows.map(|row| (text(row, "upstream"), text(row, "type"))).collect();
    assert_eq!(rows, expected());
}

#[test]
fn unknown_events_keep_their_name_and_payload() {
    for (upstream, canonical) in [
        ("request.archive", "ticket.other"),
        ("survey.create", "survey.other"),
        ("Й", "ticket.other"),
    ] {
        for payload in [json!({"status": "odd", "team": 7}), json!("text"), json!([null])] {
            let mut sample = data("note-added");
            sample["body"]["event"] = json!(upstream);
            sample["body"]["payload"] = payload.clone();
            let (found, body) = event(&sample);
            assert_eq!(found.event_type, canonical);
            assert_eq!(found.upstream_name.as_deref(), Some(upstream));
            assert_eq!(body["ticket"]["fields"]["payload"], payload);
        }
    }
}
