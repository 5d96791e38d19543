//! Characters that a chat would act on and that have no escape in its syntax, kept apart from
//! what follows them by a zero-width space: nothing to see, and nothing happens.

/// A zero-width space. Every chat ends a name or a shortcode at it.
pub const BREAK: char = '\u{200b}';

/// Whether something like `@all` begins at this `@`. Addresses of mails are left alone.
#[must_use]
pub fn is_mention(before: Option<char>, after: &str) -> bool {
    let names = after.chars().next().is_some_and(|c| c.is_alphanumeric() || "_.-".contains(c));
    names && !before.is_some_and(char::is_alphanumeric)
}

/// Whether something like `:smile:` begins at this `:`. Times such as `10:30:00` do not count.
#[must_use]
pub fn is_shortcode(after: &str) -> bool {
    let name = |b: u8| b.is_ascii_alphanumeric() || b"_+-".contains(&b);
    let length = after.bytes().take(64).take_while(|&b| name(b)).count();
    let letters = after.bytes().take(length).any(|b| !b.is_ascii_digit());
    letters && after[length..].starts_with(':')
}

/// The text with mentions kept from being ones.
#[must_use]
pub fn mentions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    for (at, c) in text.char_indices() {
        out.push(c);
        if c == '@' && is_mention(before, &text[at + 1..]) {
            out.push(BREAK);
        }
        before = Some(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_broken_and_addresses_are_not() {
        assert_eq!(mentions("@all, (@here)"), "@\u{200b}all, (@\u{200b}here)");
        assert_eq!(mentions("emily@example.com @ 5"), "emily@example.com @ 5");
        assert_eq!(mentions("x @@all"), "x @@\u{200b}all");
    }

    #[test]
    fn shortcodes_are_told_from_times() {
        assert!(is_shortcode("smile: x") && is_shortcode("+1:"));
        assert!(!is_shortcode("30:00") && !is_shortcode(" x:") && !is_shortcode(":"));
    }
}
