//! A plugin that spins and an endpoint that hangs cost their own deliveries, and no one else's
//! time.

use std::time::Duration;

use hookwright_tests::{Daemon, Reply, Sink, until};
use serde_json::json;

use crate::misbehave;

#[test]
fn twenty_that_spin_do_not_hold_up_another() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    let mut toml = misbehave("quick", &sink.url("/quick"), "");
    for number in 0..20 {
        toml.push_str(&format!(
            "[[subscription]]\nname = \"spin-{number}\"\nevents = [\"test.spin\"]\n\
             plugin = \"misbehave\"\n"
        ));
    }
    daemon.apply(&toml, &[]);
    // Alone first, for comparison.
    let quick = || {
        let event = daemon.send("test.quick", &json!({"ticket": {}}));
        daemon.ended(&event, "quick")
    };
    let duration = |delivery: &serde_json::Value| {
        let attempt = &daemon.attempts(delivery)[0];
        let calls = delivery["transform"]["micros"].as_u64().unwrap();
        Duration::from_micros(calls + attempt["timings"]["total_us"].as_u64().unwrap())
    };
    drop(quick());
    // Each event spins in twenty subscriptions at once, until their fuel is used up.
    let events: Vec<_> = (0..3).map(|_| daemon.send("test.spin", &json!({"do": "loop"}))).collect();
    let running = || {
        let all = daemon.deliveries(&format!("event={}", events[2]));
        all.iter().filter(|delivery| delivery["state"] == "running").count()
    };
    let mut slowest = Duration::ZERO;
    let mut measured = 0;
    while running() > 0 {
        let (delivery, answered) = hookwright_tests::timed(quick);
        assert_eq!(delivery["state"], "delivered");
        // From the post to the journal, with polling in between. What it would be if it had to
        // wait for the others: sixty calls of a tenth of a second and more, on two threads.
        slowest = slowest.max(answered);
        measured += 1;
        assert!(duration(&delivery) < Duration::from_secs(2), "{delivery}");
    }
    println!("{measured} deliveries beside the spinning ones, the slowest took {slowest:?}");
    assert!(measured >= 3, "the others did not spin long enough to tell: {measured}");
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    for event in events {
        let all = daemon.deliveries(&format!("event={event}"));
        assert_eq!(all.len(), 20);
        for delivery in all {
            assert_eq!(delivery["state"], "failed");
            assert!(delivery["reason"].as_str().unwrap().contains("out of fuel"), "{delivery}");
        }
    }
}

#[test]
fn an_endpoint_that_hangs_holds_up_itself_only() {
    let sink = Sink::answering(|request| match request.path.as_str() {
        "/hangs" => Reply::status(200).after(Duration::from_secs(600)),
        _ => Reply::status(200),
    });
    let daemon = Daemon::start();
    daemon.apply(&misbehave("hangs", &sink.url("/hangs"), "timeout_s = 600"), &[]);
    daemon.apply(&misbehave("healthy", &sink.url("/healthy"), ""), &[]);
    // More than one subscription may have under way.
    for _ in 0..200 {
        drop(daemon.send("test.hangs", &json!({})));
    }
    until("requests to hang", || (sink.at("/hangs").len() >= 20).then_some(()));
    for _ in 0..20 {
        let event = daemon.send("test.healthy", &json!({}));
        assert_eq!(daemon.ended(&event, "healthy")["state"], "delivered");
    }
    assert!(daemon.deliveries("subscription=hangs&state=delivered").is_empty());
}
