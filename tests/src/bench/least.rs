//! What the parts cost of which the daemon is made: the least program that takes an event its whole
//! way (`tests/least`), with plugins and without, beside the relay; and the daemon beside it.

use std::process::Command;

use super::desk;
use super::end_to_end;
use super::figure::{Figure, Quantity};
use super::load::Load;
use super::peers::Peer;
use super::relay;
use super::size::{Size, median};
use crate::binary;

const SCENARIO: &str = "least";
/// What the daemon is held against.
const NAME: &str = "least program";

/// Measures.
#[must_use]
pub fn run(size: &Size) -> Vec<Figure> {
    let (mut relayed, mut bare, mut least, mut daemon) = (vec![], vec![], vec![], vec![]);
    for _ in 0..size.rounds {
        relayed.push(relay::measure(size).rate());
        bare.push(measure(size, &["bare"]));
        least.push(measure(size, &[]));
        daemon.push(end_to_end::measure(size).delivered);
    }
    let over = format!("over {} connections", size.connections);
    let [relayed, bare, least, daemon] =
        [relayed, bare, least, daemon].map(|rates| Quantity::Rate(median(rates)));
    vec![
        Figure::new(SCENARIO, format!("events without plugins, {over}"), bare)
            .beside(relay::NAME, relayed),
        Figure::new(SCENARIO, format!("events with both plugins, {over}"), least)
            .beside(relay::NAME, relayed),
        Figure::new(SCENARIO, format!("events by the daemon, {over}"), daemon).beside(NAME, least),
    ]
}

/// How many events a second are delivered and noted.
fn measure(size: &Size, how: &[&str]) -> f64 {
    let sink = Peer::start(&["__sink"]);
    let url = format!("http://{}/", sink.address);
    let least = Peer::of(Command::new(program()).arg(url).args(how));
    let load = Load::new(least.address, "/", size.posts, size.connections);
    let (_, took) = desk::deliver(&load, || least.posts() >= size.posts);
    let arrived = sink.posts();
    assert!(arrived >= size.posts, "only {arrived} of {} arrived", size.posts);
    size.posts as f64 / took.as_secs_f64()
}

/// The program: this crate knows no sandbox.
fn program() -> std::path::PathBuf {
    let path = binary().with_file_name("hookwright-least");
    assert!(
        path.is_file(),
        "{} is not there; run `cargo build -p hookwright-least`",
        path.display()
    );
    path
}
