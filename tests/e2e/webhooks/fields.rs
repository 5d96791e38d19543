//! What webhooks have besides: written, read back as it was written, and bounded.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hookwright_tests::{Sink, until};
use serde_json::{Value, json};

use super::{create, delete, patch, plain, start, subscription, webhook, wrong};
use crate::all_bytes;

const URI: &str = "https://myserver.example.com/mywebhook";

#[test]
fn what_is_written_is_read() {
    let daemon = start();
    let api = daemon.api();
    let wanted = json!({
        "name": "Проблема: «изменена» 💡",
        "event": "problem.update",
        "uri": "https://myserver.example.com:8443/a/b?c=d&e=%20",
        "disabled": "true",
        "description": " Several\nlines, and \"quotes\" ",
        "mail_exceptions_to": "john.doe@example.com,jane.doe@example.com",
        "source": "Terraform",
        "sourceID": "desk/7",
    });
    let made = create(&api, &wanted);
    for (field, value) in wanted.as_object().unwrap() {
        assert_eq!(&made[field], value, "{field}");
    }
    assert_eq!(webhook(&api, &made["id"]), made);

    // Only what is named changes; what is read only is no mistake in what is sent back.
    let mut whole = made.clone();
    whole["description"] = Value::Null;
    whole["disabled"] = json!(false);
    whole["id"] = json!(999);
    let id = &made["id"];
    let path = format!("/webhooks/{id}");
    let changed = patch(&api, &path, &whole).expect(200).json();
    assert!(changed.get("description").is_none() && changed.get("disabled").is_none());
    for field in ["id", "name", "uri", "mail_exceptions_to", "source", "sourceID", "created_at"] {
        assert_eq!(changed[field], made[field], "{field}");
    }
    let changed = patch(&api, &path, &json!({ "name": "Other" })).expect(200).json();
    assert_eq!((&changed["name"], &changed["uri"]), (&json!("Other"), &made["uri"]));
    // Both forms of false, and of true.
    for (disabled, shown) in [(json!("false"), Value::Null), (json!(true), json!("true"))] {
        let changed = patch(&api, &path, &json!({ "disabled": disabled })).expect(200).json();
        assert_eq!(changed["disabled"], shown);
    }
    // A name need not be unique, nor be there at all.
    let again = create(&api, &wanted);
    assert_eq!(again["name"], wanted["name"]);
    assert_ne!(subscription(&api, &again)["name"], subscription(&api, &made)["name"]);
    let changed = patch(&api, &path, &json!({ "name": null })).expect(200).json();
    assert_eq!(changed["name"], "problem.update");
    let listed = api.get("/webhooks?fields=attachments,description").expect(200).json();
    assert_eq!(listed[1], json!({ "id": id, "description": null, "attachments": [] }));
}

#[test]
fn limits_are_those_of_the_document() {
    let daemon = start();
    let api = daemon.api();
    let with = |field: &str, value: Value| {
        let mut wanted = plain("problem.update", URI);
        wanted[field] = value;
        api.post_json("/webhooks", &wanted)
    };
    // Characters of a source, bytes of a description.
    for (field, longest) in [
        ("source", "ы".repeat(30)),
        ("sourceID", "ы".repeat(128)),
        ("description", "x".repeat(65_536)),
    ] {
        let made = with(field, json!(longest)).expect(200).json();
        assert_eq!(made[field], longest.as_str(), "{field}");
        let detail = wrong(&with(field, json!(format!("{longest}x"))), field);
        assert!(detail.contains("at most"), "{field}: {detail}");
    }
    for (field, value, words) in [
        ("uri", json!("ftp://a.example/"), "http://"),
        ("uri", json!("https://"), "does not match"),
        ("uri", json!(7), "required"),
        ("disabled", json!("yes"), "true or false"),
        ("disabled", json!(1), "true or false"),
        ("description", json!(["x"]), "text"),
        ("name", json!("x".repeat(501)), "501"),
        ("colour", json!("red"), "there is no such field"),
        ("description_attachments", json!([{ "key": "x" }]), "nothing can be attached"),
        ("webhook_policy", json!(12), "no webhook policy with the id 12"),
        ("webhook_policy", json!(true), "the id of a webhook policy"),
    ] {
        let detail = wrong(&with(field, value.clone()), field);
        if field != "name" {
            assert!(detail.contains(words), "{field} {value}: {detail}");
        }
    }
    let problem = api.post_json("/webhooks", &json!({})).problem(422);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem}");
    assert!(problem["message"].as_str().unwrap().contains("event: it is required"), "{problem}");
    drop(api.post("/webhooks", &[], b"{").problem(400));
    drop(api.post_json("/webhooks", &json!([])).problem(422));
    for (method, path) in
        [("GET", "/webhooks/99"), ("GET", "/webhooks/x"), ("DELETE", "/webhooks/99")]
    {
        drop(api.try_send(method, path, &[], b"").unwrap().problem(404));
    }
    assert_eq!(api.get("/webhooks").expect(200).json().as_array().unwrap().len(), 3);
}

