//! `hookwright settings`.

use http::Method;
use serde_json::Value;

use super::client::Client;
use super::output;
use super::setup::edit::Set;

/// Where they are.
const PATH: &str = "/v1/settings";

#[derive(clap::Subcommand)]
pub(super) enum Settings {
    /// Show them.
    Show,
    /// Change some of them.
    #[command(after_help = "Examples:
  hookwright settings set journal.keep_for=30d
  hookwright settings set --patch '{\"journal\": {\"keep_bytes\": \"10GiB\"}}'")]
    Set(Set),
}

impl Settings {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        let shown: Value = match self {
            Self::Show => client.get(PATH).await?,
            Self::Set(set) => {
                let (patch, dry_run) = set.merge_patch("settings")?;
                let (now, version): (Value, _) = client.get_version(PATH).await?;
                if dry_run {
                    let mut shown = now;
                    if let Value::Object(fields) = &mut shown {
                        crate::merge_patch::merge_members(fields, patch);
                    }
                    shown
                } else {
                    client.change(Method::PATCH, PATH, &patch, version.as_deref()).await?
                }
            }
        };
        if client.json {
            return output::json(&shown);
        }
        let mut rows = Vec::new();
        for (part, settings) in shown.as_object().into_iter().flatten() {
            for (name, value) in settings.as_object().into_iter().flatten() {
                rows.push(vec![format!("{part}.{name}"), output::plain(value)]);
            }
        }
        output::table(&["setting", "value"], rows);
        Ok(())
    }
}
