//! The `hookwright` program: the daemon and its command line in one.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    hookwright_daemon::cli::main()
}
