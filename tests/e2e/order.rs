//! Deliveries of a subscription that keeps an order: one after the other, whatever fails, retries
//! or crashes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hookwright_tests::{Api, Daemon, Reply, Request, Sink, until};
use serde_json::{Value, json};

const TICKETS: usize = 6;
const KILLS: usize = 6;

fn post(api: &Api, ticket: &str, number: usize) -> bool {
    let title = format!("{ticket}#{number}");
    let event = json!({
        "specversion": "1.0", "id": title, "source": "order", "type": "test.order",
        "subject": ticket, "data": {"ticket": {"title": title}},
    });
    let kind = [("Content-Type", "application/cloudevents+json")];
    let sent = api.try_send("POST", "/v1/events", &kind, event.to_string().as_bytes());
    sent.is_ok_and(|answer| answer.status == 202)
}

/// Which ticket's event of which number a request tells of.
fn told(request: &Request) -> (String, usize) {
    let title = request.json()["ticket"]["title"].as_str().unwrap().to_owned();
    let (ticket, number) = title.split_once('#').unwrap();
    (ticket.to_owned(), number.parse().unwrap())
}

fn toml(url: &str, more: &str) -> String {
    format!(
        r#"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"

        [[subscription]]
        name = "ordered"
        events = ["test.*"]
        plugin = "zammad"
        settings = {{ url = "{url}" }}
        {more}
        "#
    )
}

/// What the receiver knows of one ticket, and all that it may: the newest event, and whether it
/// has taken it. Only what comes next in line may come, and nothing that is behind it.
#[derive(Default)]
struct Ticket {
    number: usize,
    taken: bool,
    mistakes: Vec<String>,
}

impl Ticket {
    fn came(&mut self, number: usize, takes: bool) {
        let (newest, taken) = (self.number, self.taken);
        if number < newest {
            self.mistakes.push(format!("{number} came after {newest}"));
        } else if number > newest && newest > 0 && !taken {
            self.mistakes.push(format!("{number} came before {newest} was taken"));
        }
        if number > newest {
            (self.number, self.taken) = (number, false);
        }
        self.taken |= takes;
    }
}

