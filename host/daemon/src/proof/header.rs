//! Reading headers that prove something: each must be there once.

use http::{HeaderMap, header};

use super::Refused;

/// The value of a header that must stand there once.
pub(super) fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a [u8], Refused> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value.as_bytes()),
        (None, _) => Err(Refused::Wrong(format!("the header `{name}` is missing"))),
        (Some(_), Some(_)) => {
            Err(Refused::Wrong(format!("the header `{name}` stands there more than once")))
        }
    }
}

/// What follows a scheme in `Authorization`; nothing if there is no such header, or if it is of
/// another scheme.
pub(super) fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = one(headers, header::AUTHORIZATION.as_str()).ok()?;
    let (found, credentials) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then(|| credentials.trim())
}
