//! A daemon that is asked to end finishes what is under way, and waits no longer than it was told.

use std::time::Duration;

use hookwright_tests::{Daemon, Options, Reply, Sink, timed, until};
use serde_json::json;

fn start(sink: &Sink, seconds: &str) -> Daemon {
    let args = vec!["--shutdown-timeout".into(), seconds.into()];
    let daemon = Daemon::with(Options { args, ..Options::default() });
    let toml = format!(
        r#"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"

        [[subscription]]
        name = "slow"
        events = ["test.*"]
        plugin = "zammad"
        settings = {{ url = "{}" }}
        timeout_s = 60
        "#,
        sink.url("/"),
    );
    daemon.apply(&toml, &[]);
    daemon
}

#[test]
fn what_is_under_way_is_finished() {
    let sink = Sink::answering(|_| Reply::ok("ok").after(Duration::from_secs(2)));
    let mut daemon = start(&sink, "60");
    let event = daemon.send("test.ending", &json!({}));
    until("the request", || (sink.count() == 1).then_some(()));
    assert!(daemon.stop().success());
    let daemon = daemon.kill_and_restart();
    let ended = daemon.ended(&event, "slow");
    assert_eq!((&ended["state"], &ended["attempts"]), (&json!("delivered"), &json!(1)));
    assert_eq!(sink.count(), 1, "it was sent once more");
}

#[test]
fn what_hangs_is_not_waited_for_and_comes_again_with_its_id() {
    let sink = Sink::answering(|_| Reply::ok("ok").after(Duration::from_secs(3_600)));
    let mut daemon = start(&sink, "1");
    drop(daemon.send("test.ending", &json!({})));
    until("the request", || (sink.count() == 1).then_some(()));
    let (status, took) = timed(|| daemon.stop());
    assert!(status.success());
    // It would be a minute, and half of one by default.
    assert!(took < Duration::from_secs(25), "{took:?}");
    let _daemon = daemon.kill_and_restart();
    until("the request once more", || (sink.count() == 2).then_some(()));
    let ids: Vec<_> = sink
        .requests()
        .iter()
        .map(|request| request.header("x-zammad-delivery").unwrap())
        .collect();
    assert_eq!(ids[0], ids[1]);
}
