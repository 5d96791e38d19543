//! Events from the post to the note in the journal that they were delivered, synced to disk,
//! beside a relay that does nothing but forward them.

use super::desk;
use super::figure::{Figure, Quantity, Target};
use super::peers::Peer;
use super::relay;
use super::size::{Size, median};

const SCENARIO: &str = "end_to_end";

/// Events a second.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Delivered and noted.
    pub delivered: f64,
    /// Acknowledged.
    pub acknowledged: f64,
}

/// Posts to a daemon and a receiver of their own.
#[must_use]
pub fn measure(size: &Size) -> Rates {
    let sink = Peer::start(&["__sink"]);
    let url = format!("http://{}/", sink.address);
    let daemon = desk::daemon(&[("archive".into(), url)]);
    let load = desk::load(&daemon, size.posts, size.connections);
    let (outcome, took) = desk::deliver(&load, || desk::is_done(&daemon));
    let arrived = sink.posts();
    assert!(arrived >= size.posts, "only {arrived} of {} arrived", size.posts);
    Rates { delivered: size.posts as f64 / took.as_secs_f64(), acknowledged: outcome.rate() }
}

/// Measures.
#[must_use]
pub fn run(size: &Size) -> Vec<Figure> {
    let (mut relayed, mut delivered, mut acknowledged) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..size.rounds {
        relayed.push(relay::measure(size).rate());
        let rates = measure(size);
        delivered.push(rates.delivered);
        acknowledged.push(rates.acknowledged);
    }
    let over = format!("over {} connections", size.connections);
    let relayed = Quantity::Rate(median(relayed));
    vec![
        Figure::new(
            SCENARIO,
            format!("events delivered and noted, {over}"),
            Quantity::Rate(median(delivered)),
        )
        .beside(relay::NAME, relayed)
        .aims_at(Target::RatioAtLeast(0.5)),
        Figure::new(
            SCENARIO,
            format!("acknowledged meanwhile, {over}"),
            Quantity::Rate(median(acknowledged)),
        )
        .beside(relay::NAME, relayed),
    ]
}
