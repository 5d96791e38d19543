//! A bare relay takes a post and forwards it: the least that any webhook server does.

use super::figure::{Figure, Quantity};
use super::load::{Load, Outcome};
use super::peers::Peer;
use super::size::{Size, median};

const SCENARIO: &str = "relay";
/// What others call it.
pub const NAME: &str = "bare relay";

/// Posts to a relay and a receiver of their own.
#[must_use]
pub fn measure(size: &Size) -> Outcome {
    let sink = Peer::start(&["__sink"]);
    let relay = Peer::start(&["__relay", &sink.address.to_string()]);
    Load::new(relay.address, "/", size.posts, size.connections).run()
}

/// Measures.
#[must_use]
pub fn run(size: &Size) -> Vec<Figure> {
    let outcomes: Vec<_> = (0..size.rounds).map(|_| measure(size)).collect();
    let time = |share: f64| {
        let times = outcomes.iter().map(|outcome| outcome.percentile(share).as_secs_f64());
        Quantity::Time(median(times.collect()))
    };
    let rate = median(outcomes.iter().map(Outcome::rate).collect());
    let over = format!("over {} connections", size.connections);
    vec![
        Figure::new(SCENARIO, format!("posts relayed {over}"), Quantity::Rate(rate)),
        Figure::new(SCENARIO, format!("p50 of an answer {over}"), time(0.5)),
        Figure::new(SCENARIO, format!("p99 of an answer {over}"), time(0.99)),
    ]
}
