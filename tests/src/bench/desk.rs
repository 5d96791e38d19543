//! The daemon of a measurement: Zammad posts to it, signed, and subscriptions deliver what it
//! posted, signed too.

use std::time::{Duration, Instant};

use super::load::{Load, Outcome};
use crate::{Daemon, Options, ZAMMAD_KEY};

/// How much the daemon logs: what it does in use, and that it has looked at the store.
pub(super) const LOG: &str = "info,hookwright_daemon::app=debug";
/// How long something may take that is only slow.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// A daemon with these subscriptions: names, and where to.
#[must_use]
pub fn daemon(subscriptions: &[(String, String)]) -> Daemon {
    let daemon = Daemon::with(Options { log: LOG.into(), ..Options::default() });
    daemon.apply(&configuration(subscriptions), &[("SIGNATURE", ZAMMAD_KEY)]);
    daemon
}

/// The source, and subscriptions by their names and where they send to.
#[must_use]
pub fn configuration(subscriptions: &[(String, String)]) -> String {
    let mut toml = r#"
        [[secret]]
        name = "signature"
        env = "SIGNATURE"
        [[plugin]]
        file = "target/plugins/source-zammad.wasm"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"
        [[source]]
        name = "helpdesk"
        plugin = "zammad"
        auth = { kind = "hub_signature", secret = "signature" }
        "#
    .to_owned();
    for (name, url) in subscriptions {
        toml.push_str(&format!(
            r#"
            [[subscription]]
            name = "{name}"
            events = ["*"]
            plugin = "zammad"
            settings = {{ url = "{url}" }}
            secrets = {{ signature_token = "signature" }}
            "#
        ));
    }
    toml
}

/// Posts to a daemon, as many as it acknowledges.
#[must_use]
pub fn load(daemon: &Daemon, posts: usize, connections: usize) -> Load {
    let address = daemon.url().trim_start_matches("http://").parse().unwrap();
    Load::new(address, "/in/helpdesk", posts, connections)
}

/// Posts, waits until `arrived` says that everything has, and says how long all of it took.
pub fn deliver(load: &Load, arrived: impl FnMut() -> bool) -> (Outcome, Duration) {
    let started = Instant::now();
    let outcome = load.run();
    wait(arrived);
    (outcome, started.elapsed())
}

/// Whether nothing is left to deliver, and all of it is noted.
#[must_use]
pub fn is_done(daemon: &Daemon) -> bool {
    let api = daemon.api();
    let left = |state| api.items(&format!("/v1/deliveries?state={state}&limit=1"));
    ["pending", "running"].into_iter().all(|state| left(state).is_empty())
}

/// Waits until a daemon has looked at its store, as it does once when it has started: a large one
/// takes a processor for long.
pub fn settle(daemon: &Daemon) {
    wait(|| daemon.log().contains("the store is whole"));
}

/// Waits until something holds.
///
/// # Panics
/// When it takes so long that it never will.
pub fn wait(mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "not everything arrives");
        std::thread::sleep(Duration::from_millis(20));
    }
}
