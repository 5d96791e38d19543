//! Sending, judging by status, trying again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hookwright_tests::{Daemon, Options, Reply, Sink, until};
use serde_json::{Value, json};

use crate::misbehave;

/// A destination that does not read answers, so that the host's own rules are seen.
fn zammad(name: &str, url: &str, more: &str) -> String {
    format!(
        r#"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"

        [[subscription]]
        name = "{name}"
        events = ["ticket.{name}"]
        plugin = "zammad"
        settings = {{ url = "{url}" }}
        preset = "none"
        {more}
        "#
    )
}

fn ticket() -> Value {
    json!({"ticket": {"id": "1", "title": "Hello"}})
}

const QUICK: &str = "retry = { attempts = 3, first_wait_s = 0.05, factor = 1, jitter = 0 }";

#[test]
fn failures_are_tried_again_and_then_given_up() {
    let sink = Sink::answering(|_| Reply::status(500));
    let daemon = Daemon::start();
    daemon.apply(&zammad("fails", &sink.url("/"), QUICK), &[]);
    let event = daemon.send("ticket.fails", &ticket());
    let delivery = daemon.ended(&event, "fails");
    assert_eq!(delivery["state"], "failed");
    assert_eq!(
        delivery["reason"],
        "given up after it was tried 3 times: 500 Internal Server Error"
    );
    let attempts = daemon.attempts(&delivery);
    assert_eq!(attempts.len(), 3);
    assert_eq!(sink.count(), 3);
    // The same request each time, under the same id.
    let ids: Vec<_> = sink
        .requests()
        .iter()
        .map(|request| request.header("x-zammad-delivery").unwrap())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let bodies: Vec<_> = sink.requests().into_iter().map(|request| request.body).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[test]
fn a_delivery_arrives_when_the_receiver_is_back_and_can_be_sent_again_by_hand() {
    let count = AtomicUsize::new(0);
    let sink = Sink::answering(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => Reply::status(503),
        _ => Reply::status(204),
    });
    let daemon = Daemon::start();
    daemon.apply(&zammad("back", &sink.url("/"), QUICK), &[]);
    let event = daemon.send("ticket.back", &ticket());
    let delivery = daemon.ended(&event, "back");
    assert_eq!(delivery["state"], "delivered");
    assert_eq!(daemon.attempts(&delivery).len(), 3);
    let id = delivery["id"].as_str().unwrap();
    assert!(daemon.cli(&["delivery", "retry", id]).status.success());
    until("a fourth request", || (sink.count() == 4).then_some(()));
    let again = daemon.ended(&event, "back");
    assert_eq!((again["id"].as_str(), again["state"].as_str()), (Some(id), Some("delivered")));
    assert_eq!(daemon.attempts(&again).len(), 4);
}

#[test]
fn gone_is_final_and_redirects_are_not_followed() {
    let sink = Sink::answering(|request| match request.path.as_str() {
        "/gone" => Reply::status(410),
        "/moved" => Reply::status(301).header("Location", "/elsewhere"),
        other => panic!("{other}"),
    });
    let daemon = Daemon::start();
    daemon.apply(&zammad("gone", &sink.url("/gone"), QUICK), &[]);
    daemon.apply(&zammad("moved", &sink.url("/moved"), QUICK), &[]);
    let event = daemon.send("ticket.gone", &ticket());
    let delivery = daemon.ended(&event, "gone");
    assert_eq!(delivery["reason"], "410 Gone: the receiver wants no more");
    assert_eq!(daemon.attempts(&delivery).len(), 1);
    let event = daemon.send("ticket.moved", &ticket());
    let delivery = daemon.ended(&event, "moved");
    let reason = delivery["reason"].as_str().unwrap();
    assert!(reason.ends_with("redirects are not followed; set the new address"), "{reason}");
    assert_eq!(sink.at("/moved").len(), 3);
}

#[test]
fn retry_after_is_never_undercut() {
    let count = AtomicUsize::new(0);
    let sink = Sink::answering(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::status(429).header("Retry-After", "2"),
        _ => Reply::status(200),
    });
    let daemon = Daemon::start();
    daemon.apply(&zammad("asked", &sink.url("/"), QUICK), &[]);
    let event = daemon.send("ticket.asked", &ticket());
    let delivery = daemon.ended(&event, "asked");
    let attempts = daemon.attempts(&delivery);
    assert_eq!(attempts[0]["result"]["asked"], json!({"secs": 2, "nanos": 0}));
    let time = |n: usize| attempts[n]["started_at"].as_str().unwrap().parse::<Moment>().unwrap();
    assert!(time(1).0 - time(0).0 >= 2_000, "{attempts:?}");
}

/// Milliseconds of a day; the tests do not run for days.
struct Moment(i64);

impl std::str::FromStr for Moment {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let clock = &text[11..23];
        let part = |range: std::ops::Range<usize>| clock[range].parse::<i64>().unwrap();
        Ok(Self(((part(0..2) * 60 + part(3..5)) * 60 + part(6..8)) * 1_000 + part(9..12)))
    }
}

