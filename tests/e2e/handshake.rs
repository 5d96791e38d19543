//! Whoever owns the address of a subscription is asked first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use hookwright_tests::{Daemon, Options, Reply, Sink, until};
use serde_json::{Value, json};

use crate::sources;

/// A subscription of everything that asks for its address to be confirmed.
fn desk(uri: &str, more: &str) -> String {
    format!(
        "[[plugin]]\nfile = \"target/plugins/destination-r-service.wasm\"\n\
         [[subscription]]\nname = \"desk\"\nevents = [\"*\"]\nplugin = \"r-service\"\n\
         settings = {{ uri = \"{uri}\", webhook_id = 945 }}\nverify = true\n{more}\n"
    )
}

fn ticket() -> Value {
    json!({ "ticket": { "id": "81", "title": "x" }, "origin": { "kind": "tests" } })
}

fn state(daemon: &Daemon) -> String {
    daemon.api().items("/v1/subscriptions")[0]["state"].as_str().unwrap().to_owned()
}

/// Sends an event, and says how many subscriptions take it.
fn takers(daemon: &Daemon) -> usize {
    let event = daemon.send("ticket.created", &ticket());
    let takers = daemon.deliveries(&format!("event={event}")).len();
    if takers > 0 {
        assert_eq!(daemon.ended(&event, "desk")["state"], "delivered");
    }
    takers
}

/// The addresses to call back that have come in at this path, in order.
fn callbacks(sink: &Sink, path: &str) -> Vec<String> {
    let asked = sink.at(path).into_iter().map(|request| request.json());
    let asked = asked.filter(|body| body["event"] == "webhook.verify");
    asked.map(|body| body["payload"]["callback"].as_str().unwrap().to_owned()).collect()
}

fn callback(sink: &Sink, path: &str) -> String {
    until("the question", || callbacks(sink, path).pop())
}

/// The part of it that is asked for, of the daemon itself.
fn path<'a>(daemon: &Daemon, callback: &'a str) -> &'a str {
    callback.strip_prefix(&daemon.url()).unwrap_or_else(|| panic!("{callback}"))
}

#[test]
fn events_arrive_after_the_address_was_confirmed() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    let toml = desk(&sink.url("/one"), "");
    daemon.apply(&toml, &[]);
    let asked = callback(&sink, "/one");
    assert_eq!((state(&daemon).as_str(), takers(&daemon)), ("unconfirmed", 0));

    // What came is R-Service's own question.
    let body = sink.at("/one")[0].json();
    assert_eq!((&body["webhook_id"], &body["object_id"]), (&json!(945), &json!(945)));
    assert_eq!(body["payload"].as_object().unwrap().len(), 1);
    let id = daemon.api().items("/v1/subscriptions")[0]["id"].as_str().unwrap().to_owned();
    let asked_path = path(&daemon, &asked).to_owned();
    assert!(asked_path.starts_with(&format!("/webhooks/{id}/verify?code=")), "{asked}");
    let code = asked_path.split(['=', '&']).nth(1).unwrap();
    assert!(code.len() >= 22, "128 bits have 22 characters in base64: {code}");

    // The journal has it, as the schema says, and tells why events do not arrive.
    let events = daemon.api().items("/v1/events?type=subscription.verify_requested");
    assert_eq!((events.len(), &events[0]["data_schema"]), (1, &json!("verify/1")));
    let schema = daemon.api().get("/v1/schemas/verify/1").expect(200).json();
    assert!(jsonschema::is_valid(&schema, &events[0]["data"]), "{}", events[0]);
    let event = json!({
        "specversion": "1.0", "id": "1", "source": "tests", "type": "ticket.created", "data": ticket(),
    });
    let answers = daemon.api().post_json("/v1/subscriptions/match", &event).expect(200).json();
    let answer = &answers["items"][0];
    assert_eq!((&answer["taken"], &answer["reason"]), (&json!(false), &json!("unconfirmed")));
    assert_eq!(answer["detail"], "the subscription waits for its address to be confirmed");
    let list = String::from_utf8(daemon.cli(&["subscription", "list"]).stdout).unwrap();
    assert!(list.contains("unconfirmed"), "{list}");

    // What is set up again as it is asks nobody again.
    daemon.apply(&toml, &[]);
    let outside = daemon.api().anonymous();
    let confirmed = outside.get(&asked_path).expect(200);
    assert_eq!(confirmed.json(), json!({ "confirmed": true }));
    assert_eq!((state(&daemon).as_str(), takers(&daemon)), ("active", 1));
    let arrived = until("the event", || sink.at("/one").into_iter().nth(1));
    assert_eq!(arrived.json()["event"], "request.create");
    assert_eq!(callbacks(&sink, "/one").len(), 1);
    let noted = daemon.api().items("/v1/audit?action=subscription.confirm");
    assert_eq!((noted.len(), &noted[0]["target"]["name"]), (1, &json!("desk")), "{noted:?}");
    assert_eq!(noted[0]["address"], "127.0.0.1");
    // Called twice, by POST this time, it is still confirmed.
    drop(outside.post(&asked_path, &[], b"").expect(200));
    drop(daemon.api().post("/v1/subscriptions/desk/verify", &[], b"").problem(409));

    // Another address, and back.
    daemon.apply(&desk(&sink.url("/two"), ""), &[]);
    let second = callback(&sink, "/two");
    assert_eq!((state(&daemon).as_str(), takers(&daemon)), ("unconfirmed", 0));
    drop(outside.get(&asked_path).problem(404));
    daemon.apply(&toml, &[]);
    assert_eq!((state(&daemon).as_str(), takers(&daemon)), ("active", 1));
    drop(outside.get(path(&daemon, &second)).problem(404));
    let daemon = daemon.kill_and_restart();
    assert_eq!((state(&daemon).as_str(), takers(&daemon)), ("active", 1));
    until("both events", || (sink.at("/one").len() == 4).then_some(()));
    assert_eq!((callbacks(&sink, "/one").len(), sink.at("/two").len()), (1, 1));
}

