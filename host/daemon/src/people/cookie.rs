//! The cookie that a session is known by.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use http::HeaderMap;

/// What it is called.
pub const NAME: &str = "hookwright_session";
/// Where browsers send it, so that the API never sees it.
pub const PATH: &str = "/console";

/// The cookie for a session, to be set. It goes when the browser does. It comes along when somebody
/// follows a link in a mail; what changes something looks at more than the cookie. With `is_secure`, which is
/// for daemons that are reached by https, it is not sent otherwise.
#[must_use]
pub fn set(value: String, is_secure: bool) -> Cookie<'static> {
    Cookie::build((NAME, value))
        .path(PATH)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_secure)
        .build()
}

/// What makes browsers forget it.
#[must_use]
pub fn clear(is_secure: bool) -> Cookie<'static> {
    let mut cookie = set(String::new(), is_secure);
    cookie.make_removal();
    cookie
}

/// The one that a request came with.
#[must_use]
pub fn of(headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers).get(NAME).map(|cookie| cookie.value().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_it_is_set_and_read() {
        let text = set("abc".into(), true).to_string();
        assert_eq!(text, "hookwright_session=abc; HttpOnly; SameSite=Lax; Secure; Path=/console");
        assert!(!set("abc".into(), false).to_string().contains("Secure"));
        let gone = clear(true).to_string();
        assert!(gone.contains("Max-Age=0") && gone.contains("Path=/console"), "{gone}");
        let mut headers = HeaderMap::new();
        assert_eq!(of(&headers), None);
        headers.insert("cookie", "other=1; hookwright_session=abc".parse().unwrap());
        assert_eq!(of(&headers).as_deref(), Some("abc"));
    }
}
