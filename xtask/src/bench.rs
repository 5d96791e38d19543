//! `cargo xtask bench`: builds what is measured and what measures, and runs it.

use std::process::Command;

use anyhow::Result;

use crate::check::cargo;
use crate::guests;
use crate::run::{path, run};

/// The scenario whose figures come from a benchmark of criterion's.
const PLUGIN_CALL: &str = "plugin_call";
/// The group that it reads.
const GROUP: &str = "telegram/transform";

/// Measures what is asked for; the scenarios are in `tests/src/bench`. With `--debug` what was
/// built for tests is run, which says nothing but whether it works.
pub(crate) fn bench(args: &[String]) -> Result<()> {
    let (is_debug, args): (Vec<_>, Vec<_>) = args.iter().partition(|arg| *arg == "--debug");
    let (profile, folder): (&[&str], _) = match is_debug.is_empty() {
        true => (&["--release"], "release"),
        false => (&[], "debug"),
    };
    let root = path(".");
    let build = |package: &str, what: &[&str]| {
        cargo(&root, &[&["build", "--locked", "--package", package], what, profile].concat())
    };
    let program = path("target").join(folder).join("bench");
    build("hookwright-tests", &["--bin", "bench"])?;
    // What is asked for in vain is told before the rest is built, which takes minutes.
    run(Command::new(&program).arg("--check").args(&args))?;
    guests::build_all()?;
    build("hookwright-daemon", &["--bin", "hookwright"])?;
    build("hookwright-least", &[])?;
    build("hookwright-store", &["--example", "backlog", "--example", "ended"])?;
    let mut scenarios = args.iter().filter(|arg| !arg.starts_with("--")).peekable();
    let all = scenarios.peek().is_none();
    if is_debug.is_empty() && (all || scenarios.any(|name| *name == PLUGIN_CALL)) {
        // By which it compiles plugins.
        build("hookwright-sandbox", &["--example", "compile_child"])?;
        let call = ["bench", "--locked", "--package", "hookwright-sandbox", "--bench"];
        cargo(&root, &[&call[..], &[PLUGIN_CALL, "--", GROUP]].concat())?;
    }
    run(Command::new(&program).args(&args))
}