#[test]
fn an_address_is_confirmed_for_all_subscriptions() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    let toml = desk(&sink.url("/"), "");
    daemon.apply(&toml, &[]);
    let asked = callback(&sink, "/");
    drop(daemon.api().anonymous().get(path(&daemon, &asked)).expect(200));
    daemon.apply(&toml.replace("\"desk\"", "\"other\""), &[]);
    let states: Vec<_> = daemon.api().items("/v1/subscriptions");
    assert!(states.iter().all(|subscription| subscription["state"] == "active"), "{states:?}");
    assert_eq!(takers(&daemon), 2);
    until("both", || (sink.count() == 3).then_some(()));
    // The code is good for the one that it was made for.
    let other = states.iter().find(|subscription| subscription["name"] == "other").unwrap();
    let (other, code) = (other["id"].as_str().unwrap(), asked.split_once("/verify").unwrap().1);
    drop(daemon.api().get(&format!("/webhooks/{other}/verify{code}")).problem(404));
}

#[test]
fn a_wrong_code_confirms_nothing() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&desk(&sink.url("/"), ""), &[]);
    let asked = callback(&sink, "/");
    let asked = path(&daemon, &asked);
    let (start, expiry) = asked.split_once("&expires_at=").unwrap();
    let later = format!("{start}&expires_at={}", expiry.parse::<i64>().unwrap() + 1);
    let (place, code) = start.split_once("code=").unwrap();
    let first = if code.starts_with('A') { 'B' } else { 'A' };
    let near = format!("{place}code={first}{}&expires_at={expiry}", &code[1..]);
    let no_one = "/webhooks/sub_01234567890123456789012345678901";
    let verify = asked.split_once("/verify").unwrap().1;
    let wrong = [
        later,
        near,
        start.to_owned(),
        place.to_owned(),
        format!("{place}code=&expires_at={expiry}"),
        format!("{no_one}/verify{verify}"),
        format!("/webhooks/desk/verify{verify}"),
        format!("{start}&expires_at=99999999999999999999999"),
    ];
    for wrong in &wrong {
        let problem = daemon.api().anonymous().get(wrong).problem(404);
        assert!(!problem.to_string().contains(code), "{problem}");
    }
    assert_eq!(state(&daemon), "unconfirmed");
    assert!(!daemon.log().contains(code), "the code is in the log");
    drop(daemon.api().anonymous().get(asked).expect(200));
    assert_eq!(state(&daemon), "active");
}

#[test]
fn a_daemon_confirms_what_another_one_sends_it() {
    let sink = sources::receiver();
    let sender = Daemon::start();
    let more = format!("settings = {{ url = \"{}\" }}", sender.url());
    let receiver = sources::desk(&sink, &["r-service"], &more);
    sender.apply(&desk(&format!("{}/in/r-service/url-token", receiver.url()), ""), &[]);
    until("the handshake", || (state(&sender) == "active").then_some(()));
    assert!(receiver.api().items("/v1/events").is_empty(), "the question is no event");
    let event = sender.send("ticket.created", &ticket());
    assert_eq!(sender.ended(&event, "desk")["state"], "delivered");
    let taken = receiver.api().items("/v1/events");
    assert_eq!(
        (taken.len(), &taken[0]["type"], &taken[0]["subject"]),
        (1, &json!("ticket.created"), &json!("81"))
    );
}

