//! The address of a webhook, which can hold a user name and a password. These become secrets; the
//! address is shown with stars in their place, and can be sent back so.

use percent_encoding::percent_decode_str;

/// What stands where they are.
const MASK: &str = "***:***";

/// An address taken apart.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Without them.
    pub(super) uri: String,
    pub(super) credentials: Credentials,
}

/// Who calls.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    /// Nobody says so.
    None,
    /// As before.
    Kept,
    /// These, decoded.
    Given { username: String, password: String },
}

impl Address {
    /// Takes an address apart.
    ///
    /// # Errors
    /// Says what is wrong with it, without showing it.
    pub(super) fn read(uri: &str) -> Result<Self, &'static str> {
        let scheme = ["https://", "http://"].into_iter().find(|scheme| {
            uri.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        let Some(scheme) = scheme else { return Err("an address begins with https:// or http://") };
        let rest = &uri[scheme.len()..];
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let Some((user, host)) = authority.rsplit_once('@') else {
            return Ok(Self { uri: uri.to_owned(), credentials: Credentials::None });
        };
        let uri = format!("{scheme}{host}{path}");
        if user == MASK {
            return Ok(Self { uri, credentials: Credentials::Kept });
        }
        let (username, password) = user.split_once(':').ok_or(
            "there is a user name and no password; write `https://name:password@example.com/`",
        )?;
        let decode = |text: &str| {
            let decoded = percent_decode_str(text).decode_utf8();
            decoded.map(String::from).map_err(|_| "the user name or the password is not UTF-8")
        };
        let credentials =
            Credentials::Given { username: decode(username)?, password: decode(password)? };
        Ok(Self { uri, credentials })
    }
}

/// An address as it is shown.
pub(super) fn shown(uri: &str, has_credentials: bool) -> String {
    match uri.split_once("://").filter(|_| has_credentials) {
        Some((scheme, rest)) => format!("{scheme}://{MASK}@{rest}"),
        None => uri.to_owned(),
    }
}
