//! Writing a mail: its subject, its text, and the headers by which it is recognized.
//!
//! Names, descriptions and errors are words of others. They come into a mail as one line each,
//! of bounded length, without characters that change the direction of what follows.

use std::time::{Duration, SystemTime};

use fluent_bundle::FluentValue;
use hookwright_model::{MailLanguage, MailSettings, Timestamp};
use hookwright_store::{Mail, MailPart};
use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};

use super::texts::Texts;
use super::{About, MAX_WORDS, address};
use crate::public_url::PublicUrl;

/// The longest description in a subject, in characters.
const MAX_DESCRIPTION: usize = 60;
/// The longest of other words, in characters.
const MAX_SUBJECT: usize = 200;

/// A mail's subject and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// RFC 3834: nobody is to answer by machine.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The whole mail.
///
/// # Errors
/// When an address cannot be used; it was checked when it was set, by a version that may have
/// known less.
pub(super) fn message(
    mail: &Mail,
    settings: &MailSettings,
    url: &PublicUrl,
) -> Result<Message, String> {
    let about = serde_json::from_str(&mail.doc).map_err(|error| format!("its text: {error}"))?;
    let composed = compose(&about, mail.words.as_deref(), settings.language, url);
    let from = address::mailbox(&settings.from)?;
    let id = |part| {
        let part = match part {
            MailPart::First => "first",
            MailPart::Last => "last",
        };
        format!("<{}.{part}@{}>", mail.thread.simple(), from.email.domain())
    };
    let to = Mailbox::new(None, address::address(&mail.recipient)?);
    let made = u64::try_from(mail.created_at.seconds()).unwrap_or_default();
    let mut builder = Message::builder()
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(made))
        .message_id(Some(id(mail.part)))
        .to(to)
        .subject(composed.subject)
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN);
    if mail.part == MailPart::Last {
        let first = id(MailPart::First);
        builder = builder.in_reply_to(first.clone()).references(first);
    }
    builder.from(from).body(composed.text).map_err(|error| error.to_string())
}

/// What it says.
#[must_use]
pub(super) fn compose(
    about: &About,
    words: Option<&str>,
    language: MailLanguage,
    url: &PublicUrl,
) -> Composed {
    let texts = Texts::of(language);
    let mut lines = Vec::new();
    let subject =
        match about {
            About::OutageBegan { subscription, description, since, failed } => {
                let name = named(subscription.as_str(), description.as_deref());
                let since = time(*since);
                lines.push(texts.get(
                    "outage-began",
                    &[("subscription", subscription.as_str().into()), ("since", since.into())],
                ));
                lines.extend(description.as_deref().map(|text| line(text, MAX_SUBJECT)));
                lines.push(texts.get("outage-failed-so-far", &[("failed", (*failed).into())]));
                lines.extend(said(texts, words));
                lines.push(texts.get("outage-one-more", &[]));
                lines.push(page(texts, &url.at(&format!("/console/subscriptions/{subscription}"))));
                texts.get("outage-began-subject", &[("subscription", name.into())])
            }
            About::OutageEnded { subscription, description, since, until, failed } => {
                let name = named(subscription.as_str(), description.as_deref());
                lines.push(texts.get(
                    "outage-ended",
                    &[
                        ("subscription", subscription.as_str().into()),
                        ("since", time(*since).into()),
                        ("until", time(*until).into()),
                    ],
                ));
                lines.extend(description.as_deref().map(|text| line(text, MAX_SUBJECT)));
                lines.push(texts.get("outage-failed", &[("failed", (*failed).into())]));
                lines.extend(said(texts, words));
                lines.push(page(texts, &url.at(&format!("/console/subscriptions/{subscription}"))));
                texts.get("outage-ended-subject", &[("subscription", name.into())])
            }
            About::Operation { event_type, subject, at, url, left_out } => {
                let subject = line(subject, MAX_SUBJECT);
                let name = format!("operation-{}", event_type.replace(['.', '_'], "-"));
                let what = texts.get(&name, &[("subject", subject.into())]);
                lines.push(texts.get(
                    "operation-at",
                    &[("what", what.clone().into()), ("at", time(*at).into())],
                ));
                lines.extend(said(texts, words));
                if *left_out > 0 {
                    lines.push(texts.get("operation-left-out", &[("count", (*left_out).into())]));
                }
                lines.push(page(texts, url));
                what
            }
            About::Test => {
                lines.push(texts.get("test", &[]));
                lines.push(page(texts, &url.at("/console")));
                texts.get("test-subject", &[])
            }
        };
    lines.retain(|line| !line.is_empty());
    lines.push(format!("-- \n{}", texts.get("footer", &[])));
    let subject = line(&format!("Hookwright: {subject}"), MAX_SUBJECT);
    Composed { subject, text: format!("{}\n", lines.join("\n\n")) }
}

/// The last error, in the words of others.
fn said(texts: &Texts, words: Option<&str>) -> Option<String> {
    let words = line(words?, MAX_WORDS);
    (!words.is_empty()).then(|| format!("{}\n    {words}", texts.get("last-error", &[])))
}

fn page(texts: &Texts, url: &str) -> String {
    texts.get("page", &[("url", FluentValue::from(url))])
}

fn named(name: &str, description: Option<&str>) -> String {
    let description = line(description.unwrap_or_default(), MAX_DESCRIPTION);
    if description.is_empty() { name.to_owned() } else { format!("{name} ({description})") }
}

/// To the minute, in UTC.
fn time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.millis())
        .map_or_else(|_| at.to_string(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// Words of others as one line, up to so many characters, with what could change more than it
/// shows left out.
pub(super) fn line(text: &str, most: usize) -> String {
    let is_unseen = |c: char| {
        matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
    };
    let mut out = String::new();
    let mut count = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let seen: Vec<char> = word.chars().filter(|c| !is_unseen(*c)).collect();
        if seen.is_empty() {
            continue;
        }
        if count > 0 {
            if count >= most {
                out.push('…');
                return out;
            }
            out.push(' ');
            count += 1;
        }
        for c in seen {
            if count >= most {
                out.push('…');
                return out;
            }
            out.push(c);
            count += 1;
        }
    }
    out
}
