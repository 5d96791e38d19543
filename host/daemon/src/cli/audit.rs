//! `hookwright audit`.

use serde_json::Value;

use super::client::Client;
use super::{output, search};

/// The most that a table shows of what became different.
const SHOWN: usize = 60;

#[derive(clap::Args)]
pub(super) struct Audit {
    /// By whom: their name, what they are (token, user, `command_line`, daemon), or both, such as
    /// user/anna.
    #[arg(long)]
    actor: Option<String>,
    /// What was done, such as subscription.update, or `subscription.*`.
    #[arg(long)]
    action: Option<String>,
    /// To what: its name, its kind as in subscription/, or both, such as subscription/duty-chat.
    #[arg(long)]
    target: Option<String>,
    /// From this time on, such as 2026-12-31T23:59:59Z, or so long ago, such as 2h or 7d.
    #[arg(long)]
    since: Option<String>,
    /// Before this time, or longer ago than this.
    #[arg(long)]
    until: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

impl Audit {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        let given = [
            ("actor", self.actor),
            ("action", self.action),
            ("target", self.target),
            ("since", self.since),
            ("until", self.until),
        ];
        let filter = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let entries = search::list(client, "/v1/audit", &filter, self.limit).await?;
        if client.json {
            return output::json(&entries);
        }
        let rows = entries.iter().map(|entry| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let both = |what: &Value| format!("{}/{}", text(&what["kind"]), text(&what["name"]));
            vec![
                text(&entry["at"]),
                both(&entry["actor"]),
                text(&entry["action"]),
                both(&entry["target"]),
                output::short(&different(entry), SHOWN),
                text(&entry["address"]),
            ]
        });
        output::table(&["at", "who", "did", "to", "what became different", "from"], rows);
        Ok(())
    }
}

/// Fields and their values where these are short, but for wholes, which would be all there is.
fn different(entry: &Value) -> String {
    let changes = entry["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let fields = changes.iter().filter(|change| change["pointer"] != "").map(|change| {
        let pointer = change["pointer"].as_str().unwrap_or_default();
        match &change["from"] {
            Value::Null => format!("{pointer} {}", change["to"]),
            from => format!("{pointer} {from} → {}", change["to"]),
        }
    });
    fields.collect::<Vec<_>>().join(", ")
}
