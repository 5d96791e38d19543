//! Who posts: like a helpdesk, each event until it is acknowledged.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use hookwright_tests::{Api, Daemon};
use serde_json::json;

use super::desk::place_of;

const CLIENTS: usize = 3;
/// Between two posts of one client: a load that a daemon bears that is seldom alive.
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Default)]
struct Shared {
    /// The daemon's API, while it is there.
    api: Mutex<Option<Api>>,
    stop: AtomicBool,
    /// The ids of the events by the ids that they were posted under.
    acknowledged: Mutex<BTreeMap<String, String>>,
}

/// All of them.
pub(super) struct Clients {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Clients {
    pub(super) fn start(daemon: &Daemon) -> Self {
        let shared = Arc::new(Shared::default());
        *shared.api.lock().unwrap() = Some(daemon.api());
        let thread = |client| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.post_all(client))
        };
        let threads = (0..CLIENTS).map(thread).collect();
        Self { shared, threads }
    }

    pub(super) fn talk_to(&self, daemon: &Daemon) {
        *self.shared.api.lock().unwrap() = Some(daemon.api());
    }

    /// Begins nothing new until they are told whom to talk to.
    pub(super) fn rest(&self) {
        *self.shared.api.lock().unwrap() = None;
    }

    pub(super) fn acknowledged(&self) -> usize {
        self.shared.acknowledged.lock().unwrap().len()
    }

    /// Waits until what they have begun is acknowledged. Returns what that is.
    pub(super) fn end(&mut self) -> BTreeMap<String, String> {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.threads.drain(..).for_each(|thread| thread.join().unwrap());
        std::mem::take(&mut *self.shared.acknowledged.lock().unwrap())
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        // A test that fails ends; they are not waited for.
        self.shared.stop.store(true, Ordering::Relaxed);
        self.rest();
    }
}

impl Shared {
    fn post_all(&self, client: usize) {
        for number in 0.. {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let name = format!("{client}-{number}");
            let event = json!({
                "specversion": "1.0", "id": name, "source": "tests", "type": "test.crash",
                "subject": place_of(&name).0, "dataschema": "ticket/1",
                "data": {"do": "many", "n": 2, "judge": "follow-ups", "ticket": {"id": name}},
            });
            self.post(&name, event.to_string().as_bytes());
            std::thread::sleep(PAUSE);
        }
    }

    /// Until it is acknowledged.
    fn post(&self, name: &str, event: &[u8]) {
        loop {
            let api = self.api.lock().unwrap().clone();
            let kind = [("Content-Type", "application/cloudevents+json")];
            let answer = api.map(|api| api.try_send("POST", "/v1/events", &kind, event));
            match answer {
                Some(Ok(answer)) => {
                    assert_eq!(answer.status, 202, "{}", answer.text());
                    let id = answer.json()["events"][0]["id"].as_str().unwrap().to_owned();
                    self.acknowledged.lock().unwrap().insert(name.to_owned(), id);
                    return;
                }
                None if self.stop.load(Ordering::Relaxed) => return,
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}
