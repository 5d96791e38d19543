//! Ten endpoints get every event, and one of them hangs: how long it takes from the post until the
//! other nine have it, beside the same when none hangs. Posts come at an even rate, well below
//! what the daemon can take.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::arrivals::Arrivals;
use super::desk;
use super::figure::{Figure, Quantity, Target};
use super::load::{Load, numbered_tickets, percentile};
use super::size::{Size, median};

const SCENARIO: &str = "neighbour";
const ENDPOINTS: usize = 10;
/// The one that hangs.
const TENTH: &str = "/9";
/// Enough that no post waits for a free one.
const CONNECTIONS: usize = 32;

/// Measures.
#[must_use]
pub fn run(size: &Size) -> Vec<Figure> {
    let (mut alone, mut beside) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for _ in 0..size.rounds {
        for (times, hanging) in [(&mut alone, None), (&mut beside, Some(TENTH))] {
            let latencies = measure(size, hanging);
            for (index, share) in [0.5, 0.99].into_iter().enumerate() {
                times[index].push(percentile(&latencies, share).as_secs_f64());
            }
        }
    }
    let [alone_p50, alone_p99] = alone.map(|times| Quantity::Time(median(times)));
    let [beside_p50, beside_p99] = beside.map(|times| Quantity::Time(median(times)));
    let what = |share| format!("{share} from post to arrival at nine, the tenth hangs");
    vec![
        Figure::new(SCENARIO, what("p50"), beside_p50).beside("none hangs", alone_p50),
        Figure::new(SCENARIO, what("p99"), beside_p99)
            .beside("none hangs", alone_p99)
            .aims_at(Target::RatioAtMost(1.2)),
    ]
}

/// How long each post took to each of the nine, in order of length.
fn measure(size: &Size, hanging: Option<&'static str>) -> Vec<Duration> {
    let (posts, rate) = size.beside;
    let receiver = Arrivals::start(hanging);
    let to = |number| (format!("desk-{number}"), format!("http://{}/{number}", receiver.address));
    let daemon = desk::daemon(&(0..ENDPOINTS).map(to).collect::<Vec<_>>());
    let load = desk::load(&daemon, posts, CONNECTIONS);
    let load = Load { make: numbered_tickets(), rate: Some(rate), ..load };
    let expected = posts * (ENDPOINTS - 1);
    let (outcome, _) = desk::deliver(&load, || receiver.count_but(TENTH) >= expected);
    let posted: HashMap<usize, Instant> = outcome.posted.into_iter().collect();
    let nine = receiver.all().into_iter().filter(|(path, ..)| path != TENTH);
    let mut latencies: Vec<_> = nine.map(|(_, number, at)| at - posted[&number]).collect();
    latencies.sort_unstable();
    latencies
}
