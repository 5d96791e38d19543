//! A plugin's call, fresh instance and all, beside the same code compiled for this machine. It is
//! measured by `host/sandbox/benches/plugin_call.rs`, which `cargo xtask bench` runs before; here
//! its estimates are read.

use super::figure::{Figure, Quantity, Target};
use super::size::Size;

const SCENARIO: &str = "plugin_call";
const FOLDER: &str = "target/criterion/telegram_transform";

/// Reads; nothing if it was not measured.
#[must_use]
pub fn run(_: &Size) -> Vec<Figure> {
    let (Some(native), Some(plugin)) = (median("native"), median("plugin")) else {
        eprintln!(
            "NOT RUN: plugin_call (there are no estimates in {FOLDER}; run `cargo bench -p \
             hookwright-sandbox`)"
        );
        return Vec::new();
    };
    vec![
        Figure::new(SCENARIO, "p50 of a call, Zammad event to Telegram request", plugin)
            .beside("native", native)
            .aims_at(Target::RatioAtMost(2.0)),
    ]
}

fn median(name: &str) -> Option<Quantity> {
    let path = crate::root().join(FOLDER).join(name).join("new/estimates.json");
    let estimates: serde_json::Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    Some(Quantity::Time(estimates["median"]["point_estimate"].as_f64()? / 1e9))
}