#[test]
fn credentials_in_the_address_are_secrets() {
    let sink = Sink::start();
    let daemon = start();
    let api = daemon.api();
    let with = |user: &str| sink.url("/hook").replace("http://", &format!("http://{user}@"));
    let authorization = |number: usize| {
        let request = until("the request", || sink.at("/hook").get(number - 1).cloned());
        request.header("authorization")
    };
    let basic = |pair: &str| Some(format!("Basic {}", BASE64_STANDARD.encode(pair)));
    let made = create(&api, &plain("request.create", &with("desk%40x:p%3Ass-w0rd")));
    let masked = with("***:***");
    assert_eq!(made["uri"], masked.as_str());
    let path = format!("/webhooks/{}", made["id"]);
    let test = || drop(api.post(&format!("{path}/test"), &[], b"").expect(204));
    test();
    assert_eq!(authorization(1), basic("desk@x:p:ss-w0rd"));

    // What is shown can be sent back; what it stands for goes nowhere else.
    let changed = patch(&api, &path, &json!({ "uri": made["uri"], "name": "x" })).expect(200);
    assert_eq!(changed.json()["uri"], masked.as_str());
    test();
    assert_eq!(authorization(2), basic("desk@x:p:ss-w0rd"));
    let elsewhere = json!({ "uri": "http://***:***@elsewhere.example/" });
    assert!(wrong(&patch(&api, &path, &elsewhere), "uri").contains("another host"));

    drop(patch(&api, &path, &json!({ "uri": with("other:An0ther-0ne") })).expect(200));
    test();
    assert_eq!(authorization(3), basic("other:An0ther-0ne"));
    for text in ["p:ss-w0rd", "p%3Ass-w0rd", "An0ther-0ne"] {
        let found: Vec<_> = all_bytes(daemon.data())
            .into_iter()
            .filter(|(_, bytes)| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
            .map(|(name, _)| name)
            .collect();
        assert!(found.is_empty(), "{text} is in {found:?}");
        assert!(!daemon.log().contains(text), "{text} is in the log");
        assert!(!api.get("/v1/subscriptions").text().contains(text));
    }
    let short = patch(&api, &path, &json!({ "uri": with("other:abc") }));
    assert!(wrong(&short, "uri").contains("at least 4 bytes"), "{}", short.text());

    // Without them there are none any more, nor when the webhook is gone.
    let secrets = || subscription(&api, &made)["secrets"].as_object().unwrap().len();
    assert_eq!(secrets(), 2);
    let bare = patch(&api, &path, &json!({ "uri": sink.url("/hook") })).expect(200).json();
    assert_eq!((&bare["uri"], secrets()), (&json!(sink.url("/hook")), 0));
    test();
    assert_eq!(authorization(4), None);
    assert!(
        wrong(&patch(&api, &path, &json!({ "uri": masked })), "uri").contains("none are known")
    );
    drop(patch(&api, &path, &json!({ "uri": with("desk:p4ssw0rd") })).expect(200));
    drop(delete(&api, &path).expect(204));
    let missing = json!({ "remove": { "secrets": ["request.create.password"] } });
    let problem = api.post_json("/v1/apply", &missing).problem(422);
    assert!(problem["detail"].as_str().unwrap().contains("there is no secret"), "{problem}");
}
