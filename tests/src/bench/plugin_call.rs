//! A plugin's call, fresh instance and all, beside the same code compiled for this machine. It is
//! measured by `host/sandbox/benches/plugin_call.rs`, which `cargo xtask bench` runs before; here
//! its estimates are read.

use std::path::Path;
use std::time::SystemTime;

use super::figure::{Figure, Quantity, Target};
use super::size::Size;
use crate::binary;

const SCENARIO: &str = "plugin_call";
const FOLDER: &str = "target/criterion/telegram_transform";
/// What is measured there is this, called as the daemon does.
const PLUGIN: &str = "target/plugins/destination-telegram.wasm";

/// Reads; nothing if it was not measured, or something else was.
#[must_use]
pub fn run(_: &Size) -> Vec<Figure> {
    let root = crate::root();
    let built = [root.join(PLUGIN), binary()].map(|file| changed(&file));
    let median = |name| median(&root.join(FOLDER).join(name), &built);
    let (native, plugin) = match (median("native"), median("plugin")) {
        (Ok(native), Ok(plugin)) => (native, plugin),
        (Err(problem), _) | (_, Err(problem)) => {
            eprintln!("NOT RUN: plugin_call ({problem}; run `cargo xtask bench plugin_call`)");
            return Vec::new();
        }
    };
    vec![
        Figure::new(SCENARIO, "p50 of a call, Zammad event to Telegram request", plugin)
            .beside("native", native)
            .aims_at(Target::RatioAtMost(2.0)),
    ]
}

/// When a file was last written, if it is there.
fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|metadata| metadata.modified()).ok()
}

/// Criterion's estimate in a folder. It stays there when what it was made of is long gone, so one
/// that is older than what was built since does not count.
pub(super) fn median(folder: &Path, built: &[Option<SystemTime>]) -> Result<Quantity, String> {
    let path = folder.join("new/estimates.json");
    let shown = path.display();
    let none = || format!("there is no estimate in {shown}");
    let estimates = std::fs::read(&path).map_err(|_| none())?;
    if built.iter().any(|built| *built > changed(&path)) {
        return Err(format!("the estimate in {shown} is older than what was built since"));
    }
    let estimates: serde_json::Value = serde_json::from_slice(&estimates).map_err(|_| none())?;
    let median = estimates["median"]["point_estimate"].as_f64().ok_or_else(none)?;
    Ok(Quantity::Time(median / 1e9))
}
