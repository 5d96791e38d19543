//! Writes into a Rocket.Chat channel through an incoming webhook, as Zammad's predefined webhook
//! for Rocket.Chat does.

mod judge;

use chat_text::fit::utf16;
use chat_text::{Attachment, InternalComments, Message, Notice, Syntax, neutral};
use hookwright_sdk::ticket::TicketEvent;
use hookwright_sdk::{
    CheckSettings, Decision, Descriptor, Destination, Event, Exchange, Failure, Host, Judge,
    Judgement, Problem, SecretSlot,
};
use serde::Deserialize;

/// The plugin.
pub struct RocketChat;

/// See `settings.schema.json`.
#[derive(Debug, Deserialize)]
pub struct Settings {
    #[serde(default)]
    channel: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    icon_url: String,
    #[serde(default)]
    internal_comments: InternalComments,
}

/// The most of the attachment's text, in UTF-16 code units: what Rocket.Chat takes in a message if
/// its `Message_MaxAllowedSize` is not changed.
const MAX_TEXT: usize = 5_000;

const SECRETS: &[SecretSlot] = &[chat_text::webhook_url(
    "From Workspace > Integrations > Incoming, such as \
     https://chat.example.com/hooks/5f0c/KXPn.",
)];

impl Destination for RocketChat {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "rocket-chat",
            version: env!("CARGO_PKG_VERSION"),
            title: "Rocket.Chat",
            description: "Writes into a channel of Rocket.Chat through an incoming webhook, as Zammad \
                          does.",
            events: &["*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &[],
        }
    }

    fn transform(event: &Event, settings: &Settings, host: &dyn Host) -> Result<Decision, Failure> {
        let body = TicketEvent::read(&event.data).map_err(Failure::Rejected)?;
        if let Some(reason) = settings.internal_comments.leave_out(&body) {
            return Ok(Decision::Skip(reason));
        }
        let notice = Notice::new(event, &body, host, Syntax::Markdown);
        let message = message(&notice, settings);
        Ok(Decision::Deliver(vec![chat_text::post_to_webhook(message.to_json())]))
    }
}

fn message<'a>(notice: &Notice, settings: &'a Settings) -> Message<'a> {
    Message {
        // Empty ones are sent too, as Zammad does: the webhook's own are taken.
        channel: Some(settings.channel.trim()),
        username: Some(settings.username.trim()),
        icon_url: Some(settings.icon_url.trim()),
        mrkdwn: true,
        // All of a headline is plain text to Rocket.Chat: an escape would be shown.
        text: format!("# {}", neutral::mentions(&notice.title)),
        attachments: [Attachment::markdown(notice, |text| utf16(text) <= MAX_TEXT)],
    }
}

impl Judge for RocketChat {
    fn judge(exchange: &Exchange, _: &Settings, _: &dyn Host) -> Judgement {
        judge::judge(&exchange.answer)
    }
}

impl CheckSettings for RocketChat {
    fn check(settings: &Settings) -> Vec<Problem> {
        let channel = settings.channel.trim();
        let name = channel.strip_prefix(['#', '@']);
        if channel.is_empty() || name.is_some_and(|name| !name.is_empty() && !name.contains(' ')) {
            return Vec::new();
        }
        let message = format!(
            "`{channel}` is neither `#` and the name of a channel, such as `#support`, nor `@` and \
             a user's name"
        );
        vec![Problem::at("/channel", message)]
    }
}

hookwright_sdk::export_destination!(RocketChat, judge, check);
