//! A clock that jumps while deliveries wait. Debian's faketime stands between the daemon and the
//! system's clock; the clock that only runs is left alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hookwright_tests::{Daemon, Options, Reply, Sink, until};
use serde_json::json;

use crate::Test;
use crate::oracle::{Oracle, faketime};

pub(crate) const TESTS: &[Test] = &[
    ("clock::set_back_by_a_day", &[Oracle::FakeTime], set_back),
    ("clock::set_back_while_no_daemon_runs", &[Oracle::FakeTime], set_back_meanwhile),
    ("clock::set_forward_by_a_day", &[Oracle::FakeTime], set_forward),
];

/// How long a delivery waits for its second try.
const WAIT: Duration = Duration::from_secs(3);
/// The same, where much is to happen meanwhile.
const LONG_WAIT: Duration = Duration::from_secs(10);
/// How long the slow receiver takes: until long after that.
const SLOW: Duration = Duration::from_secs(20);

/// A daemon whose clock can be set.
struct Timed {
    daemon: Daemon,
    file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Timed {
    fn start(sink: &Sink, wait: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("offset");
        fs::write(&file, "+0").unwrap();
        let daemon = Daemon::with(Options { env: env(&file), ..Options::default() });
        let timed = Self { daemon, file, _folder: folder };
        let toml = format!(
            r#"
            [[plugin]]
            file = "target/plugins/destination-standard-webhooks.wasm"
            [[subscription]]
            name = "fails"
            events = ["test.fails"]
            plugin = "standard-webhooks"
            settings = {{ url = "{}" }}
            retry = {{ attempts = 5, first_wait_s = {}, jitter = 0 }}
            [[subscription]]
            name = "slow"
            events = ["test.slow"]
            plugin = "standard-webhooks"
            settings = {{ url = "{}" }}
            timeout_s = 60
            "#,
            sink.url("/fails"),
            wait.as_secs(),
            sink.url("/slow"),
        );
        timed.daemon.apply(&toml, &[]);
        timed
    }

    /// Sets the clock to this much from the right time.
    fn set(&self, offset: &str) {
        // Never half written.
        let new = self.file.with_extension("new");
        fs::write(&new, offset).unwrap();
        fs::rename(&new, &self.file).unwrap();
    }

    /// Sends an event and waits until its first try has failed and was noted.
    fn fail_once(&self) -> String {
        let event = self.daemon.send("test.fails", &json!({}));
        until("the first try", || {
            let all = self.daemon.deliveries(&format!("event={event}"));
            let waits = all[0]["attempts"] == 1 && all[0]["state"] == "pending";
            waits.then_some(())
        });
        event
    }

    fn delivered(&self, event: &str) {
        let delivery = self.daemon.ended(event, "fails");
        assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("delivered"), &json!(2)));
    }
}

fn env(file: &Path) -> Vec<(String, String)> {
    let library = faketime().unwrap().display().to_string();
    let file = file.display().to_string();
    let pairs = [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", &file),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// Fails what it gets first under each id, and tells when it got what.
fn sink() -> (Sink, std::sync::mpsc::Receiver<(String, Instant)>) {
    let seen = std::sync::Mutex::new(std::collections::BTreeSet::new());
    let (tell, told) = std::sync::mpsc::channel();
    let sink = Sink::answering(move |request| {
        let body = request.text();
        tell.send((request.path.clone(), Instant::now())).unwrap();
        match request.path.as_str() {
            "/slow" => Reply::status(204).after(SLOW),
            _ if seen.lock().unwrap().insert(body) => Reply::status(503),
            _ => Reply::status(204),
        }
    });
    (sink, told)
}

fn set_back() {
    let (sink, told) = sink();
    let timed = Timed::start(&sink, WAIT);
    let event = timed.fail_once();
    timed.set("-1d");
    // Not in a day.
    timed.delivered(&event);
    let times: Vec<_> = told.try_iter().map(|(_, time)| time).collect();
    assert!(times[1].duration_since(times[0]) >= WAIT, "the wait is as long as it was");
    timed.daemon.logged("the clock was set back");
    // It goes on by the new clock.
    let event = timed.fail_once();
    timed.delivered(&event);
    assert_eq!(sink.count(), 4);
}

fn set_back_meanwhile() {
    let (sink, _told) = sink();
    let mut timed = Timed::start(&sink, WAIT);
    let event = timed.fail_once();
    timed.set("-2d");
    let env = env(&timed.file);
    let env: Vec<_> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert!(timed.daemon.start_again(&env));
    timed.delivered(&event);
    timed.daemon.logged("the clock was set back");
}

fn set_forward() {
    const COUNT: usize = 20;
    let (sink, _told) = sink();
    let timed = Timed::start(&sink, LONG_WAIT);
    // When it is due, the store is asked, in the midst of the others.
    let waiting = timed.fail_once();
    let events: Vec<_> =
        (0..COUNT).map(|number| timed.daemon.send("test.slow", &json!({ "n": number }))).collect();
    until("all to be under way", || (sink.at("/slow").len() == COUNT).then_some(()));
    timed.set("+1d");
    timed.delivered(&waiting);
    assert!(timed.daemon.deliveries("state=delivered").len() == 1, "the others are under way");
    for event in events {
        let delivery = timed.daemon.ended(&event, "slow");
        assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("delivered"), &json!(1)));
    }
    assert_eq!(sink.at("/slow").len(), COUNT, "nothing was sent twice");
    assert_eq!(sink.count(), COUNT + 2);
}
