//! Mending XML in which `&` and `<` of a text are not escaped, where they cannot be markup.

use super::tree::reference;

/// What came of it.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Each of them that is not markup is escaped now.
    Mended { text: String, count: usize },
    /// A text has proper escapes too, so these can be its own.
    Ambiguous,
    /// There is none.
    Undamaged,
}

pub(crate) fn mend(text: &str) -> Outcome {
    let mut out = String::with_capacity(text.len() + 16);
    let (mut count, mut rest) = (0, text);
    // In the text since the last markup.
    let (mut stray, mut proper) = (0, 0);
    while let Some(next) = rest.find(['&', '<']) {
        let (before, here) = rest.split_at(next);
        out.push_str(before);
        if let Some(length) = markup(here) {
            (stray, proper) = (0, 0);
            out.push_str(here.get(..length).unwrap_or_default());
            rest = here.get(length..).unwrap_or_default();
            continue;
        }
        if is_reference(here) {
            proper += 1;
            out.push('&');
        } else {
            stray += 1;
            count += 1;
            out.push_str(if here.starts_with('&') { "&amp;" } else { "&lt;" });
        }
        if stray > 0 && proper > 0 {
            return Outcome::Ambiguous;
        }
        rest = here.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    if count == 0 { Outcome::Undamaged } else { Outcome::Mended { text: out, count } }
}

fn is_reference(text: &str) -> bool {
    // The longest that means something is `&#x10FFFF;`.
    let end = text.bytes().take(10).position(|byte| byte == b';');
    end.and_then(|end| text.get(1..end)).is_some_and(|name| reference(name).is_some())
}

/// How long the markup is that begins here, if it is markup.
fn markup(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('<')?;
    let up_to = |end: &str| Some(text.find(end).map_or(text.len(), |at| at + end.len()));
    if rest.starts_with("!--") {
        up_to("-->")
    } else if rest.starts_with("![CDATA[") {
        up_to("]]>")
    } else if rest.starts_with("!DOCTYPE") {
        up_to(">")
    } else if rest.starts_with('?') {
        up_to("?>")
    } else if begins_name(rest.strip_prefix('/').unwrap_or(rest)) {
        let mut quote = None;
        let end = text.char_indices().find(|(_, c)| match (quote, c) {
            (None, '>') => true,
            (None, '"' | '\'') => {
                quote = Some(*c);
                false
            }
            (Some(open), c) => {
                quote = quote.filter(|_| open != *c);
                false
            }
            _ => false,
        });
        Some(end.map_or(text.len(), |(at, _)| at + 1))
    } else {
        None
    }
}

fn begins_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | ':'))
}
