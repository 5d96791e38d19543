//! Slack's syntax.

use crate::neutral::{BREAK, is_mention, is_shortcode};

/// The text so that Slack shows it: no links, no mentions, no quotes. Slack has no escape for
/// `*`, `_`, `~` and the grave accent, so these can still change how the text looks.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut before = None;
    for (at, c) in text.char_indices() {
        let after = &text[at + c.len_utf8()..];
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => {
                if matches!(before, None | Some('\n')) {
                    // It would begin a quote.
                    out.push(BREAK);
                }
                out.push_str("&gt;");
            }
            '@' if is_mention(before, after) => out.extend([c, BREAK]),
            ':' if is_shortcode(after) => out.extend([c, BREAK]),
            c => out.push(c),
        }
        before = Some(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nobody_is_called_and_nothing_is_linked() {
        assert_eq!(escape("<!channel> & <@U1|x>"), "&lt;!channel&gt; &amp; &lt;@\u{200b}U1|x&gt;");
        assert_eq!(escape("@here a@b.c"), "@\u{200b}here a@b.c");
        assert_eq!(escape("a > b\n> c :x:"), "a &gt; b\n\u{200b}&gt; c :\u{200b}x:");
    }
}
