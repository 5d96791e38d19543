//! Posts are acknowledged when they are on disk. No subscription takes the events: what is
//! measured is the way in.

use super::commits;
use super::desk;
use super::figure::{Figure, Quantity, Target};
use super::load::percentile;
use super::size::{Size, median};

const SCENARIO: &str = "ingest";
/// So few that they seldom wait for each other, and yet share commits.
const FEW: usize = 8;
/// A commit that is under way, the one that the post is in, and what else there is to do.
const COMMITS: f64 = 3.0;

/// Measures.
#[must_use]
pub fn run(size: &Size) -> Vec<Figure> {
    let (mut rates, mut commits_rates) = (Vec::new(), Vec::new());
    let mut acks = [Vec::new(), Vec::new()];
    let mut bare = [Vec::new(), Vec::new()];
    for _ in 0..size.rounds {
        let commits = commits::measure(size.timed);
        let all: std::time::Duration = commits.iter().sum();
        commits_rates.push(commits.len() as f64 / all.as_secs_f64());
        let daemon = desk::daemon(&[]);
        let few = desk::load(&daemon, size.timed, FEW).run();
        for (index, share) in [0.5, 0.99].into_iter().enumerate() {
            bare[index].push(percentile(&commits, share).as_secs_f64());
            acks[index].push(few.percentile(share).as_secs_f64());
        }
        drop(daemon);
        let daemon = desk::daemon(&[]);
        rates.push(desk::load(&daemon, size.posts, size.connections).run().rate());
    }
    let [ack_p50, ack_p99] = acks.map(|times| Quantity::Time(median(times)));
    let [bare_p50, bare_p99] = bare.map(|times| Quantity::Time(median(times)));
    let all = format!("acknowledged over {} connections", size.connections);
    vec![
        Figure::new(SCENARIO, all, Quantity::Rate(median(rates)))
            .beside("bare commits", Quantity::Rate(median(commits_rates))),
        Figure::new(SCENARIO, format!("p50 of an acknowledgement, {FEW} connections"), ack_p50)
            .beside("bare commit", bare_p50),
        Figure::new(SCENARIO, format!("p99 of an acknowledgement, {FEW} connections"), ack_p99)
            .beside("bare commit", bare_p99)
            .aims_at(Target::RatioAtMost(COMMITS)),
    ]
}
