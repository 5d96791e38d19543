//! Receivers that do everything to hold a delivery up, many at once: each is let go when its time
//! is over, the journal says what it did, and the daemon's memory stays as it is.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use hookwright_tests::{Act, Daemon, Request, Script};
use serde_json::{Value, json};

/// How long a delivery may take in all, in seconds.
const TIMEOUT_S: u64 = 5;
/// What a slow machine may add.
const SLACK_S: u64 = 10;
/// Deliveries to each of them at once.
const EACH: usize = 4;
/// What all of them together may cost. Each may have a head and a body of 64 KiB, and four have a
/// request of 1 MB, which is in memory more than once while it is made and noted.
const MAX_GROWTH_KIB: u64 = 64 << 10;

/// What each does, by the path it is at, and words of what the journal says about it.
const CASES: [(&str, &str); 18] = [
    ("drips-head", "there was no answer within 5 s"),
    ("drips-body", "the body of the answer (200) was not complete within 5 s"),
    ("drips-chunks", "the body of the answer (200) was not complete within 5 s"),
    ("endless-informational", "more than 100 informational answers (1xx) and no other"),
    ("endless-headers", "message head is too large"),
    ("endless-header", "message head is too large"),
    ("endless-status", "message head is too large"),
    ("endless-trailers", "the body of the answer (200) broke off"),
    ("says-nothing", "there was no answer within 5 s"),
    ("half-close", "the connection was lost before an answer"),
    ("half-answer", "the body of the answer (200) broke off"),
    ("reset", "the connection was lost before an answer"),
    ("reset-in-answer", "the body of the answer (200) broke off"),
    ("no-http", "the connection was lost before an answer"),
    ("two-lengths", "the connection was lost before an answer"),
    ("bad-chunk", "the body of the answer (200) broke off"),
    ("reads-nothing", "there was no answer within 5 s"),
    ("tls-hangs", "there was no answer within 5 s"),
];
/// An answer that counts: what is too much of it is not read.
const ENDLESS_BODY: &str = "endless-body";

