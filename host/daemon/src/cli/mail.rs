//! `hookwright mail`.

use anyhow::bail;
use serde_json::{Value, json};

use super::client::Client;
use super::output;

#[derive(clap::Subcommand)]
pub(super) enum Mail {
    /// Show how mail is set up and how many mails wait to be sent.
    Show,
    /// Send a mail at once to see whether it arrives, and fail if the mail server does not take it.
    Test {
        /// To whom.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
}

impl Mail {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::Show => {
                let shown: Value = client.get("/v1/mail").await?;
                if client.json {
                    return output::json(&shown);
                }
                show(&shown);
                Ok(())
            }
            Self::Test { to } => {
                let tried: Value = client.post("/v1/mail/test", &json!({ "to": to })).await?;
                if client.json {
                    output::json(&tried)?;
                }
                let detail = tried["detail"].as_str().unwrap_or_default();
                if tried["sent"] != true {
                    bail!("the mail to {to} was not sent: {detail}");
                }
                if !client.json {
                    println!("The mail server has it: {detail}");
                }
                Ok(())
            }
        }
    }
}

fn show(shown: &Value) {
    let Some(settings) = shown["settings"].as_object() else {
        println!("Mail is not set up.");
        return;
    };
    for (name, value) in settings {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        println!("{name:<10} {value}");
    }
    println!("{:<10} {}", "waiting", shown["waiting"]);
    if let Some(at) = shown["next_try_at"].as_str() {
        println!("{:<10} {at}", "next try");
    }
}
