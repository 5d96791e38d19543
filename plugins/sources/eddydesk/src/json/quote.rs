//! What a quote inside of a string is, by what follows it.
//!
//! A string can only end at a quote after which the document goes on as JSON: with the name
//! and the colon of another member, with another item of the list, or with brackets that close
//! what is open, up to one of these or to the end of the document. After all others a document
//! that ended its string there would be broken, so they belong to the text.
//!
//! What no reader can see is a text that itself contains the end of a string and another
//! member. A text in which JSON shows is therefore refused: see [`Quote::Unclear`], and the
//! rule on odd quotes in [`super::mend`].

use super::frame::{Frame, end_of_name, skip_space};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    /// It ends the string.
    End,
    /// It belongs to the text.
    Inside,
    /// It cannot end the string, and still it looks like the end of a member's name.
    Unclear,
}

/// Says what the quote is, inside of the objects and lists that are open.
pub(crate) fn judge(bytes: &[u8], quote: usize, open: &[Frame<'_>]) -> Quote {
    let next = skip_space(bytes, quote + 1);
    let can_end = match bytes.get(next) {
        Some(b',') => open.last().is_some_and(|frame| goes_on(bytes, next + 1, *frame)),
        Some(b'}' | b']') => closes(bytes, next, open),
        Some(b':') if begins_value(bytes, next + 1) => return Quote::Unclear,
        // Then the document is cut off, which is found out later.
        None => true,
        _ => false,
    };
    if can_end { Quote::End } else { Quote::Inside }
}

/// Whether an object or a list goes on after a comma.
fn goes_on(bytes: &[u8], after_comma: usize, frame: Frame<'_>) -> bool {
    let next = skip_space(bytes, after_comma);
    match (frame, bytes.get(next)) {
        (Frame::Object { .. }, Some(b'"')) => end_of_name(bytes, next + 1)
            // No template has a member without a name.
            .filter(|end| *end > next + 1)
            .is_some_and(|end| bytes.get(skip_space(bytes, end + 1)) == Some(&b':')),
        (Frame::List { .. }, Some(_)) if begins_value(bytes, after_comma) => true,
        // A comma too many is a mistake of the template, to be reported as such.
        (_, Some(b'}' | b']') | None) => true,
        _ => false,
    }
}

/// Whether brackets close what is open, and the document goes on or ends after them.
fn closes(bytes: &[u8], mut at: usize, open: &[Frame<'_>]) -> bool {
    let mut open = open;
    loop {
        match (bytes.get(at), open.split_last()) {
            (Some(b'}'), Some((Frame::Object { .. }, outer)))
            | (Some(b']'), Some((Frame::List { .. }, outer))) => open = outer,
            (Some(b','), Some((frame, _))) => return goes_on(bytes, at + 1, *frame),
            (None, None) => return true,
            _ => return false,
        }
        at = skip_space(bytes, at + 1);
    }
}

/// Whether a value begins here, or is missing because a tag without quotes was empty.
fn begins_value(bytes: &[u8], from: usize) -> bool {
    let next = skip_space(bytes, from);
    let rest = bytes.get(next..).unwrap_or_default();
    match rest.first() {
        Some(b'"' | b'{' | b'[' | b'-' | b'0'..=b'9' | b',' | b'}') => true,
        Some(_) => [&b"true"[..], b"false", b"null"].iter().any(|word| rest.starts_with(word)),
        None => false,
    }
}
