//! The card, its fields in Zammad's order.

use chat_text::fit::{fit, in_json};
use chat_text::{Notice, markdown};
use serde::Serialize;

/// The longest message, in bytes. Teams takes 28 KB, and where it does not believe the character
/// set it is told, it counts two bytes for every UTF-16 code unit.
const MAX_MESSAGE: usize = 26_000;

#[derive(Serialize)]
struct Message {
    #[serde(rename = "type")]
    kind: &'static str,
    attachments: [Attachment; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    content_type: &'static str,
    /// Null.
    content_url: (),
    content: Card,
}

#[derive(Serialize)]
struct Card {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    version: &'static str,
    body: Vec<Element>,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Element {
    TextBlock(TextBlock),
    ActionSet { actions: [OpenUrl; 1] },
}

#[derive(Default, Serialize)]
struct TextBlock {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<&'static str>,
    wrap: bool,
}

#[derive(Serialize)]
struct OpenUrl {
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    url: String,
}

/// The whole body.
pub(crate) fn message(notice: &Notice) -> String {
    let without = json(notice, String::new());
    let (units, bytes) = (without.encode_utf16().count(), without.len());
    let fits = |text: &str| {
        let (more_units, more_bytes) = in_json(text);
        (2 * (units + more_units)).max(bytes + more_bytes) <= MAX_MESSAGE
    };
    json(notice, fit(&notice.text, lines, fits))
}

/// Text of several lines. To Teams one line end is a space and two are a line end.
fn lines(text: &str) -> String {
    markdown::escape(text).replace('\n', "\n\n")
}

fn json(notice: &Notice, text: String) -> String {
    let mut body = vec![
        Element::TextBlock(TextBlock {
            text: markdown::escape(&notice.title),
            color: Some(notice.mood.card()),
            weight: Some("bolder"),
            size: Some("large"),
            wrap: true,
        }),
        Element::TextBlock(TextBlock { text: changes(notice), wrap: true, ..TextBlock::default() }),
        Element::TextBlock(TextBlock { text, wrap: true, ..TextBlock::default() }),
    ];
    // A button needs somewhere to lead.
    if let Some(url) = &notice.link {
        let title = match (notice.numbered, notice.operational) {
            (true, _) => notice.label.clone(),
            (false, true) => "Open the console".to_owned(),
            (false, false) => "Open the ticket".to_owned(),
        };
        let open = OpenUrl { kind: "Action.OpenUrl", title, url: url.clone() };
        body.push(Element::ActionSet { actions: [open] });
    }
    let message = Message {
        kind: "message",
        attachments: [Attachment {
            content_type: "application/vnd.microsoft.card.adaptive",
            content_url: (),
            content: Card {
                schema: "http://adaptivecards.io/schemas/adaptive-card.json",
                kind: "AdaptiveCard",
                version: "1.0",
                body,
            },
        }],
    };
    // Only maps with keys that are no strings, and failing writers, can fail; there are none here.
    hookwright_sdk::serde_json::to_string(&message).unwrap_or_default()
}

/// Zammad's card does not say what happened when there is nothing else to say: then this does.
fn changes(notice: &Notice) -> String {
    match (notice.changes.as_str(), notice.internal) {
        ("", _) => notice.message.clone(),
        (changes, true) => format!("{changes}\n* internal"),
        (changes, false) => changes.to_owned(),
    }
}
