//! The same events for one subscription, and for ten: as many deliveries, from a tenth of the
//! posts.

use super::desk;
use super::figure::{Figure, Quantity};
use super::peers::Peer;
use super::size::{Size, median};

const SCENARIO: &str = "fan_out";
const TEN: usize = 10;

/// Measures.
#[must_use]
pub fn run(size: &Size) -> Vec<Figure> {
    let (mut ones, mut tens) = (Vec::new(), Vec::new());
    for _ in 0..size.rounds {
        ones.push(measure(size, 1));
        tens.push(measure(size, TEN));
    }
    let one = Quantity::Rate(median(ones));
    vec![
        Figure::new(SCENARIO, "deliveries, 1 subscription", one),
        Figure::new(SCENARIO, "deliveries, 10 subscriptions", Quantity::Rate(median(tens)))
            .beside("1 subscription", one),
    ]
}

/// Deliveries a second.
fn measure(size: &Size, subscriptions: usize) -> f64 {
    let sink = Peer::start(&["__sink"]);
    let to = |number| (format!("archive-{number}"), format!("http://{}/{number}", sink.address));
    let daemon = desk::daemon(&(0..subscriptions).map(to).collect::<Vec<_>>());
    let posts = size.posts / subscriptions;
    let load = desk::load(&daemon, posts, size.connections);
    let (_, took) = desk::deliver(&load, || desk::is_done(&daemon));
    let (arrived, expected) = (sink.posts(), posts * subscriptions);
    assert!(arrived >= expected, "only {arrived} of {expected} arrived");
    expected as f64 / took.as_secs_f64()
}
