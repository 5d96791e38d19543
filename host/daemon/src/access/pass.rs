//! What one attempt proves itself with.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderValue, header};

use super::Access;
use super::credential::{Credential, Fixed};
use super::token::{Account, Failure, Token};
use crate::delivery::fill::Filled;

/// What one attempt proves itself with.
pub struct Pass {
    kind: Kind,
    /// How long it took to get.
    pub took: Option<Duration>,
}

enum Kind {
    None,
    Fixed(Arc<Fixed>),
    Token { token: Arc<Token>, account: Arc<Account>, is_kept: bool },
}

impl Access {
    /// Gets what the next attempt proves itself with, within this time.
    ///
    /// # Errors
    /// When a token is needed and there is none.
    pub async fn pass(&self, patience: Duration) -> Result<Pass, Failure> {
        let account = match &self.credential {
            Credential::None => return Ok(Pass { kind: Kind::None, took: None }),
            Credential::Fixed(fixed) => {
                return Ok(Pass { kind: Kind::Fixed(Arc::clone(fixed)), took: None });
            }
            Credential::Account(account) => account,
        };
        let started = Instant::now();
        let (token, is_kept) = match tokio::time::timeout(patience, account.token()).await {
            Ok(got) => got?,
            Err(_) => {
                let seconds = patience.as_secs_f64();
                return Err(Failure::new(format!(
                    "the authorization server did not answer within {seconds} s"
                )));
            }
        };
        let took = (!is_kept).then(|| started.elapsed());
        let account = Arc::clone(account);
        Ok(Pass { kind: Kind::Token { token, account, is_kept }, took })
    }

    /// Puts it into a request that is filled in, in the place of what the plugin may have put
    /// there, and sees to it that it is taken out of the answer.
    pub fn authorize(&self, pass: &Pass, filled: &mut Filled) {
        let (name, value, masked) = match &pass.kind {
            // A proxy's password is not in the request that the plugin made, but may come back.
            Kind::None => return filled.scrubber = filled.scrubber.and(&self.scrubber),
            Kind::Fixed(fixed) => (fixed.name.clone(), &fixed.value, fixed.masked.as_str()),
            Kind::Token { token, .. } => {
                filled.scrubber = filled.scrubber.and(&token.scrubber);
                (header::AUTHORIZATION, &token.value, token.masked.as_str())
            }
        };
        filled.scrubber = filled.scrubber.and(&self.scrubber);
        filled.sent.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name.as_str()));
        filled.sent.headers.push((name.as_str().to_owned(), masked.to_owned()));
        // Checked when it was made.
        if let Ok(mut value) = HeaderValue::from_bytes(value.expose()) {
            value.set_sensitive(true);
            filled.headers.insert(name, value);
        }
    }
}

impl Pass {
    /// The receiver does not take it (401). If it is a token that was kept from before, it may
    /// only be too old: then it is thrown away, and this says that there is something to try.
    #[must_use]
    pub fn is_renewable(&self) -> bool {
        match &self.kind {
            Kind::Token { token, account, is_kept: true } => {
                account.refused(token);
                true
            }
            _ => false,
        }
    }
}
