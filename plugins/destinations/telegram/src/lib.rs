//! Sends a message to a Telegram chat through the Bot API (10.1).

mod clean;
mod compose;
mod judge;
mod rich;

use std::fmt;

use hookwright_sdk::operation::Operation;
use hookwright_sdk::serde_json::{Map, Value};
use hookwright_sdk::ticket::TicketEvent;
use hookwright_sdk::{
    CheckSettings, Decision, Descriptor, Destination, Encoding, Event, Exchange, Failure, Host,
    Judge, Judgement, Problem, Request, SecretSlot, secret, text,
};
use serde::Deserialize;

pub use rich::{Format, Rich};

/// The plugin.
pub struct Telegram;

/// See `settings.schema.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    chat_id: ChatId,
    #[serde(default)]
    format: Format,
    message_thread_id: Option<i64>,
    #[serde(default)]
    silent: bool,
    #[serde(default)]
    link_preview: bool,
    #[serde(default = "default_max_messages")]
    max_messages: usize,
    #[serde(default = "default_api_url")]
    api_url: String,
}

fn default_max_messages() -> usize {
    5
}

fn default_api_url() -> String {
    "https://api.telegram.org".to_owned()
}

/// A number or `@name`. Telegram takes numbers as text too, and they do not fit into every
/// language's integers.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum ChatId {
    Number(i64),
    Text(String),
}

impl fmt::Display for ChatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text.trim()),
        }
    }
}

const SECRETS: &[SecretSlot] = &[SecretSlot::required(
    "token",
    "Bot token",
    "From @BotFather, such as 123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11.",
)];

impl Destination for Telegram {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "telegram",
            version: env!("CARGO_PKG_VERSION"),
            title: "Telegram",
            description: "Sends a message about the event to a chat.",
            events: &["*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &["https://api.telegram.org"],
        }
    }

    fn transform(event: &Event, settings: &Settings, _: &dyn Host) -> Result<Decision, Failure> {
        let parts = parts(event, settings).map_err(Failure::Rejected)?;
        let requests =
            parts.iter().map(|part| send_message(part.render(settings.format), settings));
        Ok(Decision::Deliver(requests.collect()))
    }
}

impl Judge for Telegram {
    fn judge(exchange: &Exchange, settings: &Settings, _: &dyn Host) -> Judgement {
        judge::judge(exchange, settings)
    }
}

impl CheckSettings for Telegram {
    fn check(settings: &Settings) -> Vec<Problem> {
        let chat = settings.chat_id.to_string();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let is_number = digits(chat.strip_prefix('-').unwrap_or(&chat));
        let is_name = chat.strip_prefix('@').is_some_and(|name| {
            name.len() >= 4 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        });
        if is_number || is_name {
            return Vec::new();
        }
        let message =
            format!("`{chat}` is neither the number of a chat nor the `@name` of a public channel");
        vec![Problem::at("/chat_id", message)]
    }
}

/// What is said, in as many messages as it takes.
///
/// # Errors
/// When the event is not about a ticket.
fn parts(event: &Event, settings: &Settings) -> Result<Vec<Rich>, String> {
    if let Some(operation) = Operation::of(event)? {
        return Ok(compose::operation(&operation).split(settings.max_messages));
    }
    let ticket = TicketEvent::read(&event.data)?;
    Ok(compose::message(&event.event_type, &ticket).split(settings.max_messages))
}

fn send_message(message: String, settings: &Settings) -> Request {
    let mut body = Map::new();
    body.insert("chat_id".into(), settings.chat_id.to_string().into());
    if let Some(thread) = settings.message_thread_id {
        body.insert("message_thread_id".into(), thread.into());
    }
    body.insert("text".into(), message.into());
    if let Some(mode) = settings.format.parse_mode() {
        body.insert("parse_mode".into(), mode.into());
    }
    if !settings.link_preview {
        let disabled = [("is_disabled".to_owned(), Value::Bool(true))];
        body.insert("link_preview_options".into(), Value::Object(disabled.into_iter().collect()));
    }
    if settings.silent {
        body.insert("disable_notification".into(), true.into());
    }
    let base = settings.api_url.trim_end_matches('/');
    Request::post([
        text(format!("{base}/bot")),
        secret("token", Encoding::Raw),
        text("/sendMessage"),
    ])
    .header("Content-Type", "application/json")
    .body(Value::Object(body).to_string())
}

hookwright_sdk::export_destination!(Telegram, judge, check);
