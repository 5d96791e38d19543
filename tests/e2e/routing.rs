//! Which events reach which subscription, and what is told of those that do not.

use hookwright_tests::{Daemon, Sink, until};
use serde_json::{Value, json};

fn subscription(name: &str, sink: &Sink, more: &str) -> String {
    let url = sink.url(&format!("/{name}"));
    format!(
        "[[subscription]]\nname = \"{name}\"\nplugin = \"zammad\"\n\
         settings = {{ url = \"{url}\" }}\n{more}\n"
    )
}

fn desk(sink: &Sink) -> String {
    let zammad = "[[plugin]]\nfile = \"target/plugins/destination-zammad.wasm\"\n".to_owned();
    zammad
        + &subscription("all", sink, "events = [\"*\"]")
        + &subscription("desk", sink, "events = [\"ticket.*\"]\ngroups = [\"SERVICE desk\"]")
        + &subscription(
            "urgent",
            sink,
            "events = [\"ticket.*\"]\n\
             condition = \"event.ticket.priority == 'high' && !event.comment.internal\"",
        )
        + &subscription(
            "floors",
            sink,
            "events = [\"ticket.*\"]\ncondition = \"event.ticket.fields.floor > 2\"",
        )
        + &subscription("elsewhere", sink, "events = [\"*\"]\nsources = [\"other\"]")
        + &subscription("people", sink, "events = [\"person.*\"]")
        + &subscription("off", sink, "events = [\"*\"]\nenabled = false")
}

fn ticket(priority: &str, group: &str) -> Value {
    json!({
        "ticket": {"id": "81", "number": "10081", "title": "x", "priority": priority, "group": group},
        "comment": {"visibility": "public", "text": "hello"},
        "origin": {"kind": "zammad"},
    })
}

/// Who has got a delivery of an event.
fn takers(daemon: &Daemon, event: &str) -> Vec<String> {
    let deliveries = daemon.deliveries(&format!("event={event}"));
    let name = |delivery: &Value| delivery["subscription"].as_str().unwrap().to_owned();
    let mut names: Vec<_> = deliveries.iter().map(name).collect();
    names.sort();
    names
}

#[test]
fn events_go_where_group_and_condition_say() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&desk(&sink), &[]);
    let to = |data: &Value| takers(&daemon, &daemon.send("ticket.commented", data));
    assert_eq!(to(&ticket("high", "Service Desk")), ["all", "desk", "urgent"]);
    assert_eq!(to(&ticket("high", "Sales")), ["all", "urgent"]);
    assert_eq!(to(&ticket("low", " service desk ")), ["all", "desk"]);
    let mut internal = ticket("high", "Sales");
    internal["comment"]["visibility"] = json!("internal");
    assert_eq!(to(&internal), ["all"]);
    let mut upstairs = ticket("low", "Sales");
    upstairs["ticket"]["fields"] = json!({"floor": 3});
    assert_eq!(to(&upstairs), ["all", "floors"]);
    // Without comment, priority or body there is nothing that could be internal or high.
    assert_eq!(to(&json!({"ticket": {"priority": "high"}})), ["all", "urgent"]);
    assert_eq!(to(&json!(null)), ["all"]);
}

#[test]
fn a_condition_that_fails_on_an_event_is_told() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&desk(&sink), &[]);
    let mut data = ticket("low", "Sales");
    data["ticket"]["fields"] = json!({"floor": "third"});
    let event = json!({
        "specversion": "1.0", "id": "1", "source": "tests", "type": "ticket.created",
        "dataschema": "ticket/1", "data": data,
    });
    let kind = [("Content-Type", "application/cloudevents+json")];
    let accepted = daemon.api().post("/v1/events", &kind, event.to_string().as_bytes());
    let accepted = accepted.expect(202).json();
    assert_eq!(accepted["events"][0]["deliveries"], 1, "{accepted}");
    let detail = accepted["problems"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("the subscription `floors` did not take the event"), "{detail}");
    assert!(detail.contains("line 1, column 1: `event.ticket.fields.floor` is text"), "{detail}");
    until("the log line", || {
        daemon.log().contains("a condition cannot be evaluated").then_some(())
    });
}

