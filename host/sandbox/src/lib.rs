//! Runs plugins: wasmtime, narrowed to what a plugin may do, which is to compute.
//!
//! A plugin has no network, no files, no environment, no clock and no randomness of its own.
//! Each call gets a fresh instance, and its fuel, wall time, memory, stack, output and log
//! are bounded, always. The daemon, the command line and the tests run plugins through this
//! crate, so that all of them get the same bytes.
//!
//! The way of a plugin: [`compile`] turns its bytes into machine code in a child process,
//! [`Sandbox::load`] reads the code and asks the plugin to describe itself, and [`Plugin`]'s
//! methods call it. [`Workers`] are the threads that the daemon calls it on.

#![deny(unsafe_code)]

mod check;
pub mod compile;
mod describe;
mod engine;
mod fault;
mod guest;
mod limiter;
mod plugin;
mod precompiled;
mod time_zone;
mod v1;
mod wasi;
mod workers;

pub use check::{RESERVED_HEADERS, check_url};
pub use compile::{Code, CompileError, Compiler};
pub use engine::{Sandbox, SandboxError};
pub use guest::Context;
pub use plugin::{
    Answer, Exchange, Inbound, LoadError, ParsedEvent, Plugin, Problem, Rejection, Report,
    Transformed,
};
pub use time_zone::TimeZone;
pub use workers::{Saturated, Workers};

/// The versions of the contract that this host speaks, for messages.
pub const CONTRACTS: &str = "hookwright:plugin@1.0";
