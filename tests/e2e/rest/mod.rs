//! The API as programs use it: one thing after the other, its versions, what can be sent again.

mod attempts;
mod examples;
mod lists;
mod once;
mod plugins;
mod things;
mod versions;

use hookwright_tests::{Answer, Api, Daemon, Sink};
use serde_json::{Value, json};

const MERGE: (&str, &str) = ("Content-Type", "application/merge-patch+json");

fn send(api: &Api, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    api.try_send(method, path, headers, body.as_bytes()).unwrap()
}

fn put(api: &Api, path: &str, body: &Value) -> Answer {
    send(api, "PUT", path, &[], body)
}

fn patch(api: &Api, path: &str, body: &Value) -> Answer {
    send(api, "PATCH", path, &[MERGE], body)
}

fn delete(api: &Api, path: &str) -> Answer {
    send(api, "DELETE", path, &[], &Value::Null)
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// A daemon with the plugin that does as its events say, installed.
fn start() -> Daemon {
    let daemon = Daemon::start();
    daemon.apply("[[plugin]]\nfile = \"target/plugins/misbehave.wasm\"", &[]);
    daemon
}

fn subscription(name: &str, sink: &Sink) -> Value {
    json!({
        "name": name, "events": [format!("test.{name}")], "plugin": "misbehave",
        "settings": {"url": sink.url("/")},
    })
}
