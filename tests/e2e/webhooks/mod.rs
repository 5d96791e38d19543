//! R-Service's Webhooks API, as its document has it.

mod access;
mod events;
mod examples;
mod fields;
mod identity;
mod listing;
mod policies;
mod way;

use hookwright_tests::{Answer, Api, Daemon};
use serde_json::{Value, json};

/// The document's examples.
fn document() -> Value {
    serde_json::from_str(include_str!("../../data/r-service-webhooks-api.json")).unwrap()
}

/// A daemon that can call webhooks.
fn start() -> Daemon {
    let daemon = Daemon::start();
    install(&daemon);
    daemon
}

fn install(daemon: &Daemon) {
    daemon.apply("[[plugin]]\nfile = \"target/plugins/destination-r-service.wasm\"\n", &[]);
}

fn patch(api: &Api, path: &str, document: &Value) -> Answer {
    let headers = [("Content-Type", "application/json")];
    api.try_send("PATCH", path, &headers, document.to_string().as_bytes()).unwrap()
}

fn delete(api: &Api, path: &str) -> Answer {
    api.try_send("DELETE", path, &[], b"").unwrap()
}

/// Makes a webhook, and returns it.
fn create(api: &Api, document: &Value) -> Value {
    api.post_json("/webhooks", document).expect(200).json()
}

fn webhook(api: &Api, id: &Value) -> Value {
    api.get(&format!("/webhooks/{id}")).expect(200).json()
}

/// The subscription that a webhook is.
fn subscription(api: &Api, webhook: &Value) -> Value {
    let all = api.items("/v1/subscriptions");
    let found = all.into_iter().find(|one| one["settings"]["webhook_id"] == webhook["id"]);
    found.unwrap_or_else(|| panic!("{webhook}"))
}

/// What is wrong with which field.
fn wrong(answer: &Answer, field: &str) -> String {
    let problem = answer.problem(422);
    let errors = problem["errors"].as_array().unwrap();
    let pointer = format!("/{field}");
    let found = errors.iter().find(|error| error["pointer"] == pointer.as_str());
    let found = found.unwrap_or_else(|| panic!("{field}: {problem}"));
    let detail = found["detail"].as_str().unwrap();
    // R-Service's clients read this.
    let message = problem["message"].as_str().unwrap();
    assert!(message.contains(detail), "{problem}");
    detail.to_owned()
}

/// A webhook for this event at this address.
fn plain(event: &str, uri: &str) -> Value {
    json!({ "event": event, "uri": uri })
}
