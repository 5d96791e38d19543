//! Who may do what, and who did.

mod audit;
mod roles;
mod users;

use hookwright_tests::{Api, Daemon};
use serde_json::{Value, json};

/// A client with a token that has these roles.
fn with_roles(daemon: &Daemon, roles: &[&str]) -> Api {
    let wanted = json!({ "name": roles.join("-"), "roles": roles });
    let created = daemon.api().post_json("/v1/tokens", &wanted).expect(201).json();
    daemon.api().with_token(created["secret"].as_str().unwrap())
}

/// Entries of the audit log, oldest first.
fn audit(daemon: &Daemon, query: &str) -> Vec<Value> {
    let mut entries = daemon.api().items(&format!("/v1/audit?limit=500&{query}"));
    entries.reverse();
    entries
}

fn send(api: &Api, method: &str, path: &str, document: &Value) -> hookwright_tests::Answer {
    let kind = [("Content-Type", "application/json")];
    api.try_send(method, path, &kind, document.to_string().as_bytes()).unwrap()
}
