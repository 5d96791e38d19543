//! What the tests share.

#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_sdk::serde_json::{Value, from_str, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{Inbound, ParsedEvent, Rejection, Source};
use source_r_service::{RService, Settings};

/// A file of `tests/data`: which document it comes from, headers and body.
pub fn data(name: &str) -> Value {
    let path = format!("{}/tests/data/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The documents' own samples, and those made after them.
pub const SAMPLES: [&str; 10] = [
    "app-instance-create",
    "automation-rule",
    "note-added",
    "note-added-signed",
    "out-of-office-delete",
    "problem-update",
    "secrets-update",
    "status-changed",
    "time-entry-create",
    "verify",
];

/// A sample, as it is posted.
pub fn post(sample: &Value) -> Inbound {
    let headers = sample["headers"].as_object().unwrap().iter();
    let headers = headers
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().as_bytes().to_vec()))
        .collect();
    Inbound { headers, ..bare(sample["body"].to_string().as_bytes()) }
}

/// A post without headers.
pub fn bare(body: &[u8]) -> Inbound {
    Inbound { method: "POST".into(), query: Vec::new(), headers: Vec::new(), body: body.to_vec() }
}

/// A host that knows the times of the samples.
pub fn host() -> FakeHost {
    let times = [
        ("2016-03-17T16:36:11-06:00", 1_458_254_171_000),
        ("2016-03-17T17:09:18-06:00", 1_458_256_158_000),
        ("2016-03-17 16:36:11", 1_458_232_571_000),
        ("2026-04-01T08:00:00Z", 1_775_030_400_000),
        ("2026-04-02T08:00:00Z", 1_775_116_800_000),
    ];
    let times = times.map(|(text, time)| (text.to_owned(), time)).to_vec();
    FakeHost { times, ..FakeHost::default() }
}

/// What the plugin makes of a post.
pub fn parse(inbound: &Inbound, set: Value) -> Result<Vec<ParsedEvent>, Rejection> {
    let settings: Settings = hookwright_sdk::serde_json::from_value(set).unwrap();
    RService::parse(inbound, &settings, &host())
}

/// The one event of a sample, and its body.
pub fn event(sample: &Value) -> (ParsedEvent, Value) {
    let mut events = parse(&post(sample), json!({})).unwrap();
    assert_eq!(events.len(), 1);
    let event = events.remove(0);
    let data = from_str(&event.data).unwrap();
    (event, data)
}

/// Why a post is refused.
pub fn refusal(body: &[u8]) -> String {
    match parse(&bare(body), json!({})) {
        Err(Rejection::Malformed(problem)) => problem.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A body with a token of these claims, which nobody has signed.
pub fn token(claims: &[u8]) -> Vec<u8> {
    let [header, claims, signature] =
        [&br#"{"alg":"ES256","typ":"JWT"}"#[..], claims, b"signature"]
            .map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
    json!({"jwt": format!("{header}.{claims}.{signature}")}).to_string().into_bytes()
}
