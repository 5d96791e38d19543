//! `hookwright bench`: a load and a receiver for admins.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

use hookwright_tests::{Api, Daemon, Seed, ZAMMAD_KEY, binary, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// `hookwright bench sink --json`. It is killed when this is dropped.
struct Sink {
    child: Child,
    lines: BufReader<ChildStdout>,
    url: String,
}

impl Sink {
    fn start(args: &[&str]) -> Self {
        let mut command = Command::new(binary());
        let command = command.args(["bench", "sink", "--json"]).args(args).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let url = next(&mut lines)["listening"].as_str().unwrap().to_owned();
        Self { child, lines, url }
    }

    /// Presses Ctrl-C. What came in each second, and in all.
    fn end(mut self) -> (Vec<Value>, Value) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        let mut told: Vec<Value> = Vec::new();
        while !told.last().is_some_and(|line| line["statuses"].is_object()) {
            told.push(next(&mut self.lines));
        }
        assert!(self.child.wait().unwrap().success());
        let total = told.pop().unwrap();
        (told, total)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn next(lines: &mut impl BufRead) -> Value {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

fn bench(args: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.arg("bench").args(args).env("ZAMMAD_KEY", ZAMMAD_KEY).env_remove("HOOKWRIGHT_URL");
    command.output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(output)))
}

fn file(dir: &Path, bytes: &[u8]) -> String {
    let path = dir.join("post.json");
    std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn what_is_posted_is_acknowledged_and_arrives_and_all_counts_agree() {
    let sink = Sink::start(&[]);
    let daemon = Daemon::start();
    let toml = format!(
        r#"
        [[secret]]
        name = "key"
        env = "KEY"
        [[plugin]]
        file = "target/plugins/source-zammad.wasm"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"
        [[source]]
        name = "desk"
        plugin = "zammad"
        auth = {{ kind = "hub_signature", secret = "key" }}
        [[subscription]]
        name = "archive"
        events = ["*"]
        plugin = "zammad"
        settings = {{ url = "{}/archive" }}
        "#,
        sink.url
    );
    daemon.apply(&toml, &[("KEY", ZAMMAD_KEY)]);
    let dir = tempfile::tempdir().unwrap();
    let body = String::from_utf8(Seed::zammad().body).unwrap();
    let numbered = body.replacen("Webhook-Test", "Ticket {n}", 1);
    let url = format!("{}/in/desk", daemon.url());
    let load = |body: &str, delivery: &str, more: &[&str]| {
        let file = file(dir.path(), body.as_bytes());
        let always = ["load", "--json", "--url", &url, "--file", &file];
        let delivery = format!("X-Zammad-Delivery: {delivery}");
        let headers = ["--header", "X-Zammad-Trigger: bench", "--header", &delivery];
        let key = ["--hub-signature-env", "ZAMMAD_KEY"];
        bench(&[&always[..], &headers, &key, more].concat())
    };

    let output = load(&numbered, "run-{n}", &["--connections", "4", "--count", "40"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let summary = stdout(&output);
    assert_eq!(
        (&summary["posts"], &summary["acknowledged"], &summary["repeated"]),
        (&json!(40), &json!(40), &json!(0)),
        "{summary}"
    );
    assert_eq!(summary["statuses"], json!({"202": 40}));
    let latency = &summary["latency_ms"];
    let within = |share: &str| latency[share].as_f64().unwrap();
    assert!(0.0 < within("p50") && within("p50") <= within("p90"), "{latency}");
    assert!(within("p90") <= within("p99") && within("p99") <= within("max"), "{latency}");

    // Numbers go on: a second run posts other events. The same one is taken in once.
    let second = load(&numbered, "run-{n}", &["--count", "5", "--rate", "50"]);
    assert_eq!((stdout(&second)["repeated"].as_u64(), stderr(&second)), (Some(0), String::new()));
    let same = load(&body, "same", &["--count", "5", "--connections", "1"]);
    assert_eq!(stdout(&same)["repeated"], 4);
    assert!(stderr(&same).contains("{n}"), "{}", stderr(&same));

    until("all to be delivered", || {
        let all = daemon.deliveries("state=delivered");
        (all.len() == 46).then_some(())
    });
    let (seconds, total) = sink.end();
    assert_eq!((&total["requests"], &total["unanswered"]), (&json!(46), &json!(0)), "{total}");
    assert_eq!(total["statuses"], json!({"200": 46}));
    assert!(total["bytes"].as_u64().unwrap() > 46 * 5_000, "{total}");
    let told: u64 = seconds.iter().map(|second| second["requests"].as_u64().unwrap()).sum();
    assert!(told <= 46 && seconds.iter().all(|second| second["requests"] != 0), "{seconds:?}");
}

#[test]
fn a_refused_load_says_why_and_shows_no_token() {
    let daemon = Daemon::start();
    daemon.apply(
        r#"
        [[secret]]
        name = "token"
        env = "TOKEN"
        [[plugin]]
        file = "target/plugins/source-zenlix.wasm"
        [[source]]
        name = "desk"
        plugin = "zenlix"
        auth = { kind = "token", secret = "token" }
        "#,
        &[("TOKEN", "right-and-long-enough-to-be-one")],
    );
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path(), br#"{"n":{n}}"#);
    let url = format!("{}/in/desk/wr0ng-t0ken", daemon.url());
    let output = bench(&["load", "--url", &url, "--file", &file, "--count", "7"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("status 401") && text.contains("7 times: 401 Unauthorized"), "{text}");
    assert!(stderr(&output).contains("7 of 7 posts were not acknowledged"), "{}", stderr(&output));
    assert!(!text.contains("wr0ng") && !stderr(&output).contains("wr0ng"));
}

#[test]
fn a_receiver_fails_and_hangs_as_it_is_told() {
    let sink = Sink::start(&["--fail", "50%", "--status", "204", "--delay", "1ms"]);
    let api = Api::new(&sink.url);
    let statuses: Vec<_> = (0..4).map(|_| api.post("/", &[], b"four").status).collect();
    assert_eq!(statuses, [204, 500, 204, 500]);
    let (_, total) = sink.end();
    assert_eq!((&total["requests"], &total["bytes"]), (&json!(4), &json!(16)));
    assert_eq!(total["statuses"], json!({"204": 2, "500": 2}));

    let sink = Sink::start(&["--hang"]);
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_millis(300)))
        .build()
        .into();
    assert!(agent.post(&sink.url).send("hello").is_err(), "it was answered");
    let (_, total) = sink.end();
    assert_eq!((&total["requests"], &total["unanswered"]), (&json!(1), &json!(1)));
    assert_eq!(total["statuses"], json!({}));
}

/// A load that gets no answers is ended by hand, and says what there was until then.
#[test]
fn a_load_ends_when_it_is_asked_to() {
    let mut sink = Sink::start(&["--hang"]);
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path(), b"{n}");
    let mut command = Command::new(binary());
    let url = format!("{}/in/desk", sink.url);
    command.args(["bench", "load", "--json", "--url", &url, "--file", &file]);
    let load = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    assert_ne!(next(&mut sink.lines)["requests"], 0, "something has arrived");
    kill_process(Pid::from_child(&load), Signal::INT).unwrap();
    let output = load.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let summary = stdout(&output);
    assert_eq!((&summary["posts"], &summary["latency_ms"]), (&json!(0), &Value::Null));
}

#[test]
fn what_cannot_be_done_is_told_and_others_machines_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = file(dir.path(), b"{n}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let load = |url: &str| ["load", "--file", &file, "--url", url].map(str::to_owned).to_vec();
    let sink =
        |args: &[&str]| [&["sink"], args].concat().iter().map(|arg| (*arg).to_owned()).collect();
    let with = |mut args: Vec<String>, more: &[&str]| {
        args.extend(more.iter().map(|arg| (*arg).to_owned()));
        args
    };
    let here = "http://127.0.0.1:9/in/desk";
    let cases: Vec<(Vec<String>, i32, &str)> = vec![
        (load("http://192.0.2.1/in/desk"), 1, "--yes-this-is-mine"),
        (load("https://hooks.example/in/desk"), 1, "--yes-this-is-mine"),
        (load("http://127.0.0.1:8088"), 1, "names no source"),
        (load(&format!("http://{closed}/in/desk")), 1, "nobody takes posts at"),
        (
            vec!["load".into(), "--file".into(), "/no/file".into(), "--url".into(), here.into()],
            1,
            "cannot read /no/file",
        ),
        (with(load(here), &["--header", "nothing"]), 1, "'Name: value'"),
        (with(load(here), &["--hub-signature-env", "NOT_SET"]), 1, "NOT_SET"),
        (with(load(here), &["--rate", "0"]), 2, "posts a second"),
        (with(load(here), &["--connections", "0"]), 2, "--connections"),
        (with(load(here), &["--count", "0"]), 2, "--count"),
        (sink(&["--fail", "200%"]), 2, "0% to 100%"),
        (sink(&["--status", "42"]), 2, "200 to 599"),
        (sink(&["--delay", "soon"]), 2, "20ms"),
        (sink(&["--hang", "--delay", "1s"]), 2, "cannot be used with"),
        (sink(&["--listen", &taken.local_addr().unwrap().to_string()]), 1, "cannot listen on"),
    ];
    for (args, code, words) in cases {
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let output = bench(&args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(words), "{args:?}: {}", stderr(&output));
    }
}
