//! Connections and access tokens that subscriptions share: those with the same settings have the
//! same, and those with different certificates never do.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use hookwright_model::Secret;
use hookwright_store::StoreError;
use sha2::{Digest as _, Sha256};

use super::credential::Credential;
use super::token::Account;
use super::token_server::TokenServer;
use super::{Access, AuthChecked, Checked, Secrets, Wanted};
use crate::delivery::client::Sender;
use crate::delivery::connect::Connector;
use crate::delivery::guard::Guard;
use crate::registry::KnownSecrets;

/// Connections and tokens that subscriptions share.
pub struct Pool {
    connector: Connector,
    everyones: Arc<Sender>,
    senders: Shared<Key, Sender>,
    accounts: Shared<Key, Account>,
}

/// What something was made from: a digest, so that no secret is kept another time.
type Key = [u8; 32];

impl Pool {
    /// Connections are made like this, and sent through what everyone uses where nothing else
    /// is wanted.
    #[must_use]
    pub fn new(connector: Connector, everyones: Sender) -> Self {
        let everyones = Arc::new(everyones);
        Self { connector, everyones, senders: Shared::default(), accounts: Shared::default() }
    }

    /// Which addresses may be called.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        self.connector.guard()
    }

    /// What is wanted, ready for use. It was checked when it was set; what is wrong now was
    /// changed behind our back, and the text is what its deliveries wait for.
    ///
    /// # Errors
    /// When a secret is there and cannot be read.
    pub(crate) fn of(
        &self,
        wanted: Wanted<'_>,
        known: &KnownSecrets,
    ) -> Result<Result<Access, String>, StoreError> {
        let mut secrets = Secrets::new();
        for (_, name) in wanted.secrets() {
            if let Some(secret) = known.get(name)? {
                secrets.insert(name.clone(), secret);
            }
        }
        Ok(match wanted.check(&secrets, self.guard()) {
            Ok(checked) => Ok(self.open(checked)),
            Err(mistakes) => {
                let all: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
                Err(format!("nothing can be delivered: {}", all.join("; ")))
            }
        })
    }

    /// Makes it ready for use, with connections and tokens of others that are set up the same.
    #[must_use]
    pub fn open(&self, checked: Checked) -> Access {
        let Checked { auth, tls, proxy, scrubber } = checked;
        let tls_key = tls.iter().flat_map(|tls| &tls.key);
        let tls_key = tls_key.map(|part| part.as_ref().map(Secret::expose));
        let proxy_key = proxy.iter().flat_map(|proxy| proxy.key());
        let is_own = tls.is_some() || proxy.is_some();
        let route = digest(tls_key.chain([None, None]).chain(proxy_key));
        let sender = is_own.then(|| {
            self.senders.get(route, || {
                let config = tls.map(|tls| tls.config);
                Sender::new(self.connector.with(config, proxy.map(Arc::new)))
            })
        });
        let credential = match auth {
            None => Credential::None,
            Some(AuthChecked::Fixed(fixed)) => Credential::Fixed(Arc::new(fixed)),
            Some(AuthChecked::TokenServer(server)) => {
                let through = sender.as_ref().unwrap_or(&self.everyones);
                Credential::Account(self.account(*server, through, &route))
            }
        };
        Access { sender, credential, scrubber: Arc::new(scrubber) }
    }

    fn account(&self, server: TokenServer, sender: &Arc<Sender>, route: &Key) -> Arc<Account> {
        let key = digest(server.key().into_iter().chain([Some(&route[..])]));
        self.accounts.get(key, || Account::new(server, Arc::clone(sender)))
    }
}

fn digest<'a>(parts: impl Iterator<Item = Option<&'a [u8]>>) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        // With its length, so that nothing is moved from one part to the next unseen.
        let length = part.map_or(0, |part| part.len() as u64 + 1);
        hash.update(length.to_be_bytes());
        hash.update(part.unwrap_or_default());
    }
    hash.finalize().into()
}

/// Things that are there as long as someone uses them.
struct Shared<K, T>(Mutex<HashMap<K, Weak<T>>>);

impl<K, T> Default for Shared<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, T> Shared<K, T> {
    fn get(&self, key: K, make: impl FnOnce() -> T) -> Arc<T> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(&key).and_then(Weak::upgrade) {
            return found;
        }
        known.retain(|_, thing| thing.strong_count() > 0);
        let made = Arc::new(make());
        known.insert(key, Arc::downgrade(&made));
        made
    }
}
