//! Text with bold and linked parts: split first, written in Telegram's syntaxes after, so that
//! no message ends inside an entity.

use std::ops::Range;

use serde::Deserialize;

/// The longest message after entities are parsed, in UTF-16 code units.
const MAX_UNITS: usize = 4_096;
/// How far back a better place to split is looked for, in UTF-16 code units.
const LOOK_BACK: usize = 1_500;

/// How messages are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// `parse_mode` HTML.
    #[default]
    Html,
    /// `parse_mode` MarkdownV2.
    MarkdownV2,
    /// None.
    Plain,
}

impl Format {
    /// What Telegram calls it.
    #[must_use]
    pub fn parse_mode(self) -> Option<&'static str> {
        match self {
            Self::Html => Some("HTML"),
            Self::MarkdownV2 => Some("MarkdownV2"),
            Self::Plain => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Style {
    Bold,
    Link(String),
}

/// Text and the styles of parts of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rich {
    text: String,
    /// In order, never overlapping, never empty.
    styles: Vec<(Range<usize>, Style)>,
}

impl Rich {
    /// The text alone.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds plain text.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds bold text.
    pub fn push_bold(&mut self, text: &str) {
        self.push_styled(text, Style::Bold);
    }

    /// Adds a link.
    pub fn push_link(&mut self, text: &str, address: &str) {
        self.push_styled(text, Style::Link(address.to_owned()));
    }

    fn push_styled(&mut self, text: &str, style: Style) {
        if !text.is_empty() {
            self.styles.push((self.text.len()..self.text.len() + text.len(), style));
            self.text.push_str(text);
        }
    }

    /// Messages that are short enough, at most so many; what does not fit into them is cut
    /// off.
    #[must_use]
    pub fn split(&self, max_messages: usize) -> Vec<Rich> {
        let mut parts = Vec::new();
        let mut rest = self.text.trim_end();
        let mut start = 0;
        loop {
            let last = parts.len() + 1 >= max_messages;
            let fits = prefix(rest, MAX_UNITS) == rest.len();
            if fits {
                parts.push(self.part(start..start + rest.len()));
                return parts;
            }
            if last {
                let end = break_point(rest, MAX_UNITS - 2);
                let mut part = self.part(start..start + end);
                part.push(" …");
                parts.push(part);
                return parts;
            }
            let end = break_point(rest, MAX_UNITS);
            parts.push(self.part(start..start + end));
            let next = rest[end..].trim_start();
            start += rest.len() - next.len();
            rest = next;
        }
    }

    fn part(&self, range: Range<usize>) -> Rich {
        let styles = self.styles.iter().filter_map(|(styled, style)| {
            let from = styled.start.max(range.start);
            let to = styled.end.min(range.end);
            (from < to).then(|| (from - range.start..to - range.start, style.clone()))
        });
        Rich { text: self.text[range.clone()].to_owned(), styles: styles.collect() }
    }

    /// In one of Telegram's syntaxes.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        let mut out = String::with_capacity(self.text.len() + 64);
        let mut at = 0;
        for (range, style) in &self.styles {
            escape(&self.text[at..range.start], format, &mut out);
            let styled = &self.text[range.clone()];
            match (format, style) {
                (Format::Plain, _) => out.push_str(styled),
                (Format::Html, Style::Bold) => {
                    out.push_str("<b>");
                    escape(styled, format, &mut out);
                    out.push_str("</b>");
                }
                (Format::Html, Style::Link(address)) => {
                    out.push_str("<a href=\"");
                    escape(&address.replace('"', "%22"), format, &mut out);
                    out.push_str("\">");
                    escape(styled, format, &mut out);
                    out.push_str("</a>");
                }
                (Format::MarkdownV2, Style::Bold) => {
                    out.push('*');
                    escape(styled, format, &mut out);
                    out.push('*');
                }
                (Format::MarkdownV2, Style::Link(address)) => {
                    out.push('[');
                    escape(styled, format, &mut out);
                    out.push_str("](");
                    out.push_str(&address.replace('\\', "\\\\").replace(')', "\\)"));
                    out.push(')');
                }
            }
            at = range.end;
        }
        escape(&self.text[at..], format, &mut out);
        out
    }
}

