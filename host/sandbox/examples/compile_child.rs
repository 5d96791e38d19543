//! The compile child by itself, for this crate's tests: the daemon is its own child.

use std::process::ExitCode;

fn main() -> ExitCode {
    hookwright_sandbox::compile::child_main(&std::env::args().skip(1).collect::<Vec<_>>())
}
