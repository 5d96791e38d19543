//! A disk that fills up under the daemon.

use std::fs::{self, File};
use std::io::Write;
use std::time::Duration;

use hookwright_tests::{Daemon, Options, Reply, Sink, until};
use serde_json::{Value, json};

use crate::Test;
use crate::oracle::Oracle;

pub(crate) const TESTS: &[Test] = &[("disk::a_full_disk", &[Oracle::SmallDisk], full)];

/// As large as the log of the store can grow, and a little more.
const DISK_MIB: u32 = 80;

/// Events are refused while nothing can be written, and are taken again when there is room; what
/// was acknowledged arrives, and nothing twice.
fn full() {
    let sink = Sink::answering(|_| Reply::status(204).after(Duration::from_millis(20)));
    let daemon = Daemon::with(Options { disk: Some(DISK_MIB), ..Options::default() });
    let toml = format!(
        r#"
        [[plugin]]
        file = "target/plugins/destination-standard-webhooks.wasm"
        [[subscription]]
        name = "post"
        events = ["test.*"]
        plugin = "standard-webhooks"
        settings = {{ url = "{}" }}
        "#,
        sink.url("/")
    );
    daemon.apply(&toml, &[]);
    // Text that does not pack.
    let post = |number: usize| {
        let noise: String = (0..30_000).map(|_| fastrand::alphanumeric()).collect();
        let event = json!({
            "specversion": "1.0", "id": number.to_string(), "source": "disk", "type": "test.full",
            "data": { "number": number, "noise": noise },
        });
        let kind = [("Content-Type", "application/cloudevents+json")];
        daemon.api().post("/v1/events", &kind, event.to_string().as_bytes())
    };
    let mut acknowledged = Vec::new();
    let mut accept = |number: usize| -> Result<(), Value> {
        let answer = post(number);
        if answer.status == 202 {
            acknowledged.push(number);
            return Ok(());
        }
        assert_eq!(answer.status, 503, "{}", answer.text());
        Err(answer.json())
    };
    for number in 0..20 {
        accept(number).unwrap();
    }
    let filler = daemon.disk().join("filler");
    let mut file = File::create(&filler).unwrap();
    while file.write_all(&[0; 65_536]).is_ok() {}
    drop(file);
    let refusal = (20..400).find_map(|number| accept(number).err());
    let refusal = refusal.expect("a full disk took everything");
    assert!(refusal["detail"].as_str().unwrap().contains("make room"), "{refusal}");
    daemon.logged("the store cannot be written");
    // It goes on answering meanwhile.
    assert_eq!(daemon.api().get("/livez").status, 200);
    assert!(!daemon.api().items("/v1/events?limit=5").is_empty());

    fs::remove_file(&filler).unwrap();
    for number in 400..420 {
        until("events to be taken again", || accept(number).ok());
    }
    until("everything to be delivered", || {
        let delivered = daemon.deliveries("state=delivered").len();
        (delivered >= acknowledged.len()).then_some(())
    });
    let numbers = |requests: Vec<hookwright_tests::Request>| -> Vec<usize> {
        let number = |request: hookwright_tests::Request| {
            usize::try_from(request.json()["data"]["number"].as_u64().unwrap()).unwrap()
        };
        requests.into_iter().map(number).collect()
    };
    let mut arrived = numbers(sink.requests());
    arrived.sort_unstable();
    assert_eq!(arrived, acknowledged, "each that was acknowledged, once, and no other");
}
