//! Cutting text to the length a chat takes, which is counted after escaping.

/// The most of a text that is looked at, in bytes: more than any chat shows.
const MOST: usize = 40_000;
/// How far back a space to cut at is looked for, in bytes.
const LOOK_BACK: usize = 200;

/// The text as it is written, with ` …` at its end if it had to be cut to fit.
pub fn fit(text: &str, write: impl Fn(&str) -> String, fits: impl Fn(&str) -> bool) -> String {
    let text = text.trim_end();
    if text.len() <= MOST {
        let whole = write(text);
        if fits(&whole) {
            return whole;
        }
    }
    let cut = |end: usize| write(&format!("{} …", text[..end].trim_end()));
    let (mut good, mut bad) = (0, text.len().min(MOST) + 1);
    while bad - good > 1 {
        let middle = boundary(text, good + (bad - good) / 2);
        if middle <= good {
            // Nothing but one character lies between the two.
            break;
        }
        if fits(&cut(middle)) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    let from = boundary(text, good.saturating_sub(LOOK_BACK));
    if let Some(space) = text[from..good].rfind(char::is_whitespace) {
        let nicer = cut(from + space);
        if from + space > good / 2 && fits(&nicer) {
            return nicer;
        }
    }
    let shortest = cut(good);
    if fits(&shortest) { shortest } else { String::new() }
}

/// The end of the last character that ends at or before this place.
fn boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Length in UTF-16 code units.
#[must_use]
pub fn utf16(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Length inside a JSON document: UTF-16 code units and UTF-8 bytes.
#[must_use]
pub fn in_json(text: &str) -> (usize, usize) {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => (2, 2),
        '\0'..='\u{1f}' => (6, 6),
        c => (c.len_utf16(), c.len_utf8()),
    });
    escaped.fold((0, 0), |(units, bytes), (u, b)| (units + u, bytes + b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str, max: usize) -> String {
        fit(text, str::to_owned, |text| utf16(text) <= max)
    }

    #[test]
    fn what_fits_is_not_touched() {
        assert_eq!(plain("abc", 3), "abc");
        assert_eq!(plain("", 0), "");
    }

    #[test]
    fn cuts_are_at_spaces_or_at_least_between_characters() {
        assert_eq!(plain("hello there world", 14), "hello there …");
        assert_eq!(plain(&"a".repeat(50), 10), "aaaaaaaa …");
        assert_eq!(plain(&"😀".repeat(50), 9), "😀😀😀 …");
        assert_eq!(plain("abcdef", 1), "");
    }

    #[test]
    fn what_is_counted_is_what_is_written() {
        let twice = |text: &str| text.replace('*', "\\*");
        let out = fit(&"*".repeat(1_000), twice, |text| utf16(text) <= 100);
        assert_eq!(utf16(&out), 100);
        assert!(plain(&"x ".repeat(20_000_000), 4_000).len() <= 4_000 + 4);
    }

    #[test]
    fn lengths_in_json_are_those_of_the_encoder() {
        for text in ["a\"\\\n\t\r", "\u{0}\u{1f}\u{8}\u{c}\u{7f}", "é 😀 \u{2028} /"] {
            let json = serde_json::to_string(text).unwrap();
            let inside = &json[1..json.len() - 1];
            assert_eq!(in_json(text), (utf16(inside), inside.len()), "{text:?}");
        }
    }
}
