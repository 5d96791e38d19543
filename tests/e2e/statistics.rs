//! Figures over time and what needs somebody to look, as they are asked for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hookwright_tests::{Daemon, Reply, Sink, until};
use serde_json::{Value, json};

fn subscription(name: &str, url: &str, more: &str) -> String {
    format!(
        r#"
        [[subscription]]
        name = "{name}"
        events = ["test.{name}"]
        plugin = "zammad"
        settings = {{ url = "{url}" }}
        preset = "none"
        {more}
        "#
    )
}

const HEAD: &str = r#"
    [[plugin]]
    file = "target/plugins/destination-zammad.wasm"
    [[plugin]]
    file = "target/plugins/source-zammad.wasm"
    [[source]]
    name = "helpdesk"
    plugin = "zammad"
    auth = { kind = "none" }
    "#;

const TWICE: &str = "retry = { attempts = 2, first_wait_s = 0.02, factor = 1, jitter = 0 }";

fn ticket() -> Value {
    json!({"ticket": {"id": "1", "title": "Hello"}})
}

fn figures(daemon: &Daemon, query: &str) -> Value {
    daemon.api().get(&format!("/v1/statistics?{query}")).expect(200).json()
}

/// The series of somebody.
fn of<'a>(figures: &'a Value, name: &str) -> &'a Value {
    let series = figures["series"].as_array().unwrap();
    series.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}: {figures}"))
}

fn sum(column: &Value) -> u64 {
    column.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).sum()
}

fn attention(daemon: &Daemon, kind: &str) -> Option<Value> {
    let items = daemon.api().items("/v1/attention");
    items.into_iter().find(|item| item["kind"] == kind)
}

#[test]
fn figures_and_attention_tell_what_happened() {
    let sink =
        Sink::answering(|request| Reply::status(if request.path == "/bad" { 404 } else { 200 }));
    let daemon = Daemon::start();
    let strict = format!("{TWICE}\norder = \"strict\"\nafter_failure = \"wait\"");
    let set_up = [
        HEAD.to_owned(),
        subscription("good", &sink.url("/good"), ""),
        subscription("bad", &sink.url("/bad"), TWICE),
        subscription("strict", &sink.url("/bad"), &strict),
    ];
    daemon.apply(&set_up.concat(), &[]);
    // Types of their own making are known when the first has come.
    let items = daemon.api().items("/v1/attention");
    assert!(items.iter().all(|item| item["kind"] == "subscription_idle"), "{items:?}");
    for _ in 0..3 {
        let event = daemon.send("test.good", &ticket());
        assert_eq!(daemon.ended(&event, "good")["state"], "delivered");
    }
    for _ in 0..2 {
        let event = daemon.send("test.bad", &ticket());
        assert_eq!(daemon.ended(&event, "bad")["state"], "failed");
    }
    let first = daemon.send("test.strict", &ticket());
    let first = daemon.ended(&first, "strict");
    let _behind = daemon.send("test.strict", &ticket());
    let rejected = daemon.api().anonymous().post("/in/helpdesk", &[], b"this is no JSON");
    assert_eq!(rejected.status, 400);

    let all = until("the figures to be written down", || {
        let all = figures(&daemon, "step=minute");
        let totals = &all["totals"];
        let is_all = totals["rejects"] == 1 && totals["events"] == 7 && totals["failed"] == 3;
        (is_all && totals["delivered"] == 3).then_some(all)
    });
    let series = &all["series"][0];
    assert_eq!(all["series"].as_array().unwrap().len(), 1);
    let points = all["times"].as_array().unwrap().len();
    for (column, total) in
        [("delivered", 3), ("failed", 3), ("attempts", 9), ("attempts_failed", 6), ("events", 7)]
    {
        assert_eq!(series[column].as_array().unwrap().len(), points, "{column}");
        assert_eq!(sum(&series[column]), total, "{column}");
        assert_eq!(series["totals"][column], total, "{column}");
    }
    assert!(all["totals"]["latency_ms"]["p99"].as_f64().unwrap() > 0.0, "{all}");
    assert!(all["totals"]["delivered_after_ms"]["p50"].as_f64().unwrap() > 0.0, "{all}");

    let by = figures(&daemon, "by=subscription");
    assert_eq!(of(&by, "good")["totals"]["delivered"], 3);
    assert_eq!(of(&by, "bad")["totals"]["failed"], 2);
    assert!(of(&by, "bad")["id"].as_str().unwrap().starts_with("sub_"));
    assert!(of(&by, "bad")["totals"].get("events").is_none(), "{by}");
    let by = figures(&daemon, "by=source&step=hour");
    assert_eq!(of(&by, "tests")["totals"]["events"], 7);
    assert_eq!(of(&by, "helpdesk")["totals"]["rejects"], 1);
    let by = figures(&daemon, "by=destination&step=day");
    let destination = sink.url("");
    assert_eq!(of(&by, destination.trim_end_matches('/'))["totals"]["attempts_failed"], 6);

    let failing = attention(&daemon, "subscription_failing").unwrap();
    assert_eq!(failing["about"]["name"], "bad");
    assert_eq!(failing["count"], 4);
    assert!(failing["detail"].as_str().unwrap().contains("404"), "{failing}");
    let held = attention(&daemon, "order_held").unwrap();
    assert_eq!(held["about"]["name"], "strict");
    assert_eq!(held["path"], format!("/v1/deliveries/{}", first["id"].as_str().unwrap()));
    let rejects = attention(&daemon, "rejects").unwrap();
    assert_eq!((&rejects["about"]["name"], &rejects["count"]), (&json!("helpdesk"), &json!(1)));
    // Each path leads somewhere.
    for item in daemon.api().items("/v1/attention") {
        assert_eq!(daemon.api().get(item["path"].as_str().unwrap()).status, 200, "{item}");
        assert!(!item["advice"].as_str().unwrap().is_empty());
    }

    let told = daemon.cli(&["statistics", "--by", "subscription"]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("good") && told.contains('█'), "{told}");
    let told = daemon.cli(&["statistics", "--since", "10m"]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("7 events, 3 deliveries delivered, 3 failed"), "{told}");
    let told = daemon.cli(&["--json", "attention"]);
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told, Value::Array(daemon.api().items("/v1/attention")));
    let told = daemon.cli(&["attention"]);
    assert!(String::from_utf8(told.stdout).unwrap().contains("→ "));
}

