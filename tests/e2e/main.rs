//! The daemon as its users see it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod attention;
mod bad_input;
mod bench;
mod breaker;
mod bursts;
mod care;
mod cli;
mod connections;
mod console;
mod crash;
mod delivery;
mod destinations;
mod ending;
mod gone;
mod handshake;
mod hostile;
mod keeping;
mod lying_names;
mod mail;
mod neighbours;
mod operations;
mod order;
mod pacing;
mod people;
mod plugin_faults;
mod policies;
mod proof;
mod receivers;
mod replays;
mod rest;
mod routing;
mod search;
mod secrets;
mod signing;
mod sources;
mod statistics;
mod test_send;
mod way;
mod webhooks;

use std::path::Path;
use std::process::{Command, Stdio};

/// Whether a program is there; the others' tests are reported as not run.
fn has(program: &str) -> bool {
    let mut command = Command::new("sh");
    let found = command.args(["-c", "command -v \"$1\"", "sh", program]);
    let found = found.stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    if !found {
        eprintln!("not run: there is no {program}");
        assert!(std::env::var_os("HOOKWRIGHT_REQUIRE_ALL").is_none(), "there is no {program}");
    }
    found
}

/// Configuration for the misbehaving plugin.
fn misbehave(name: &str, url: &str, more: &str) -> String {
    format!(
        r#"
        [[plugin]]
        file = "target/plugins/misbehave.wasm"

        [[subscription]]
        name = "{name}"
        events = ["test.{name}"]
        plugin = "misbehave"
        settings = {{ url = "{url}" }}
        {more}
        "#
    )
}

/// Every byte of every file of a folder.
fn all_bytes(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all_bytes(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}
