//! Writes into a Slack channel through an incoming webhook, as Zammad's predefined webhook for
//! Slack does.

mod compose;
mod judge;

use chat_text::{InternalComments, Syntax};
use hookwright_sdk::ticket::TicketEvent;
use hookwright_sdk::{
    Decision, Descriptor, Destination, Event, Exchange, Failure, Host, Judge, Judgement, SecretSlot,
};
use serde::Deserialize;

/// The plugin.
pub struct Slack;

/// See `settings.schema.json`.
#[derive(Debug, Deserialize)]
pub struct Settings {
    #[serde(default)]
    format: Format,
    #[serde(default)]
    internal_comments: InternalComments,
}

/// How the message is marked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// Zammad's text, in Markdown, of which Slack shows some as it is.
    #[default]
    Zammad,
    /// The same in Slack's own syntax.
    Mrkdwn,
}

const SECRETS: &[SecretSlot] = &[chat_text::webhook_url(
    "From the Slack app's page \"Incoming Webhooks\", such as \
     https://hooks.slack.com/services/T000/B000/XXXX.",
)];

impl Destination for Slack {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "slack",
            version: env!("CARGO_PKG_VERSION"),
            title: "Slack",
            description: "Writes into a channel of Slack through an incoming webhook, as Zammad \
                          does.",
            events: &["*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &["https://hooks.slack.com"],
        }
    }

    fn transform(event: &Event, settings: &Settings, host: &dyn Host) -> Result<Decision, Failure> {
        let body = TicketEvent::read(&event.data).map_err(Failure::Rejected)?;
        if let Some(reason) = settings.internal_comments.leave_out(&body) {
            return Ok(Decision::Skip(reason));
        }
        let notice = chat_text::Notice::new(event, &body, host, Syntax::Mrkdwn);
        let message = compose::message(&notice, settings.format);
        Ok(Decision::Deliver(vec![chat_text::post_to_webhook(message.to_json())]))
    }
}

impl Judge for Slack {
    fn judge(exchange: &Exchange, _: &Settings, _: &dyn Host) -> Judgement {
        judge::judge(&exchange.answer)
    }
}

hookwright_sdk::export_destination!(Slack, judge);
