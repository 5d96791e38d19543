//! A destination that is ill, and who waits for it.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use hookwright_tests::{Act, Daemon, Reply, Script, Sink, until};
use serde_json::{Value, json};

use super::{ONE_TRY, pending, send, zammad};

fn destination(daemon: &Daemon, url: &str) -> Value {
    let origin = url.trim_end_matches('/');
    let all = daemon.api().items("/v1/destinations");
    all.into_iter().find(|one| one["origin"] == origin).unwrap_or_default()
}

/// Sends events until the circuit opens, each delivery of which fails once.
fn open(daemon: &Daemon, name: &str, url: &str) {
    for number in 1..=10 {
        drop(send(daemon, name));
        until("a try", || (destination(daemon, url)["tries"] == number).then_some(()));
    }
    assert_eq!(destination(daemon, url)["state"], "open");
}

fn waits_for_its_destination(delivery: &Value) -> bool {
    let reason = delivery["reason"].as_str().unwrap_or_default();
    reason.starts_with("waits for http://127.0.0.1:")
}

/// When something is, as a number that can be compared.
fn moment(text: &Value) -> String {
    text.as_str().unwrap().to_owned()
}

#[test]
fn deliveries_wait_while_a_destination_is_ill_and_one_probes() {
    let is_ill = Arc::new(AtomicBool::new(true));
    let now = Arc::clone(&is_ill);
    let sink = Sink::answering(move |_| match now.load(Ordering::SeqCst) {
        true => Reply::status(500),
        false => Reply::status(200),
    });
    let daemon = Daemon::start();
    let url = sink.url("");
    daemon.apply(&zammad("ill", &sink.url("/"), ONE_TRY), &[]);
    open(&daemon, "ill", &url);
    assert_eq!(sink.count(), 10);
    // Those that come now wait, and use up no try.
    for _ in 0..50 {
        drop(send(&daemon, "ill"));
    }
    let waiting = until("all to wait", || {
        let all = pending(&daemon, "ill");
        let waiting: Vec<_> = all.into_iter().filter(waits_for_its_destination).collect();
        (waiting.len() == 50).then_some(waiting)
    });
    let shown = destination(&daemon, &url);
    assert_eq!((&shown["failed"], &shown["tries"]), (&json!(10), &json!(10)), "{shown}");
    assert_eq!(shown["last_error"], "500 Internal Server Error");
    for delivery in &waiting {
        assert_eq!(delivery["attempts"], 0, "{delivery}");
        let reason = delivery["reason"].as_str().unwrap();
        assert!(reason.contains("10 of 10 requests failed: since 20"), "{reason}");
        assert!(reason.contains("the last failure was: 500 Internal Server Error"), "{reason}");
        assert!(delivery["next_attempt_at"].is_string());
    }
    // One probes, and what it brings back is that it is still ill.
    let first = shown["next_probe_at"].clone();
    until("the first probe", || (sink.count() == 11).then_some(()));
    let later = until("the next wait", || {
        let shown = destination(&daemon, &url);
        (shown["state"] == "open" && shown["next_probe_at"] != first).then_some(shown)
    });
    assert!(moment(&later["next_probe_at"]) > moment(&first), "{later}");
    // The second one finds it well, and then all of them go.
    is_ill.store(false, Ordering::SeqCst);
    until("all that waited to be delivered", || {
        let delivered = daemon.deliveries("subscription=ill&state=delivered");
        (delivered.len() == 49).then_some(())
    });
    assert_eq!(sink.count(), 60, "nobody else went before the probe");
    assert_eq!(destination(&daemon, &url)["state"], "closed");
    assert_eq!(pending(&daemon, "ill").len(), 11, "those that were tried wait as the policy says");
    let table = daemon.cli(&["destination", "list"]);
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.contains(&url) && table.contains("closed"), "{table}");
}

#[test]
fn tests_and_what_is_retried_by_hand_go_all_the_same() {
    let is_ill = Arc::new(AtomicBool::new(true));
    let now = Arc::clone(&is_ill);
    let sink = Sink::answering(move |_| match now.load(Ordering::SeqCst) {
        true => Reply::status(502),
        false => Reply::status(200),
    });
    let daemon = Daemon::start();
    let url = sink.url("");
    daemon.apply(&zammad("ends", &sink.url("/"), "retry = \"off\""), &[]);
    let event = send(&daemon, "ends");
    let ended = daemon.ended(&event, "ends");
    daemon.apply(&zammad("ends", &sink.url("/"), ONE_TRY), &[]);
    for number in 2..=10 {
        drop(send(&daemon, "ends"));
        until("a try", || (destination(&daemon, &url)["tries"] == number).then_some(()));
    }
    assert_eq!(destination(&daemon, &url)["state"], "open");
    // A test is tried once, and says what came of it.
    let test = daemon.cli(&["subscription", "test", "ends", "--wait", "--json"]);
    assert!(!test.status.success());
    assert_eq!(sink.count(), 11);
    assert_eq!(destination(&daemon, &url)["state"], "open");
    is_ill.store(false, Ordering::SeqCst);
    let id = ended["id"].as_str().unwrap();
    assert!(daemon.cli(&["delivery", "retry", id]).status.success());
    assert_eq!(daemon.ended(&event, "ends")["state"], "delivered");
    assert_eq!(destination(&daemon, &url)["state"], "closed", "that it went is known by it");
}

