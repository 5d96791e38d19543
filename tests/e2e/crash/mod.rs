//! `kill -9` under load, at points with names and at moments that nobody chose: nothing that was
//! acknowledged is lost, nothing stays behind, and what is repeated carries its first id.
//!
//! Each test kills one daemon many times over one data directory. The seed is in every failure;
//! `HOOKWRIGHT_SEED` repeats a run, as far as chance decides it.

#![allow(clippy::print_stdout, reason = "seeds and counts, for those who look into a failure")]

mod clients;
mod desk;
mod ledger;

use std::fmt;
use std::time::{Duration, Instant};

use hookwright_tests::{Daemon, Options, until};

use self::clients::Clients;
use self::desk::Desk;

/// How often each named point is the end.
const KILLS_A_POINT: usize = 6;
/// Kills at moments that nobody chose, of one test.
const RANDOM_KILLS: usize = 25;

/// When a daemon is killed.
#[derive(Clone, Debug)]
enum Death {
    /// By itself, where it passes a point for the so manieth time.
    At(&'static str, u32),
    /// From outside, so long after it has taken in an event.
    After(Duration),
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(point, passing) => write!(f, "{point}:{passing}"),
            Self::After(time) => write!(f, "{time:?}"),
        }
    }
}

#[test]
fn while_events_are_taken_in_and_claimed() {
    let often = [("accept.before_commit", 40), ("accept.after_commit", 40), ("claim.after", 8)];
    named(1, &often);
}

#[test]
fn while_requests_are_made_and_sent() {
    let often = [("transform.after", 60), ("send.before", 100), ("send.after_bytes", 100)];
    named(2, &often);
}

#[test]
fn while_answers_are_judged_and_noted() {
    let often = [
        ("answer.after", 100),
        ("record.before_commit", 100),
        ("record.after_commit", 100),
        ("child.after", 40),
    ];
    named(3, &often);
}

#[test]
fn at_moments_that_nobody_chose() {
    random(4);
}

#[test]
fn at_other_moments_that_nobody_chose() {
    random(5);
}

/// Kills at these points, each at its first passing, its second, and others up to the number.
fn named(test: u64, points: &[(&'static str, u32)]) {
    let (seed, mut random) = seeded(test);
    let mut deaths = Vec::new();
    for &(point, most) in points {
        deaths.extend([1, 2].map(|passing| Death::At(point, passing)));
        let others = (2..KILLS_A_POINT).map(|_| Death::At(point, random.u32(3..=most)));
        deaths.extend(others.collect::<Vec<_>>());
    }
    // What one death leaves behind, another finds.
    random.shuffle(&mut deaths);
    die(seed, &deaths);
}

fn random(test: u64) {
    let (seed, mut random) = seeded(test);
    let moment = |_| Death::After(Duration::from_micros(random.u64(0..300_000)));
    die(seed, &(0..RANDOM_KILLS).map(moment).collect::<Vec<_>>());
}

fn seeded(test: u64) -> (u64, fastrand::Rng) {
    let given = std::env::var("HOOKWRIGHT_SEED").ok();
    let seed = given.map_or_else(|| fastrand::u64(..), |seed| seed.parse().unwrap());
    println!("seed {seed}");
    (seed, fastrand::Rng::with_seed(seed.wrapping_add(test)))
}

fn die(seed: u64, deaths: &[Death]) {
    let desk = Desk::open();
    let mut daemon = Daemon::with(Options { log: "info".into(), ..Options::default() });
    desk.set_up(&daemon);
    let mut clients = Clients::start(&daemon);
    let mut told = Vec::new();
    for death in deaths {
        told.push(death.to_string());
        let story = || format!("seed {seed}, deaths {told:?}");
        let started = Instant::now();
        desk.next_life();
        match death {
            Death::At(point, passing) => {
                let plan = format!("{point}:{passing}");
                if daemon.start_again(&[("HOOKWRIGHT_CRASH_AT", &plan)]) {
                    clients.talk_to(&daemon);
                    until(&format!("the end at {plan}; {}", story()), || {
                        daemon.has_ended().then_some(())
                    });
                }
            }
            Death::After(time) => {
                assert!(daemon.start_again(&[]), "{}: {}", story(), daemon.log());
                let before = clients.acknowledged();
                clients.talk_to(&daemon);
                until(&format!("an event to be taken in; {}", story()), || {
                    (clients.acknowledged() > before).then_some(())
                });
                std::thread::sleep(*time);
            }
        }
        clients.rest();
        println!("{death}: {:?}, {} events", started.elapsed(), clients.acknowledged());
    }
    desk.next_life();
    assert!(daemon.start_again(&[]), "seed {seed}: {}", daemon.log());
    clients.talk_to(&daemon);
    let posted = clients.end();
    let story = format!("seed {seed}, deaths {told:?}");
    ledger::check(&daemon, &desk, &posted, deaths.len(), &story);
}
