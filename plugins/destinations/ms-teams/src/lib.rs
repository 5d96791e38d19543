//! Posts an Adaptive Card into a channel or chat of Microsoft Teams through a workflow's webhook,
//! as Zammad's predefined webhook for Teams does.

mod card;
mod judge;

use chat_text::{InternalComments, Syntax};
use hookwright_sdk::ticket::TicketEvent;
use hookwright_sdk::{
    Decision, Descriptor, Destination, Event, Exchange, Failure, Host, Judge, Judgement, SecretSlot,
};
use serde::Deserialize;

/// The plugin.
pub struct MsTeams;

/// See `settings.schema.json`.
#[derive(Debug, Deserialize)]
pub struct Settings {
    #[serde(default)]
    internal_comments: InternalComments,
}

const SECRETS: &[SecretSlot] = &[chat_text::webhook_url(
    "From the workflow \"Send webhook alerts to a channel\" of Teams; all of the address, with the \
     signature at its end.",
)];

impl Destination for MsTeams {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "ms-teams",
            version: env!("CARGO_PKG_VERSION"),
            title: "Microsoft Teams",
            description: "Posts a card into a channel or chat of Teams through a workflow's \
                          webhook, as Zammad does.",
            events: &["*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            // Each region and environment has its own.
            origins: &[],
        }
    }

    fn transform(event: &Event, settings: &Settings, host: &dyn Host) -> Result<Decision, Failure> {
        let body = TicketEvent::read(&event.data).map_err(Failure::Rejected)?;
        if let Some(reason) = settings.internal_comments.leave_out(&body) {
            return Ok(Decision::Skip(reason));
        }
        let notice = chat_text::Notice::new(event, &body, host, Syntax::Markdown);
        Ok(Decision::Deliver(vec![chat_text::post_to_webhook(card::message(&notice))]))
    }
}

impl Judge for MsTeams {
    fn judge(exchange: &Exchange, _: &Settings, _: &dyn Host) -> Judgement {
        judge::judge(&exchange.answer)
    }
}

hookwright_sdk::export_destination!(MsTeams, judge);
