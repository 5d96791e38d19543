//! What the tests of this room share.

mod jwt;
mod keys;
mod round_trip;

use hookwright_model::{Secret, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::Post;

pub(super) fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

/// What becomes of a post with these headers.
pub(super) fn post<T>(
    headers: &[(&str, &str)],
    body: &[u8],
    check: impl FnOnce(&Post<'_>) -> T,
) -> T {
    post_at(Timestamp::now(), headers, body, check)
}

/// What becomes of a post with these headers at this time.
pub(super) fn post_at<T>(
    now: Timestamp,
    headers: &[(&str, &str)],
    body: &[u8],
    check: impl FnOnce(&Post<'_>) -> T,
) -> T {
    check(&Post { source: "desk", token: None, headers: &map(headers), body, now })
}

/// Headers.
fn map(headers: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        map.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    map
}
