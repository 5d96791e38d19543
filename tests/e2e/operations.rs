//! What the daemon tells of itself: events that subscriptions take which ask for them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;

use hookwright_tests::{Browser, Daemon, Reply, Sink, until};
use serde_json::{Value, json};

use crate::misbehave;

/// A subscription by standard webhooks, which pass everything on.
fn webhook(name: &str, events: &str, url: &str, more: &str) -> String {
    format!(
        r#"
        [[subscription]]
        name = "{name}"
        events = [{events}]
        plugin = "standard-webhooks"
        settings = {{ url = "{url}" }}
        retry = {{ attempts = 1 }}
        {more}
        "#
    )
}

const PLUGIN: &str = "[[plugin]]\nfile = \"target/plugins/destination-standard-webhooks.wasm\"\n";

/// A sink that refuses what comes to paths with `bad` in them.
fn sink() -> Sink {
    Sink::answering(|request| Reply::status(if request.path.contains("bad") { 500 } else { 200 }))
}

/// What came to a path, by types.
fn types(sink: &Sink, path: &str) -> Vec<String> {
    let bodies = sink.at(path).into_iter().map(|request| request.json());
    bodies.map(|body| body["type"].as_str().unwrap().to_owned()).collect()
}

fn one(sink: &Sink, path: &str, event_type: &str) -> Value {
    until(&format!("a {event_type} at {path}"), || {
        let bodies = sink.at(path).into_iter().map(|request| request.json());
        bodies.into_iter().find(|body| body["type"] == event_type)
    })
}

#[test]
fn who_asks_for_it_hears_that_a_delivery_has_failed_for_good() {
    let (sink, daemon) = (sink(), Daemon::start());
    let parts = [
        PLUGIN.to_owned(),
        webhook("fails", "\"ticket.*\"", &sink.url("/bad"), ""),
        webhook("star", "\"*\"", &sink.url("/star"), ""),
        webhook("named", "\"delivery.exhausted\"", &sink.url("/named"), ""),
        webhook("own", "\"*\"", &sink.url("/own"), "sources = [\"hookwright\"]"),
        // It fails at the very events that tell of failures.
        webhook("loop", "\"*\", \"delivery.*\"", &sink.url("/bad-loop"), ""),
    ];
    daemon.apply(&parts.concat(), &[]);
    let data = json!({"ticket": {"id": "81", "number": "10081"}});
    let event = daemon.send("ticket.created", &data);
    assert_eq!(daemon.ended(&event, "fails")["state"], "failed");
    assert_eq!(daemon.ended(&event, "loop")["state"], "failed");
    for path in ["/named", "/own"] {
        let told = until("both failures to be told", || {
            let all = sink.at(path);
            (all.len() == 2).then_some(all)
        });
        let mut names: Vec<_> = told
            .iter()
            .map(|request| request.json()["data"]["subscription"]["name"].clone())
            .collect();
        names.sort_by_key(ToString::to_string);
        assert_eq!(names, ["fails", "loop"]);
    }
    let told = one(&sink, "/named", "delivery.exhausted");
    assert_eq!(told["data"]["delivery"]["event"]["id"], event.as_str());
    assert_eq!(told["data"]["ticket"], json!({"id": "81", "number": "10081"}));
    let url = told["data"]["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{}/console/deliveries/dlv_", daemon.url())), "{url}");
    // What tells of failures is journaled as any event, and fails without an echo.
    let events = daemon.api().items("/v1/events?source=hookwright");
    assert_eq!(events.len(), 2, "{events:?}");
    for event in &events {
        let failed = daemon.ended(event["id"].as_str().unwrap(), "loop");
        assert_eq!(failed["state"], "failed");
    }
    let more = daemon.send("ticket.created", &json!({"ticket": {"id": "82"}}));
    assert_eq!(daemon.ended(&more, "fails")["state"], "failed");
    until("the next failure", || (sink.at("/named").len() == 4).then_some(()));
    assert_eq!(types(&sink, "/star"), ["ticket.created", "ticket.created"]);
    let schema = daemon.api().get("/v1/schemas/operation/1").expect(200).json();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&told["data"]), "{told}");
}