fn acts(request: &Request) -> Vec<Act> {
    let write = |text: &str| Act::Write(text.as_bytes().into());
    let drip = |text: &str| Act::Drip(text.as_bytes().into(), Duration::from_millis(50));
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let long = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
    let much = Act::Wait(Duration::from_secs(60));
    match request.path.trim_start_matches('/') {
        "drips-head" => vec![write("HTTP/1.1 200 OK\r\nX-Slow: "), drip("x")],
        "drips-body" => vec![write(long), drip("x")],
        "drips-chunks" => vec![write(chunked), drip("1\r\nx\r\n")],
        "endless-informational" => vec![Act::Endless(b"HTTP/1.1 100 Continue\r\n\r\n".repeat(99))],
        "endless-headers" => {
            vec![write("HTTP/1.1 200 OK\r\n"), Act::Endless(b"X-Much: more\r\n".repeat(99))]
        }
        "endless-header" => {
            vec![write("HTTP/1.1 200 OK\r\nX-Long: "), Act::Endless(vec![b'x'; 4_096])]
        }
        "endless-status" => vec![write("HTTP/1.1 200 "), Act::Endless(vec![b'x'; 4_096])],
        "endless-trailers" => vec![
            write(&format!("{chunked}2\r\nok\r\n0\r\n")),
            Act::Endless(b"X-Much: more\r\n".repeat(99)),
        ],
        "says-nothing" => vec![much],
        "half-close" => vec![Act::HalfClose, much],
        "half-answer" => vec![write(&format!("{long}half")), Act::HalfClose, much],
        "reset" => vec![Act::Reset],
        "reset-in-answer" => vec![write(&format!("{long}half")), Act::Reset],
        "no-http" => vec![write("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), much],
        "two-lengths" => {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n";
            vec![write(&format!("{head}ok")), much]
        }
        "bad-chunk" => vec![write(&format!("{chunked}zz\r\nok\r\n")), much],
        "endless-body" => vec![write("HTTP/1.1 200 OK\r\n\r\n"), Act::Endless(vec![b'x'; 4_096])],
        "well" => vec![write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")],
        other => panic!("{other}"),
    }
}

#[test]
fn each_is_let_go_in_time_and_costs_little() {
    let script = Script::start(acts);
    let silent = Script::unread();
    let daemon = Daemon::start();
    let mut toml = "[[plugin]]\nfile = \"target/plugins/misbehave.wasm\"\n".to_owned();
    let others = [ENDLESS_BODY, "well"];
    for name in CASES.iter().map(|(name, _)| *name).chain(others) {
        let url = match name {
            "reads-nothing" => format!("http://{}/", silent.address()),
            "tls-hangs" => format!("https://{}/", silent.address()),
            _ => format!("http://{}/{name}", script.address()),
        };
        let all = if name == "reads-nothing" { "" } else { ", \"test.all\"" };
        toml += &format!(
            "[[subscription]]\nname = \"{name}\"\nevents = [\"test.{name}\"{all}]\n\
             plugin = \"misbehave\"\nsettings = {{ url = \"{url}\" }}\n\
             timeout_s = {TIMEOUT_S}\nretry = \"off\"\npace = []\n"
        );
    }
    daemon.apply(&toml, &[]);
    let data = json!({});
    // What is needed once is there before it is measured.
    for _ in 0..EACH {
        let event = daemon.send("test.well", &data);
        assert_eq!(daemon.ended(&event, "well")["state"], "delivered");
    }
    let before = memory(&daemon, "VmRSS");
    // Lets the peak begin anew (proc(5), `clear_refs`).
    let file = PathBuf::from(format!("/proc/{}/clear_refs", daemon.pid()));
    std::fs::File::create(file).unwrap().write_all(b"5").unwrap();
    // A body that does not fit between the daemon and one who does not read.
    let large = json!({"do": "huge-output", "n": 1_000_000});
    let events = (0..EACH)
        .map(|_| (daemon.send("test.all", &data), daemon.send("test.reads-nothing", &large)));
    for (event, large) in events.collect::<Vec<_>>() {
        for (name, words) in CASES {
            let event = if name == "reads-nothing" { &large } else { &event };
            let delivery = daemon.ended(event, name);
            assert_eq!(delivery["state"], "failed", "{name}: {delivery}");
            let reason = delivery["reason"].as_str().unwrap();
            assert!(reason.contains(words), "{name}: {reason}");
            let attempt = only_attempt(&daemon, &delivery);
            assert!(attempt["received"].is_null(), "{name}: {attempt}");
            // The handshake was not over: there cannot have been a request.
            let result = if name == "tls-hangs" { "retry" } else { "unknown" };
            assert_eq!(attempt["result"]["result"], result, "{name}: {attempt}");
        }
        for name in others {
            let delivery = daemon.ended(&event, name);
            assert_eq!(delivery["state"], "delivered", "{name}: {delivery}");
            let complete = only_attempt(&daemon, &delivery)["received"]["complete"].clone();
            assert_eq!(complete, name == "well", "{name}");
        }
    }
    let after = memory(&daemon, "VmHWM");
    println!("{before} KiB before, {after} KiB at most");
    assert!(after < before + MAX_GROWTH_KIB, "{before} KiB before, {after} KiB at most");
}

fn only_attempt(daemon: &Daemon, delivery: &Value) -> Value {
    let mut attempts = daemon.attempts(delivery);
    assert_eq!(attempts.len(), 1, "{delivery}");
    let attempt = attempts.remove(0);
    let took = Duration::from_micros(attempt["timings"]["total_us"].as_u64().unwrap());
    let most = Duration::from_secs(TIMEOUT_S + SLACK_S);
    assert!(took <= most, "{took:?} for {}", delivery["subscription"]);
    attempt
}

/// In KiB, as the kernel has it.
fn memory(daemon: &Daemon, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
