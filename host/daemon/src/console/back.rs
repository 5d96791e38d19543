//! Where a form leads back to: a page of the console, and nowhere else.

use url::Url;

/// The longest path that is led back to, in bytes.
const MAX: usize = 2_000;

/// The path, if it is that of a page of the console, in the form that a browser takes it in.
#[must_use]
pub fn inside(path: &str) -> Option<String> {
    let harmless = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    if path.len() > MAX || !path.bytes().all(harmless) || !path.starts_with("/console") {
        return None;
    }
    // As a browser would understand it: with `..` and the like worked out.
    let base = Url::parse("http://console.invalid/").ok()?;
    let url = base.join(path).ok()?;
    let is_page = match url.path().strip_prefix("/console") {
        Some("/login" | "/logout" | "/language" | "/live") => false,
        Some(rest) => rest.is_empty() || rest.starts_with('/') && !rest.starts_with("/assets/"),
        None => false,
    };
    let same = url.origin() == base.origin() && is_page;
    same.then(|| match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    })
}

/// The page for logging in, which leads on to a page of the console.
#[must_use]
pub fn by_login(next: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    match next.filter(|next| *next != "/console") {
        Some(next) => format!("/console/login?{}", query.append_pair("next", next).finish()),
        None => "/console/login".to_owned(),
    }
}

/// The page that a form stands on which every page has, that for logging in included.
#[must_use]
pub fn here(path: &str) -> String {
    let Some(query) = path.strip_prefix("/console/login") else {
        return inside(path).unwrap_or_else(|| "/console".to_owned());
    };
    let query = query.strip_prefix('?').unwrap_or_default();
    let next = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "next");
    by_login(next.and_then(|(_, next)| inside(&next)).as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nobody_is_led_away() {
        for path in ["/console", "/console/deliveries?state=failed&cursor=dlv_1", "/console/x/%41"]
        {
            assert_eq!(inside(path).as_deref(), Some(path));
        }
        assert_eq!(inside("/console/a/../b").as_deref(), Some("/console/b"));
        assert_eq!(inside("/console/a#there").as_deref(), Some("/console/a"));
        for path in [
            "",
            "/",
            "/v1/deliveries",
            "//evil.example/console",
            "https://evil.example/console",
            "/console/../v1/tokens",
            "/console/%2e%2e/v1/tokens",
            "/consoles",
            "/console.evil.example",
            "/console@evil.example",
            "\\\\evil.example/console",
            "/console\\..\\..\\evil",
            "/console/a\r\nSet-Cookie: a=b",
            "/console/\u{202e}",
            "/console/live",
            "/console/login?next=/console",
            "/console/logout",
            "javascript:alert(1)",
        ] {
            assert_eq!(inside(path), None, "{path}");
        }
        assert_eq!(inside(&format!("/console/{}", "x".repeat(MAX))), None);
    }

    #[test]
    fn a_form_on_every_page_leads_back_to_it() {
        for (path, back) in [
            ("/console/events?type=x", "/console/events?type=x"),
            ("/console/login", "/console/login"),
            ("/console/login?next=%2Fconsole%2Fevents", "/console/login?next=%2Fconsole%2Fevents"),
            ("/console/login?next=https%3A%2F%2Fevil.example", "/console/login"),
            ("/console/login/../../v1", "/console/login"),
            ("//evil.example", "/console"),
        ] {
            assert_eq!(here(path), back, "{path}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_out_is_of_the_console(path in "(/console|/|//|\\\\|\\.\\.|%2e|:|@|\\?|#|[a-z.]|\\PC){0,12}") {
            if let Some(path) = inside(&path) {
                let url = Url::parse("https://desk.example/console/login").unwrap().join(&path).unwrap();
                prop_assert_eq!(url.origin().ascii_serialization(), "https://desk.example");
                prop_assert!(url.path() == "/console" || url.path().starts_with("/console/"));
            }
        }
    }
}