#[test]
fn a_disabled_subscription_is_tested_and_confirmed() {
    let sink = Sink::start();
    let args = vec!["--public-url".to_owned(), "https://hooks.example.com/desk/".to_owned()];
    let daemon = Daemon::with(Options { args, ..Options::default() });
    let toml = desk(&sink.url("/"), "enabled = false");
    daemon.apply(&toml, &[]);
    let asked = callback(&sink, "/");
    let there = asked.strip_prefix("https://hooks.example.com/desk/webhooks/").unwrap();
    let output = daemon.cli(&["subscription", "test", "desk", "--wait"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tested = sink.requests().pop().unwrap().json();
    // Seed 003: "The object_id will always be equal to 12345 for these tests."
    assert_eq!((&tested["event"], &tested["object_id"]), (&json!("request.create"), &json!(12345)));
    assert_eq!(state(&daemon), "disabled");
    drop(daemon.api().anonymous().get(&format!("/webhooks/{there}")).expect(200));
    daemon.apply(&toml.replace("enabled = false", ""), &[]);
    assert_eq!((state(&daemon).as_str(), takers(&daemon)), ("active", 1));
    until("the event", || (sink.count() == 3).then_some(()));
    assert_eq!(callbacks(&sink, "/").len(), 1);
}

#[test]
fn the_question_is_asked_again() {
    let status = Arc::new(AtomicU16::new(503));
    let answer = Arc::clone(&status);
    let sink = Sink::answering(move |_| Reply::status(answer.load(Ordering::Relaxed)));
    let daemon = Daemon::start();
    let retry = "retry = { attempts = 1000, first_wait_s = 0.05, factor = 1.0, jitter = 0.0 }";
    daemon.apply(&desk(&sink.url("/"), retry), &[]);
    until("a retry", || (callbacks(&sink, "/").len() > 1).then_some(()));
    status.store(200, Ordering::Relaxed);
    let event = daemon.api().items("/v1/events")[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(daemon.ended(&event, "desk")["state"], "delivered");
    // The same question: its code has not changed.
    let mut all = callbacks(&sink, "/");
    all.dedup();
    assert_eq!(all.len(), 1, "{all:?}");

    let output = daemon.cli(&["subscription", "verify", "desk", "--wait"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(daemon.api().items("/v1/events").len(), 2);
    // Either code is good.
    drop(daemon.api().anonymous().get(path(&daemon, &all[0])).expect(200));
    assert_eq!(state(&daemon), "active");
}

#[test]
fn a_question_about_an_address_that_was_given_up_ends() {
    let sink = Sink::answering(|request| match request.path.as_str() {
        "/one" => Reply::status(503),
        _ => Reply::ok("ok"),
    });
    let daemon = Daemon::start();
    let retry = "retry = { attempts = 1000, first_wait_s = 0.05, factor = 1.0, jitter = 0.0 }";
    daemon.apply(&desk(&sink.url("/one"), retry), &[]);
    until("the question", || callbacks(&sink, "/one").pop());
    let first = daemon.api().items("/v1/events")[0]["id"].as_str().unwrap().to_owned();
    daemon.apply(&desk(&sink.url("/two"), retry), &[]);
    let ended = daemon.ended(&first, "desk");
    assert_eq!(ended["state"], "canceled", "{ended}");
    assert!(ended["reason"].as_str().unwrap().contains("another address now"), "{ended}");
    // Confirmed while a question is under way, as when only the answer to it got lost.
    daemon.apply(&desk(&sink.url("/one"), retry), &[]);
    let last = daemon.api().items("/v1/events")[0]["id"].as_str().unwrap().to_owned();
    assert_ne!(last, first);
    let asked = callbacks(&sink, "/one").pop().unwrap();
    drop(daemon.api().anonymous().get(path(&daemon, &asked)).expect(200));
    let ended = daemon.ended(&last, "desk");
    assert_eq!(ended["state"], "skipped", "{ended}");
}

#[test]
fn what_was_under_way_waits_for_the_new_address() {
    let sink = Sink::answering(|request| match request.path.as_str() {
        "/one" => Reply::status(503),
        _ => Reply::ok("ok"),
    });
    let daemon = Daemon::start();
    let retry = "retry = { attempts = 1000, first_wait_s = 0.05, factor = 1.0, jitter = 0.0 }";
    let without = desk(&sink.url("/one"), retry).replace("verify = true", "");
    daemon.apply(&without, &[]);
    assert_eq!(state(&daemon), "active");
    let event = daemon.send("ticket.created", &ticket());
    until("a try", || (sink.count() > 0).then_some(()));
    // The same address, which nobody has confirmed.
    daemon.apply(&desk(&sink.url("/one"), retry), &[]);
    let held = until("the delivery to wait", || {
        let mut all = daemon.deliveries(&format!("event={event}"));
        let waits = all[0]["reason"] == "the subscription waits for its address to be confirmed";
        waits.then(|| all.remove(0))
    });
    assert_eq!(held["state"], "pending");
}

#[test]
fn only_a_plugin_that_can_ask_may_be_told_to() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    let toml = desk(&sink.url("/"), "").replace("r-service", "zammad");
    let settings = format!("uri = \"{}\", webhook_id = 945", sink.url("/"));
    assert!(toml.contains(&settings));
    let toml = toml.replace(&settings, &format!("url = \"{}\"", sink.url("/")));
    let output = daemon.try_apply(&toml, &[]);
    let error = String::from_utf8(output.stderr).unwrap();
    let told = "subscription `desk`: verify: the plugin `zammad` cannot ask whoever owns";
    assert!(!output.status.success() && error.contains(told), "{error}");
    daemon.apply(&toml.replace("verify = true", ""), &[]);
    drop(daemon.api().post("/v1/subscriptions/desk/verify", &[], b"").problem(409));
    assert_eq!(sink.count(), 0);
}
