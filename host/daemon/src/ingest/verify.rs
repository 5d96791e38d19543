//! Some helpdesks post to a new address only after its owner has called them back. A source
//! plugin that reads such a post gives an event of the type [`VERIFY`], which is for the host.

use std::time::Duration;

use hookwright_model::Name;
use hookwright_sandbox::check_url;
use serde::Deserialize;
use url::Url;

use crate::app::App;
use crate::delivery::client::Sender;
use crate::delivery::fetch;

/// The type of events that ask the host to call an address. They are not kept, and go nowhere
/// else.
pub(super) const VERIFY: &str = "source.verify";

/// How long a call may take, and how long to wait before the next if it fails.
const PATIENCE: Duration = Duration::from_secs(10);
const WAITS: [Duration; 3] =
    [Duration::from_secs(2), Duration::from_secs(10), Duration::from_secs(60)];

#[derive(Deserialize)]
struct Asked {
    callback: String,
}

/// Calls back, while the helpdesk gets its answer. The helpdesk can ask again.
pub(super) fn call_back(app: &App, source: &Name, data: &str) {
    let asked = serde_json::from_str::<Asked>(data).map_err(|error| error.to_string());
    match asked.and_then(|Asked { callback }| check_url(&callback)) {
        Ok(callback) => {
            tokio::spawn(call(app.sender.clone(), source.clone(), callback));
        }
        Err(problem) => tracing::warn!(%source, %problem, "a plugin asks to call back nowhere"),
    }
}

/// The address holds a code, and is not logged.
async fn call(sender: Sender, source: Name, callback: Url) {
    let host = callback.host_str().unwrap_or_default().to_owned();
    for wait in WAITS.into_iter().map(Some).chain([None]) {
        let problem = match fetch::get(&sender, callback.clone(), PATIENCE).await {
            Ok(answer) if (200..400).contains(&answer.status) => {
                tracing::info!(%source, %host, "the source was verified");
                return;
            }
            Ok(answer) => format!("the answer is {}", answer.status),
            Err(problem) => problem,
        };
        tracing::warn!(%source, %host, %problem, "the source could not be verified");
        let Some(wait) = wait else { return };
        tokio::time::sleep(wait).await;
    }
}
