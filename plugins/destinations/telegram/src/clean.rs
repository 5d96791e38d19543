//! Text as Telegram takes it.

/// Does what Telegram does with a text anyway, so that lengths are counted on what is left:
/// control characters become spaces, carriage returns and the characters that change a line's
/// direction or end it in another way (U+2028 to U+202E) go.
pub(crate) fn clean(text: &str) -> String {
    let keep = |c: char| !matches!(c, '\r' | '\u{2028}'..='\u{202e}');
    let line_ends = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept = line_ends.chars().filter(|&c| keep(c));
    kept.map(|c| if c.is_ascii_control() && c != '\n' { ' ' } else { c }).collect()
}

/// One line of it.
pub(crate) fn clean_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_telegram_removes_is_removed() {
        assert_eq!(clean("a\r\nb\rc\td\0e"), "a\nb\nc d e");
        assert_eq!(clean("\u{202e}abc\u{202c}\u{2028}"), "abc");
        assert_eq!(clean("עברית"), "עברית", "right-to-left text itself stays");
        assert_eq!(clean_line(" a \n b "), "a b");
    }
}