#[test]
fn many_failures_are_told_of_ten_times_a_minute() {
    let (sink, daemon) = (sink(), Daemon::start());
    // No request is sent: waiting for a destination that is not well would make it long.
    let parts =
        [PLUGIN.to_owned(), webhook("named", "\"delivery.exhausted\"", &sink.url("/named"), "")];
    daemon.apply(&parts.concat(), &[]);
    daemon.apply(&misbehave("rejects", &sink.url("/never"), ""), &[]);
    for _ in 0..25 {
        let event = daemon.send("test.rejects", &json!({"do": "reject"}));
        assert_eq!(daemon.ended(&event, "rejects")["state"], "failed");
    }
    until("what is told", || (sink.at("/named").len() == 10).then_some(()));
    assert_eq!(daemon.api().items("/v1/events?source=hookwright").len(), 10);
}

#[test]
fn switching_a_subscription_off_and_on_is_told() {
    let (sink, daemon) = (sink(), Daemon::start());
    let watch = webhook("watch", "\"subscription.*\"", &sink.url("/watch"), "");
    let other = |more: &str| webhook("other", "\"ticket.*\"", &sink.url("/other"), more);
    daemon.apply(&[PLUGIN.to_owned(), watch, other("")].concat(), &[]);
    daemon.apply(&other("enabled = false"), &[]);
    let told = one(&sink, "/watch", "subscription.disabled");
    assert_eq!(
        (&told["data"]["by"], &told["data"]["subscription"]["name"]),
        (&json!("admin"), &json!("other"))
    );
    assert!(daemon.cli(&["subscription", "enable", "other"]).status.success());
    drop(one(&sink, "/watch", "subscription.enabled"));
    // A test of it is still for it alone.
    assert!(daemon.cli(&["subscription", "test", "other", "--wait"]).status.success());
    assert_eq!(types(&sink, "/watch"), ["subscription.disabled", "subscription.enabled"]);
}

#[test]
fn a_receiver_that_wants_no_more_disables_and_a_destination_that_is_down_is_told() {
    let daemon = Daemon::start();
    let gone = Sink::answering(|_| Reply::status(410));
    let down = Sink::answering(|_| Reply::status(503));
    let watch = sink();
    let events = "\"subscription.disabled\", \"destination.*\"";
    let parts = [
        PLUGIN.to_owned(),
        webhook("watch", events, &watch.url("/watch"), ""),
        webhook("gone", "\"ticket.gone\"", &gone.url("/x"), ""),
        webhook("down", "\"ticket.down\"", &down.url("/x"), ""),
    ];
    daemon.apply(&parts.concat(), &[]);
    drop(daemon.send("ticket.gone", &json!({})));
    let told = one(&watch, "/watch", "subscription.disabled");
    assert_eq!(told["data"]["by"], "daemon");
    assert!(told["data"]["detail"].as_str().unwrap().contains("410"), "{told}");
    for _ in 0..10 {
        let event = daemon.send("ticket.down", &json!({}));
        assert_eq!(daemon.ended(&event, "down")["state"], "failed");
    }
    let told = one(&watch, "/watch", "destination.unavailable");
    assert_eq!(told["data"]["destination"]["origin"], down.url(""));
    assert_eq!(types(&watch, "/watch").len(), 2);
}

#[test]
fn posts_that_cannot_be_read_are_told() {
    let (sink, daemon) = (sink(), Daemon::start());
    let source = "[[plugin]]\nfile = \"target/plugins/source-zammad.wasm\"\n\
                  [[source]]\nname = \"desk\"\nplugin = \"zammad\"\n\
                  auth = { kind = \"none\" }\n";
    let watch = webhook("watch", "\"source.rejecting\"", &sink.url("/watch"), "");
    daemon.apply(&[PLUGIN.to_owned(), source.to_owned(), watch].concat(), &[]);
    let answer = daemon.api().post("/in/desk", &[("Content-Type", "application/json")], b"{");
    assert_eq!(answer.status, 400, "{}", answer.text());
    let told = one(&sink, "/watch", "source.rejecting");
    assert_eq!(told["data"]["source"]["name"], "desk");
    // Nobody else may say such things.
    let event = json!({
        "specversion": "1.0", "id": "1", "source": "tests", "type": "plugin.suspended", "data": {},
    });
    let kind = [("Content-Type", "application/cloudevents+json")];
    let answer = daemon.api().post("/v1/events", &kind, event.to_string().as_bytes());
    assert!(answer.text().contains("only the daemon itself gives"), "{}", answer.text());
}

