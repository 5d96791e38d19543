//! What the daemon tells of itself: events that subscriptions take which ask for them.

use hookwright_tests::{Daemon, Reply, Sink, until};
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
