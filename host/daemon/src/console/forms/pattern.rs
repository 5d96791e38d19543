//! Patterns of JSON Schema as browsers take them.

/// What must not stand bare in a class of characters under the flag `v`, by which browsers read
/// patterns; JSON Schema's are read by `u`, which minds less.
const SYNTAX: &str = "()[{}/|";
/// Two of these in a row mean, or will mean, something in such a class.
const DOUBLED: &str = "&!#$%*+,.:;<=>?@^`~";

/// The same pattern for the attribute `pattern`, which has to fit all of a text: one of JSON
/// Schema fits somewhere in it.
pub(super) fn of_html(pattern: &str) -> String {
    let mut written = String::with_capacity(pattern.len() + 24);
    let mut is_in_class = false;
    let mut before = None;
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                written.push(c);
                written.extend(rest.next());
                before = None;
                continue;
            }
            '[' if !is_in_class => {
                is_in_class = true;
                written.push(c);
                if rest.peek() == Some(&'^') {
                    written.extend(rest.next());
                }
                before = Some('[');
                continue;
            }
            ']' if is_in_class => is_in_class = false,
            '-' if is_in_class && (before == Some('[') || rest.peek() == Some(&']')) => {
                written.push('\\');
            }
            _ if is_in_class && SYNTAX.contains(c) => written.push('\\'),
            _ if is_in_class && DOUBLED.contains(c) && rest.peek() == Some(&c) => {
                written.push('\\');
            }
            _ => {}
        }
        written.push(c);
        before = Some(c);
    }
    format!("[\\s\\S]*(?:{written})[\\s\\S]*")
}

#[cfg(test)]
mod tests {
    use super::of_html;

    #[test]
    fn classes_are_written_for_browsers() {
        for (pattern, wanted) in [
            ("^[a-z0-9][a-z0-9._-]*$", r"^[a-z0-9][a-z0-9._\-]*$"),
            ("[-a]", r"[\-a]"),
            ("[^-a]", r"[^\-a]"),
            ("^https?://[^\\s/?#{}]+([/?][^\\s#]*)?$", r"^https?://[^\s\/?#\{\}]+([\/?][^\s#]*)?$"),
            ("[&&]", r"[\&&]"),
            (r"[\]\-]|(a|b){2}", r"[\]\-]|(a|b){2}"),
        ] {
            assert_eq!(of_html(pattern), format!(r"[\s\S]*(?:{wanted})[\s\S]*"), "{pattern}");
        }
    }
}
