//! What the daemon sends and takes, judged by other people's libraries (see `README.md` beside this).
//!
//! A judgement whose library is not installed is reported as ignored, never as passed; with
//! `HOOKWRIGHT_REQUIRE_ALL=1` it fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clock;
mod cloudevents;
mod destinations;
mod disk;
mod doc_examples;
mod guests;
mod issuer;
mod mail;
mod oracle;
mod process;
mod proof;
mod read_only;
mod receivers;
mod schemathesis;
mod signing;
mod sms;
mod telegram;
mod texts;
mod webhooks;
mod zammad;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use oracle::Oracle;

/// A test, and the oracles that it needs.
type Test = (&'static str, &'static [Oracle], fn());

fn main() -> ExitCode {
    let tests = [
        zammad::TESTS,
        telegram::TESTS,
        sms::TESTS,
        guests::TESTS,
        proof::TESTS,
        issuer::TESTS,
        mail::TESTS,
        cloudevents::TESTS,
        destinations::TESTS,
        disk::TESTS,
        clock::TESTS,
        read_only::TESTS,
        receivers::TESTS,
        schemathesis::TESTS,
        signing::TESTS,
        webhooks::TESTS,
    ]
    .concat();
    let require_all = std::env::var_os("HOOKWRIGHT_REQUIRE_ALL").is_some();
    let trials = tests.into_iter().map(|(name, oracles, test): Test| {
        let there = oracles.iter().all(Oracle::is_installed);
        let trial = Trial::test(name, move || {
            test();
            Ok(())
        });
        trial.with_ignored_flag(!there && !require_all)
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