#[test]
fn what_waits_for_too_long_is_tried_once_all_the_same() {
    let daemon = Daemon::start();
    // Nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    daemon.apply(&zammad("dead", &format!("{url}/"), ONE_TRY), &[]);
    let brief = "retry = { waits_s = [0.1] }\ntimeout_s = 0.5";
    daemon.apply(&zammad("brief", &format!("{url}/"), brief), &[]);
    open(&daemon, "dead", &url);
    let event = send(&daemon, "brief");
    let delivery = daemon.ended(&event, "brief");
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("failed"), &json!(1)));
    let reason = delivery["reason"].as_str().unwrap();
    assert!(reason.starts_with("given up after it was tried once: no connection to"), "{reason}");
    assert!(reason.ends_with("it had waited for longer than its policy tries"), "{reason}");
}

#[test]
fn a_host_in_reserve_takes_the_place_of_one_that_is_ill() {
    let ill = Sink::answering(|_| Reply::status(500));
    let reserve = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&zammad("first", &ill.url("/"), ONE_TRY), &[]);
    let host = reserve.url("").replace("http://", "");
    let more = format!("{ONE_TRY}\nreserve_hosts = [\"{host}\"]");
    daemon.apply(&zammad("both", &ill.url("/"), &more), &[]);
    open(&daemon, "first", &ill.url(""));
    let event = send(&daemon, "both");
    let delivery = daemon.ended(&event, "both");
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("delivered"), &json!(1)));
    assert_eq!((ill.count(), reserve.count()), (10, 1));
}

#[test]
fn what_the_receiver_only_refuses_or_asks_to_wait_for_opens_nothing() {
    let count = AtomicUsize::new(0);
    let sink = Sink::answering(move |request| match request.path.as_str() {
        "/refuses" => Reply::status([400, 404, 422, 429][count.fetch_add(1, Ordering::SeqCst) % 4]),
        _ => Reply::status(503).header("Retry-After", "1"),
    });
    let daemon = Daemon::start();
    daemon.apply(&zammad("refuses", &sink.url("/refuses"), ONE_TRY), &[]);
    daemon.apply(&zammad("asks", &sink.url("/asks"), "retry = { every_s = 0.1, for_s = 60 }"), &[]);
    for _ in 0..15 {
        drop(send(&daemon, "refuses"));
    }
    until("all to be refused", || (sink.at("/refuses").len() == 15).then_some(()));
    drop(send(&daemon, "asks"));
    until("some to be asked to wait", || (sink.at("/asks").len() == 3).then_some(()));
    let shown = destination(&daemon, &sink.url(""));
    assert_eq!((&shown["state"], &shown["failed"]), (&json!("closed"), &json!(0)), "{shown}");
}

#[test]
fn broken_answers_and_a_secret_host_are_told_without_the_secret() {
    let broken = Script::start(|_| vec![Act::Write(b"HTTP/1.1 2".to_vec()), Act::Reset]);
    let daemon = Daemon::start();
    let address = broken.address().to_string();
    let toml = format!(
        r#"
        [[secret]]
        name = "hook-url"
        env = "HOOK_URL"

        [[plugin]]
        file = "target/plugins/destination-slack.wasm"

        [[subscription]]
        name = "broken"
        events = ["ticket.broken"]
        plugin = "slack"
        secrets = {{ webhook_url = "hook-url" }}
        {ONE_TRY}
        "#
    );
    let secret = format!("http://{address}/services/T0/B0/XyZ");
    daemon.apply(&toml, &[("HOOK_URL", &secret)]);
    for _ in 0..10 {
        drop(send(&daemon, "broken"));
    }
    let shown = until("the circuit to open", || {
        let all = daemon.api().items("/v1/destinations");
        all.into_iter().find(|one| one["state"] == "open")
    });
    assert_eq!(shown["origin"], "{secret:hook-url}");
    drop(send(&daemon, "broken"));
    let delivery = until("one to wait", || {
        let waits = |one: &Value| {
            one["reason"].as_str().is_some_and(|reason| reason.starts_with("waits for {secret:"))
        };
        pending(&daemon, "broken").into_iter().find(waits)
    });
    for text in [shown.to_string(), delivery.to_string(), daemon.log()] {
        assert!(!text.contains(&address) && !text.contains("XyZ"), "{text}");
    }
}

#[test]
fn an_ill_destination_holds_up_nobody_else() {
    let ill = Sink::answering(|_| Reply::status(500));
    let well = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&zammad("ill", &ill.url("/"), ONE_TRY), &[]);
    daemon.apply(&zammad("well", &well.url("/"), ""), &[]);
    open(&daemon, "ill", &ill.url(""));
    for _ in 0..200 {
        drop(send(&daemon, "ill"));
    }
    for _ in 0..20 {
        let event = send(&daemon, "well");
        assert_eq!(daemon.ended(&event, "well")["state"], "delivered");
    }
    assert!(ill.count() < 20, "{}", ill.count());
}