#[test]
fn tickets_keep_their_order_through_failures_and_crashes() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let known: Arc<Mutex<BTreeMap<String, Ticket>>> = Arc::default();
    let (model, count) = (Arc::clone(&known), AtomicUsize::new(0));
    let sink = Sink::answering(move |request| {
        let (ticket, number) = told(request);
        let count = count.fetch_add(1, Ordering::SeqCst);
        let takes = count % 3 != 1;
        let mut model = model.lock().unwrap_or_else(PoisonError::into_inner);
        model.entry(ticket).or_default().came(number, takes);
        let status = if takes { 200 } else { 503 };
        Reply::status(status).after(Duration::from_millis(count as u64 % 4))
    });
    let mut daemon = Daemon::start();
    let more =
        "order = \"per_ticket\"\nretry = { attempts = 1000, first_wait_s = 0.02, factor = 1 }";
    daemon.apply(&toml(&sink.url("/"), more), &[]);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut next = [1; TICKETS];
    let acknowledged: Arc<Mutex<Vec<(String, usize)>>> = Arc::default();
    for _ in 0..KILLS {
        let stop = Arc::new(AtomicBool::new(false));
        let clients = next.map(|number| (number, daemon.api())).into_iter().zip(0..);
        let clients: Vec<_> = clients
            .map(|((number, api), ticket)| {
                let (stop, acknowledged) = (Arc::clone(&stop), Arc::clone(&acknowledged));
                std::thread::spawn(move || {
                    let (ticket, mut number) = (format!("T{ticket}"), number);
                    while !stop.load(Ordering::Relaxed) {
                        if post(&api, &ticket, number) {
                            acknowledged.lock().unwrap().push((ticket.clone(), number));
                        }
                        number += 1;
                        std::thread::sleep(Duration::from_millis(3));
                    }
                    number
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(200 + random.u64(0..300)));
        daemon = daemon.kill_and_restart();
        stop.store(true, Ordering::Relaxed);
        for (place, client) in next.iter_mut().zip(clients) {
            *place = client.join().unwrap();
        }
    }
    until("everything to be delivered", || {
        let waiting = |state| daemon.deliveries(&format!("state={state}")).is_empty();
        (waiting("pending") && waiting("running")).then_some(())
    });
    let known = known.lock().unwrap();
    let mistakes: Vec<_> = known.values().flat_map(|ticket| &ticket.mistakes).collect();
    assert!(mistakes.is_empty(), "seed {seed}: {mistakes:?}");
    let acknowledged = acknowledged.lock().unwrap();
    assert!(acknowledged.len() > KILLS * TICKETS * 3, "too few to tell: {}", acknowledged.len());
    let arrived: Vec<_> = sink.requests().iter().map(told).collect();
    for event in acknowledged.iter() {
        assert!(arrived.contains(event), "{event:?} was lost (seed {seed})");
    }
    println!("{} events, {} requests", acknowledged.len(), arrived.len());
}

fn states(daemon: &Daemon) -> Vec<(Value, Value)> {
    let mut deliveries = daemon.deliveries("");
    deliveries.reverse();
    deliveries.iter().map(|one| (one["state"].clone(), one["id"].clone())).collect()
}

#[test]
fn what_follows_a_failure_waits_until_an_admin_has_decided() {
    let refuses = Arc::new(AtomicBool::new(true));
    let refusing = Arc::clone(&refuses);
    let sink = Sink::answering(move |request| {
        let refused = told(request).1 == 2 && refusing.load(Ordering::SeqCst);
        Reply::status(if refused { 500 } else { 200 })
    });
    let daemon = Daemon::start();
    let more = "order = \"strict\"\nafter_failure = \"wait\"\nretry = \"off\"";
    daemon.apply(&toml(&sink.url("/"), more), &[]);
    for number in 1..=4 {
        assert!(post(&daemon.api(), &format!("T{number}"), number));
    }
    let failed = until("the second to fail", || {
        states(&daemon).into_iter().find(|(state, _)| state == "failed")
    });
    let words = |daemon: &Daemon| {
        let states = states(daemon).into_iter();
        states.map(|(state, _)| state.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(words(&daemon), ["delivered", "failed", "pending", "pending"]);
    let third = &daemon.deliveries("state=pending")[1];
    assert!(third["reason"].as_str().unwrap().contains("earlier delivery"), "{third}");
    assert_eq!(third["next_attempt_at"], Value::Null);
    // The receiver is mended, and the admin has it tried again: all arrive, in order.
    refuses.store(false, Ordering::SeqCst);
    let id = failed.1.as_str().unwrap().to_owned();
    assert!(daemon.cli(&["delivery", "retry", &id]).status.success());
    until("all", || (words(&daemon) == ["delivered"; 4]).then_some(()));
    let arrived: Vec<_> = sink.requests().iter().map(|request| told(request).1).collect();
    assert_eq!(arrived, [1, 2, 2, 3, 4]);

    // Or gives it up: the others go on without it.
    refuses.store(true, Ordering::SeqCst);
    for (ticket, number) in [("U2", 2), ("U3", 3)] {
        assert!(post(&daemon.api(), ticket, number));
    }
    let failed = until("another to fail", || daemon.deliveries("state=failed").pop());
    let canceled = daemon.cli(&["delivery", "cancel", failed["id"].as_str().unwrap()]);
    assert!(canceled.status.success());
    until("the last", || (words(&daemon).last()? == "delivered").then_some(()));
    assert_eq!(words(&daemon)[4..], ["canceled", "delivered"]);
    let again = daemon.cli(&["delivery", "cancel", failed["id"].as_str().unwrap()]);
    let problem = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && problem.contains("nothing to cancel"), "{problem}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let daemon = Daemon::start();
    for (more, wanted) in [
        ("after_failure = \"wait\"", "ordered`: after_failure: nothing waits"),
        ("max_concurrent = 0", "ordered`: max_concurrent: "),
        ("max_concurrent = 1000", "ordered`: max_concurrent: "),
    ] {
        let refused = daemon.try_apply(&toml("http://127.0.0.1:9/", more), &[]);
        let words = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && words.contains(wanted), "{words}");
    }
}

#[test]
fn a_receiver_is_sent_no_more_at_once_than_it_bears() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (under_way, highest) = (Arc::clone(&now), Arc::clone(&most));
    let sink = hookwright_tests::Script::start(move |_| {
        let count = under_way.fetch_add(1, Ordering::SeqCst) + 1;
        highest.fetch_max(count, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(30));
        under_way.fetch_sub(1, Ordering::SeqCst);
        vec![hookwright_tests::Act::Write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".into(),
        )]
    });
    let daemon = Daemon::start();
    daemon.apply(&toml(&format!("http://{}/", sink.address()), "max_concurrent = 2"), &[]);
    for number in 0..20 {
        assert!(post(&daemon.api(), "T1", number));
    }
    until("all", || (daemon.deliveries("state=delivered").len() == 20).then_some(()));
    assert_eq!(most.load(Ordering::SeqCst), 2);
    assert_eq!(now.load(Ordering::SeqCst), 0);
}
