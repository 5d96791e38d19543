//! How requests prove where they come from, and how they reach their receiver: what a
//! subscription says in `auth`, `tls` and `proxy`, ready for use. It is the counterpart of
//! [`crate::proof`], which checks what comes in.

pub mod credential;
mod pass;
mod pool;
pub mod proxy;
mod rehearsal;
pub mod tls;
mod token;
mod token_server;

use std::collections::HashMap;
use std::sync::Arc;

use hookwright_model::{Auth, Name, Proxy, Secret, Sending, Tls};

use crate::delivery::client::Sender;
use crate::delivery::guard::Guard;
use crate::delivery::scrub::Scrubber;
use credential::{Credential, Fixed};
use proxy::ProxyServer;
use tls::Identity;
use token_server::TokenServer;

pub use pass::Pass;
pub use pool::Pool;

/// What a subscription says of it.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// How requests prove where they come from.
    pub auth: Option<&'a Auth>,
    /// Whom the host trusts, and who it is.
    pub tls: &'a Tls,
    /// What requests go through.
    pub proxy: Option<&'a Proxy>,
}

/// Something that cannot work. The text never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {detail}")]
pub struct Mistake {
    /// Where, such as `auth/secret`.
    pub field: &'static str,
    /// What is wrong and what to do.
    pub detail: String,
}

impl Mistake {
    fn new(field: &'static str, detail: impl Into<String>) -> Self {
        Self { field, detail: detail.into() }
    }
}

/// Secrets by name.
pub type Secrets = HashMap<Name, Secret>;

/// A secret that is there, with its name.
type Named<'a> = (&'a Name, &'a Secret);

/// Found to be right.
pub struct Checked {
    auth: Option<AuthChecked>,
    tls: Option<Identity>,
    proxy: Option<ProxyServer>,
    scrubber: Scrubber,
}

enum AuthChecked {
    Fixed(Fixed),
    TokenServer(Box<TokenServer>),
}

/// How requests prove where they come from and how they reach their receiver.
pub struct Access {
    /// What sends; nothing if it is what sends for everyone.
    sender: Option<Arc<Sender>>,
    credential: Credential,
    /// Takes out of answers what the host has put into requests.
    scrubber: Arc<Scrubber>,
}

impl<'a> Wanted<'a> {
    /// What a subscription or a connection wants.
    #[must_use]
    pub fn of(sending: Sending<'a>) -> Self {
        let Sending { auth, tls, proxy, .. } = sending;
        Self { auth, tls, proxy }
    }

    /// Where each secret stands, and its name.
    #[must_use]
    pub fn secrets(&self) -> Vec<(&'static str, &'a Name)> {
        let places = [
            ("auth/secret", self.auth.map(Auth::secret)),
            ("tls/ca", self.tls.ca.as_ref()),
            ("tls/client_certificate", self.tls.client_certificate.as_ref()),
            ("proxy/secret", self.proxy.and_then(|proxy| proxy.secret.as_ref())),
        ];
        places.into_iter().filter_map(|(field, name)| Some((field, name?))).collect()
    }

    /// Checks all of it.
    ///
    /// # Errors
    /// Names what is wrong in each of the three.
    pub fn check(&self, secrets: &Secrets, guard: &Guard) -> Result<Checked, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut scrubbed = Vec::new();
        let missing = self.secrets().into_iter().filter(|(_, name)| !secrets.contains_key(*name));
        mistakes.extend(missing.map(|(field, name)| {
            let detail = format!("there is no secret `{name}`");
            Mistake::new(field, detail)
        }));
        let found = |name: &'a Name| Some((name, secrets.get(name)?));
        let auth = self.auth.and_then(|auth| Some((auth, found(auth.secret())?)));
        let auth = auth.and_then(|(auth, secret)| {
            let checked = match auth {
                Auth::OAuth2(account) => TokenServer::new(account, secret, guard)
                    .map(|server| AuthChecked::TokenServer(Box::new(server))),
                auth => Fixed::new(auth, secret).map(AuthChecked::Fixed),
            };
            match &checked {
                Ok(AuthChecked::Fixed(fixed)) => scrubbed.extend(fixed.forms(secret)),
                Ok(AuthChecked::TokenServer(server)) => scrubbed.extend(server.forms()),
                Err(_) => {}
            }
            checked.map_err(|mistake| mistakes.push(mistake)).ok()
        });
        let tls = Identity::new(self.tls, secrets).map_err(|found| mistakes.extend(found));
        let proxy = self.proxy.and_then(|proxy| {
            let secret = proxy.secret.as_ref().and_then(found);
            let checked = ProxyServer::new(proxy, secret, guard);
            scrubbed.extend(checked.iter().flat_map(|server| server.forms(secret)));
            checked.map_err(|mistake| mistakes.push(mistake)).ok()
        });
        match tls {
            Ok(tls) if mistakes.is_empty() => {
                let scrubber =
                    Scrubber::new(scrubbed.iter().map(|(name, form)| (name.as_str(), form)));
                Ok(Checked { auth, tls, proxy, scrubber })
            }
            _ => Err(mistakes),
        }
    }
}

/// A status with its words.
fn words(status: u16) -> String {
    match http::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason()) {
        Some(words) => format!("{status} {words}"),
        None => format!("status {status}"),
    }
}

impl Access {
    /// Like everyone's: with no proof but what the plugin puts into its requests.
    #[must_use]
    pub fn plain() -> Self {
        Self { sender: None, credential: Credential::None, scrubber: Arc::new(Scrubber::new([])) }
    }

    /// By which connections requests go: the same number for those that share them.
    #[must_use]
    pub fn way(&self) -> usize {
        self.sender.as_ref().map_or(0, |sender| Arc::as_ptr(sender).addr())
    }

    /// The proxy that requests go through, as it is named to people.
    #[must_use]
    pub fn proxy(&self) -> Option<&str> {
        self.sender.as_ref()?.proxy()
    }

    /// What sends.
    #[must_use]
    pub fn sender<'a>(&'a self, everyones: &'a Sender) -> &'a Sender {
        self.sender.as_deref().unwrap_or(everyones)
    }
}

#[cfg(test)]
mod tests;
