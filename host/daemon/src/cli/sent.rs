//! Events that the daemon is asked to send, and what becomes of them.

use std::time::Duration;

use anyhow::bail;
use hookwright_model::{DeliveryId, DeliveryState, EventId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Client;
use super::output;

/// How often the daemon is asked whether a delivery has ended. It is tried for seconds, as a
/// rule.
const PAUSE: Duration = Duration::from_millis(200);

#[derive(Deserialize)]
struct Sent {
    event: EventId,
    delivery: DeliveryId,
}

/// Asks the daemon to send something, and waits for the outcome if that is wanted.
pub(super) async fn post(client: &Client, path: &str, wait: bool) -> anyhow::Result<()> {
    let Sent { event, delivery } = client.post(path, &json!({})).await?;
    if !wait {
        if client.json {
            return output::json(&json!({ "event": event, "delivery": delivery }));
        }
        println!("{delivery} is under way: `hookwright delivery show {delivery}`");
        return Ok(());
    }
    let ended = loop {
        let found: Value = client.get(&format!("/v1/deliveries/{delivery}")).await?;
        let state = found["state"].as_str().and_then(|state| state.parse::<DeliveryState>().ok());
        match state {
            Some(state) if state.is_final() => break found,
            // Put off: who waits here could wait for hours.
            Some(DeliveryState::Pending) if !found["reason"].is_null() => break found,
            _ => tokio::time::sleep(PAUSE).await,
        }
    };
    if client.json {
        output::json(&ended)?;
    } else {
        let text = |field: &str| ended[field].as_str().unwrap_or_default().to_owned();
        let status =
            if ended["status"].is_null() { "none".into() } else { ended["status"].to_string() };
        output::table(
            &["delivery", "state", "status", "reason"],
            [vec![text("id"), text("state"), status, output::short(&text("reason"), 100)]],
        );
    }
    if ended["state"] == "delivered" {
        return Ok(());
    }
    bail!("it was not delivered; `hookwright delivery show {delivery}` says what was sent")
}
