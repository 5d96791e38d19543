//! Plugins that are suspended because they trap.

use hookwright_tests::{Daemon, Sink, component, until};
use serde_json::json;

use super::pending;
use crate::misbehave;

#[test]
fn a_plugin_that_traps_is_suspended_and_what_is_for_it_waits() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&misbehave("traps", &sink.url("/"), ""), &[]);
    for _ in 0..10 {
        let event = daemon.send("test.traps", &json!({"do": "panic"}));
        assert_eq!(daemon.ended(&event, "traps")["state"], "failed");
    }
    let events: Vec<_> =
        (0..20).map(|number| daemon.send("test.traps", &json!({"n": number}))).collect();
    let waiting = until("the others to wait", || {
        let all = pending(&daemon, "traps");
        (all.len() == 20 && all.iter().all(|one| one["reason"].is_string())).then_some(all)
    });
    let reason = waiting[0]["reason"].as_str().unwrap();
    for words in [
        "the plugin destination/misbehave 0.1.0",
        "is suspended: 10 calls in a row to make requests failed",
        "the last by trap: it aborted",
        "`hookwright plugin resume misbehave` lets all try",
    ] {
        assert!(reason.contains(words), "{reason}");
    }
    assert_eq!((sink.count(), waiting[0]["attempts"].as_u64()), (0, Some(0)));
    let list = String::from_utf8(daemon.cli(&["plugin", "list"]).stdout).unwrap();
    assert!(list.contains("everywhere since") && list.contains("trap: it aborted"), "{list}");
    let shown = daemon.api().items("/v1/plugins").remove(0);
    assert_eq!(shown["suspended"][0]["call"], "transform", "{shown}");
    let resumed = daemon.cli(&["plugin", "resume", "misbehave"]);
    assert!(resumed.status.success());
    assert!(String::from_utf8(resumed.stdout).unwrap().contains("is called again"));
    for event in &events {
        assert_eq!(daemon.ended(event, "traps")["state"], "delivered");
    }
    assert_eq!(sink.count(), 20);
    let again = daemon.cli(&["plugin", "resume", "misbehave"]);
    assert!(String::from_utf8(again.stdout).unwrap().contains("was not suspended"));
    let resume =
        |digest: &str| daemon.api().post(&format!("/v1/plugins/{digest}/resume"), &[], b"");
    for (digest, status) in [("0000".to_owned(), 400), ("0".repeat(64), 404)] {
        let problem = resume(&digest).problem(status);
        assert!(problem["detail"].as_str().unwrap().contains("digest"), "{problem}");
    }
}

#[test]
fn a_burst_of_traps_stops_soon() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&misbehave("burst", &sink.url("/"), ""), &[]);
    for _ in 0..100 {
        drop(daemon.send("test.burst", &json!({"do": "loop"})));
    }
    let waiting = until("most of them to wait", || {
        let all = daemon.deliveries("subscription=burst");
        let done = all.iter().all(|one| {
            one["state"] == "failed" || (one["state"] == "pending" && one["reason"].is_string())
        });
        (all.len() == 100 && done).then(|| pending(&daemon, "burst").len())
    });
    // As many as there are threads may have been at it when the tenth failed.
    let threads = 2 * std::thread::available_parallelism().unwrap().get();
    assert!(waiting + 10 + threads >= 100, "{waiting} wait");
}

#[test]
fn a_plugin_that_traps_at_reading_answers_is_suspended_too() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&misbehave("reads", &sink.url("/reads"), ""), &[]);
    for _ in 0..10 {
        let event = daemon.send("test.reads", &json!({"judge": "panic"}));
        assert_eq!(daemon.ended(&event, "reads")["state"], "failed");
    }
    let event = daemon.send("test.reads", &json!({}));
    let delivery = until("one to wait", || pending(&daemon, "reads").into_iter().next());
    let reason = delivery["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("10 calls in a row to read answers failed"), "{delivery}");
    assert_eq!(sink.at("/reads").len(), 10, "it is not sent before it can be read");
    assert!(daemon.cli(&["plugin", "resume", "misbehave"]).status.success());
    assert_eq!(daemon.ended(&event, "reads")["state"], "delivered");
}

#[test]
fn another_version_is_not_suspended() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&misbehave("traps", &sink.url("/"), ""), &[]);
    for _ in 0..10 {
        let event = daemon.send("test.traps", &json!({"do": "panic"}));
        assert_eq!(daemon.ended(&event, "traps")["state"], "failed");
    }
    let event = daemon.send("test.traps", &json!({}));
    until("it to wait", || {
        let all = pending(&daemon, "traps");
        all.iter().any(|one| one["reason"].is_string()).then_some(())
    });
    // The same with a section of its own that says nothing, and so with another digest.
    let mut bytes = std::fs::read(component("misbehave")).unwrap();
    bytes.extend(*b"\x00\x05\x04note");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("misbehave.wasm");
    std::fs::write(&file, bytes).unwrap();
    let file = file.to_str().unwrap();
    let toml = misbehave("traps", &sink.url("/"), "");
    daemon.apply(&toml.replace("target/plugins/misbehave.wasm", file), &[]);
    assert_eq!(daemon.ended(&event, "traps")["state"], "delivered");
    let all = daemon.api().items("/v1/plugins");
    let suspended = all.iter().filter(|version| version["suspended"].is_array()).count();
    assert_eq!((all.len(), suspended), (2, 1), "the other one still is");
}
