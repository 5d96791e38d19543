//! The console in a real Chromium, driven by WebDriver as people use it.
//!
//! Where Chromium, its driver or axe-core are not installed, the tests are reported as ignored,
//! never as passed; with `HOOKWRIGHT_REQUIRE_ALL=1` they fail. `cargo xtask test` installs them.
//! `HOOKWRIGHT_PICTURES=1` has the pictures of the docs made anew (`cargo xtask screenshots`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod axe;
mod chromium;
mod command;
mod crawl;
mod desk;
mod driver;
mod fits;
mod hostile;
mod journey;
mod keyboard;
mod pictures;
mod watched;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// A test's name and what it does.
type Test = (&'static str, fn());

fn main() -> ExitCode {
    let mut tests =
        [axe::TESTS, fits::TESTS, keyboard::TESTS, hostile::TESTS, access::TESTS, journey::TESTS]
            .concat();
    if std::env::var_os("HOOKWRIGHT_PICTURES").is_some() {
        tests.extend(pictures::TESTS);
    }
    let runs = chromium::is_installed() || std::env::var_os("HOOKWRIGHT_REQUIRE_ALL").is_some();
    let trials = tests.into_iter().map(|(name, test): Test| {
        let trial = Trial::test(name, move || {
            test();
            Ok(())
        });
        trial.with_ignored_flag(!runs)
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