#[test]
fn what_cannot_be_asked_is_refused_with_what_to_do() {
    let daemon = Daemon::start();
    let api = daemon.api();
    for (query, words) in [
        ("step=second", "use minute, hour, day or auto"),
        ("by=host", "use none, subscription, source or destination"),
        ("since=yesterday", "since: `yesterday` is no moment"),
        ("since=2d&until=3d", "since: "),
        ("since=10d&step=minute", "step=auto"),
        ("since=40d&step=hour", "step=auto"),
        ("by=source&since=1d&step=minute", "step=auto"),
        ("points=7", "points"),
    ] {
        let problem = api.get(&format!("/v1/statistics?{query}")).problem(400);
        assert!(problem["detail"].as_str().unwrap().contains(words), "{query}: {problem}");
    }
    let empty = figures(&daemon, "since=100y&by=destination");
    assert_eq!(empty["series"], json!([]));
    for path in ["/v1/statistics", "/v1/attention"] {
        assert_eq!(api.anonymous().get(path).status, 401, "{path}");
    }
}

#[test]
fn a_crash_loses_seconds_and_a_shutdown_nothing() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&(HEAD.to_owned() + &subscription("good", &sink.url("/"), "")), &[]);
    let send = |daemon: &Daemon, count: u64| {
        let events: Vec<_> = (0..count).map(|_| daemon.send("test.good", &ticket())).collect();
        for event in events {
            assert_eq!(daemon.ended(&event, "good")["state"], "delivered");
        }
    };
    let delivered = |daemon: &Daemon| figures(daemon, "")["totals"]["delivered"].as_u64().unwrap();
    send(&daemon, 5);
    until("what was delivered to be written down", || (delivered(&daemon) == 5).then_some(()));
    send(&daemon, 4);
    let mut daemon = daemon.kill_and_restart();
    let left = delivered(&daemon);
    assert!((5..=9).contains(&left), "{left}");
    assert_eq!(daemon.deliveries("state=delivered").len(), 9, "the journal has all");
    send(&daemon, 3);
    assert!(daemon.stop().success());
    assert!(daemon.start_again(&[]));
    assert_eq!(delivered(&daemon), left + 3);
}

#[test]
fn an_ill_destination_is_told_until_it_is_well() {
    let is_ill = std::sync::Arc::new(AtomicBool::new(true));
    let asked = std::sync::Arc::clone(&is_ill);
    let sink = Sink::answering(move |_| {
        Reply::status(if asked.load(Ordering::Relaxed) { 503 } else { 200 })
            .after(Duration::from_millis(1))
    });
    let daemon = Daemon::start();
    let once = "retry = { attempts = 1 }";
    daemon.apply(&(HEAD.to_owned() + &subscription("ill", &sink.url("/"), once)), &[]);
    let found = until("the circuit to open", || {
        let _event = daemon.send("test.ill", &ticket());
        attention(&daemon, "circuit_open")
    });
    assert_eq!(found["about"]["what"], "destination");
    assert!(sink.url("/").starts_with(found["about"]["name"].as_str().unwrap()), "{found}");
    assert!(found["since"].is_string() && found["severity"] == "error", "{found}");
    is_ill.store(false, Ordering::Relaxed);
    let failed = daemon.deliveries("subscription=ill&state=failed");
    let last = failed.first().unwrap()["id"].as_str().unwrap().to_owned();
    until("it to be well again", || {
        // A person tries it at once.
        drop(daemon.api().post(&format!("/v1/deliveries/{last}/retry"), &[], b""));
        attention(&daemon, "circuit_open").is_none().then_some(())
    });
}
