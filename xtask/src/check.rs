//! `cargo xtask test`: everything, also what needs installing first.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::run::{output, path, run};
use crate::{guests, oracles};

/// Runs all of it, in the order in which mistakes show soonest.
pub(crate) fn test() -> Result<()> {
    let plugins = path("plugins");
    formatted(&path("."))?;
    formatted(&plugins)?;
    guests::build_all()?;
    oracles::install();
    cargo(&plugins, &["clippy", "--locked", "--all-targets", "--", "-D", "warnings"])?;
    cargo(&plugins, &["test", "--locked", "--quiet"])?;
    let all = ["--locked", "--workspace", "--all-targets"];
    cargo(&path("."), &[&["clippy"], &all[..], &["--", "-D", "warnings"]].concat())?;
    // The tests drive the built program; one profile for all, so that nothing is built twice.
    cargo(&path("."), &["build", "--locked", "--package", "hookwright-daemon"])?;
    if output("cargo", &["nextest", "--version"]).is_some() {
        cargo(&path("."), &["nextest", "run", "--locked", "--workspace", "--no-fail-fast"])?;
    } else {
        cargo(&path("."), &["test", "--locked", "--workspace", "--tests", "--no-fail-fast"])?;
    }
    cargo(&path("."), &["test", "--locked", "--workspace", "--doc", "--quiet"])?;
    licences()?;
    // The first of the two commands of the README.
    demo(&["--once".to_owned()])
}

/// Builds the daemon and shows it at work.
pub(crate) fn demo(args: &[String]) -> Result<()> {
    guests::build_all()?;
    let root = path(".");
    cargo(&root, &["build", "--locked", "--package", "hookwright-daemon", "--bin", "hookwright"])?;
    cargo(&root, &["build", "--locked", "--package", "hookwright-tests", "--bin", "demo"])?;
    run(Command::new(path("target/debug/demo")).args(args))
}

/// Makes the pictures of the docs, by the test that shows the console's pages.
pub(crate) fn screenshots() -> Result<()> {
    guests::build_all()?;
    oracles::install();
    cargo(&path("."), &["build", "--locked", "--package", "hookwright-daemon"])?;
    let mut test = Command::new("cargo");
    test.args(["test", "--locked", "--package", "hookwright-tests", "--test", "browser"]);
    test.args(["--", "--exact", "pictures"]).current_dir(path("."));
    run(test.env("HOOKWRIGHT_PICTURES", "1").env("HOOKWRIGHT_REQUIRE_ALL", "1"))
}

fn formatted(workspace: &Path) -> Result<()> {
    cargo(workspace, &["fmt", "--all", "--check"])
}

/// Which licences dependencies may have is said in `deny.toml`.
fn licences() -> Result<()> {
    if output("cargo", &["deny", "--version"]).is_none() {
        println!("NOT RUN: the licences of the dependencies (`cargo install cargo-deny`).");
        return Ok(());
    }
    cargo(&path("."), &["deny", "--offline", "check", "licenses", "bans", "sources"])
}

/// Runs cargo in a workspace.
pub(crate) fn cargo(workspace: &Path, args: &[&str]) -> Result<()> {
    run(Command::new("cargo").args(args).current_dir(workspace))
}
