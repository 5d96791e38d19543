//! Subscriptions that are disabled by themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hookwright_tests::{Daemon, Reply, Sink, until};
use serde_json::{Value, json};

use super::{ONE_TRY, send, zammad};

#[test]
fn gone_disables_and_enabling_goes_on() {
    let is_gone = Arc::new(AtomicBool::new(true));
    let now = Arc::clone(&is_gone);
    let sink = Sink::answering(move |_| match now.load(Ordering::SeqCst) {
        true => Reply::status(410),
        false => Reply::status(200),
    });
    let daemon = Daemon::start();
    daemon.apply(&zammad("gone", &sink.url("/"), ""), &[]);
    daemon.apply(&zammad("stays", &sink.url("/"), "disable_on_failure = false"), &[]);
    let subscription = |daemon: &Daemon, name: &str| {
        let all = daemon.api().items("/v1/subscriptions");
        all.into_iter().find(|one| one["name"] == name).unwrap()
    };
    assert_eq!(subscription(&daemon, "gone")["consecutive_failures"], 0);
    for name in ["gone", "stays"] {
        let event = send(&daemon, name);
        assert_eq!(daemon.ended(&event, name)["reason"], "410 Gone: the receiver wants no more");
    }
    let shown = until("the subscription to be disabled", || {
        let shown = subscription(&daemon, "gone");
        (shown["state"] == "disabled").then_some(shown)
    });
    assert_eq!(shown["enabled"], false);
    assert_eq!(shown["last_error"], "410 Gone: the receiver wants no more");
    assert!(shown["last_error_at"].is_string() && shown["disabled_at"].is_string(), "{shown}");
    let stays = subscription(&daemon, "stays");
    assert_eq!((&stays["state"], &stays["consecutive_failures"]), (&json!("active"), &json!(1)));
    let list = String::from_utf8(daemon.cli(&["subscription", "list"]).stdout).unwrap();
    assert!(list.contains("1 in a row: 410 Gone"), "{list}");
    until("the log to tell", || {
        daemon.log().contains("the subscription is disabled").then_some(())
    });
    // It is so after a crash, and whoever looks is told.
    let daemon = daemon.kill_and_restart();
    let shown = subscription(&daemon, "gone");
    assert_eq!((&shown["state"], &shown["enabled"]), (&json!("disabled"), &json!(false)));
    assert_eq!(shown["last_error"], "410 Gone: the receiver wants no more");
    let data = daemon.data().to_str().unwrap().to_owned();
    let doctor = daemon.cli(&["doctor", "--json", "--data", &data]);
    let found: Vec<Value> = serde_json::from_slice(&doctor.stdout).unwrap();
    let finding = found.iter().find(|one| one["what"] == "subscriptions").unwrap();
    assert_eq!(finding["health"], "warning");
    assert!(finding["detail"].as_str().unwrap().contains("`gone` was disabled"), "{finding}");
    // Enabling it begins anew.
    is_gone.store(false, Ordering::SeqCst);
    assert!(daemon.cli(&["subscription", "enable", "gone"]).status.success());
    let shown = subscription(&daemon, "gone");
    assert_eq!((&shown["state"], &shown["consecutive_failures"]), (&json!("active"), &json!(0)));
    assert!(shown["disabled_at"].is_null(), "{shown}");
    let event = send(&daemon, "gone");
    assert_eq!(daemon.ended(&event, "gone")["state"], "delivered");
    // As it does by a file that has it enabled.
    is_gone.store(true, Ordering::SeqCst);
    let event = send(&daemon, "gone");
    assert_eq!(daemon.ended(&event, "gone")["state"], "failed");
    until("the subscription to be disabled again", || {
        (subscription(&daemon, "gone")["state"] == "disabled").then_some(())
    });
    daemon.apply(&zammad("gone", &sink.url("/"), ""), &[]);
    let shown = subscription(&daemon, "gone");
    assert_eq!((&shown["state"], &shown["consecutive_failures"]), (&json!("active"), &json!(0)));
    let unknown = daemon.api().post("/v1/subscriptions/nobody/enable", &[], b"").problem(404);
    assert_eq!(unknown["detail"], "there is no subscription `nobody`");
}

#[test]
fn many_failures_within_a_week_disable_nothing() {
    let sink = Sink::answering(|_| Reply::status(404));
    let mut daemon = Daemon::start();
    daemon.apply(&zammad("fails", &sink.url("/"), ONE_TRY), &[]);
    for _ in 0..40 {
        drop(send(&daemon, "fails"));
    }
    let shown = until("forty failures", || {
        let shown = daemon.api().items("/v1/subscriptions").remove(0);
        (shown["consecutive_failures"] == 40).then_some(shown)
    });
    assert_eq!(
        (&shown["state"], &shown["last_error"]),
        (&json!("active"), &json!("404 Not Found"))
    );
    // They are written down at the end, if not before.
    assert!(daemon.stop().success());
    let daemon = daemon.kill_and_restart();
    let again = daemon.api().items("/v1/subscriptions").remove(0);
    assert_eq!(again["consecutive_failures"], 40);
    assert_eq!(again["failing_since"], shown["failing_since"]);
}
