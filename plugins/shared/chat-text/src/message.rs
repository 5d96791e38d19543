//! The message that Slack, Mattermost and Rocket.Chat take alike, its fields in Zammad's order.

use serde::Serialize;

use crate::fit::fit;
use crate::{Notice, markdown};

/// The whole body.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Message<'a> {
    /// Where to, instead of the webhook's own channel; empty for that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<&'a str>,
    /// Who seems to write; empty for the webhook's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<&'a str>,
    /// The picture of that one; empty for the webhook's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<&'a str>,
    /// Whether `text` has markup.
    pub mrkdwn: bool,
    /// The headline.
    pub text: String,
    /// Always one.
    pub attachments: [Attachment; 1],
}

/// Text with a coloured edge.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Attachment {
    /// What happened, what changed, what was written.
    pub text: String,
    /// The fields with markup.
    pub mrkdwn_in: [&'static str; 1],
    /// The edge.
    pub color: &'static str,
}

impl Attachment {
    /// The text in Markdown, as long as it fits.
    #[must_use]
    pub fn markdown(notice: &Notice, fits: impl Fn(&str) -> bool) -> Self {
        let label = markdown::escape(&notice.label);
        let label = match &notice.link {
            Some(link) => format!("[{label}]({link})"),
            None => label,
        };
        let head = format!("_{label}: {}_\n\n{}\n\n", notice.message, notice.changes);
        let body = fit(&notice.text, markdown::escape, |body| fits(&format!("{head}{body}")));
        Self { text: format!("{head}{body}"), mrkdwn_in: ["text"], color: notice.mood.hex() }
    }
}

impl Message<'_> {
    /// As JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Only maps with keys that are no strings, and failing writers, can fail; there are
        // none here.
        serde_json::to_string(self).unwrap_or_default()
    }
}
