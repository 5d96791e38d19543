//! The `hookwright` program: the daemon and its command line in one.

#![forbid(unsafe_code)]

use std::process::ExitCode;

/// Requests and deliveries are made on one thread and dropped on another, many at a time; the
/// system's allocator takes a third more processor time for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    hookwright_daemon::cli::main()
}