#[test]
fn one_deadline_holds_for_all_of_an_attempt() {
    let sink = Sink::answering(|_| Reply::status(200).after(Duration::from_secs(30)));
    let daemon = Daemon::start();
    let once = "retry = { attempts = 1 }\ntimeout_s = 0.5";
    daemon.apply(&zammad("hangs", &sink.url("/"), once), &[]);
    let event = daemon.send("ticket.hangs", &ticket());
    let delivery = daemon.ended(&event, "hangs");
    assert_eq!(
        delivery["reason"],
        "given up after it was tried once: there was no answer within 0.5 s; the outcome is \
         unknown: the request was sent, and the receiver may have acted on it"
    );
    let attempt = daemon.attempts(&delivery).remove(0);
    let total = attempt["timings"]["total_us"].as_u64().unwrap();
    assert!((500_000..15_000_000).contains(&total), "{total}");
    assert!(attempt["received"].is_null());
}

#[test]
fn nobody_there_and_nothing_that_may_be_called() {
    let daemon = Daemon::with(Options { allow_addresses: None, ..Options::default() });
    let once = "retry = { attempts = 1 }";
    for (name, url, words) in [
        ("loopback", "http://127.0.0.1:9/", "127.0.0.1 may not be called: it is loopback"),
        ("decimal", "http://2130706433:9/", "127.0.0.1 may not be called: it is loopback"),
        ("octal", "http://0177.0.0.1:9/", "127.0.0.1 may not be called: it is loopback"),
        ("hex", "http://0x7f.1:9/", "127.0.0.1 may not be called: it is loopback"),
        ("six", "http://[::1]:9/", "::1 may not be called: it is loopback"),
        ("mapped", "http://[::ffff:10.0.0.1]/", "it is an IPv4 address in an IPv6 one"),
        ("metadata", "http://169.254.169.254/latest/meta-data/", "where clouds serve metadata"),
        ("named", "http://localhost:9/", "may not be called: it is loopback"),
    ] {
        daemon.apply(&zammad(name, url, once), &[]);
        let event = daemon.send(&format!("ticket.{name}"), &ticket());
        let delivery = daemon.ended(&event, name);
        let reason = delivery["reason"].as_str().unwrap();
        assert!(reason.contains(words), "{url}: {reason}");
        assert!(daemon.attempts(&delivery)[0]["received"].is_null());
    }
    let daemon = Daemon::start();
    daemon.apply(&zammad("closed", "http://127.0.0.1:1/", once), &[]);
    let event = daemon.send("ticket.closed", &ticket());
    let reason = daemon.ended(&event, "closed")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("no connection to 127.0.0.1:1: Connection refused"), "{reason}");
}

#[test]
fn large_answers_are_cut_and_the_rest_is_not_read() {
    let sink = Sink::answering(|_| Reply::ok(vec![b'x'; 5 << 20]));
    let daemon = Daemon::start();
    daemon.apply(&zammad("large", &sink.url("/"), ""), &[]);
    let event = daemon.send("ticket.large", &ticket());
    let delivery = daemon.ended(&event, "large");
    assert_eq!(delivery["state"], "delivered");
    let attempt = daemon.attempts(&delivery).remove(0);
    assert_eq!(attempt["received"]["complete"], false);
    assert_eq!(attempt["received"]["body"].as_str().unwrap().len(), 64 << 10);
}

#[test]
fn several_requests_go_in_order_and_resume_where_they_failed() {
    let count = AtomicUsize::new(0);
    let sink = Sink::answering(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        1 => Reply::status(500),
        _ => Reply::status(200),
    });
    let daemon = Daemon::start();
    daemon.apply(&misbehave("many", &sink.url("/"), QUICK), &[]);
    let event = daemon.send("test.many", &json!({"do": "many", "n": 3}));
    let delivery = daemon.ended(&event, "many");
    assert_eq!(delivery["state"], "delivered");
    let positions: Vec<_> = daemon
        .attempts(&delivery)
        .iter()
        .map(|attempt| (attempt["number"].as_u64().unwrap(), attempt["position"].as_u64().unwrap()))
        .collect();
    assert_eq!(positions, [(1, 0), (2, 1), (3, 1), (4, 2)], "the first is not sent again");
}

#[test]
fn the_host_signs() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    let more = r#"signing = [
        { scheme = "hub-signature", secret = "hub", digest = "sha256" },
        { scheme = "standard-webhooks", secret = "whsec" },
    ]"#;
    let toml = format!(
        "[[secret]]\nname = \"hub\"\nenv = \"HUB\"\n[[secret]]\nname = \"whsec\"\nenv = \"WHSEC\"\n{}",
        zammad("signed", &sink.url("/"), more)
    );
    let whsec = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    daemon.apply(&toml, &[("HUB", "It's a Secret to Everybody"), ("WHSEC", whsec)]);
    let event = daemon.send("ticket.signed", &ticket());
    let delivery = daemon.ended(&event, "signed");
    let request = sink.requests().remove(0);
    assert!(request.header("x-hub-signature-256").unwrap().starts_with("sha256="));
    assert_eq!(request.header("webhook-id").as_deref(), delivery["id"].as_str());
    assert!(request.header("webhook-signature").unwrap().starts_with("v1,"));
    // Other people's verifiers check the values, in `oracles`.
    let sent = &daemon.attempts(&delivery)[0]["sent"]["headers"];
    assert!(sent.to_string().contains("webhook-signature"), "{sent}");
}