#[test]
fn mistakes_in_conditions_are_told_when_they_are_saved() {
    let daemon = Daemon::start();
    let sink = Sink::start();
    let apply = |more: &str| {
        let plugin = "[[plugin]]\nfile = \"target/plugins/destination-zammad.wasm\"\n";
        let more = format!("events = [\"*\"]\n{more}");
        let output =
            daemon.try_apply(&(plugin.to_owned() + &subscription("duty", &sink, &more)), &[]);
        assert_eq!(output.status.code(), Some(1), "{more}");
        String::from_utf8(output.stderr).unwrap()
    };
    let error = apply("condition = \"event.ticket.prio == 'high'\"");
    let told = "subscription `duty`: condition: line 1, column 14: `event.ticket` has no field \
                `prio`; did you mean `priority`?";
    assert!(error.contains(told), "{error}");
    let excerpt = format!("\n  event.ticket.prio == 'high'\n  {}^^^^\n", " ".repeat(13));
    assert!(error.contains(&excerpt), "{error}");
    assert!(apply("condition = \"event.ticket.priority > 3\"").contains("column 23"));
    assert!(apply("condition = \"(\"").contains("something is missing at the end"));
    assert!(apply("groups = [\" \"]").contains("groups/0: a group has a name"));

    // As programs see it.
    let version = daemon.api().items("/v1/plugins");
    assert_eq!(version.len(), 1, "the plugin is installed, the subscription is not made");
    let wanted = |condition: &str| {
        json!({"name": "duty", "events": ["*"], "plugin": "zammad",
               "settings": {"url": sink.url("/")}, "condition": condition})
    };
    let setup = json!({"subscriptions": [wanted("true"), wanted("event.comment.visible")]});
    let problem = daemon.api().post_json("/v1/apply", &setup).problem(422);
    let errors = problem["errors"].as_array().unwrap();
    let of = |pointer: &str| errors.iter().find(|error| error["pointer"] == pointer);
    let error = of("/subscriptions/1/condition").expect("the pointer");
    assert!(error["detail"].as_str().unwrap().starts_with("line 1, column 15: "), "{error}");
    assert!(of("/subscriptions/0/condition").is_none());
}

/// Changed behind the daemon's back, as by an older version that knew something else.
fn change_behind_its_back(daemon: &mut Daemon, sql: &str) {
    assert!(daemon.stop().success());
    let store = rusqlite::Connection::open(daemon.data().join("hookwright.db")).unwrap();
    store.execute_batch(sql).unwrap();
    drop(store);
    assert!(daemon.start_again(&[]));
}

