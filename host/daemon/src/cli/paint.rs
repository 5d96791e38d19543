//! Colours on terminals, and texts of others that can do nothing there.

use std::borrow::Cow;
use std::io::IsTerminal;
use std::sync::OnceLock;

use anstyle::{AnsiColor, Style};

/// What a piece of text is, by which it is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// As it should be; added.
    Good,
    /// Waiting, or changed.
    Middling,
    /// Failed; removed.
    Bad,
    /// Of little interest.
    Quiet,
    /// A heading.
    Head,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Middling => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Quiet => Style::new().dimmed(),
            Self::Head => Style::new().bold(),
        }
    }

    /// Of a word in a column that says how something is.
    pub(super) fn of(column: &str, word: &str) -> Option<Self> {
        match (column, word) {
            (
                "state" | "status" | "outcome" | "health" | "",
                "delivered" | "active" | "done" | "ok" | "up" | "closed",
            ) => Some(Self::Good),
            (
                "state" | "status" | "outcome" | "health" | "severity" | "",
                "pending" | "running" | "ready" | "paused" | "unknown" | "unconfirmed" | "warning"
                | "half_open",
            ) => Some(Self::Middling),
            (
                "state" | "status" | "outcome" | "health" | "severity" | "",
                "failed" | "disabled" | "BAD" | "error" | "open" | "down",
            ) => Some(Self::Bad),
            ("state", "skipped" | "canceled") | ("enabled", "no") => Some(Self::Quiet),
            _ => None,
        }
    }
}

/// Whether the standard output takes colours: on a terminal, unless `NO_COLOR` is set; anywhere
/// with `CLICOLOR_FORCE`.
pub(super) fn colours() -> bool {
    static COLOURS: OnceLock<bool> = OnceLock::new();
    *COLOURS.get_or_init(|| {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let forced = std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        !set("NO_COLOR") && (forced || (std::io::stdout().is_terminal() && !dumb))
    })
}

/// The text in its colour, where there are colours.
pub(super) fn paint(tone: Tone, text: &str) -> Cow<'_, str> {
    if !colours() {
        return Cow::Borrowed(text);
    }
    let style = tone.style();
    Cow::Owned(format!("{style}{text}{style:#}"))
}

/// Where a colour begins, if there are colours.
pub(super) fn begin(tone: Tone) -> String {
    tone.style().render().to_string()
}

/// Where all colours end.
pub(super) fn end() -> String {
    anstyle::Reset.render().to_string()
}

/// Whether a terminal could do something else with it than show it: move the cursor, change
/// what is there, turn the direction of writing, show nothing at all.
fn acts(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with what a terminal would obey written out, such as `\u{1b}`: events, answers and
/// reasons come from others.
pub(super) fn inert(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if c == '\r' {
            // Line ends of others; what follows must not be written over what was before.
            shown.push_str("\\r");
        } else if acts(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// The same for JSON, whose meaning stays: such characters stand in its strings only.
pub(super) fn inert_json(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_obey_nothing() {
        assert_eq!(inert("plain – Ünïcode 👩‍💻\n\tnext"), "plain – Ünïcode 👩‍💻\n\tnext");
        assert_eq!(inert("\u{1b}[2J\u{9b}31m\r\u{7}"), "\\u{1b}[2J\\u{9b}31m\\r\\u{7}");
        assert_eq!(inert("a\u{202e}b\u{200b}\u{e0041}"), "a\\u{202e}b\\u{200b}\\u{e0041}");
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({ "a\u{202e}": "\u{1b}[2J\u{9b}\u{7f}\u{e0041}\n\tü" });
        let text = serde_json::to_string_pretty(&value).unwrap();
        let shown = inert_json(&text);
        assert!(!shown.contains(['\u{202e}', '\u{9b}', '\u{7f}', '\u{e0041}']), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
