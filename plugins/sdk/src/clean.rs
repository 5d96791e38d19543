//! Text without characters that do something instead of showing something.

/// Lines end in `\n`, other control characters become spaces, and the characters that change the
/// direction of what comes after them go; right-to-left text needs none of those to be read.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    out.push('\n');
                }
            }
            '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            '\n' => out.push('\n'),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// One line of at most so many characters.
#[must_use]
pub fn line(text: &str, max: usize) -> String {
    // Far more than can be shown, and far less than a mail can have for a subject.
    let start = text.char_indices().nth(max * 8).map_or(text, |(end, _)| &text[..end]);
    let line = clean(start).split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(max) {
        None => line,
        Some(_) => {
            let kept: String = line.chars().take(max.saturating_sub(1)).collect();
            format!("{}…", kept.trim_end())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_shows_is_left() {
        assert_eq!(clean("a\r\nb\rc\td\0e\u{85}f"), "a\nb\nc d e f");
        assert_eq!(clean("\u{202e}abc\u{2066}\u{2028}d"), "abc\nd");
        assert_eq!(clean("עברית 👨‍👩‍👧"), "עברית 👨‍👩‍👧", "joiners stay");
    }

    #[test]
    fn lines_are_cut_between_characters() {
        assert_eq!(line(" a \n b ", 10), "a b");
        assert_eq!(line("😀😀😀😀", 3), "😀😀…");
        assert_eq!(line("abc", 3), "abc");
        assert_eq!(line("", 3), "");
    }
}
