//! By which id a webhook is known: here and to whoever is called, also after a move.

use hookwright_tests::{Api, Daemon, Reply, Sink, until};
use serde_json::{Value, json};

use super::{create, delete, install, patch, plain, start, webhook};

/// What is sent by a test of each webhook, by the name of it.
fn sent(api: &Api, sink: &Sink) -> Vec<(String, Value, Value)> {
    let mut all = Vec::new();
    for one in api.get("/webhooks?sort=name").expect(200).json().as_array().unwrap() {
        let before = sink.count();
        drop(api.post(&format!("/webhooks/{}/test", one["id"]), &[], b"").expect(204));
        until("the test", || (sink.count() > before).then_some(()));
        let body = sink.requests().pop().unwrap().json();
        let name = one["name"].as_str().unwrap().to_owned();
        all.push((name, one["id"].clone(), body["webhook_id"].clone()));
    }
    all
}

fn export(daemon: &Daemon) -> String {
    let output = daemon.cli(&["export"]);
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_was_exported_is_known_as_before() {
    let sink = Sink::start();
    let daemon = start();
    let api = daemon.api();
    // Names in another order than ids.
    for name in ["b", "c", "a"] {
        let wanted = json!({"name": name, "event": "request.create", "uri": sink.url("/")});
        create(&api, &wanted);
    }
    let before = sent(&api, &sink);
    let ids: Vec<_> = before.iter().map(|(_, id, _)| id.clone()).collect();
    assert_eq!(ids, [json!(3), json!(1), json!(2)]);
    assert!(before.iter().all(|(_, id, sent)| id == sent), "{before:?}");
    let file = export(&daemon);

    // Another daemon.
    let other = start();
    other.apply(&file, &[]);
    assert_eq!(sent(&other.api(), &sink), before);
    assert_eq!(export(&other), file);
    // The next gets a number that none of them has.
    let next = create(&other.api(), &plain("request.create", &sink.url("/")));
    assert_eq!(next["id"], 4);

    // The same daemon, after one was removed; others were made meanwhile.
    drop(delete(&api, "/webhooks/1").expect(204));
    create(&api, &plain("request.update", &sink.url("/")));
    daemon.apply(&file, &[]);
    let after: Vec<_> =
        sent(&api, &sink).into_iter().filter(|(name, ..)| name.len() == 1).collect();
    assert_eq!(after, before);
    let again = daemon.try_apply(&file, &[]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("Nothing to change."));
}

#[test]
fn a_number_that_is_taken_gives_way() {
    let sink = Sink::start();
    let daemon = start();
    let api = daemon.api();
    create(&api, &json!({"name": "first", "event": "request.create", "uri": sink.url("/")}));
    let entry = |name: &str, id: u64| {
        format!(
            "[[subscription]]\nname = \"{name}\"\nplugin = \"r-service\"\nevents = [\"*\"]\n\
             settings = {{ uri = \"{}\", webhook_id = {id}, test_event = \"request.create\" }}\n",
            sink.url("/")
        )
    };
    // The first of two that ask for the same has it; a number beyond all is none. The next number
    // would be 2, which is asked for, too.
    let file = [entry("second", 1), entry("third", 7), entry("fourth", 7), entry("two", 2)];
    let file = file.concat();
    let file = file + &entry("fifth", 9_007_199_254_740_991);
    daemon.apply(&file, &[]);
    let sent = sent(&api, &sink);
    assert!(sent.iter().all(|(_, id, sent)| id == sent), "{sent:?}");
    let id = |name: &str| {
        let shown = api.get(&format!("/v1/subscriptions/{name}")).expect(200).json();
        shown["settings"]["webhook_id"].clone()
    };
    assert_eq!(webhook(&api, &json!(7))["uri"], sink.url("/"));
    assert_eq!((id("third"), id("two")), (json!(7), json!(2)));
    assert!(id("second").as_i64() > Some(2) && id("fifth").as_i64() < Some(100));
    // It changes nothing more, and nobody moves by a change.
    let again = daemon.try_apply(&file, &[]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("Nothing to change."));
    let wish = json!({"settings": {"webhook_id": 55}});
    let header = [("Content-Type", "application/merge-patch+json")];
    let path = "/v1/subscriptions/third";
    let body = wish.to_string();
    let changed = api.try_send("PATCH", path, &header, body.as_bytes()).unwrap().expect(200);
    assert_eq!(changed.json()["settings"]["webhook_id"], 7);
    // One that says none sends none.
    let silent = entry("silent", 1).replace(", webhook_id = 1", "");
    daemon.apply(&silent, &[]);
    assert_eq!(id("silent"), Value::Null);
}

#[test]
fn a_test_that_fails_says_so_and_counts_for_nothing() {
    let sink =
        Sink::answering(|request| Reply::status(if request.path == "/gone" { 404 } else { 200 }));
    let mut daemon = start();
    let api = daemon.api();
    let mut wanted = plain("request.create", &sink.url("/gone"));
    wanted["disabled"] = json!(true);
    let made = create(&api, &wanted);
    let (id, path) = (&made["id"], format!("/webhooks/{}", made["id"]));
    drop(api.post(&format!("{path}/test"), &[], b"").expect(204));
    let failed = until("the failure", || {
        Some(webhook(&api, id)).filter(|shown| shown.get("last_error").is_some())
    });
    assert_eq!(
        (&failed["last_error"], &failed["disabled"]),
        (&json!("404 Not Found"), &json!("true"))
    );
    let listed = api.get("/webhooks/disabled?last_error=!").expect(200).json();
    assert_eq!(listed[0]["last_error"], "404 Not Found");
    let health = &api.items("/v1/subscriptions")[0];
    assert_eq!((&health["consecutive_failures"], &health["last_error"]), (&json!(0), &Value::Null));
    assert_eq!(health["test_error"], "404 Not Found");
    // It is kept, until a test arrives.
    assert!(daemon.stop().success());
    assert!(daemon.start_again(&[]));
    let api = daemon.api();
    assert_eq!(webhook(&api, id)["last_error"], "404 Not Found");
    drop(patch(&api, &path, &json!({"uri": sink.url("/good")})).expect(200));
    drop(api.post(&format!("{path}/test"), &[], b"").expect(204));
    until("the success", || webhook(&api, id).get("last_error").is_none().then_some(()));
}

#[test]
fn an_event_is_sent_back_as_it_was_shown() {
    let daemon = Daemon::start();
    install(&daemon);
    let api = daemon.api();
    daemon.apply(
        "[[subscription]]\nname = \"all\"\nplugin = \"r-service\"\nevents = [\"ticket.*\"]\n\
         settings = { uri = \"https://a.example/\" }\n",
        &[],
    );
    let shown = api.get("/webhooks").expect(200).json()[0].clone();
    assert_eq!(shown["event"], "ticket.*");
    let path = format!("/webhooks/{}", shown["id"]);
    let back = json!({"event": "ticket.*", "description": "All of them"});
    assert_eq!(patch(&api, &path, &back).expect(200).json()["description"], "All of them");
    assert_eq!(api.items("/v1/subscriptions")[0]["events"], json!(["ticket.*"]));
    drop(patch(&api, &path, &json!({"event": "problem.*"})).problem(422));
}
