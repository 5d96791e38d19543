//! Addresses from tickets.

/// Longer ones leave no room for the text.
const MAX_LINK: usize = 1_000;

/// The address, if it leads to the web, with what could end a link percent-encoded.
#[must_use]
pub fn checked(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let odd = |c: char| c.is_control() || c.is_whitespace();
    let host = rest.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '[');
    if !host || url.contains(odd) || url.contains('\u{202e}') {
        return None;
    }
    let mut out = String::with_capacity(url.len());
    let mut in_path = false;
    for (at, c) in url.char_indices() {
        in_path |= at >= url.len() - rest.len() && matches!(c, '/' | '?' | '#');
        match c {
            // Before the path they have a meaning; in it some chats look for names and markup.
            '@' if in_path => out.push_str("%40"),
            '[' if in_path => out.push_str("%5B"),
            ']' if in_path => out.push_str("%5D"),
            '*' if in_path => out.push_str("%2A"),
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '"' => out.push_str("%22"),
            '\\' => out.push_str("%5C"),
            '`' => out.push_str("%60"),
            '|' => out.push_str("%7C"),
            '{' => out.push_str("%7B"),
            '}' => out.push_str("%7D"),
            c => out.push(c),
        }
    }
    (out.len() <= MAX_LINK).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn links_lead_to_the_web_and_stay_links() {
        let zoom = "https://zammad.example.com/#ticket/zoom/81";
        assert_eq!(checked(zoom).as_deref(), Some(zoom));
        assert_eq!(
            checked("http://a.b/(x)|<!channel>\"").as_deref(),
            Some("http://a.b/%28x%29%7C%3C!channel%3E%22")
        );
        assert_eq!(
            checked("http://[::1]:80/@all?[x]*").as_deref(),
            Some("http://[::1]:80/%40all?%5Bx%5D%2A")
        );
        for bad in ["javascript:alert(1)", "https://", "https:// a", "http://a\nb", "//a.b", ""] {
            assert_eq!(checked(bad), None, "{bad}");
        }
        assert_eq!(checked(&format!("https://a.b/{}", "x".repeat(2_000))), None);
    }
}
