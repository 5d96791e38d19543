//! `kill -9` under load: nothing that was acknowledged is lost, and what is repeated carries its
//! first id.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookwright_tests::{Daemon, Reply, Sink, until};
use serde_json::json;

const ROUNDS: usize = 10;
const CLIENTS: usize = 4;

#[test]
fn ten_times_in_the_middle_of_it() {
    // A receiver that fails now and then, and takes its time, so that a kill finds deliveries in
    // every state.
    let count = AtomicUsize::new(0);
    let sink = Sink::answering(move |_| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let status = if number % 7 == 3 { 500 } else { 200 };
        Reply::status(status).after(Duration::from_millis(number as u64 % 5))
    });
    let toml = format!(
        r#"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"
        [[plugin]]
        file = "target/plugins/misbehave.wasm"

        [[subscription]]
        name = "one"
        events = ["test.*"]
        plugin = "zammad"
        settings = {{ url = "{0}" }}
        retry = {{ attempts = 1000, first_wait_s = 0.05, factor = 1 }}

        [[subscription]]
        name = "two"
        events = ["test.*"]
        plugin = "misbehave"
        settings = {{ url = "{1}" }}
        retry = {{ attempts = 1000, first_wait_s = 0.05, factor = 1 }}
        "#,
        sink.url("/one"),
        sink.url("/two"),
    );
    let mut daemon = Daemon::start();
    daemon.apply(&toml, &[]);
    let acknowledged: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for round in 0..ROUNDS {
        let stop = Arc::new(AtomicBool::new(false));
        let before = acknowledged.lock().unwrap().len();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (api, stop) = (daemon.api(), Arc::clone(&stop));
                let acknowledged = Arc::clone(&acknowledged);
                std::thread::spawn(move || {
                    let mut number = 0;
                    while !stop.load(Ordering::Relaxed) {
                        number += 1;
                        let name = format!("{round}-{client}-{number}");
                        let event = json!({
                            "specversion": "1.0", "id": name, "source": "crash",
                            "type": "test.crash", "subject": name,
                            "data": {"ticket": {"title": name}},
                        });
                        let kind = [("Content-Type", "application/cloudevents+json")];
                        let body = event.to_string();
                        let sent = api.try_send("POST", "/v1/events", &kind, body.as_bytes());
                        if let Ok(answer) = sent
                            && answer.status == 202
                        {
                            let id = answer.json()["events"][0]["id"].as_str().unwrap().to_owned();
                            acknowledged.lock().unwrap().insert(id);
                        }
                    }
                })
            })
            .collect();
        // Under load, at a moment that nobody chose.
        until("some events", || (acknowledged.lock().unwrap().len() > before + 20).then_some(()));
        std::thread::sleep(Duration::from_millis(random.u64(0..150)));
        daemon = daemon.kill_and_restart();
        stop.store(true, Ordering::Relaxed);
        clients.into_iter().for_each(|client| client.join().unwrap());
    }
    let acknowledged = acknowledged.lock().unwrap().clone();
    println!("{} events were acknowledged, {} requests arrived", acknowledged.len(), sink.count());

    // Each of them is there, and reaches both subscriptions.
    let mut deliveries: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
    until("everything to be delivered", || {
        deliveries.clear();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/deliveries?limit=500{cursor}");
            let page = daemon.api().get(&path).expect(200).json();
            for delivery in page["items"].as_array().unwrap() {
                let event = delivery["event_id"].as_str().unwrap().to_owned();
                deliveries.entry(event).or_default().push(delivery.clone());
            }
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let delivered = |delivery: &serde_json::Value| delivery["state"] == "delivered";
        deliveries.values().flatten().all(delivered).then_some(())
    });
    for event in &acknowledged {
        let found = deliveries.get(event).map(Vec::len);
        assert_eq!(found, Some(2), "the acknowledged event {event} was lost (seed {seed})");
    }

    // The receiver has each delivery; what it has twice has the same id and the same bytes.
    let mut by_id: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
    for request in sink.at("/one") {
        let id = request.header("x-zammad-delivery").unwrap().replace('-', "");
        by_id.entry(format!("dlv_{id}")).or_default().insert(request.body.to_vec());
    }
    let zammad = deliveries.values().flatten().filter(|delivery| delivery["subscription"] == "one");
    for delivery in zammad {
        let id = delivery["id"].as_str().unwrap();
        let bodies = by_id.remove(id);
        let bodies = bodies.unwrap_or_else(|| panic!("{id} never arrived (seed {seed})"));
        assert_eq!(bodies.len(), 1, "{id} was repeated with other bytes (seed {seed})");
    }
    assert!(by_id.is_empty(), "requests under ids that are not in the journal: {by_id:?}");
    let failures = daemon.api().get("/v1/deliveries?state=failed").expect(200).json();
    assert_eq!(failures["items"], json!([]));
}
