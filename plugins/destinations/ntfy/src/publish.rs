//! What is published, its fields in Zammad's order.

use chat_text::Notice;
use chat_text::fit::{fit, in_json};
use serde::Serialize;

use crate::Settings;

/// The longest message, in bytes; ntfy takes 4,096 and makes a file of what is longer.
const MAX_MESSAGE: usize = 4_096;
/// The longest title inside JSON, in bytes: phones show far less.
const MAX_TITLE: usize = 500;
/// The longest body, in bytes: ntfy reads twice the longest message.
const MAX_BODY: usize = 8_192;

#[derive(Serialize)]
struct Publish<'a> {
    topic: &'a str,
    title: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    click: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<u8>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
}

/// The whole body.
pub(crate) fn body(notice: &Notice, settings: &Settings) -> String {
    let room = MAX_BODY.saturating_sub(json(notice, settings, String::new()).len());
    let parts = [&format!("[{}]: {}", notice.label, notice.message), &notice.changes, &notice.text];
    let message = parts.map(String::as_str).join("\n");
    let fits = |text: &str| text.len() <= MAX_MESSAGE && in_json(text).1 <= room;
    json(notice, settings, fit(&message, str::to_owned, fits))
}

fn json(notice: &Notice, settings: &Settings, message: String) -> String {
    let publish = Publish {
        topic: &settings.topic,
        title: fit(&notice.title, str::to_owned, |title| in_json(title).1 <= MAX_TITLE),
        message,
        click: notice.link.as_deref(),
        priority: settings.priority,
        tags: &settings.tags,
    };
    // Only maps with keys that are no strings, and failing writers, can fail; there are none here.
    hookwright_sdk::serde_json::to_string(&publish).unwrap_or_default()
}
