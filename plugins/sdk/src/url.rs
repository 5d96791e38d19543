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
