//! What is not tried for now because it only fails: destinations, plugins, subscriptions.

mod destinations;
mod disabling;
mod suspension;

use hookwright_tests::Daemon;
use serde_json::{Value, json};

/// A destination that does not read answers.
fn zammad(name: &str, url: &str, more: &str) -> String {
    format!(
        r#"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"

        [[subscription]]
        name = "{name}"
        events = ["ticket.{name}"]
        plugin = "zammad"
        settings = {{ url = "{url}" }}
        preset = "none"
        {more}
        "#
    )
}

fn send(daemon: &Daemon, name: &str) -> String {
    daemon.send(&format!("ticket.{name}"), &json!({"ticket": {"id": "1", "title": "Hello"}}))
}

/// Long enough that no try but the first is made while a test runs.
const ONE_TRY: &str = "retry = { waits_s = [3600] }";

fn pending(daemon: &Daemon, name: &str) -> Vec<Value> {
    daemon.deliveries(&format!("subscription={name}&state=pending"))
}
