//! Addresses made of settings.

use crate::{Encoding, Part, Problem, secret, text};

/// An address with a secret in place of each `{NAME}`, where `NAME` is the secret's: settings can
/// say where it stands, and never what it is.
#[must_use]
pub fn with_secret(url: &str, slot: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for (number, piece) in url.split(&format!("{{{slot}}}")).enumerate() {
        if number > 0 {
            parts.push(secret(slot, Encoding::Percent));
        }
        if !piece.is_empty() {
            parts.push(text(piece));
        }
    }
    parts
}

/// An address below an API's. The path begins with `/`.
#[must_use]
pub fn below(base: &str, path: &str) -> String {
    format!("{}{path}", base.trim_end_matches('/'))
}

/// Says what is wrong with the setting `base_url` of a plugin that adds the API's path, such as
/// `/api/v2`, itself.
#[must_use]
pub fn check_base(base: &str, api: &str) -> Option<Problem> {
    let rest = base.trim_end_matches('/').strip_suffix(api)?;
    let message = format!("the plugin adds `{api}` itself; set `{rest}`");
    Some(Problem::at("/base_url", message))
}

/// Says that an address has a user name or password in it, which everyone would read who sees the
/// settings. `at` is the setting's place, a JSON pointer; `instead` says where they belong.
#[must_use]
pub fn check_password(at: &str, url: &str, instead: &str) -> Option<Problem> {
    let message = format!("there is a user name or password in it: {instead}");
    server(url).contains('@').then(|| Problem::at(at, message))
}

/// What stands between the scheme and the path of an address.
fn server(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Says what is wrong with the setting `url` of a plugin that calls it as it is, but for
/// [`with_secret`]'s slot, if it has one.
#[must_use]
pub fn check_address(url: &str, slot: Option<&str>) -> Vec<Problem> {
    let instead = "take them out, and set `auth` on the subscription";
    let mut problems: Vec<_> = check_password("/url", url, instead).into_iter().collect();
    let mut wrong = |message: String| problems.push(Problem::at("/url", message));
    if server(url).is_empty() {
        wrong("there is no server in it; it looks like `https://example.com/hook`".into());
    }
    if url.contains('#') {
        wrong("what follows the `#` is never sent: take it out".into());
    }
    if url.contains(|c: char| c.is_whitespace() || c.is_control()) {
        wrong("there is a space or line break in it: take it out, or write `%20`".into());
    }
    let rest = match slot {
        Some(slot) => url.replace(&format!("{{{slot}}}"), ""),
        None => url.to_owned(),
    };
    if let Some((_, after)) = rest.split_once('{') {
        let name = after.split('}').next().unwrap_or_default();
        let known = match slot {
            Some(slot) => format!("only `{{{slot}}}` is replaced"),
            None => "nothing is replaced in this address".to_owned(),
        };
        wrong(format!("`{{{name}}}` would be sent as it is: {known}"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stand_where_the_address_names_them() {
        let token = || secret("token", Encoding::Percent);
        assert_eq!(
            with_secret("https://a.example/{token}/b?c={token}", "token"),
            [text("https://a.example/"), token(), text("/b?c="), token()]
        );
        assert_eq!(with_secret("{token}", "token"), [token()]);
        let other = "https://a.example/{tokens}{key}{{token";
        assert_eq!(with_secret(other, "token"), [text(other)]);
        assert_eq!(with_secret("", "token"), []);
    }

    #[test]
    fn addresses_that_cannot_be_meant_are_told() {
        let check = |url: &str, slot| -> Vec<String> {
            check_address(url, slot).iter().map(ToString::to_string).collect()
        };
        for good in ["https://a.example", "https://a.example:8443/b%20c?d=e@f", "http://[::1]/"] {
            assert!(check(good, None).is_empty(), "{good}");
        }
        assert!(check("https://a.example/{token}", Some("token")).is_empty());
        for (bad, slot, words) in [
            ("https:///hook", None, "/url: there is no server in it"),
            ("https://user:pass@a.example/", None, "set `auth` on the subscription"),
            ("https://a.example/#b", None, "never sent"),
            ("https://a.example/b c", None, "`%20`"),
            ("https://a.example/{token}", None, "nothing is replaced"),
            ("https://a.example/{key}", Some("token"), "`{key}` would be sent as it is"),
        ] {
            let problems = check(bad, slot);
            assert!(problems.len() == 1 && problems[0].contains(words), "{bad}: {problems:?}");
        }
    }

    #[test]
    fn passwords_are_told_where_they_stand() {
        let check = |url: &str| check_password("/uri", url, "set the secret `password`");
        for good in ["https://a.example/u:p@x?y=a@b#c@d", "https://a.example?u@b", "a.example/@"] {
            assert_eq!(check(good), None, "{good}");
        }
        for bad in ["https://user:pass@a.example/", "http://user@[::1]:80", "user:pass@a.example"] {
            let expected =
                "/uri: there is a user name or password in it: set the secret `password`";
            assert_eq!(check(bad).map(|problem| problem.to_string()).as_deref(), Some(expected));
        }
    }

    #[test]
    fn paths_are_added_once() {
        assert_eq!(below("https://a.example", "/v1/x"), "https://a.example/v1/x");
        assert_eq!(below("https://a.example/desk//", "/v1/x"), "https://a.example/desk/v1/x");
        for good in ["https://a.example", "https://a.example/", "https://v1.example/desk"] {
            assert_eq!(check_base(good, "/v1"), None, "{good}");
        }
        for bad in ["https://a.example/v1", "https://a.example/v1/"] {
            let problem = check_base(bad, "/v1").unwrap();
            assert_eq!(
                problem.to_string(),
                "/base_url: the plugin adds `/v1` itself; set `https://a.example`"
            );
        }
    }
}
