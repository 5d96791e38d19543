//! What is set up, and who receives: receivers that answer well, fail at first, hang, and cut
//! connections, so that a kill finds deliveries in every state.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use hookwright_tests::{Act, Daemon, Reply, Request, Script, Sink};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Every event is for each of these: a name, a plugin, a path, and what else is set.
pub(super) const SUBSCRIPTIONS: [(&str, &str, &str, &str); 5] = [
    ("plain", "standard-webhooks", "/plain", ""),
    ("failing", "standard-webhooks", "/failing", ""),
    ("cut", "standard-webhooks", "/cut", ""),
    ("asking", "misbehave", "/asking", ""),
    ("ordered", "standard-webhooks", ORDERED, "order = \"per_ticket\"\n"),
];
/// Where the events of a ticket arrive in their order.
const ORDERED: &str = "/ordered";
/// The one whose plugin asks for more when it reads an answer: of each of its requests three.
pub(super) const ASKING: &str = "asking";
pub(super) const CHILDREN: usize = 2 * 3;

/// What came in under one delivery's id, or of the writes to one ticket.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// How often in each life of the daemon.
    pub(super) lives: BTreeMap<usize, usize>,
    pub(super) bodies: BTreeSet<Bytes>,
}

#[derive(Default)]
struct Book {
    life: usize,
    seen: BTreeMap<String, Seen>,
    /// Of each ticket, the newest event that came in order, and whether it was taken.
    newest: BTreeMap<String, (usize, bool)>,
    /// What came out of order.
    astray: Vec<String>,
}

impl Book {
    /// Notes a request. Returns what it is noted under, and how often that was seen before.
    fn note(&mut self, request: &Request) -> (String, usize) {
        let id = match request.path.as_str() {
            // What is written back carries no id of the host's.
            "/api" => writes_to(request.json()["ticket"]["id"].as_str().unwrap()),
            _ => request.header("webhook-id").unwrap(),
        };
        let seen = self.seen.entry(id.clone()).or_default();
        let before = seen.lives.values().sum();
        *seen.lives.entry(self.life).or_default() += 1;
        seen.bodies.insert(request.body.clone());
        if request.path == ORDERED {
            let takes = !is_refused(chance(&id), before);
            let event = request.json()["data"]["ticket"]["id"].as_str().unwrap().to_owned();
            self.note_order(&event, takes);
        }
        (id, before)
    }

    /// What was taken may come again, if a daemon was killed before it noted that; but nothing
    /// that is behind the newest, and nothing after it before it was taken.
    fn note_order(&mut self, event: &str, takes: bool) {
        let (ticket, number) = place_of(event);
        let newest = self.newest.entry(ticket).or_insert((number, takes));
        match number.cmp(&newest.0) {
            Ordering::Less => self.astray.push(format!("{event} after {}", newest.0)),
            Ordering::Equal => newest.1 |= takes,
            Ordering::Greater => {
                if !newest.1 {
                    self.astray.push(format!("{event} before {} was taken", newest.0));
                }
                *newest = (number, takes);
            }
        }
    }
}

/// The ticket that an event is of, for who keeps the order, and its place there. Each client makes
/// a few events of a ticket.
pub(super) fn place_of(event: &str) -> (String, usize) {
    let (client, number) = event.split_once('-').unwrap();
    let number: usize = number.parse().unwrap();
    (format!("{client}-{}", number / EVENTS_OF_A_TICKET), number)
}

const EVENTS_OF_A_TICKET: usize = 5;

/// The receivers and their book.
pub(super) struct Desk {
    book: Arc<Mutex<Book>>,
    sink: Sink,
    cutting: Script,
}

impl Desk {
    pub(super) fn open() -> Self {
        let book: Arc<Mutex<Book>> = Arc::default();
        let (answering, cutting) = (Arc::clone(&book), Arc::clone(&book));
        Self {
            sink: Sink::answering(move |request| {
                let (id, before) = answering.lock().unwrap().note(request);
                answer(&request.path, chance(&id), before)
            }),
            cutting: Script::start(move |request| {
                let (id, before) = cutting.lock().unwrap().note(request);
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n";
                match (before, chance(&id) % 4) {
                    (0, 0) => vec![Act::Reset],
                    (0, 1) => vec![Act::Write(head.into()), Act::Reset],
                    _ => vec![Act::Write([head, "ok"].concat().into())],
                }
            }),
            book,
        }
    }

    /// From now on what comes in is of another daemon.
    pub(super) fn next_life(&self) {
        self.book.lock().unwrap().life += 1;
    }

    /// What has come in, by delivery.
    pub(super) fn seen(&self) -> BTreeMap<String, Seen> {
        self.book.lock().unwrap().seen.clone()
    }

    /// What came out of order.
    pub(super) fn astray(&self) -> Vec<String> {
        self.book.lock().unwrap().astray.clone()
    }

    pub(super) fn set_up(&self, daemon: &Daemon) {
        let signing = r#"
        signing = [{ scheme = "standard-webhooks", secret = "whsec" }]
        "#;
        let sending = r#"
        pace = []
        timeout_s = 1
        retry = { attempts = 1000, first_wait_s = 0.05, factor = 1 }
        "#;
        let mut toml = format!(
            r#"
            [[secret]]
            name = "whsec"
            env = "WHSEC"
            [[plugin]]
            file = "target/plugins/destination-standard-webhooks.wasm"
            [[plugin]]
            file = "target/plugins/source-eddydesk.wasm"
            [[plugin]]
            file = "target/plugins/misbehave.wasm"

            [[connection]]
            name = "desk-api"
            plugin = "misbehave"
            settings = {{ url = "{}" }}
            writes_per_ticket_per_hour = 10000
            {sending}

            [[source]]
            name = "tests"
            plugin = "eddydesk"
            auth = {{ kind = "none" }}
            connection = "desk-api"
            "#,
            self.sink.url("/api"),
        );
        for (name, plugin, path, more) in SUBSCRIPTIONS {
            let url = match path {
                "/cut" => format!("http://{}{path}", self.cutting.address()),
                _ => self.sink.url(path),
            };
            toml += &format!(
                "[[subscription]]\nname = \"{name}\"\nevents = [\"test.*\"]\n\
                 plugin = \"{plugin}\"\nsettings = {{ url = \"{url}\" }}\n{signing}{sending}{more}\n"
            );
        }
        daemon.apply(&toml, &[("WHSEC", KEY)]);
    }
}

/// What the writes to a ticket are noted under, all of them together.
pub(super) fn writes_to(ticket: &str) -> String {
    format!("writes to {ticket}")
}

/// The same for the same delivery, in every life.
fn chance(id: &str) -> u32 {
    id.bytes().fold(7, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)))
}

/// Whether a request to who keeps the order is refused, so that those behind it wait.
fn is_refused(chance: u32, before: usize) -> bool {
    before == 0 && chance.is_multiple_of(3)
}

fn answer(path: &str, chance: u32, before: usize) -> Reply {
    let soon = Duration::from_millis(u64::from(chance % 5));
    match (path, before) {
        (ORDERED, _) if is_refused(chance, before) => Reply::status(500).after(soon),
        // More than an attempt may take.
        ("/failing", 0) if chance.is_multiple_of(16) => {
            Reply::status(200).after(Duration::from_millis(1_500))
        }
        ("/failing", 0 | 1) if chance.is_multiple_of(2) => Reply::status(500).after(soon),
        ("/api", 0) if chance.is_multiple_of(3) => Reply::status(503).after(soon),
        _ => Reply::ok("ok").after(soon),
    }
}
