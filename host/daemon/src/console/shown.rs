//! Text from outside, shown so that it can do nothing and hide nothing: neither markup, nor
//! characters that are not seen or that turn around what stands beside them.

use std::fmt::{self, Write};

/// How a character is shown that would not be seen as it is.
fn mark(character: char, before: Option<char>, after: Option<char>) -> Option<Mark> {
    let code = u32::from(character);
    match character {
        '\t' | '\n' => None,
        // There is a picture for each.
        '\0'..='\x1f' => char::from_u32(0x2400 + code).map(Mark::Picture),
        '\x7f' => Some(Mark::Picture('\u{2421}')),
        // Joins pictures such as those of families; elsewhere it hides.
        '\u{200d}' if [before, after].iter().all(|side| side.is_some_and(is_pictorial)) => None,
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{fe00}'..='\u{fe0e}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => Some(Mark::Code(code)),
        _ => None,
    }
}

/// Emoji and symbols, and what chooses how they look.
fn is_pictorial(character: char) -> bool {
    matches!(character, '\u{2190}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{fe0f}'
        | '\u{1f000}'..='\u{1faff}')
}

enum Mark {
    Picture(char),
    Code(u32),
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Picture(picture) => f.write_char(*picture),
            Self::Code(code) => write!(f, "[U+{code:04X}]"),
        }
    }
}

/// For HTML, between tags or in a quoted attribute, with marks as plain text.
///
/// # Errors
/// When it cannot be written.
pub fn write_plain(out: &mut dyn Write, text: &str) -> fmt::Result {
    write(out, text, |out, mark| write!(out, "{mark}"))
}

/// For HTML, between tags only: marks look like marks, so that nobody takes text for one.
#[must_use]
pub fn marked(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    // Writing into a string does not fail.
    let _ = write(&mut html, text, |out, mark| write!(out, "<span class=\"mark\">{mark}</span>"));
    html
}

/// For the value of a form's field, which comes back as it was.
#[must_use]
pub fn value(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        let _ = escape(&mut html, character);
    }
    html
}

fn write(
    out: &mut dyn Write,
    text: &str,
    show: impl Fn(&mut dyn Write, Mark) -> fmt::Result,
) -> fmt::Result {
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match mark(character, before, rest.peek().copied()) {
            Some(mark) => show(out, mark)?,
            None => escape(out, character)?,
        }
        before = Some(character);
    }
    Ok(())
}

fn escape(out: &mut dyn Write, character: char) -> fmt::Result {
    match character {
        '&' => out.write_str("&amp;"),
        '<' => out.write_str("&lt;"),
        '>' => out.write_str("&gt;"),
        '"' => out.write_str("&quot;"),
        '\'' => out.write_str("&#39;"),
        '`' => out.write_str("&#96;"),
        other => out.write_char(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(text: &str) -> String {
        let mut html = String::new();
        write_plain(&mut html, text).unwrap();
        html
    }

    #[test]
    fn what_hides_is_seen() {
        for (text, shown) in [
            ("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
            ("a\u{202e}b", "a[U+202E]b"),
            ("zero\u{200b}width\u{feff}", "zero[U+200B]width[U+FEFF]"),
            ("nul\0bell\x07\x7f", "nul\u{2400}bell\u{2407}\u{2421}"),
            ("line\nand\ttab\r", "line\nand\ttab\u{240d}"),
            ("\u{e0041}\u{ad}", "[U+E0041][U+00AD]"),
            // A family, a flag, Persian with what joins hidden letters.
            ("\u{1f468}\u{200d}\u{1f469}", "\u{1f468}\u{200d}\u{1f469}"),
            ("\u{2764}\u{fe0f}", "\u{2764}\u{fe0f}"),
            ("a\u{200d}b", "a[U+200D]b"),
            ("äöü Київ 日本 العربية", "äöü Київ 日本 العربية"),
        ] {
            assert_eq!(plain(text), shown, "{text:?}");
        }
        assert_eq!(marked("a\u{202e}<"), "a<span class=\"mark\">[U+202E]</span>&lt;");
        assert_eq!(value("\u{202e}\"<"), "\u{202e}&quot;&lt;");
    }

    /// What a browser makes of text with references.
    fn read(html: &str) -> String {
        let names =
            [("lt", "<"), ("gt", ">"), ("quot", "\""), ("#39", "'"), ("#96", "`"), ("amp", "&")];
        let unescape = |text: String, (name, character): (&str, &str)| {
            text.replace(&format!("&{name};"), character)
        };
        names.into_iter().fold(html.to_owned(), unescape)
    }

    proptest! {
        /// Text of all kinds, above all of the kinds that do harm.
        #[test]
        fn nothing_gets_out(text in "(\\PC|[<>&\"'`\0\r\n\u{202a}-\u{202e}\u{2066}-\u{2069}\u{200b}-\u{200f}\u{feff}a]){0,60}") {
            let html = plain(&text);
            prop_assert!(!html.contains(['<', '>', '"', '\'', '`', '\0', '\r']));
            let references = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#96;"];
            for (position, _) in html.match_indices('&') {
                let rest = &html[position..];
                prop_assert!(references.iter().any(|reference| rest.starts_with(reference)));
            }
            let hides = |c: char| {
                c.is_control() && !matches!(c, '\n' | '\t')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}')
            };
            prop_assert!(!html.contains(hides));
            // With the marks' own markup away it is the same text.
            let marked = marked(&text).replace("<span class=\"mark\">", "").replace("</span>", "");
            prop_assert_eq!(&marked, &html);
            // What needs no mark is there as it was.
            if !text.chars().any(|c| mark(c, None, None).is_some()) {
                prop_assert_eq!(&read(&html), &text);
            }
            prop_assert_eq!(read(&value(&text)), text);
        }
    }
}
