//! Trying out a subscription: one message to it alone, by the way of all others.

use hookwright_tests::{Daemon, Options, Reply, Sink, ZAMMAD_KEY, hub_signature};
use serde_json::{Value, json};

use crate::{destinations, sources};

/// Sends a test message and returns its delivery when that has ended.
fn test(daemon: &Daemon, subscription: &str) -> Value {
    let sent = daemon.api().post(&format!("/v1/subscriptions/{subscription}/test"), &[], b"");
    let sent = sent.expect(202).json();
    let event = sent["event"].as_str().unwrap();
    let delivery = daemon.ended(event, subscription);
    assert_eq!(delivery["id"], sent["delivery"]);
    assert_eq!(daemon.deliveries(&format!("event={event}")).len(), 1, "{delivery}");
    delivery
}

fn template(name: &str, url: &str, more: &str) -> String {
    format!(
        "[[plugin]]\nfile = \"target/plugins/destination-template.wasm\"\n\
         [[subscription]]\nname = \"{name}\"\nplugin = \"template\"\n\
         settings = {{ url = \"{url}\", body = {{ id = \"{{ticket_id}}\" }} }}\n{more}\n"
    )
}

#[test]
fn every_destination_delivers_a_test() {
    let sink = destinations::services();
    let daemon = destinations::desk(&sink);
    for (name, _, _) in destinations::DESTINATIONS {
        let before = sink.count();
        let delivery = test(&daemon, name);
        assert_eq!(delivery["state"], "delivered", "{name}: {delivery}");
        let requests = sink.requests().split_off(before);
        assert_eq!(requests.len(), 1, "{name}");
        // R-Service's webhooks carry no texts.
        let title = format!("Test of the subscription {name}");
        let shown = if name == "r-service" { "\"object_id\":12345" } else { title.as_str() };
        assert!(requests[0].text().contains(shown), "{name}: {}", requests[0].text());
    }
    let sink = sources::receiver();
    let daemon = sources::desk(&sink, &[], "");
    for name in sources::DESTINATIONS {
        let delivery = test(&daemon, &format!("to-{name}"));
        assert_eq!(delivery["state"], "delivered", "{name}: {delivery}");
    }
    assert_eq!(sink.count(), sources::DESTINATIONS.len());
}

#[test]
fn a_test_reaches_one_subscription_whatever_it_takes() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    let off = "events = [\"person.created\"]\nsources = [\"nowhere\"]\ngroups = [\"none\"]\n\
               condition = \"false\"\nenabled = false";
    daemon.apply(&template("off", &sink.url("/off"), off), &[]);
    daemon.apply(&template("all", &sink.url("/all"), "events = [\"*\", \"subscription.*\"]"), &[]);
    let delivery = test(&daemon, "off");
    assert_eq!(delivery["state"], "delivered");
    assert_eq!(sink.at("/off")[0].json(), json!({ "id": "12345" }));
    assert_eq!(sink.count(), 1, "nobody else gets it");

    // It stands in the journal as what it is.
    let event = delivery["event_id"].as_str().unwrap();
    let shown = daemon.api().get(&format!("/v1/events/{event}")).expect(200).json();
    assert_eq!(
        (&shown["source"], &shown["type"], &shown["subject"]),
        (&json!("hookwright"), &json!("subscription.test"), &json!("12345"))
    );
    let schema = daemon.api().get("/v1/schemas/ticket/1").expect(200).json();
    assert!(jsonschema::is_valid(&schema, &shown["data"]), "{shown}");
    let answers = daemon.api().post_json("/v1/subscriptions/match", &shown).expect(200).json();
    for answer in answers["items"].as_array().unwrap() {
        assert_eq!((&answer["taken"], &answer["reason"]), (&json!(false), &json!("control")));
    }

    // By its id, and by the command line, which waits.
    let id = delivery["subscription_id"].as_str().unwrap();
    drop(daemon.api().post(&format!("/v1/subscriptions/{id}/test"), &[], b"").expect(202));
    let output = daemon.cli(&["subscription", "test", "off", "--wait"]);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && table.contains("delivered  200"), "{table}");
    let output = daemon.cli(&["--json", "subscription", "test", "all"]);
    let sent: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(daemon.ended(sent["event"].as_str().unwrap(), "all")["state"], "delivered");
    drop(daemon.api().post("/v1/subscriptions/none/test", &[], b"").problem(404));
    let list = String::from_utf8(daemon.cli(&["subscription", "list"]).stdout).unwrap();
    assert!(list.contains("disabled") && list.contains("active"), "{list}");
}

