//! Writes into a Mattermost channel through an incoming webhook, as Zammad's predefined webhook
//! for Mattermost does.

mod judge;

use chat_text::fit::in_json;
use chat_text::{Attachment, InternalComments, Message, Notice, Syntax, markdown};
use hookwright_sdk::ticket::TicketEvent;
use hookwright_sdk::{
    CheckSettings, Decision, Descriptor, Destination, Event, Exchange, Failure, Host, Judge,
    Judgement, Problem, SecretSlot,
};
use serde::Deserialize;

/// The plugin.
pub struct Mattermost;

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

/// The most of the attachment's text inside JSON, in characters: before version 7 Mattermost had
/// room for 8,000 in all of a message's attachments, and cuts what is longer.
const MAX_TEXT: usize = 7_000;

const SECRETS: &[SecretSlot] = &[chat_text::webhook_url(
    "From Integrations > Incoming Webhooks, such as \
     https://mattermost.example.com/hooks/xxx-generatedkey-xxx.",
)];

impl Destination for Mattermost {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "mattermost",
            version: env!("CARGO_PKG_VERSION"),
            title: "Mattermost",
            description: "Writes into a channel of Mattermost through an incoming webhook, as Zammad \
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
        text: format!("# {}", markdown::escape(&notice.title)),
        attachments: [Attachment::markdown(notice, |text| in_json(text).0 <= MAX_TEXT)],
    }
}

impl Judge for Mattermost {
    fn judge(exchange: &Exchange, _: &Settings, _: &dyn Host) -> Judgement {
        judge::judge(&exchange.answer)
    }
}

impl CheckSettings for Mattermost {
    fn check(settings: &Settings) -> Vec<Problem> {
        let channel = settings.channel.trim();
        let name = channel.strip_prefix(['#', '@']).unwrap_or(channel);
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
        if channel.is_empty() || (!name.is_empty() && name.bytes().all(good)) {
            return Vec::new();
        }
        let message = format!(
            "`{channel}` is not the name in a channel's URL, such as `town-square`, nor `@` and a \
             user's name; Mattermost does not take the name that is shown"
        );
        vec![Problem::at("/channel", message)]
    }
}

hookwright_sdk::export_destination!(Mattermost, judge, check);
