//! A daemon whose console has something of everything on its pages.

use hookwright_tests::{Daemon, Reply, Sink, until};
use serde_json::{Value, json};

/// The daemon, and what its subscriptions deliver to.
pub(crate) struct Desk {
    pub(crate) daemon: Daemon,
    pub(crate) sink: Sink,
}

const SET_UP: &str = r#"
    [[secret]]
    name = "token"
    env = "TOKEN"
    [[plugin]]
    file = "target/plugins/source-zammad.wasm"
    [[plugin]]
    file = "target/plugins/misbehave.wasm"
    [[source]]
    name = "zammad"
    plugin = "zammad"
    auth = { kind = "token", secret = "token" }
"#;

impl Desk {
    /// Deliveries that were delivered, failed, and wait; a reject; a replay.
    pub(crate) fn new() -> Self {
        let sink = Sink::answering(|request| match request.path.as_str() {
            "/gone" => Reply::status(404).header("x-why", "<b>gone</b>"),
            "/later" => Reply::status(503),
            _ => Reply::ok(r#"{"ok":true,"id":"message-1"}"#),
        });
        let daemon = Daemon::start();
        daemon.apply(SET_UP, &[("TOKEN", "url-token")]);
        let desk = Self { daemon, sink };
        for (name, more) in [("fine", ""), ("gone", "retry = { attempts = 1 }"), ("later", "")] {
            desk.subscribe(name, more);
        }
        let facts = json!({"do": "facts", "ticket": {"number": "10081"}});
        let sent = ["test.fine", "test.gone", "test.later"].map(|of| desk.daemon.send(of, &facts));
        drop(desk.daemon.ended(&sent[0], "fine"));
        drop(desk.daemon.ended(&sent[1], "gone"));
        until("the first attempt", || {
            let all = desk.daemon.deliveries(&format!("event={}", sent[2]));
            all.into_iter().find(|one| one["attempts"] == 1 && one["state"] == "pending")
        });
        let kind = [("Content-Type", "application/json")];
        let post = desk.daemon.api().anonymous().post("/in/zammad/url-token", &kind, b"{\"x\": 1}");
        drop(post.problem(400));
        let wanted = json!({"redeliver": {"subscription": "gone"}});
        drop(desk.daemon.api().post_json("/v1/replays", &wanted).expect(201));
        desk
    }

    /// Subscribes an address of the sink to the type `test.NAME`.
    pub(crate) fn subscribe(&self, name: &str, more: &str) {
        let url = self.sink.url(&format!("/{name}"));
        let subscription = format!(
            r#"
            [[subscription]]
            name = "{name}"
            events = ["test.{name}"]
            plugin = "misbehave"
            settings = {{ url = "{url}" }}
            {more}
            "#
        );
        self.daemon.apply(&subscription, &[]);
    }

    /// Sends an event as it is, and returns its id.
    pub(crate) fn send(&self, event: &Value, headers: &[(&str, &str)]) -> String {
        let kind = [("Content-Type", "application/cloudevents+json")];
        let headers = [&kind, headers].concat();
        let accepted = self.daemon.api().post("/v1/events", &headers, event.to_string().as_bytes());
        accepted.expect(202).json()["events"][0]["id"].as_str().unwrap().to_owned()
    }
}