#[test]
fn a_plugin_that_is_suspended_and_called_again_is_told() {
    let (sink, daemon) = (sink(), Daemon::start());
    let watch = webhook("watch", "\"plugin.*\"", &sink.url("/watch"), "");
    daemon.apply(&[PLUGIN, &watch].concat(), &[]);
    daemon.apply(&misbehave("traps", &sink.url("/traps"), ""), &[]);
    for _ in 0..10 {
        let event = daemon.send("test.traps", &json!({"do": "panic"}));
        assert_eq!(daemon.ended(&event, "traps")["state"], "failed");
    }
    let told = one(&sink, "/watch", "plugin.suspended");
    let plugins = daemon.api().items("/v1/plugins");
    let digest =
        plugins.iter().find(|one| one["key"]["name"] == "misbehave").unwrap()["digest"].clone();
    assert_eq!(
        told["data"]["plugin"],
        json!({"name": "misbehave", "digest": digest, "call": "transform"})
    );
    assert!(told["data"]["detail"].as_str().unwrap().contains("trap"), "{told}");
    assert!(daemon.cli(&["plugin", "resume", "misbehave"]).status.success());
    let told_again = one(&sink, "/watch", "plugin.resumed");
    assert_eq!(told_again["data"]["plugin"], told["data"]["plugin"]);
    assert_eq!(types(&sink, "/watch"), ["plugin.suspended", "plugin.resumed"], "each once");
    // Whoever is told finds the page that is about it.
    let browser = Browser::logged_in(&daemon, "reader");
    for told in [told, told_again] {
        let url = told["data"]["url"].as_str().unwrap().to_owned();
        let page = browser.get(url.strip_prefix(&daemon.url()).unwrap()).expect(200);
        assert!(page.text().contains("misbehave"), "{url}");
    }
    // It is no news that a plugin is called again that always was.
    assert!(daemon.cli(&["plugin", "resume", "misbehave"]).status.success());
    let event = daemon.send("test.traps", &json!({}));
    assert_eq!(daemon.ended(&event, "traps")["state"], "delivered");
    assert_eq!(types(&sink, "/watch").len(), 2);
}

#[test]
fn a_destination_that_is_well_again_is_told() {
    let is_down = Arc::new(AtomicBool::new(true));
    let now = Arc::clone(&is_down);
    let down = Sink::answering(move |_| Reply::status(if now.load(SeqCst) { 503 } else { 200 }));
    let (watch, daemon) = (sink(), Daemon::start());
    let parts = [
        PLUGIN.to_owned(),
        webhook("watch", "\"destination.*\"", &watch.url("/watch"), ""),
        webhook("down", "\"ticket.down\"", &down.url("/x"), ""),
    ];
    daemon.apply(&parts.concat(), &[]);
    let mut failed = Vec::new();
    for _ in 0..10 {
        let event = daemon.send("ticket.down", &json!({}));
        failed.push(daemon.ended(&event, "down"));
    }
    let told = one(&watch, "/watch", "destination.unavailable");
    assert_eq!(told["data"]["destination"]["origin"], down.url(""));
    is_down.store(false, SeqCst);
    let id = failed[0]["id"].as_str().unwrap();
    assert!(daemon.cli(&["delivery", "retry", id]).status.success());
    let told = one(&watch, "/watch", "destination.recovered");
    assert_eq!(told["data"]["destination"]["origin"], down.url(""), "{told}");
    let page = Browser::logged_in(&daemon, "reader").get("/console/destinations").expect(200);
    assert!(told["data"]["url"].as_str().unwrap().ends_with("/console/destinations"), "{told}");
    assert!(page.text().contains(&down.url("")), "{}", page.text());
    // What succeeds from then on is no news.
    let event = daemon.send("ticket.down", &json!({}));
    assert_eq!(daemon.ended(&event, "down")["state"], "delivered");
    let both = ["destination.unavailable", "destination.recovered"];
    assert_eq!(types(&watch, "/watch"), both);
    let schema = daemon.api().get("/v1/schemas/operation/1").expect(200).json();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&told["data"]), "{told}");
}
