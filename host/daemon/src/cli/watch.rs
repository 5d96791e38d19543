//! How a replay gets on, while it does.

use std::time::Duration;

use anyhow::{Context as _, bail};
use hookwright_model::ReplayId;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::client::Client;
use super::{output, replay};

/// How often the daemon is asked.
const PAUSE: Duration = Duration::from_millis(250);

/// Shows a bar, on a terminal, until the replay is running no more. Fails if it is not done then.
pub(super) async fn until_it_ends(client: &Client, id: ReplayId) -> anyhow::Result<()> {
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} ({per_sec}, {eta} left)");
    let bar = ProgressBar::new(0).with_style(style.context("the bar cannot be drawn")?);
    let ended = loop {
        let replay: Value = client.get(&format!("/v1/replays/{id}")).await?;
        bar.set_length(replay["found"].as_u64().unwrap_or_default());
        bar.set_position(replay["done"].as_u64().unwrap_or_default());
        if replay["state"] != "running" {
            break replay;
        }
        tokio::time::sleep(PAUSE).await;
    };
    bar.finish_and_clear();
    if client.json {
        output::json(&ended)?;
    } else {
        replay::show(&ended);
    }
    let (state, reason) = (ended["state"].as_str().unwrap_or_default(), ended["reason"].as_str());
    match (state, reason) {
        ("done", _) => Ok(()),
        (_, None) => bail!("the replay is {state}"),
        (_, Some(reason)) => bail!("the replay is {state}: {reason}"),
    }
}
