//! `cargo xtask bench` runs this: events end to end beside a bare relay, in one run.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measuring program")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hookwright_tests::bench::load::{Load, Outcome};
use hookwright_tests::bench::peers::{self, Peer};
use hookwright_tests::{Daemon, Options, Seed, ZAMMAD_KEY, until};

/// Posts of one measurement, and connections they come over.
const POSTS: usize = 20_000;
const CONNECTIONS: usize = 256;
/// How often each is measured, in turn.
const ROUNDS: usize = 3;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["sink"] => peers::sink(),
        ["relay", target] => peers::relay(target.parse().unwrap()),
        _ => end_to_end(),
    }
}

fn end_to_end() {
    println!(
        "{POSTS} posts of seed 001 (5,789 bytes) over {CONNECTIONS} connections, {ROUNDS} rounds"
    );
    let mut relayed = Vec::new();
    let mut delivered = Vec::new();
    for round in 1..=ROUNDS {
        let relay = relay();
        let (ack, events) = daemon();
        println!(
            "round {round}: relay {:.0}/s; hookwright acknowledged {:.0}/s (p50 {:?}, p99 {:?}), \
             delivered {events:.0}/s: {:.0} %",
            relay.rate(),
            ack.rate(),
            ack.percentile(0.5),
            ack.percentile(0.99),
            100.0 * events / relay.rate()
        );
        relayed.push(relay.rate());
        delivered.push(events);
    }
    let middle = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let (relayed, delivered) = (middle(&mut relayed), middle(&mut delivered));
    println!(
        "median: relay {relayed:.0}/s, hookwright {delivered:.0}/s: {:.0} %",
        100.0 * delivered / relayed
    );
}

fn load(address: SocketAddr, path: &str, seed: &Seed) -> Load {
    let headers = seed.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Load {
        address,
        path: path.to_owned(),
        headers: headers.collect(),
        body: seed.body.clone().into(),
        posts: POSTS,
        connections: CONNECTIONS,
    }
}

fn relay() -> Outcome {
    let sink = Peer::start(&["sink"]);
    let relay = Peer::start(&["relay", &sink.address.to_string()]);
    load(relay.address, "/", &Seed::zammad()).run()
}

/// Acknowledgements, and events per second until the last was delivered and noted.
fn daemon() -> (Outcome, f64) {
    let sink = Peer::start(&["sink"]);
    let daemon = Daemon::with(Options { log: "info".into(), ..Options::default() });
    let toml = format!(
        r#"
        [[secret]]
        name = "signature"
        env = "SIGNATURE"
        [[plugin]]
        file = "target/plugins/source-zammad.wasm"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"
        [[source]]
        name = "helpdesk"
        plugin = "zammad"
        auth = {{ kind = "hub_signature", secret = "signature" }}
        [[subscription]]
        name = "archive"
        events = ["*"]
        plugin = "zammad"
        settings = {{ url = "http://{}/" }}
        secrets = {{ signature_token = "signature" }}
        "#,
        sink.address
    );
    daemon.apply(&toml, &[("SIGNATURE", ZAMMAD_KEY)]);
    let address = daemon.url().trim_start_matches("http://").parse().unwrap();
    let started = Instant::now();
    let outcome = load(address, "/in/helpdesk", &Seed::zammad()).run();
    let api = daemon.api();
    until("the last event to be delivered and noted", || {
        let left = ["pending", "running"]
            .iter()
            .any(|state| !api.items(&format!("/v1/deliveries?state={state}&limit=1")).is_empty());
        (!left).then_some(())
    });
    let took = started.elapsed();
    let arrived: usize = ureq::get(format!("http://{}/", sink.address))
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap()
        .parse()
        .unwrap();
    assert!(arrived >= POSTS, "only {arrived} of {POSTS} arrived");
    std::thread::sleep(Duration::from_millis(500));
    (outcome, POSTS as f64 / took.as_secs_f64())
}
