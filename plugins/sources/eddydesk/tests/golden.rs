//! What EddyDesk's rules post becomes the events that the tables of the format report say.
//! Each case is a file in `data/` and names the document that its body comes from.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hookwright_sdk::serde_json::{self, Value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{Inbound, Source};
use serde::Deserialize;
use source_eddydesk::EddyDesk;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    document: String,
    #[serde(default)]
    settings: Option<Value>,
    /// What the host's clock says of local times.
    #[serde(default)]
    times: BTreeMap<String, u64>,
    post: Post,
    expected: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Post {
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    query: Vec<(String, String)>,
    #[serde(default)]
    content_type: Option<String>,
    /// A string stands for itself, everything else for its JSON.
    body: Value,
}

fn inbound(post: &Post) -> Inbound {
    let content_type = post.content_type.iter();
    let header = |value: &String| ("content-type".to_owned(), value.clone().into_bytes());
    Inbound {
        method: post.method.clone().unwrap_or_else(|| "POST".to_owned()),
        query: post.query.clone(),
        headers: content_type.map(header).collect(),
        body: match &post.body {
            Value::String(text) => text.clone().into_bytes(),
            other => other.to_string().into_bytes(),
        },
    }
}

/// All that comes of a post.
fn outcome(case: &Case) -> Value {
    let host = FakeHost { times: case.times.clone().into_iter().collect(), ..FakeHost::default() };
    let settings = case.settings.clone().unwrap_or_else(|| json!({}));
    let settings = serde_json::from_value(settings).unwrap();
    let mut events = EddyDesk::parse(&inbound(&case.post), &settings, &host)
        .unwrap_or_else(|rejection| panic!("{}: {rejection:?}", case.document));
    assert_eq!(events.len(), 1, "{}", case.document);
    let event = events.remove(0);
    assert_eq!(event.data_schema, "ticket/1");
    json!({
        "event_type": event.event_type,
        "subject": event.subject,
        "occurred_at": event.occurred_at,
        "upstream_name": event.upstream_name,
        "dedupe_key": event.dedupe_key,
        "log": *host.lines.borrow(),
        "data": serde_json::from_str::<Value>(&event.data).unwrap(),
    })
}

#[test]
fn the_documents_samples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case: Case = serde_json::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (found, expected) = (outcome(&case), &case.expected);
        assert!(
            found == *expected,
            "{} ({})\n--- found\n{found:#}\n--- expected\n{expected:#}",
            path.display(),
            case.document
        );
        count += 1;
    }
    assert_eq!(count, 18);
}
