//! Whether the description has the fields that are read and shown, and no others.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::IntoParams;
use utoipa::openapi::path::Parameter;

use super::*;
use crate::registry::Snapshot;
use crate::webhooks::fields::{self, Fields};
use crate::webhooks::listing::Listing;
use crate::webhooks::policies;
use crate::webhooks::show::WEBHOOKS;

fn properties(schema: &str) -> BTreeSet<String> {
    let schemas = schemas();
    let properties = schemas[schema]["properties"].as_object();
    properties.unwrap_or_else(|| panic!("{schema}")).keys().cloned().collect()
}

#[test]
fn a_listing_shows_what_is_described() {
    let fields = |listing: &Listing| -> BTreeSet<String> {
        listing.fields.iter().map(|(field, _)| (*field).to_owned()).collect()
    };
    assert_eq!(properties("ListedWebhook"), fields(&WEBHOOKS));
    assert_eq!(properties("ListedWebhookPolicy"), fields(&policies::POLICIES));
}

/// What is described is known, and what is known is described.
#[test]
fn documents_have_the_fields_that_are_read() {
    let unknown = "there is no such field";
    let snapshot = Snapshot::default();
    let read = |name: &str| {
        let document = Map::from_iter([(name.to_owned(), json!([7]))]);
        let problem = Fields::read(&document, &snapshot).err();
        problem.map_or_else(String::new, |problem| problem.errors()[0].detail.clone())
    };
    for name in properties("WebhookChange") {
        assert!(!read(&name).contains(unknown), "{name}");
    }
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split([',', ' ']).filter(|word| !matches!(*word, "" | "and"));
        words.map(str::to_owned).collect()
    };
    let told = read("colour");
    let (_, writable) = told.split_once("there are ").unwrap();
    let mut known = words(writable);
    known.extend(fields::READ_ONLY.map(str::to_owned));
    known.extend(["webhook_policy_id", "description_attachments"].map(str::to_owned));
    assert_eq!(properties("WebhookChange"), known);
    assert_eq!(properties("NewWebhook"), known);
}

#[test]
fn examples_of_queries_are_understood() {
    fn try_all(listing: &Listing, parameters: Vec<Parameter>) {
        let parameters = serde_json::to_value(parameters).unwrap();
        let mut tried = 0;
        for parameter in parameters.as_array().unwrap() {
            let name = parameter["name"].as_str().unwrap();
            let mut values = vec![parameter["example"].clone()];
            let schema = &parameter["schema"];
            for choices in [&schema["enum"], &schema["items"]["enum"]] {
                values.extend(choices.as_array().into_iter().flatten().cloned());
            }
            values.extend(["minimum", "maximum"].iter().map(|bound| schema[*bound].clone()));
            for value in values.iter().filter(|value| !value.is_null()) {
                let text = match value {
                    Value::String(text) => text.clone(),
                    Value::Array(items) => items[0].as_str().unwrap().to_owned(),
                    other => other.to_string(),
                };
                let mut query = form_urlencoded::Serializer::new(String::new());
                let query = query.append_pair(name, &text).finish();
                assert!(listing.read(&query).is_ok(), "{query}");
                tried += 1;
            }
        }
        assert!(tried > 20, "{tried}");
    }
    try_all(&WEBHOOKS, WebhookQuery::into_params(|| None));
    try_all(&policies::POLICIES, PolicyQuery::into_params(|| None));
}
