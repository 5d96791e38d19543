//! Every example of the document, word for word, but for times.

use hookwright_tests::{Answer, Reply, Sink, until};
use serde_json::{Value, json};

use super::{create, delete, document, install, patch, start, webhook};

/// The times of an example and of an answer are not the same; everything else is.
fn timeless(value: &Value) -> Value {
    let mut value = value.clone();
    for field in ["created_at", "updated_at"] {
        if let Some(time) = value.get_mut(field) {
            assert!(is_time(time.as_str().unwrap()), "{time}");
            *time = json!("a time");
        }
    }
    value
}

/// `2016-03-17T16:36:11-06:00`
fn is_time(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    matches!(shape.as_str(), "0000-00-00T00:00:00-00:00" | "0000-00-00T00:00:00+00:00")
}

/// The keys of an object in the order in which they stand in a text of JSON.
fn order(text: &str, keys: &Value) -> Vec<String> {
    let keys = keys.as_object().unwrap().keys();
    let mut found: Vec<_> =
        keys.map(|key| (text.find(&format!("\"{key}\":")).unwrap(), key.clone())).collect();
    found.sort();
    found.into_iter().map(|(_, key)| key).collect()
}

/// The same fields with the same values in the same order.
fn same(answer: &Answer, example: &Value) {
    let shown = answer.json();
    assert_eq!(timeless(&shown), timeless(example));
    assert_eq!(answer.headers["content-type"], "application/json");
    let fields = ["id", "name", "event", "uri", "description", "mail_exceptions_to"];
    let expected: Vec<_> = fields.into_iter().chain(["created_at", "updated_at"]).collect();
    assert_eq!(order(&answer.text(), &shown), expected);
}

#[test]
fn one_webhook_from_creation_to_removal() {
    let daemon = start();
    let api = daemon.api();
    let document = document();
    // The example's webhook is the second.
    drop(create(&api, &json!({ "event": "ci.create", "uri": "https://myserver.example.com/" })));
    let example = &document["create"];
    let made = api.post_json("/webhooks", &example["body"]).expect(200).json();
    let mut bare = example["answer"].clone();
    for field in ["description", "mail_exceptions_to"] {
        bare.as_object_mut().unwrap().remove(field);
    }
    assert_eq!(timeless(&made), timeless(&bare), "what was not said is not there");
    assert_eq!(made["created_at"], made["updated_at"], "there was no update");

    let more = json!({
        "description": example["answer"]["description"],
        "mail_exceptions_to": example["answer"]["mail_exceptions_to"],
    });
    same(&patch(&api, "/webhooks/2", &more).expect(200), &example["answer"]);
    let update = &document["update"];
    same(&patch(&api, "/webhooks/2", &update["body"]).expect(200), &update["answer"]);
    same(&api.get("/webhooks/2").expect(200), &document["show"]["answer"]);
    assert_eq!(webhook(&api, &json!(2))["created_at"], made["created_at"]);

    let tested = api.post("/webhooks/2/test", &[], b"").expect(204);
    assert!(tested.body.is_empty());
    assert!(delete(&api, "/webhooks/2").expect(204).body.is_empty());
    drop(api.get("/webhooks/2").problem(404));
    // Nobody gets its number again.
    let next = create(&api, &example["body"]);
    assert_eq!(next["id"], 3);

    // All at once.
    let mut whole = example["answer"].clone();
    for read_only in ["id", "created_at", "updated_at"] {
        whole.as_object_mut().unwrap().remove(read_only);
    }
    let answer = api.post_json("/webhooks", &whole).expect(200);
    let mut expected = example["answer"].clone();
    expected["id"] = json!(4);
    same(&answer, &expected);
}

#[test]
fn the_listing() {
    let sink = Sink::answering(|_| Reply::status(404));
    let daemon = start();
    let api = daemon.api();
    let document = document();
    let examples = document["list"]["answer"].as_array().unwrap();
    let (second, first) = (&examples[0], &examples[1]);
    let mut wanted = json!({ "name": first["name"], "event": first["event"] });
    wanted["uri"] = json!(sink.url("/axbxd3"));
    drop(create(&api, &wanted));
    drop(create(
        &api,
        &json!({ "name": second["name"], "event": second["event"], "uri": second["uri"] }),
    ));
    let event = json!({ "ticket": { "id": "81" }, "origin": { "kind": "tests" } });
    drop(daemon.send("ticket.team_changed", &event));
    until("the failure", || webhook(&api, &json!(1))["last_error"].as_str().map(drop));
    drop(patch(&api, "/webhooks/1", &json!({ "disabled": true })).expect(200));

    let answer = api.get("/webhooks").expect(200);
    let listed = answer.json();
    let mut first = timeless(first);
    first["uri"] = json!(sink.url("/axbxd3"));
    let listed: Vec<_> = listed.as_array().unwrap().iter().map(timeless).collect();
    assert_eq!(listed, [timeless(second), first.clone()]);
    let disabled = api.get("/webhooks/disabled").expect(200).json();
    assert_eq!(disabled.as_array().unwrap().iter().map(timeless).collect::<Vec<_>>(), [first]);
    let enabled = api.get("/webhooks/enabled").expect(200).json();
    assert_eq!(
        enabled.as_array().unwrap().iter().map(timeless).collect::<Vec<_>>(),
        [timeless(second)]
    );
    let text = answer.text();
    let of_first = &text[text.find("{\"id\":1,").unwrap()..];
    let fields =
        ["id", "name", "event", "uri", "disabled", "last_error", "created_at", "updated_at"];
    assert_eq!(order(of_first, &listed[1]), fields);
}

/// The message of a test has the webhook's contents, also while it is disabled.
#[test]
fn a_test_while_it_is_disabled() {
    let sink = Sink::start();
    let daemon = hookwright_tests::Daemon::start();
    install(&daemon);
    let api = daemon.api();
    let wanted = json!({
        "name": "Tried out", "event": "problem.update", "uri": sink.url("/hook"), "disabled": true,
    });
    let made = create(&api, &wanted);
    assert_eq!(made["disabled"], "true");
    let example = &document()["test"];
    drop(api.post(&format!("/webhooks/{}/test", made["id"]), &[], b"").expect(204));
    let body = until("the test", || sink.at("/hook").first().map(hookwright_tests::Request::json));
    assert_eq!(body["object_id"], example["object_id"]);
    assert_eq!(
        (&body["webhook_id"], &body["name"], &body["event"]),
        (&made["id"], &made["name"], &made["event"])
    );
    assert_eq!(sink.count(), 1);
}
