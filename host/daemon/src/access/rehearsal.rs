//! What a request would prove itself with, without getting anything for it.

use hookwright_model::Sent;
use http::header;

use super::Access;
use super::credential::Credential;

/// What stands for an access token that is not fetched.
const TOKEN_MASK: &str = "Bearer {access token}";

impl Access {
    /// Shows in a request what it would prove itself with.
    pub fn rehearse(&self, sent: &mut Sent) {
        let (name, masked) = match &self.credential {
            Credential::None => return,
            Credential::Fixed(fixed) => (fixed.name.clone(), fixed.masked.as_str()),
            Credential::Account(_) => (header::AUTHORIZATION, TOKEN_MASK),
        };
        sent.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name.as_str()));
        sent.headers.push((name.as_str().to_owned(), masked.to_owned()));
    }
}