#[test]
fn conditions_decide_from_the_first_event_after_a_start() {
    let sink = Sink::start();
    let mut daemon = Daemon::start();
    // So many that some may not be compiled yet when the event comes.
    let many = (0..200).map(|number| {
        let more = format!("events = [\"*\"]\ncondition = \"event.ticket.title == '{number}'\"");
        subscription(&format!("title-{number}"), &sink, &more)
    });
    daemon.apply(&(desk(&sink) + &many.collect::<String>()), &[]);
    let break_one = "UPDATE subscriptions SET doc = replace(doc, 'fields.floor', 'flor')";
    change_behind_its_back(&mut daemon, break_one);
    let data = json!({"ticket": {"title": "199", "priority": "high"}});
    assert_eq!(
        takers(&daemon, &daemon.send("ticket.created", &data)),
        ["all", "title-199", "urgent"]
    );

    // What cannot be used is told, to those who ask and in the log, once.
    daemon.logged("a condition is not usable");
    let told = daemon.log().matches("a condition is not usable").count();
    assert_eq!(told, 1);
    assert!(daemon.log().contains(r#""subscription":"floors""#), "{}", daemon.log());
    let items = daemon.api().items("/v1/attention");
    assert!(format!("{items:?}").contains("has no field `flor`"), "{items:?}");
}

#[test]
fn a_plugin_that_does_not_load_is_tried_once_for_all_who_need_it() {
    let sink = Sink::start();
    let mut daemon = Daemon::start();
    daemon.apply(&desk(&sink), &[]);
    change_behind_its_back(&mut daemon, "DELETE FROM code; UPDATE plugins SET bytes = x'00'");
    assert_eq!(daemon.log().matches("a plugin does not load").count(), 1, "{}", daemon.log());
    let items = daemon.api().items("/v1/attention");
    // All but the one that is disabled.
    assert_eq!(format!("{items:?}").matches("does not load").count(), 6, "{items:?}");
}

#[test]
fn match_tells_why() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&desk(&sink), &[]);
    let mut data = ticket("low", "Sales");
    data["ticket"]["fields"] = json!({"floor": "third"});
    let id = daemon.send("ticket.created", &data);

    let shown = daemon.cli(&["event", "show", &id]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("event.json");
    std::fs::write(&file, &shown.stdout).unwrap();
    let file = file.display().to_string();
    let output = daemon.cli(&["subscription", "match", "--event", &file, "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let reason = |name: &str| {
        let found = answers.iter().find(|answer| answer["subscription"] == name).unwrap();
        assert_eq!(found["taken"], name == "all");
        found["reason"].as_str().unwrap().to_owned()
    };
    for (name, expected) in [
        ("all", "taken"),
        ("desk", "group"),
        ("urgent", "condition_false"),
        ("floors", "condition_error"),
        ("elsewhere", "source"),
        ("people", "type"),
        ("off", "disabled"),
    ] {
        assert_eq!(reason(name), expected, "{name}");
    }

    let table = daemon.cli(&["subscription", "match", "--event", &file]);
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.trim_start().starts_with("SUBSCRIPTION"), "{table}");
    assert!(
        table.contains("the ticket is of the group `Sales`; taken are those of `SERVICE desk`")
    );
    assert!(table.contains("line 1, column 1: `event.ticket.fields.floor` is text"), "{table}");

    // Only the data, a CloudEvent, and what is neither.
    let body = dir.path().join("data.json");
    std::fs::write(&body, ticket("high", "x").to_string()).unwrap();
    let body = body.display().to_string();
    let args = ["subscription", "match", "--event", &body, "--type", "ticket.created"];
    let table = String::from_utf8(daemon.cli(&args).stdout).unwrap();
    assert!(table.contains("urgent") && table.contains("the condition holds"), "{table}");
    let neither = daemon.cli(&["subscription", "match", "--event", &body]);
    assert_eq!(neither.status.code(), Some(1));
    let told = String::from_utf8(neither.stderr).unwrap();
    assert!(told.contains("missing field"), "{told}");

    let list = String::from_utf8(daemon.cli(&["subscription", "list"]).stdout).unwrap();
    assert!(
        list.contains("SERVICE desk") && list.contains("event.ticket.fields.floor > 2"),
        "{list}"
    );
    // A look, for which reading is enough; nothing was delivered.
    let outside = daemon.api().anonymous();
    drop(outside.post_json("/v1/subscriptions/match", &json!({})).problem(401));
    assert_eq!(daemon.api().items("/v1/events").len(), 1);
}

#[test]
fn subscriptions_survive_a_restart_with_their_conditions() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&desk(&sink), &[]);
    let daemon = daemon.kill_and_restart();
    let event = daemon.send("ticket.commented", &ticket("high", "Sales"));
    assert_eq!(takers(&daemon, &event), ["all", "urgent"]);
    let output = daemon.try_apply(&desk(&sink), &[]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("Nothing to change."));
}
