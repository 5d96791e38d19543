//! The console, as people see it: by plain HTTP, and without its scripts.

mod frame;
mod hostile;
mod journal;
mod live;
mod login;
mod mail;
mod naming;
mod overview;
mod people;
mod plugins;
mod replays;
mod roles;
mod settings;
mod sources;
mod subscriptions;

use hookwright_tests::{Daemon, Reply, Sink, until};
use serde_json::{Value, json};

use crate::misbehave;

/// A daemon whose journal has something of everything.
struct Desk {
    daemon: Daemon,
    _sink: Sink,
    /// Delivered, failed, skipped, and waiting for its next attempt.
    deliveries: [String; 4],
    event: String,
    reject: String,
    replay: String,
}

fn sink() -> Sink {
    Sink::answering(|request| match request.path.as_str() {
        "/gone" => Reply::status(404).header("x-why", "<b>gone</b>"),
        "/later" => Reply::status(503),
        _ => Reply::ok(r#"{"ok":true,"id":"message-1"}"#),
    })
}

const SOURCE: &str = r#"
    [[secret]]
    name = "token"
    env = "TOKEN"
    [[plugin]]
    file = "target/plugins/source-zammad.wasm"
    [[source]]
    name = "zammad"
    plugin = "zammad"
    auth = { kind = "token", secret = "token" }
"#;

impl Desk {
    fn new() -> Self {
        let sink = sink();
        let daemon = Daemon::start();
        daemon.apply(SOURCE, &[("TOKEN", "url-token")]);
        let once = "retry = { attempts = 1 }";
        for (name, more) in [("fine", once), ("gone", once), ("later", "")] {
            daemon.apply(&misbehave(name, &sink.url(&format!("/{name}")), more), &[]);
        }
        let ticket = |command: &str| json!({"do": command, "ticket": {"number": "10081"}});
        let event = daemon.send("test.fine", &ticket("facts"));
        let delivered = daemon.ended(&event, "fine");
        let failed = daemon.ended(&daemon.send("test.gone", &ticket("facts")), "gone");
        let skipped = daemon.ended(&daemon.send("test.fine", &ticket("skip")), "fine");
        let waiting = daemon.send("test.later", &ticket("facts"));
        let waiting = until("the first attempt", || {
            let all = daemon.deliveries(&format!("event={waiting}"));
            all.into_iter().find(|one| one["attempts"] == 1 && one["state"] == "pending")
        });
        let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
        let deliveries = [id(&delivered), id(&failed), id(&skipped), id(&waiting)];
        let kind = [("Content-Type", "application/json")];
        let post = daemon.api().anonymous().post("/in/zammad/url-token", &kind, b"{\"x\": 1}");
        let reject = post.problem(400)["instance"].as_str().unwrap().to_owned();
        let reject = reject.trim_start_matches("/v1/rejects/").to_owned();
        let wanted = json!({"redeliver": {"subscription": "gone"}});
        let replay = id(&daemon.api().post_json("/v1/replays", &wanted).expect(201).json());
        Self { daemon, _sink: sink, deliveries, event, reject, replay }
    }

    /// Every page that is read, and something that stands on it in every language.
    fn pages(&self) -> Vec<(String, &str)> {
        let [delivered, failed, skipped, waiting] = &self.deliveries;
        let (event, reject, replay) = (&self.event, &self.reject, &self.replay);
        vec![
            ("/console/deliveries".into(), "10081"),
            ("/console/deliveries?state=failed&status=4xx&since=1h".into(), "gone"),
            ("/console/deliveries?state=canceled".into(), "canceled"),
            (format!("/console/deliveries?event={event}"), "test.fine"),
            (format!("/console/deliveries/{delivered}"), "message-1"),
            (format!("/console/deliveries/{failed}"), "404"),
            (format!("/console/deliveries/{skipped}"), "told to skip"),
            (format!("/console/deliveries/{waiting}"), "503"),
            ("/console/events".into(), "test.fine"),
            ("/console/events?type=test.*&ticket=10081".into(), "10081"),
            (format!("/console/events/{event}"), "application/cloudevents+json"),
            ("/console/rejects".into(), "zammad"),
            ("/console/rejects?source=zammad".into(), "zammad"),
            (format!("/console/rejects/{reject}"), "{\n  \"x\": 1\n}"),
            ("/console/replays".into(), "gone"),
            ("/console/replays?state=ready".into(), "gone"),
            (format!("/console/replays/{replay}"), replay),
            ("/console/replays/new".into(), "/console/replays/new"),
            ("/console/destinations".into(), "http://127.0.0.1:"),
            ("/console/audit".into(), "replay.create"),
            ("/console/audit?action=replay.*".into(), "replay.create"),
            ("/console/journal".into(), "90d"),
            ("/console/plugins".into(), "zammad"),
            ("/console/sources".into(), "zammad"),
            ("/console/sources/zammad".into(), "/in/zammad"),
            ("/console/secrets".into(), "token"),
            ("/console/settings".into(), "90d"),
            ("/console/settings/mail".into(), "/console/settings"),
        ]
    }
}
