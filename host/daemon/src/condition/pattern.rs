//! Regular expressions whose time is bounded.

use std::error::Error as _;

use regex_automata::Input;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;

/// The most that the automaton of one expression may take, in bytes, and the most to build it
/// with: enough for dozens of words in any case of letters, and not for `\w{100}`. It also
/// bounds the time to build it, to a fraction of a second.
const MAX_BYTES: usize = 512 << 10;

/// A regular expression. It is built whole when the condition is saved, so that each byte of a
/// text then takes one look into a table. Engines that build what they need while they search
/// may have to follow every state for every byte.
pub(super) struct Pattern {
    text: String,
    automaton: dense::DFA<Vec<u32>>,
}

impl Pattern {
    /// Builds it, or says what is wrong.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let config = dense::Config::new()
            .start_kind(StartKind::Unanchored)
            .dfa_size_limit(Some(MAX_BYTES))
            .determinize_size_limit(Some(MAX_BYTES));
        // What the automaton is made from multiplies with every repetition.
        let source = thompson::Config::new().nfa_size_limit(Some(MAX_BYTES));
        let automaton = dense::Builder::new().configure(config).thompson(source).build(text);
        let automaton = automaton.map_err(|error| explain(&error))?;
        Ok(Self { text: text.to_owned(), automaton })
    }

    /// Whether it is found anywhere in a text; none if the automaton cannot say.
    pub(super) fn is_in(&self, text: &str) -> Option<bool> {
        let input = Input::new(text).earliest(true);
        self.automaton.try_search_fwd(&input).ok().map(|found| found.is_some())
    }
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pattern({})", self.text)
    }
}

fn explain(error: &dense::BuildError) -> String {
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(source) = inner {
        text = source.to_string();
        inner = source.source();
    }
    if error.is_size_limit_exceeded() || text.contains("exceeded limit") {
        let hint = r"use fewer repetitions such as {50}, and [0-9] and [a-z] in place of \d and \w";
        return format!("it is too large: {hint}");
    }
    if text.contains("word boundar") {
        return r"\b is not known for all letters; write (?-u:\b) for that of English".to_owned();
    }
    // The last line says what is wrong; the others draw the expression.
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_found_or_told() {
        let found = |pattern: &str, text: &str| Pattern::new(pattern).unwrap().is_in(text);
        assert_eq!(found("(?i)СРОЧНО|urgent", "это Срочно!"), Some(true));
        assert_eq!(found(r"^\d+$", "10081"), Some(true));
        assert_eq!(found(r"^\d+$", "10081 "), Some(false));
        assert_eq!(found(r"(?-u:\b)vip(?-u:\b)", "a vip, Grüße"), Some(true));
        assert_eq!(found("", ""), Some(true));
        assert_eq!(found(".", "\n"), Some(false));
        let told = |pattern: &str| Pattern::new(pattern).unwrap_err();
        assert_eq!(told("("), "unclosed group");
        assert!(told(r"\w{100}").starts_with("it is too large"));
        assert!(told("(a?){50}[^b]{50}b$").starts_with("it is too large"));
        assert!(told(r"\bvip\b").contains(r"(?-u:\b)"));
        assert!(told(r"(a)\1").contains("backreferences are not supported"));
    }

    #[test]
    fn usual_patterns_are_small_enough() {
        let words = ["принтер", "drucker", "printer", "netzwerk", "сеть", "network", "vpn"];
        let many = words.iter().map(|word| format!("{word}s?")).collect::<Vec<_>>().join("|");
        for usual in [
            &format!("(?i)({many})"),
            r"(?i)[A-Z]{2,4}-\d{3,6}",
            r"^\[.*\] ",
            r"\d{4}-\d{2}",
            r"\w+@example\.com",
        ] {
            assert!(Pattern::new(usual).is_ok(), "{usual}: {:?}", Pattern::new(usual).err());
        }
    }
}
