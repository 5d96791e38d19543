//! Requests to the API v2 of HelpDeskEddy and its answers. Each case is a file in `data/` and
//! names the public document that it is from.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../../sdk/testing/api.rs"]
mod api;

use api::{add_comment, body, common, golden, set_field, shown, transform};
use destination_helpdeskeddy_api::HelpDeskEddyApi;
use hookwright_sdk::Failure;
use hookwright_sdk::serde_json::{Value, from_str, json};
use proptest::prelude::*;

fn settings() -> Value {
    json!({"base_url": "https://desk.helpdeskeddy.com"})
}

#[test]
fn the_documents_cases() {
    golden::<HelpDeskEddyApi>(5);
}

#[test]
fn what_all_connections_do() {
    common::<HelpDeskEddyApi>(&settings(), "/api/v2");
}

fn sent(name: &str, value: &Value, settings: &Value) -> Result<Value, Failure> {
    let request = transform::<HelpDeskEddyApi>(&set_field(name, value), settings)?;
    Ok(from_str(body(&request)).unwrap())
}

#[test]
fn fields_stand_where_the_api_takes_them() {
    for (name, expected) in [
        ("title", json!({"title": 7})),
        ("priority_id", json!({"priority_id": 7})),
        ("tags", json!({"tags": 7})),
        ("custom_field_12", json!({"custom_fields": {"12": 7}})),
        ("12", json!({"custom_fields": {"12": 7}})),
        ("custom_fields", json!({"custom_fields": 7})),
    ] {
        assert_eq!(sent(name, &json!(7), &settings()).unwrap(), expected);
    }
    for value in [json!(null), json!("a \"b\""), json!([1, 2]), json!({"a": [true]})] {
        let expected = json!({"custom_fields": {"3": value}});
        assert_eq!(sent("custom_field_3", &value, &settings()).unwrap(), expected);
    }
}

#[test]
fn fields_that_would_be_lost_are_refused() {
    for name in ["state", "custom_field_", "custom_field_x", "custom_field_1_2", "Title", "-1", "٣"]
    {
        match sent(name, &json!(1), &settings()) {
            Err(Failure::Rejected(reason)) => {
                assert!(reason.contains(&format!("`{name}` is no field")), "{reason}");
                assert!(reason.contains("status_id") && reason.contains("`more_fields`"));
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    let more = json!({"base_url": "https://desk.helpdeskeddy.com", "more_fields": ["state"]});
    assert_eq!(sent("state", &json!(1), &more).unwrap(), json!({"state": 1}));
}

#[test]
fn a_path_in_the_address_is_kept() {
    let set = json!({"base_url": "https://example.com/desk/"});
    let request = transform::<HelpDeskEddyApi>(&add_comment("x", "public"), &set).unwrap();
    assert_eq!(shown(&request.url), "https://example.com/desk/api/v2/tickets/81/posts/");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_comment_comes_back(text in any::<String>()) {
        prop_assume!(!text.trim().is_empty());
        let set = json!({"base_url": "https://desk.helpdeskeddy.com", "user_id": 42});
        let request = transform::<HelpDeskEddyApi>(&add_comment(&text, "internal"), &set).unwrap();
        let form: Vec<_> = form_urlencoded::parse(body(&request).as_bytes()).into_owned().collect();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        prop_assert_eq!(form, [pair("text", &text), pair("user_id", "42")]);
    }

    #[test]
    fn every_name_is_refused_or_written(name in "(custom_field_)?[0-9a-z_]{1,12}") {
        match sent(&name, &json!("x"), &settings()) {
            Ok(sent) => {
                let number = name.strip_prefix("custom_field_").unwrap_or(&name);
                let as_custom = sent["custom_fields"][number] == "x";
                prop_assert!(sent[name.as_str()] == "x" || as_custom, "{}", sent);
            }
            Err(failure) => prop_assert!(matches!(failure, Failure::Rejected(_))),
        }
    }
}
