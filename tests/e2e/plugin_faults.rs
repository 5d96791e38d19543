//! A plugin that misbehaves: each outcome is told in the journal, in words that say what to do.

use hookwright_tests::{Daemon, Reply, Sink, until};
use serde_json::json;

use crate::misbehave;

#[test]
fn each_fault_is_in_the_journal() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    let more = r#"secrets = { token = "key" }
                  retry = { attempts = 2, first_wait_s = 0.05 }"#;
    let toml = format!(
        "[[secret]]\nname = \"key\"\nenv = \"KEY\"\n{}",
        misbehave("faults", &sink.url("/"), more)
    );
    daemon.apply(&toml, &[("KEY", "a secret")]);
    for (data, state, words) in [
        (json!({"do": "loop"}), "failed", "out of fuel: used up its 200000000 units of fuel"),
        (json!({"do": "recurse"}), "failed", "stack overflow: recursed too deep"),
        (json!({"do": "grow"}), "failed", "memory: asked for"),
        (json!({"do": "panic"}), "failed", "trap: it aborted"),
        (json!({"do": "huge-output", "n": 4_000_000}), "failed", "output too large: handed over"),
        (json!({"do": "many", "n": 101}), "failed", "output too large: 101 requests"),
        (json!({"do": "bad-url"}), "failed", "bad output: the URL `ftp://example.com/`"),
        (json!({"do": "bad-method"}), "failed", "bad output: the method `CONNECT`"),
        (json!({"do": "header-injection"}), "failed", "bad output: the value of the header"),
        (json!({"do": "reserved-header"}), "failed", "bad output: the header `Host`"),
        (
            json!({"do": "undeclared-secret"}),
            "failed",
            "undeclared secret: uses the secret `password`",
        ),
        (json!({"do": "reject"}), "failed", "the plugin rejects the event: told to reject"),
        (
            json!({"do": "misconfigured"}),
            "failed",
            "the plugin finds the settings wrong: told to be",
        ),
        (json!({"do": "transient"}), "failed", "given up after it was tried 2 times: told to fail"),
        (json!({"do": "skip"}), "skipped", "told to skip"),
        (
            json!({"judge": "loop"}),
            "failed",
            "the answer (200) came, and the plugin failed to read it",
        ),
        (json!({"judge": "panic"}), "failed", "trap: it aborted"),
        (
            json!({"judge": "resend"}),
            "failed",
            "asked to change the request more than 2 times: told to",
        ),
        (json!("not a command"), "failed", "the plugin rejects the event: invalid type"),
    ] {
        let event = daemon.send("test.faults", &data);
        let delivery = daemon.ended(&event, "faults");
        assert_eq!(delivery["state"], state, "{data}: {delivery}");
        let reason = delivery["reason"].as_str().unwrap();
        assert!(reason.contains(words), "{data}: {reason}");
        if words.contains(": ") && state == "failed" && reason.starts_with("plugin ") {
            assert!(reason.contains("destination/misbehave 0.1.0"), "{reason}");
            assert!(reason.contains(&event), "{reason}");
        }
        // What was sent before the fault is there too.
        let attempts = daemon.attempts(&delivery).len();
        let expected = match data["judge"].as_str() {
            Some("resend") => 3,
            Some(_) => 1,
            None => 0,
        };
        assert_eq!(attempts, expected, "{data}");
    }
    // The plugin's own log, bounded.
    let event = daemon.send("test.faults", &json!({"do": "log-flood", "n": 5_000}));
    let delivery = daemon.ended(&event, "faults");
    assert_eq!(delivery["state"], "delivered");
    assert_eq!(delivery["transform"]["logs"].as_array().unwrap().len(), 64);
    assert_eq!(delivery["transform"]["logs_dropped"], 5_000 - 64);
    // And a fresh instance each time, whatever went before.
    for _ in 0..5 {
        let event = daemon.send("test.faults", &json!({"do": "count"}));
        drop(daemon.ended(&event, "faults"));
        assert_eq!(sink.requests().last().unwrap().text(), "1");
    }
}

#[test]
fn bounds_can_be_moved_by_the_admin() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    let toml = misbehave("limits", &sink.url("/"), "");
    let spin = json!({"do": "spin", "n": 5_000_000});
    daemon.apply(&toml, &[]);
    let event = daemon.send("test.limits", &spin);
    assert_eq!(daemon.ended(&event, "limits")["state"], "delivered");
    let limits = "file = \"target/plugins/misbehave.wasm\"\nlimits = { fuel = 1000000 }";
    let lower = toml.replace("file = \"target/plugins/misbehave.wasm\"", limits);
    daemon.apply(&lower, &[]);
    let event = daemon.send("test.limits", &spin);
    let delivery = daemon.ended(&event, "limits");
    assert!(delivery["reason"].as_str().unwrap().contains("used up its 1000000 units of fuel"));
    daemon.apply(&toml, &[]);
    let event = daemon.send("test.limits", &spin);
    assert_eq!(daemon.ended(&event, "limits")["state"], "delivered");
}

#[test]
fn slowing_down_is_obeyed_and_does_not_count() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let sink = Sink::answering(move |_| {
        let before = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        if before < 3 { Reply::status(429) } else { Reply::ok("") }
    });
    let daemon = Daemon::start();
    // A single counted try: the three that only slow down use up none.
    let more = "retry = { attempts = 1, first_wait_s = 0.05 }";
    daemon.apply(&misbehave("slow", &sink.url("/"), more), &[]);
    let event = daemon.send("test.slow", &json!({"judge": "slow-down"}));
    // The policy's wait holds, 50 ms here, and then it is tried again.
    let delivery = daemon.ended(&event, "slow");
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    let attempts = daemon.attempts(&delivery);
    assert_eq!(attempts.len(), 4);
    assert_eq!(attempts[0]["result"]["result"], "retry");
    assert_eq!(attempts[3]["result"]["result"], "delivered");
    until("all requests", || (sink.count() == 4).then_some(()));
}
