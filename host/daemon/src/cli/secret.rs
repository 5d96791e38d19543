//! `hookwright secret`.

use anyhow::Context as _;
use serde_json::json;

use super::output;
use crate::delivery::sign::Keys;

#[derive(clap::Subcommand)]
pub(super) enum SecretCommand {
    /// Make a key and print it. Nothing is kept, and no daemon is asked.
    #[command(subcommand)]
    Generate(Generate),
}

#[derive(clap::Subcommand)]
pub(super) enum Generate {
    /// A key for signatures after Standard Webhooks: `whsec_…`, which sender and receiver have.
    StandardWebhooks {
        /// Make a key pair instead: `whsk_…`, which signs and nobody else has, and `whpk_…` for
        /// the receiver.
        #[arg(long)]
        asymmetric: bool,
    },
}

impl SecretCommand {
    pub(super) fn run(&self, as_json: bool) -> anyhow::Result<()> {
        let Self::Generate(Generate::StandardWebhooks { asymmetric }) = self;
        let keys = if *asymmetric { Keys::asymmetric() } else { Keys::symmetric() };
        let Keys { secret, public } = keys.context("there are no random numbers")?;
        if as_json {
            return output::json(&match public {
                Some(public_key) => json!({ "secret": secret, "public_key": public_key }),
                None => json!({ "secret": secret }),
            });
        }
        println!("{secret}");
        if let Some(public) = public {
            println!("{public}");
        }
        Ok(())
    }
}
