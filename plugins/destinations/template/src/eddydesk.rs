//! EddyDesk's syntax: `{ticket_id}` and `$strip_tags({answer_last})`.

use hookwright_sdk::html;
use hookwright_sdk::serde_json::Value;

use crate::fault::{Fault, line_and_column};
use crate::piece::{Filled, Piece};
use crate::settings::Syntax;
use crate::tags::Tags;

const STRIP: &str = "$strip_tags(";

/// Fills the tags in.
pub(crate) fn fill(template: &str, tags: &Tags<'_>) -> Result<Vec<Piece>, Fault> {
    let mut pieces = Vec::new();
    let (mut done, mut at) = (0, 0);
    while let Some(found) = template.get(at..).and_then(|rest| rest.find(['{', '$'])) {
        at += found;
        let Some(tag) = tag(template, at)? else {
            at += 1;
            continue;
        };
        let shown = template.get(at..tag.end).unwrap_or_default();
        let here = |fault: Fault| fault.of(&line_and_column(template, at));
        let mut value = tags.value(tag.name, shown.len()).map_err(here)?;
        if tag.strip {
            value = strip(value);
        }
        pieces.push(Piece::Text(template.get(done..at).unwrap_or_default().to_owned()));
        let syntax = Syntax::EddyDesk;
        pieces.push(Piece::Value(Filled { tag: shown.to_owned(), value, syntax }));
        at = tag.end;
        done = at;
    }
    pieces.push(Piece::Text(template.get(done..).unwrap_or_default().to_owned()));
    Ok(pieces)
}

struct Tag<'a> {
    name: &'a str,
    strip: bool,
    end: usize,
}

/// The tag that begins here. Braces that hold no name, as in JSON, are text.
fn tag(template: &str, at: usize) -> Result<Option<Tag<'_>>, Fault> {
    let rest = template.get(at..).unwrap_or_default();
    let Some(inside) = rest.strip_prefix(STRIP) else {
        let found = name(rest).map(|(name, length)| Tag { name, strip: false, end: at + length });
        return Ok(found);
    };
    let trimmed = inside.trim_start();
    let found = name(trimmed).and_then(|(name, length)| {
        let after = trimmed.get(length..)?.trim_start();
        let left = after.strip_prefix(')')?.len();
        Some(Tag { name, strip: true, end: template.len() - left })
    });
    match found {
        Some(tag) => Ok(Some(tag)),
        None => {
            let message = "`$strip_tags(…)` takes one tag, as in $strip_tags({answer_last})";
            Err(Fault::settings(message).of(&line_and_column(template, at)))
        }
    }
}

/// The name between braces, and the length with them.
fn name(rest: &str) -> Option<(&str, usize)> {
    let (name, _) = rest.strip_prefix('{')?.split_once('}')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
    is_name.then_some((name, name.len() + 2))
}

/// HTML as plain text. What holds neither tags nor entities is left as it is, with its lines.
pub(crate) fn strip(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains(['<', '&']) => html::to_text(&text).into(),
        other => other,
    }
}
