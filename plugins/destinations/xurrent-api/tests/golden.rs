//! Requests to the REST API of R-Service, Xurrent and 4me, and its answers. Each case is a file
//! in `data/` and names the public document that it is from.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../../sdk/testing/api.rs"]
mod api;

use api::{Asked, add_comment, body, common, event, golden, set_field, shown, transform};
use destination_xurrent_api::XurrentApi;
use hookwright_sdk::Failure;
use hookwright_sdk::serde_json::{Value, from_str, json};
use proptest::prelude::*;

fn settings() -> Value {
    json!({"account": "widget"})
}

#[test]
fn the_documents_cases() {
    golden::<XurrentApi>(5);
}

#[test]
fn what_all_connections_do() {
    common::<XurrentApi>(&settings(), "/v1");
}

#[test]
fn a_path_in_the_address_is_kept() {
    let set = json!({"account": "widget", "base_url": "https://example.com/api/"});
    let request = transform::<XurrentApi>(&set_field("status", &json!("x")), &set).unwrap();
    assert_eq!(shown(&request.url), "https://example.com/api/v1/requests/81");
}

#[test]
fn only_requests_are_written_to() {
    let of = |url: Value| {
        transform::<XurrentApi>(
            &event(&Asked {
                event_type: "connection.add_comment".into(),
                subject: Some("81".into()),
                data: json!({
                    "ticket": {"id": "81", "url": url},
                    "comment": {"text": "x", "visibility": "internal"}
                }),
            }),
            &settings(),
        )
    };
    for good in [
        json!(null),
        json!("https://widget.example.com/requests/81"),
        json!("https://widget.example.com/self-service/requests/81/?a=problems/81"),
        json!("https://widget.example.com/problems/7"),
        json!("81"),
        json!(""),
    ] {
        assert!(of(good.clone()).is_ok(), "{good}");
    }
    for kind in ["problems", "tasks", "workflows"] {
        match of(json!(format!("https://widget.example.com/{kind}/81#notes"))) {
            Err(Failure::Rejected(reason)) => {
                assert!(reason.starts_with("/ticket/url: "), "{reason}");
                assert!(reason.contains(&format!("`{kind}`")), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_comment_comes_back(text in any::<String>()) {
        prop_assume!(!text.trim().is_empty());
        for (visibility, field) in [("internal", "internal_note"), ("public", "note")] {
            let event = add_comment(&text, visibility);
            let request = transform::<XurrentApi>(&event, &settings()).unwrap();
            prop_assert_eq!(from_str::<Value>(body(&request)).unwrap(), json!({ field: text }));
        }
    }

    #[test]
    fn every_field_comes_back(name in "[a-z_.]{1,40}", value in any::<String>()) {
        let event = set_field(&name, &json!(value));
        let request = transform::<XurrentApi>(&event, &settings()).unwrap();
        let sent: Value = from_str(body(&request)).unwrap();
        match name.strip_prefix("custom_fields.").filter(|id| !id.is_empty()) {
            Some(id) => {
                prop_assert_eq!(&sent, &json!({"custom_fields": [{"id": id, "value": value}]}));
            }
            None => prop_assert_eq!(sent, json!({ name: value })),
        }
    }
}
