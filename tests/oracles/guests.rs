//! Plugins made with other people's tools.

use std::process::Command;

use hookwright_tests::{Daemon, Sink, root};
use serde_json::json;

use crate::Test;
use crate::oracle::Oracle;

/// Run by its own command; there is no script.
const BUILDER: Oracle = Oracle::Node("", "componentize-qjs");

pub(crate) const TESTS: &[Test] = &[(
    "guests::a_plugin_in_javascript_delivers_and_its_exceptions_are_told",
    &[BUILDER],
    javascript,
)];

/// Builds `examples/plugins/javascript` as its README says.
fn build(to: &std::path::Path) {
    let example = root().join("examples/plugins/javascript/plugin.js");
    let status = Command::new(root().join("target/oracles/node_modules/.bin/componentize-qjs"))
        .args(["--sync", "--world", "destination", "--wit"])
        .arg(root().join("wit/1.0.0"))
        .arg("--js")
        .arg(example)
        .arg("--output")
        .arg(to)
        .stdout(std::process::Stdio::null())
        .status();
    assert!(status.unwrap().success());
}

fn javascript() {
    let dir = tempfile::tempdir().unwrap();
    let component = dir.path().join("chat.wasm");
    build(&component);
    let sink = Sink::start();
    let daemon = Daemon::start();
    let toml = format!(
        r#"
        [[secret]]
        name = "chat"
        env = "CHAT"
        [[plugin]]
        file = "{}"
        [[subscription]]
        name = "chat"
        events = ["ticket.*"]
        plugin = "chat-webhook"
        settings = {{ url = "{}" }}
        secrets = {{ token = "chat" }}
        "#,
        component.display(),
        sink.url("/chat"),
    );
    daemon.apply(&toml, &[("CHAT", "chat-token")]);
    let data = json!({
        "ticket": { "id": "81", "number": "67081", "title": "Принтер горит 🔥" },
        "comment": { "visibility": "public", "text": "\"quoted\"" },
        "origin": { "kind": "tests" },
    });
    let event = daemon.send("ticket.commented", &data);
    assert_eq!(daemon.ended(&event, "chat")["state"], "delivered");
    let got = sink.at("/chat").remove(0);
    assert_eq!(got.header("authorization").as_deref(), Some("Bearer chat-token"));
    let text = "ticket.commented: #67081 Принтер горит 🔥\n\"quoted\"";
    assert_eq!(got.json(), json!({ "text": text }));

    let event = daemon.send("ticket.created", &json!({ "ticket": { "id": "82" } }));
    let failed = daemon.ended(&event, "chat");
    assert_eq!(failed["state"], "failed");
    let reason = failed["reason"].as_str().unwrap();
    assert!(reason.contains("ticket 82 has no title"), "{reason}");
    assert!(reason.contains("chat-webhook 1.0.0"), "{reason}");
}
