//! The message.

use chat_text::fit::{fit, utf16};
use chat_text::{Attachment, Message, Notice, mrkdwn};

use crate::Format;

/// The most of the attachment's text, in UTF-16 code units. Slack folds it after 700 characters
/// and takes more than this; nobody unfolds a longer one.
const MAX_TEXT: usize = 8_000;
/// The most of what was written, for the same reason.
const MAX_BODY: usize = 4_000;

pub(crate) fn message(notice: &Notice, format: Format) -> Message<'static> {
    let title = mrkdwn::escape(&notice.title);
    let changes = match format {
        Format::Zammad => notice.changes.clone(),
        Format::Mrkdwn => bullets(&notice.changes),
    };
    let head = format!("_{}: {}_\n\n{changes}\n\n", label(notice, format), notice.message);
    let room = MAX_TEXT.saturating_sub(utf16(&head)).min(MAX_BODY);
    let body = fit(&notice.text, mrkdwn::escape, |text| utf16(text) <= room);
    Message {
        mrkdwn: true,
        text: match format {
            Format::Zammad => format!("# {title}"),
            Format::Mrkdwn => format!("*{title}*"),
        },
        attachments: [Attachment {
            text: format!("{head}{body}"),
            mrkdwn_in: ["text"],
            color: notice.mood.hex(),
        }],
        ..Message::default()
    }
}

fn label(notice: &Notice, format: Format) -> String {
    let label = mrkdwn::escape(&notice.label);
    match (notice.link.as_deref().map(mrkdwn::escape), format) {
        (Some(link), Format::Zammad) => format!("[{label}]({link})"),
        (Some(link), Format::Mrkdwn) => format!("<{link}|{}>", label.replace('|', "¦")),
        (None, _) => label,
    }
}

/// Slack has no lists in text.
fn bullets(changes: &str) -> String {
    let line = |line: &str| {
        line.strip_prefix("* ").map_or_else(|| line.to_owned(), |rest| format!("• {rest}"))
    };
    changes.split('\n').map(line).collect::<Vec<_>>().join("\n")
}
