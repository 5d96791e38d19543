//! What stands in a header to prove where a request comes from.

use std::sync::Arc;

use hookwright_model::{Auth, Secret};
use hookwright_sandbox::RESERVED_HEADERS;
use http::{HeaderName, HeaderValue, header};

use super::token::Account;
use super::{Mistake, Named};
use crate::delivery::scrub::{basic_pair, mask};

/// How a subscription's requests prove where they come from.
pub(super) enum Credential {
    /// By what the plugin puts into them.
    None,
    /// By something that does not change.
    Fixed(Arc<Fixed>),
    /// By a token that is fetched.
    Account(Arc<Account>),
}

/// A header whose value holds a secret.
#[derive(Debug)]
pub struct Fixed {
    /// The header.
    pub name: HeaderName,
    /// All of its value.
    pub value: Secret,
    /// The same for the journal.
    pub masked: String,
}

impl Fixed {
    /// The header that `auth` asks for; not for tokens that are fetched.
    pub(super) fn new(auth: &Auth, (name, secret): Named<'_>) -> Result<Self, Mistake> {
        let (header, before, value) = match auth {
            Auth::Basic { username, .. } => {
                check_username("auth/username", username)?;
                let pair = basic_pair(username.as_bytes(), secret.expose());
                (header::AUTHORIZATION, "Basic ", pair.into_bytes())
            }
            Auth::Header { header, prefix, .. } => {
                (own_header(header)?, prefix.as_str(), secret.expose().to_vec())
            }
            Auth::Bearer { .. } | Auth::OAuth2(_) => {
                (header::AUTHORIZATION, "Bearer ", secret.expose().to_vec())
            }
        };
        if HeaderValue::from_str(before).is_err() {
            let detail = "it holds a line break or another control character";
            return Err(Mistake::new("auth/prefix", detail));
        }
        let value = Secret::new([before.as_bytes(), &value].concat());
        check_value(&value).map_err(|problem| {
            Mistake::new("auth/secret", format!("the secret `{name}` {problem}"))
        })?;
        Ok(Self { name: header, value, masked: format!("{before}{}", mask(name.as_str())) })
    }

    /// What is to be taken out of answers.
    pub(super) fn forms(&self, (name, secret): Named<'_>) -> Vec<(String, Secret)> {
        let mut forms = vec![(name.to_string(), secret.clone())];
        // The pair of user name and password holds the password in a form of its own.
        if let Some(pair) = self.value.expose().strip_prefix(b"Basic ") {
            forms.push((name.to_string(), Secret::new(pair.to_vec())));
        }
        forms
    }
}

/// Whether it can stand in a header, with nothing lost on the way.
pub(super) fn check_value(value: &Secret) -> Result<(), &'static str> {
    if HeaderValue::from_bytes(value.expose()).is_err() {
        return Err(
            "holds a line break or another control character, and cannot stand in a header",
        );
    }
    if value.expose().trim_ascii().len() < value.expose().len() {
        return Err("begins or ends with a space, which would be lost in a header");
    }
    Ok(())
}

/// RFC 7617, section 2.
pub(super) fn check_username(field: &'static str, username: &str) -> Result<(), Mistake> {
    match username.chars().find(|&c| c == ':' || c.is_control()) {
        Some(odd) => {
            let detail = format!("a user name holds no {odd:?}: what follows would be a password");
            Err(Mistake::new(field, detail))
        }
        None => Ok(()),
    }
}

fn own_header(name: &str) -> Result<HeaderName, Mistake> {
    let wrong = |detail: String| Mistake::new("auth/header", detail);
    let header = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| wrong("this cannot be the name of a header".into()))?;
    if RESERVED_HEADERS.contains(&header.as_str()) {
        return Err(wrong(format!("the header `{header}` is the connection's or a signature's")));
    }
    Ok(header)
}
