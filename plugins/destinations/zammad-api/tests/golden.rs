//! Requests to Zammad's REST API and its answers. Each case is a file in `data/` and names the
//! public document that it is from.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../../sdk/testing/api.rs"]
mod api;

use api::{add_comment, body, common, golden, set_field, shown, transform};
use destination_zammad_api::ZammadApi;
use hookwright_sdk::Event;
use hookwright_sdk::serde_json::{Value, from_str, json};
use proptest::prelude::*;

fn settings() -> Value {
    json!({"base_url": "https://zammad.example.com"})
}

#[test]
fn the_documents_cases() {
    golden::<ZammadApi>(4);
}

#[test]
fn what_all_connections_do() {
    common::<ZammadApi>(&settings(), "/api/v1");
}

#[test]
fn a_path_in_the_address_is_kept() {
    let set = json!({"base_url": "https://example.com/zammad/"});
    let request = transform::<ZammadApi>(&set_field("title", &json!("x")), &set).unwrap();
    assert_eq!(shown(&request.url), "https://example.com/zammad/api/v1/tickets/81");
}

#[test]
fn an_id_that_is_no_number_is_left_to_zammad() {
    let subject = Some("a-1".to_owned());
    let event = Event { subject, ..add_comment("x", "public") };
    let request = transform::<ZammadApi>(&event, &settings()).unwrap();
    assert_eq!(from_str::<Value>(body(&request)).unwrap()["ticket_id"], "a-1");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_comment_comes_back(text in any::<String>()) {
        prop_assume!(!text.trim().is_empty());
        let request = transform::<ZammadApi>(&add_comment(&text, "internal"), &settings()).unwrap();
        let sent: Value = from_str(body(&request)).unwrap();
        prop_assert_eq!(&sent["body"], &text);
        prop_assert_eq!(&sent["internal"], true);
    }

    #[test]
    fn every_field_comes_back(name in "\\PC{1,40}", value in any::<String>()) {
        prop_assume!(!name.trim().is_empty());
        let event = set_field(&name, &json!(value));
        let request = transform::<ZammadApi>(&event, &settings()).unwrap();
        prop_assert_eq!(from_str::<Value>(body(&request)).unwrap(), json!({ name: value }));
    }
}
