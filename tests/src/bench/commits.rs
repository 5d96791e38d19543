//! Bare commits: what it costs on this machine to have something on disk, with the pragmas and
//! the version of SQLite that the store has.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::figure::{Figure, Quantity};
use super::load::percentile;
use super::size::{Size, median};

const SCENARIO: &str = "commits";
/// What a post of seed 001 and its event come to in the store, about, in bytes: both are packed.
const ROW: usize = 3_100;

/// How long each of so many commits took, in order of length. Each inserts a row of the size that
/// a post has in the store.
#[must_use]
pub fn measure(count: usize) -> Vec<Duration> {
    let dir = tempfile::Builder::new().prefix("hookwright-").tempdir().unwrap();
    let connection = Connection::open(dir.path().join("commits.db")).unwrap();
    let pragmas = [
        ("page_size", "8192"),
        ("journal_mode", "wal"),
        ("synchronous", "full"),
        ("wal_autocheckpoint", "4096"),
    ];
    for (name, value) in pragmas {
        connection.pragma_update(None, name, value).unwrap();
    }
    connection
        .execute("CREATE TABLE posts (id INTEGER PRIMARY KEY, body BLOB NOT NULL)", [])
        .unwrap();
    let row = vec![0xa5_u8; ROW];
    let mut insert = connection.prepare("INSERT INTO posts (body) VALUES (?1)").unwrap();
    let mut times: Vec<_> = (0..count)
        .map(|_| {
            let started = Instant::now();
            insert.execute([&row]).unwrap();
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times
}

/// Measures.
#[must_use]
pub fn run(size: &Size) -> Vec<Figure> {
    let rounds: Vec<_> = (0..size.rounds).map(|_| measure(size.timed)).collect();
    let time = |share: f64| {
        let times = rounds.iter().map(|times| percentile(times, share).as_secs_f64());
        Quantity::Time(median(times.collect()))
    };
    let rate =
        |times: &Vec<Duration>| times.len() as f64 / times.iter().sum::<Duration>().as_secs_f64();
    vec![
        Figure::new(
            SCENARIO,
            "commits, one after the other",
            Quantity::Rate(median(rounds.iter().map(rate).collect())),
        ),
        Figure::new(SCENARIO, "p50 of a commit", time(0.5)),
        Figure::new(SCENARIO, "p99 of a commit", time(0.99)),
    ]
}