fn escape(text: &str, format: Format, out: &mut String) {
    for c in text.chars() {
        match (format, c) {
            (Format::Html, '<') => out.push_str("&lt;"),
            (Format::Html, '>') => out.push_str("&gt;"),
            (Format::Html, '&') => out.push_str("&amp;"),
            (
                Format::MarkdownV2,
                '_' | '*' | '[' | ']' | '(' | ')' | '~' | '`' | '>' | '#' | '+' | '-' | '=' | '|'
                | '{' | '}' | '.' | '!' | '\\',
            ) => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
}

/// The longest prefix of so many UTF-16 code units, in bytes; never half a character.
fn prefix(text: &str, units: usize) -> usize {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.len_utf16();
        if used > units {
            return at;
        }
    }
    text.len()
}

/// Where to end a message: at the last paragraph, line or word that fits, if one ends not too
/// far back, else at the last character that fits.
fn break_point(text: &str, units: usize) -> usize {
    let end = prefix(text, units);
    let earliest = prefix(text, units.saturating_sub(LOOK_BACK));
    let window = text.get(earliest..end).unwrap_or_default();
    let found = ["\n\n", "\n", " "].iter().find_map(|mark| window.rfind(mark));
    found.map_or(end, |at| earliest + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> usize {
        text.encode_utf16().count()
    }

    fn plain(text: &str) -> Rich {
        let mut rich = Rich::default();
        rich.push(text);
        rich
    }

    #[test]
    fn reserved_characters_are_escaped() {
        let mut rich = plain("1 < 2 & a_b.\n");
        rich.push_bold("*bold* <b>");
        rich.push(" ");
        rich.push_link("a [link]", "https://example.com/x)?a=\"b\"&c=\\");
        assert_eq!(
            rich.render(Format::Html),
            "1 &lt; 2 &amp; a_b.\n<b>*bold* &lt;b&gt;</b> \
             <a href=\"https://example.com/x)?a=%22b%22&amp;c=\\\">a [link]</a>"
        );
        assert_eq!(
            rich.render(Format::MarkdownV2),
            "1 < 2 & a\\_b\\.\n*\\*bold\\* <b\\>* \
             [a \\[link\\]](https://example.com/x\\)?a=\"b\"&c=\\\\)"
        );
        assert_eq!(rich.render(Format::Plain), "1 < 2 & a_b.\n*bold* <b> a [link]");
    }

    #[test]
    fn long_texts_are_split_where_it_hurts_least() {
        assert_eq!(plain(&"a".repeat(4_096)).split(5).len(), 1);
        let words = "word ".repeat(2_000);
        let parts = plain(&words).split(5);
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| units(part.text()) <= 4_096));
        assert!(parts.iter().all(|part| part.text().ends_with("word")));
        let joined = parts.iter().map(Rich::text).collect::<Vec<_>>().join(" ");
        assert_eq!(joined, words.trim_end());
        let paragraphs = format!("{}\n\n{}", "a".repeat(3_000), "b ".repeat(1_000));
        assert_eq!(plain(&paragraphs).split(5)[0].text(), "a".repeat(3_000));
    }

    #[test]
    fn surrogate_pairs_stay_whole() {
        // 4,095 units, then an emoji of two.
        let text = format!("{}😀 end", "a".repeat(4_095));
        let parts = plain(&text).split(5);
        assert_eq!(units(parts[0].text()), 4_095);
        assert_eq!(parts[1].text(), "😀 end");
        let parts = plain(&"😀".repeat(5_000)).split(5);
        assert!(parts.iter().all(|part| units(part.text()) <= 4_096));
        assert_eq!(parts.iter().map(|part| part.text().chars().count()).sum::<usize>(), 5_000);
    }

    #[test]
    fn styles_go_on_in_the_next_message() {
        let mut rich = Rich::default();
        rich.push_bold(&"b".repeat(5_000));
        let parts = rich.split(5);
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[1].render(Format::Html), format!("<b>{}</b>", "b".repeat(904)));
    }

    #[test]
    fn what_does_not_fit_is_cut_off_and_marked() {
        let parts = plain(&"word ".repeat(10_000)).split(2);
        assert_eq!(parts.len(), 2);
        assert!(parts[1].text().ends_with("word …"), "{}", parts[1].text());
        assert!(units(parts[1].text()) <= 4_096);
        assert_eq!(plain(&"x".repeat(9_000)).split(1).len(), 1);
    }
}
