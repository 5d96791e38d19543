//! Names of subscriptions, made from names of webhooks, which are any text and need not be
//! unique.

use hookwright_model::Name;

/// The longest that is made: there is room behind it.
const MAX_LEN: usize = 48;

/// A name like this text that is not taken.
pub(super) fn derive(text: &str, is_taken: impl Fn(&str) -> bool) -> Option<Name> {
    let mut plain = String::new();
    for c in text.to_lowercase().chars() {
        if plain.len() >= MAX_LEN {
            break;
        }
        match c {
            'a'..='z' | '0'..='9' | '_' | '.' => plain.push(c),
            // One for all that cannot stand in a name, and none at the start.
            _ if plain.ends_with('-') || plain.is_empty() => {}
            _ => plain.push('-'),
        }
    }
    let plain = plain.trim_matches(['-', '_', '.']);
    let plain = if plain.is_empty() { "webhook" } else { plain };
    let numbered = (2_u32..).map(|number| format!("{plain}-{number}"));
    let mut names = std::iter::once(plain.to_owned()).chain(numbered);
    names.find(|name| !is_taken(name))?.parse().ok()
}
