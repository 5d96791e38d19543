//! `hookwright reject`.

use hookwright_model::RejectId;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Client;
use super::output;

#[derive(clap::Subcommand)]
pub(super) enum Reject {
    /// List posts that could not be read, newest first.
    List {
        /// Of this source.
        #[arg(long)]
        source: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Show one, or what was posted.
    Show {
        /// Its id.
        id: RejectId,
        /// Print the post as it came, byte for byte.
        #[arg(long)]
        original: bool,
    },
    /// Read one again, as its source is set up now.
    Retry {
        /// Its id.
        id: RejectId,
    },
    /// Forget one.
    Remove {
        /// Its id.
        id: RejectId,
    },
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

impl Reject {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { source, limit } => {
                let mut query = form_urlencoded::Serializer::new(String::new());
                query.append_pair("limit", &limit.to_string());
                if let Some(source) = source {
                    query.append_pair("source", &source);
                }
                let listing: Listing =
                    client.get(&format!("/v1/rejects?{}", query.finish())).await?;
                if client.json {
                    return output::json(&listing.items);
                }
                let rows = listing.items.iter().map(|reject| {
                    let text = |field: &str| reject[field].as_str().unwrap_or_default().to_owned();
                    let pointer = text("pointer");
                    let reason = format!("{pointer} {}", text("reason"));
                    vec![
                        text("id"),
                        text("last_at"),
                        text("source"),
                        reject["times"].to_string(),
                        reject["size"].to_string(),
                        output::short(reason.trim(), 80),
                    ]
                });
                output::table(&["id", "last came", "source", "times", "bytes", "reason"], rows);
                Ok(())
            }
            Self::Show { id, original: true } => {
                let bytes = client.get_bytes(&format!("/v1/rejects/{id}/original")).await?;
                std::io::Write::write_all(&mut std::io::stdout(), &bytes)?;
                Ok(())
            }
            Self::Show { id, original: false } => {
                output::json(&client.get::<Value>(&format!("/v1/rejects/{id}")).await?)
            }
            Self::Retry { id } => {
                let path = format!("/v1/rejects/{id}/retry");
                let accepted: Value = client.post(&path, &json!({})).await?;
                if client.json {
                    return output::json(&accepted);
                }
                let events = accepted["events"].as_array().map(Vec::as_slice).unwrap_or_default();
                for event in events {
                    let text = |field: &str| event[field].as_str().unwrap_or_default();
                    println!(
                        "{} {} ({} deliveries)",
                        text("id"),
                        text("type"),
                        event["deliveries"]
                    );
                }
                Ok(())
            }
            Self::Remove { id } => client.run(Method::DELETE, &format!("/v1/rejects/{id}")).await,
        }
    }
}
