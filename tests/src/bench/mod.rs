//! Measuring: loads, receivers that cost little, and yardsticks in the same run: a bare relay
//! and bare commits. Each program runs in a process of its own, so that they share the machine as
//! they would in use. A scenario is a file here, and gives [`figure::Figure`]s.

pub mod arrivals;
pub mod backlog;
pub mod commits;
pub mod desk;
pub mod end_to_end;
pub mod fan_out;
pub mod figure;
pub mod ingest;
pub mod least;
pub mod load;
pub mod machine;
pub mod neighbour;
pub mod page;
pub mod pages;
pub mod peers;
pub mod plot;
pub mod plugin_call;
pub mod relay;
pub mod size;
pub mod start;
#[cfg(test)]
mod tests;

use figure::Figure;
use size::Size;

/// A scenario: its name, what it measures, and how.
pub struct Scenario {
    /// As it is called for.
    pub name: &'static str,
    /// In a line.
    pub about: &'static str,
    /// Measures.
    pub run: fn(&Size) -> Vec<Figure>,
}

/// All of them, in the order in which they are run.
pub const SCENARIOS: [Scenario; 11] = [
    Scenario {
        name: "relay",
        about: "a bare relay takes posts and forwards them: the yardstick of the way",
        run: relay::run,
    },
    Scenario {
        name: "commits",
        about: "bare synced commits of SQLite: the yardstick of the disk",
        run: commits::run,
    },
    Scenario {
        name: "ingest",
        about: "posts are acknowledged, beside bare commits",
        run: ingest::run,
    },
    Scenario {
        name: "end_to_end",
        about: "events are taken in, transformed, signed, delivered and noted, beside the relay",
        run: end_to_end::run,
    },
    Scenario {
        name: "least",
        about: "the least program that does the same with the same parts, and the daemon beside it",
        run: least::run,
    },
    Scenario {
        name: "fan_out",
        about: "one subscription and ten take the same events",
        run: fan_out::run,
    },
    Scenario {
        name: "neighbour",
        about: "nine endpoints beside one that hangs, and beside one that does not",
        run: neighbour::run,
    },
    Scenario {
        name: "backlog",
        about: "deliveries beside a million that are pending",
        run: backlog::run,
    },
    Scenario {
        name: "pages",
        about: "pages of the API and the console beside a million deliveries that have ended, and `/livez`",
        run: pages::run,
    },
    Scenario {
        name: "start",
        about: "starting with 1,000 subscriptions and 20 plugins, and idling",
        run: start::run,
    },
    Scenario {
        name: "plugin_call",
        about: "a plugin's call beside the same code compiled for this machine",
        run: plugin_call::run,
    },
];
