//! What is told to whoever asks for what cannot be, and the command line.

use std::process::Output;

use hookwright_tests::{Daemon, Reply, Sink};
use serde_json::{Value, json};

use super::{ALL, Receiver, create, fail, id, subscription, tried};

#[test]
fn mistakes_are_told_with_their_place() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&subscription("desk", &sink, ALL), &[]);
    let api = daemon.api();
    let cases = [
        (json!({}), "", "either `redeliver`"),
        (json!({"redeliver": {}, "backfill": {"subscription": "desk"}}), "", "either"),
        (json!({"redeliver": {"subscription": "none"}}), "/redeliver/subscription", "`none`"),
        (
            json!({"redeliver": {"subscription": "sub_0193456789ab7cde8f0123456789abcd"}}),
            "/redeliver/subscription",
            "there is no subscription",
        ),
        (json!({"backfill": {}}), "/backfill", "missing field `subscription`"),
        (json!({"backfill": {"subscription": ""}}), "/backfill/subscription", "``"),
        (json!({"redeliver": {"state": "failed"}}), "/redeliver/state", "unknown field `state`"),
        (json!({"redeliver": {"states": ["lost"]}}), "/redeliver/states/0", "`lost`"),
        (json!({"redeliver": {"states": []}}), "/redeliver/states", "name a state"),
        (
            json!({"redeliver": {"states": ["failed", "pending"]}}),
            "/redeliver/states/1",
            "go on by themselves",
        ),
        (json!({"redeliver": {"status": 42}}), "/redeliver/status", "100 to 599"),
        (json!({"redeliver": {"since": "yesterday"}}), "/redeliver/since", ""),
        (
            json!({"redeliver": {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}}),
            "/redeliver/since",
            "is not before 2026-01-01T00:00:00.000Z",
        ),
        (
            json!({"backfill": {"subscription": "desk", "since": "2199-01-01T00:00:00Z"}}),
            "/backfill/since",
            "is not before",
        ),
        (
            json!({"backfill": {"subscription": "desk", "events": "*.created"}}),
            "/backfill/events",
            "no event pattern",
        ),
        (
            json!({"backfill": {"subscription": "desk", "source": "No One"}}),
            "/backfill/source",
            "cannot be a name",
        ),
        (json!({"redeliver": {}, "rate": 0}), "/rate", "between 1 and 1000"),
        (json!({"redeliver": {}, "rate": 1001}), "/rate", "between 1 and 1000"),
        (json!({"redeliver": {}, "rate": -1}), "/rate", ""),
        (json!({"redeliver": {}, "start": "yes"}), "/start", ""),
        (json!({"redeliver": {}, "stat": true}), "/stat", "unknown field"),
    ];
    for (document, pointer, told) in cases {
        let problem = api.post_json("/v1/replays", &document).problem(422);
        let errors = problem["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{document}: {problem}");
        assert_eq!(errors[0]["pointer"], pointer, "{document}: {problem}");
        assert!(errors[0]["detail"].as_str().unwrap().contains(told), "{document}: {problem}");
    }
    // All mistakes are told at once.
    let several = json!({"redeliver": {"status": 1, "states": ["running"]}, "rate": 0});
    let problem = api.post_json("/v1/replays", &several).problem(422);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "{problem}");
    let started = json!({"redeliver": {}, "start": true});
    let problem = api.post_json("/v1/replays?dry_run=true", &started).problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/start");
    drop(api.post_json("/v1/replays?dryrun=true", &json!({"redeliver": {}})).problem(400));
    drop(api.post("/v1/replays", &[], b"{").problem(400));

    for path in ["/v1/replays?state=over", "/v1/replays?limit=0", "/v1/replays?cursor=dlv_1"] {
        drop(api.get(path).problem(400));
    }
    drop(api.get("/v1/replays/dlv_1").problem(400));
    let none = "/v1/replays/rpl_0193456789ab7cde8f0123456789abcd";
    drop(api.get(none).problem(404));
    drop(api.post(&format!("{none}/start"), &[], b"").problem(404));
    drop(api.try_send("DELETE", none, &[], b"").unwrap().problem(404));
    drop(api.anonymous().get("/v1/replays").problem(401));
    drop(api.anonymous().post_json("/v1/replays", &json!({"redeliver": {}})).problem(401));
    assert_eq!(api.items("/v1/replays").len(), 0);

    // A move that is not there is told with those that are.
    let ready = create(&daemon, &json!({"redeliver": {}}));
    let problem = api.post(&format!("/v1/replays/{}/pause", id(&ready)), &[], b"").problem(409);
    let told = format!(
        "the replay {} is ready: there is nothing to pause; you can start or \
                        cancel it",
        id(&ready)
    );
    assert_eq!(problem["detail"], told);
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn error(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code));
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_command_line_does_the_same() {
    let receiver = Receiver::down(|_| Reply::ok(""));
    let daemon = Daemon::start();
    daemon.apply(&subscription("desk", &receiver.sink, ALL), &[]);
    fail(&daemon, 3);
    receiver.get_up();
    let create = ["replay", "create", "redeliver", "--subscription", "desk", "--state", "failed"];
    let run = |more: &[&str]| daemon.cli(&[&create[..], more].concat());
    let counted = text(&run(&["--status", "500", "--since", "1h", "--dry-run"]));
    assert_eq!(counted, "3 deliveries to make; nothing was kept\n");
    let counted = text(&run(&["--until", "2h", "--events", "ticket.*", "--dry-run", "--json"]));
    let counted: Value = serde_json::from_str(&counted).unwrap();
    assert_eq!(
        (&counted["found"], &counted["redeliver"]["events"]),
        (&json!(0), &json!("ticket.*"))
    );

    let made = text(&run(&["--rate", "100"]));
    let id = made.split(':').next().unwrap().to_owned();
    let told = format!("{id}: 3 deliveries to make; `hookwright replay start {id}` makes them\n");
    assert_eq!(made, told);
    let shown = text(&daemon.cli(&["replay", "show", &id]));
    assert!(shown.starts_with(&format!("{id} ready\n")), "{shown}");
    assert!(shown.contains("rate          100 deliveries a second"), "{shown}");
    assert!(shown.contains("done          0 of 3, 0 skipped"), "{shown}");
    assert!(shown.contains("asked by      tests"), "{shown}");
    let watched = daemon.cli(&["replay", "show", &id, "--watch"]);
    assert!(error(&watched, 1).contains("the replay is ready"));
    let done = text(&daemon.cli(&["replay", "start", &id, "--watch"]));
    assert!(done.starts_with(&format!("{id} done\n")) && done.contains("3 of 3"), "{done}");
    assert_eq!(tried(&daemon, "desk", &["delivered"]).values().sum::<u64>(), 6);

    let again = ["--subscription", "desk", "--again", "--rate", "1", "--start", "--json"];
    let made = text(&daemon.cli(&[&["replay", "create", "backfill"][..], &again].concat()));
    let made: Value = serde_json::from_str(&made).unwrap();
    let other = super::id(&made);
    assert_eq!((&made["state"], &made["found"]), (&json!("running"), &json!(3)));
    assert_eq!(text(&daemon.cli(&["replay", "pause", &other])), format!("{other} paused\n"));
    let list = text(&daemon.cli(&["replay", "list"]));
    let lines: Vec<_> = list.lines().collect();
    assert!(lines[1].contains(&other) && lines[1].contains("backfill"), "{list}");
    assert!(lines[2].contains(&id) && lines[2].contains("done"), "{list}");
    let paused = text(&daemon.cli(&["replay", "list", "--state", "paused", "--json"]));
    assert_eq!(serde_json::from_str::<Vec<Value>>(&paused).unwrap().len(), 1);
    assert_eq!(text(&daemon.cli(&["replay", "resume", &other])), format!("{other} running\n"));
    assert_eq!(text(&daemon.cli(&["replay", "cancel", &other])), format!("{other} canceled\n"));
    assert!(error(&daemon.cli(&["replay", "start", &other]), 1).contains("it has ended"));
    assert_eq!(text(&daemon.cli(&["replay", "remove", &other])), "");
    assert!(error(&daemon.cli(&["replay", "show", &other]), 3).contains("there is no replay"));

    assert!(error(&run(&["--since", "yesterday"]), 2).contains("such as 30m, 2h or 3d"));
    assert!(error(&run(&["--watch"]), 2).contains("--start"));
    assert!(error(&run(&["--state", "lost"]), 2).contains("is not a delivery state"));
    assert!(error(&run(&["--rate", "0"]), 1).contains("between 1 and 1000"));
}
