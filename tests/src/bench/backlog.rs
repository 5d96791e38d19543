//! A million deliveries are pending, to ten subscriptions: for five of them they are due, and the
//! receiver hangs; for the others they are to be tried later. What the eleventh gets is held against
//! what it gets without them.

use std::process::Command;

use super::desk;
use super::figure::{Figure, Quantity, Target};
use super::machine::memory;
use super::peers::Peer;
use super::size::{Size, median};
use super::start::Started;
use crate::{Daemon, ZAMMAD_KEY, binary};

const SCENARIO: &str = "backlog";
const DOWN: usize = 10;
/// Nothing pending.
const NONE: &str = "none pending";

/// Measures.
#[must_use]
pub fn run(size: &Size) -> Vec<Figure> {
    let (sink, hanging) = (Peer::start(&["__sink"]), Peer::start(&["__sink", "hang"]));
    let mut daemons = [0, size.backlog].map(|events| Some(prepare(&sink, &hanging, events)));
    let mut ready = [Vec::new(), Vec::new()];
    let mut rates = [Vec::new(), Vec::new()];
    let mut most = [Vec::new(), Vec::new()];
    let mut expected = sink.posts();
    for _ in 0..size.rounds {
        for (index, slot) in daemons.iter_mut().enumerate() {
            let daemon = slot.take().unwrap();
            ready[index].push(Started::ready(daemon.data()).after.as_secs_f64());
            let mut daemon = daemon.kill_and_restart();
            desk::settle(&daemon);
            expected += size.posts;
            let load = desk::load(&daemon, size.posts, size.connections);
            let (_, took) = desk::deliver(&load, || sink.posts() >= expected);
            rates[index].push(size.posts as f64 / took.as_secs_f64());
            most[index].push(memory(daemon.pid()).1);
            // What hangs is given up when it ends, and would only be waited for.
            daemon.kill();
            *slot = Some(daemon);
        }
    }
    let [without, with] = rates.map(|rates| Quantity::Rate(median(rates)));
    let [ready_without, ready_with] = ready.map(|times| Quantity::Time(median(times)));
    let [most_without, most_with] = most.map(|most| Quantity::Memory(median(most)));
    let pending = format!("{} pending", size.backlog * DOWN);
    vec![
        Figure::new(SCENARIO, format!("deliveries, {pending}"), with)
            .beside(NONE, without)
            .aims_at(Target::RatioAtLeast(0.9)),
        Figure::new(SCENARIO, format!("until ready, {pending}"), ready_with)
            .beside(NONE, ready_without)
            .aims_at(Target::AtMost(Quantity::Time(1.0))),
        Figure::new(SCENARIO, format!("most memory, {pending}"), most_with)
            .beside(NONE, most_without),
    ]
}

/// A daemon that has ended, and in whose store so many events wait for ten subscriptions.
fn prepare(sink: &Peer, hanging: &Peer, events: usize) -> Daemon {
    let live = ("live".to_owned(), format!("http://{}/", sink.address));
    let mut daemon = desk::daemon(std::slice::from_ref(&live));
    // An event to make the others like, before there is anyone else to take it.
    let (_, _) = desk::deliver(&desk::load(&daemon, 1, 1), || desk::is_done(&daemon));
    let down: Vec<_> = (0..DOWN).map(|number| format!("down-{number}")).collect();
    let toml: Vec<_> = down.iter().map(|name| subscription(name, hanging)).collect();
    daemon.apply(&(desk::configuration(&[live]) + &toml.concat()), &[("SIGNATURE", ZAMMAD_KEY)]);
    assert!(daemon.stop().success());
    let (due, later) = down.split_at(DOWN / 2);
    let status = Command::new(filler())
        .arg(daemon.data())
        .args([events.to_string(), due.join(","), later.join(",")])
        .status()
        .unwrap();
    assert!(status.success(), "the store could not be filled");
    daemon
}

/// One whose receiver hangs, and that takes none of the events that are posted from now on.
fn subscription(name: &str, hanging: &Peer) -> String {
    format!(
        r#"
        [[subscription]]
        name = "{name}"
        events = ["bench.never"]
        plugin = "zammad"
        settings = {{ url = "http://{}/{name}" }}
        "#,
        hanging.address
    )
}

/// The program that fills a store: `tests` knows no stores.
fn filler() -> std::path::PathBuf {
    let path = binary().with_file_name("examples").join("backlog");
    assert!(
        path.is_file(),
        "{} is not there; run `cargo build -p hookwright-store --example backlog`",
        path.display()
    );
    path
}
