//! A webhook is a subscription everywhere else: seen, delivered to, disabled, confirmed.

use hookwright_tests::{Reply, Sink, until};
use serde_json::{Value, json};

use super::{create, patch, start, subscription, webhook};

#[test]
fn a_webhook_is_a_subscription() {
    let sink = Sink::answering(|request| {
        let gone = request.path == "/gone";
        Reply::status(if gone { 404 } else { 200 })
    });
    let mut daemon = start();
    let api = daemon.api();
    let source = "[[plugin]]\nfile = \"target/plugins/source-r-service.wasm\"\n[[source]]\n\
                  name = \"desk\"\nplugin = \"r-service\"\nauth = { kind = \"none\" }\n";
    daemon.apply(source, &[]);
    let with = |name: &str, path: &str| {
        let uri = sink.url(path);
        create(&api, &json!({ "name": name, "event": "request.note-added", "uri": uri }))
    };
    let (made, gone) = (with("Note added", "/hook"), with("Gone", "/gone"));
    let one = subscription(&api, &made);
    assert_eq!((&one["name"], &one["plugin"]), (&json!("note-added"), &json!("r-service")));
    assert_eq!((&one["state"], &one["verify"]), (&json!("active"), &json!(false)));
    let list = String::from_utf8(daemon.cli(&["subscription", "list"]).stdout).unwrap();
    assert!(list.contains("note-added") && list.contains("gone"), "{list}");

    // What R-Service posts reaches them under their own id and name.
    let sample = include_str!("../../../plugins/sources/r-service/tests/data/note-added.json");
    let sample: Value = serde_json::from_str(sample).unwrap();
    let accepted = api.anonymous().post_json("/in/desk", &sample["body"]).expect(202).json();
    let event = accepted["events"][0]["id"].as_str().unwrap();
    assert_eq!(daemon.ended(event, "note-added")["state"], "delivered");
    let body = sink.at("/hook")[0].json();
    assert_eq!((&body["webhook_id"], &body["name"]), (&made["id"], &json!("Note added")));
    assert_eq!((&body["event"], &body["object_id"]), (&json!("request.note-added"), &json!(219)));

    // It fails for more than a week, and is disabled by itself.
    until("the failure", || webhook(&api, &gone["id"])["last_error"].as_str().map(drop));
    assert!(daemon.stop().success());
    let store = rusqlite::Connection::open(daemon.data().join("hookwright.db")).unwrap();
    let sql = "UPDATE health SET consecutive = 19, since = since - 8 * 86400000";
    assert_eq!(store.execute(sql, []).unwrap(), 1);
    drop(store);
    assert!(daemon.start_again(&[]));
    let api = daemon.api();
    let mut another = sample["body"].clone();
    another["object_id"] = json!(220);
    drop(api.anonymous().post_json("/in/desk", &another).expect(202));
    let id = &gone["id"];
    let shown = until("the webhook to be disabled", || {
        Some(webhook(&api, id)).filter(|shown| shown["disabled"] == "true")
    });
    assert_eq!(shown["last_error"], "404 Not Found");
    let disabled = api.get("/webhooks/disabled").expect(200).json();
    assert_eq!(disabled[0]["id"], *id);
    let path = format!("/webhooks/{id}");
    let again = patch(&api, &path, &json!({ "disabled": false })).expect(200).json();
    assert!(again.get("disabled").is_none() && again.get("last_error").is_none(), "{again}");
    drop(patch(&api, &path, &json!({ "disabled": true })).expect(200));

    // Set up by other means, it is a webhook, too.
    let other = "[[subscription]]\nname = \"old\"\nplugin = \"r-service\"\n\
                 events = [\"ticket.created\", \"problem.*\"]\n\
                 settings = { uri = \"https://a.example/\", webhook_id = 945 }\n";
    daemon.apply(other, &[]);
    let newest = api.get("/webhooks").expect(200).json()[0].clone();
    assert_eq!(newest["event"], "request.create,problem.*");
    assert_eq!(newest["id"], 945, "what is sent says so");
    drop(patch(&api, "/webhooks/945", &json!({ "description": "x" })).expect(200));
    let all = api.items("/v1/subscriptions");
    let old = all.iter().find(|one| one["name"] == "old").unwrap();
    assert_eq!((&old["settings"]["webhook_id"], &old["description"]), (&json!(945), &json!("x")));
    assert_eq!(old["events"], json!(["ticket.created", "problem.*"]));

    // It is all there after a crash.
    let fields = "/webhooks?fields=name,event,uri,disabled,description,created_at,updated_at";
    let before = api.get(fields).expect(200).json();
    let daemon = daemon.kill_and_restart();
    assert_eq!(daemon.api().get(fields).expect(200).json(), before);
}

#[test]
fn addresses_are_confirmed_by_number_too() {
    let sink = Sink::start();
    let daemon = start();
    let api = daemon.api();
    let toml = format!(
        "[[subscription]]\nname = \"desk\"\nplugin = \"r-service\"\nevents = [\"*\"]\n\
         settings = {{ uri = \"{}\" }}\nverify = true\n",
        sink.url("/hook")
    );
    daemon.apply(&toml, &[]);
    let asked =
        until("the question", || sink.at("/hook").first().map(hookwright_tests::Request::json));
    let callback = asked["payload"]["callback"].as_str().unwrap();
    let (_, proof) = callback.split_once("/verify?").unwrap();
    let call = |id: &str| api.anonymous().get(&format!("/webhooks/{id}/verify?{proof}"));
    drop(call("2").problem(404));
    assert_eq!(call("1").expect(200).json(), json!({ "confirmed": true }));
    assert_eq!(api.items("/v1/subscriptions")[0]["state"], "active");
    // By its id, as it is asked for.
    let path = callback.strip_prefix(&daemon.url()).unwrap();
    drop(api.anonymous().get(path).expect(200));
}