#[test]
fn a_test_is_signed_and_tried_once() {
    let sink = Sink::answering(|_| Reply::status(503).header("Retry-After", "1"));
    let daemon = Daemon::start();
    let more = "events = [\"*\"]\nretry = { attempts = 5, first_wait_s = 0.01 }\n\
                signing = [{ scheme = \"hub-signature\", secret = \"key\", digest = \"sha1\" }]";
    let secret = "[[secret]]\nname = \"key\"\nenv = \"KEY\"\n";
    let toml = secret.to_owned() + &template("desk", &sink.url("/desk"), more);
    daemon.apply(&toml, &[("KEY", ZAMMAD_KEY)]);
    let delivery = test(&daemon, "desk");
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("failed"), &json!(1)));
    assert_eq!(delivery["status"], 503);
    let reason = delivery["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("a test is tried once only: ") && reason.contains("503"),
        "{reason}"
    );
    assert!(delivery["next_attempt_at"].is_null());
    let signature = sink.at("/desk")[0].header("x-hub-signature").unwrap();
    assert_eq!(signature, hub_signature(ZAMMAD_KEY, &sink.at("/desk")[0].body));
    let output = daemon.cli(&["subscription", "test", "desk", "--wait"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("failed"));
    assert!(String::from_utf8(output.stderr).unwrap().contains("it was not delivered"));
    assert_eq!(sink.count(), 2);
}

#[test]
fn a_test_calls_no_address_that_is_not_allowed() {
    let sink = Sink::start();
    let daemon = Daemon::with(Options { allow_addresses: None, ..Options::default() });
    daemon.apply(&template("desk", &sink.url("/desk"), "events = [\"*\"]"), &[]);
    let delivery = test(&daemon, "desk");
    assert_eq!(delivery["state"], "failed");
    assert!(delivery["reason"].as_str().unwrap().contains("may not be called"), "{delivery}");
    assert_eq!(sink.count(), 0);
}

#[test]
fn nobody_else_speaks_for_the_daemon() {
    let sink = sources::receiver();
    let daemon = sources::desk(&sink, &["r-service"], "");
    let api = daemon.api();
    let event = |event_type: &str, source: &str| json!({ "specversion": "1.0", "id": "1", "source": source, "type": event_type });
    let post = |body: &Value, kind: &str| {
        let kind = [("Content-Type", kind)];
        let answer = api.post("/v1/events", &kind, body.to_string().as_bytes());
        answer.problem(422)["errors"][0].clone()
    };
    let structured = "application/cloudevents+json";
    for reserved in ["subscription.test", "subscription.verify_requested", "connection.tested"] {
        let error = post(&event(reserved, "tests"), structured);
        assert_eq!(error["pointer"], "/type");
        assert!(error["detail"].as_str().unwrap().contains("only the daemon itself"), "{error}");
    }
    assert_eq!(post(&event("ticket.created", "HookWright"), structured)["pointer"], "/source");
    let batch = json!([event("ticket.created", "tests"), event("subscription.test", "tests")]);
    assert_eq!(post(&batch, "application/cloudevents-batch+json")["pointer"], "/1/type");
    // What only looks like it is let through.
    let kind = [("Content-Type", structured)];
    let near = event("subscriptions.test", "hookwright2").to_string();
    drop(api.post("/v1/events", &kind, near.as_bytes()).expect(202));

    // A source's plugin takes nouns over that it does not know. The post is kept.
    let hook = json!({ "event": "subscription.create", "object_id": 7, "payload": {} }).to_string();
    let kind = [("Content-Type", "application/json")];
    let problem = api.anonymous().post("/in/r-service/url-token", &kind, hook.as_bytes());
    let problem = problem.problem(422);
    assert!(problem["detail"].as_str().unwrap().contains("`subscription.other`"), "{problem}");
    drop(api.get(problem["instance"].as_str().unwrap()).expect(200));
    assert_eq!(api.items("/v1/events").len(), 1);

    let toml =
        "[[source]]\nname = \"hookwright\"\nplugin = \"r-service\"\nauth = { kind = \"none\" }";
    let output = daemon.try_apply(toml, &[]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("source `hookwright`: name: events of the daemon itself"), "{error}");
}
