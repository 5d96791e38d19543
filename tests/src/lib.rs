//! What tests, the demonstration and the benchmarks share: a daemon to drive, and something for
//! it to deliver to.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test support")]

mod api;
pub mod bench;
mod browser;
mod daemon;
mod mail_sink;
mod name_server;
mod script;
mod seeds;
mod sink;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use api::{Answer, Api};
pub use browser::{Browser, PASSWORD, Page, add_user};
pub use daemon::{Daemon, Options, binary, timed};
pub use mail_sink::{MailSink, SunkMail};
pub use name_server::{NameServer, Say};
pub use script::{Act, Script};
pub use seeds::{Seed, ZAMMAD_KEY, hub_signature};
pub use sink::{Reply, Request, Sink};

/// The top of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A component that `cargo xtask plugins` has built.
#[must_use]
pub fn component(name: &str) -> PathBuf {
    let path = root().join("target/plugins").join(format!("{name}.wasm"));
    assert!(path.is_file(), "{} is not there; run `cargo xtask plugins`", path.display());
    path
}

/// Waits until something is there, and fails if it is not within the time. Machines are slow at
/// times; the time is for telling "never" from "late", not for measuring.
pub fn until<T>(what: &str, there: impl FnMut() -> Option<T>) -> T {
    until_or(there, || what.to_owned())
}

/// The same, with what is there instead to be asked for only if it fails.
pub fn until_or<T>(mut there: impl FnMut() -> Option<T>, what: impl FnOnce() -> String) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {}", what());
        std::thread::sleep(Duration::from_millis(20));
    }
}
