//! Markdown as Mattermost, Rocket.Chat and Teams read it. They differ in what they take after a
//! backslash, so only what all of them take is escaped so, and the rest is broken apart.

use crate::link;
use crate::neutral::{BREAK, is_mention, is_shortcode};

/// The text so that it shows as itself. Addresses become links, because escapes inside them
/// would lead somewhere else.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let rest = line_start(line, &mut out);
        inline(rest, &mut out);
    }
    out
}

/// Writes what would begin a block, and returns the rest of the line.
fn line_start<'a>(line: &'a str, out: &mut String) -> &'a str {
    let rest = line.trim_start();
    let indent = line[..line.len() - rest.len()].chars().count();
    if indent > 0 && !rest.is_empty() {
        // Four spaces would begin a block of code.
        out.push(BREAK);
        out.extend(std::iter::repeat_n('\u{a0}', indent));
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && rest[digits..].starts_with(['.', ')']) {
        out.push_str(&rest[..digits]);
        out.push('\\');
        out.push_str(&rest[digits..=digits]);
        return &rest[digits + 1..];
    }
    match rest.chars().next() {
        Some(c @ ('#' | '+' | '-' | '>')) => out.extend(['\\', c]),
        // A line of these makes a heading of the line above.
        Some('=') => out.extend([BREAK, '=']),
        _ => return rest,
    }
    &rest[1..]
}

fn inline(text: &str, out: &mut String) {
    let mut before = None;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if let Some((address, target)) = address(before, rest) {
            out.push('[');
            characters(address, out);
            out.push_str("](");
            out.push_str(&target);
            out.push(')');
            at += address.len();
            before = address.chars().next_back();
            continue;
        }
        character(c, before, &rest[c.len_utf8()..], out);
        at += c.len_utf8();
        before = Some(c);
    }
}

fn characters(text: &str, out: &mut String) {
    let mut before = None;
    for (at, c) in text.char_indices() {
        character(c, before, &text[at + c.len_utf8()..], out);
        before = Some(c);
    }
}

fn character(c: char, before: Option<char>, after: &str, out: &mut String) {
    let next = after.chars().next();
    match c {
        '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '|' => out.extend(['\\', c]),
        // Tags, addresses in brackets, Slack's mentions, which Mattermost knows too.
        '<' if next.is_some_and(|c| c.is_alphabetic() || "/!?@#".contains(c)) => {
            out.extend([c, BREAK]);
        }
        '&' if is_entity(after) => out.extend([c, BREAK]),
        // Dates of Adaptive Cards: {{DATE(…)}}.
        '{' if next == Some('{') => out.extend([c, BREAK]),
        '@' if is_mention(before, after) => out.extend([c, BREAK]),
        ':' if is_shortcode(after) => out.extend([c, BREAK]),
        c => out.push(c),
    }
}

/// Whether something like `&lt;` or `&#60;` begins at this `&`.
fn is_entity(after: &str) -> bool {
    let name = after.strip_prefix('#').unwrap_or(after);
    let length = name.bytes().take(40).take_while(u8::is_ascii_alphanumeric).count();
    length > 0 && name[length..].starts_with(';')
}

/// The address of a page that the text begins with, and the same for use as a link's target.
fn address(before: Option<char>, text: &str) -> Option<(&str, String)> {
    if !text.starts_with("http") || before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let ends = |c: char| c.is_whitespace() || c.is_control() || "<>\"`|\\".contains(c);
    let address = &text[..text.find(ends).unwrap_or(text.len())];
    let address =
        address.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'', '*', '…']);
    link::checked(address).map(|target| (address, target))
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escape("*a* _b_ ~c~ `d` [e](f)"), r"\*a\* \_b\_ \~c\~ \`d\` \[e\](f)");
        assert_eq!(escape(r"C:\dir | x"), r"C:\\dir \| x");
        assert_eq!(escape("plain, text! (1 + 1 = 2) - #5"), "plain, text! (1 + 1 = 2) - #5");
    }

    #[test]
    fn lines_begin_no_blocks() {
        assert_eq!(
            escape("# a\n- b\n+ c\n> d\n1. e\n2) f"),
            "\\# a\n\\- b\n\\+ c\n\\> d\n1\\. e\n2\\) f"
        );
        assert_eq!(escape("a\n==="), "a\n\u{200b}===");
        assert_eq!(escape("    code"), "\u{200b}\u{a0}\u{a0}\u{a0}\u{a0}code");
    }

    #[test]
    fn what_has_no_escape_is_broken_apart() {
        assert_eq!(
            escape("<b> &lt; &#60; a & b < c"),
            "<\u{200b}b> &\u{200b}lt; &\u{200b}#60; a & b < c"
        );
        assert_eq!(
            escape("@all :smile: <!channel>"),
            "@\u{200b}all :\u{200b}smile: <\u{200b}!channel>"
        );
        assert_eq!(escape("{{DATE(x)}}"), "{\u{200b}{DATE(x)}}");
    }

    #[test]
    fn addresses_stay_addresses() {
        assert_eq!(
            escape("see https://a.b/c_d_e(1)?x=*, ok"),
            "see [https://a.b/c\\_d\\_e(1)?x=](https://a.b/c_d_e%281%29?x=)\\*, ok"
        );
        assert_eq!(escape("https://a.b/@all"), "[https://a.b/@\u{200b}all](https://a.b/%40all)");
        assert_eq!(escape("http:// https"), "http:// https");
    }
}
