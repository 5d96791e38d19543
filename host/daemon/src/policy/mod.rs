//! Webhook policies: how tokens are signed, the keys for that, and where receivers find the
//! public parts.

pub mod generate;
pub mod jwk;
pub mod key;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use hookwright_model::{Policy, PolicyAlgorithm};
use hookwright_store::{Store, StoreError};

use crate::delivery::sign::token::TokenMaker;
use crate::public_url::PublicUrl;
use crate::registry::KnownSecrets;
use key::SigningKey;

/// The shortest shared key, in bytes: whoever sees a token can try keys at leisure.
pub const SHORTEST_SHARED_KEY: usize = 16;

/// A policy, ready to sign.
pub struct PolicyEntry {
    /// As it is set up.
    pub policy: Policy,
    /// What makes tokens, or why nothing does.
    pub maker: Result<Arc<TokenMaker>, String>,
}

impl PolicyEntry {
    /// Makes a policy's key ready.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn new(
        policy: &Policy,
        url: &PublicUrl,
        secrets: &KnownSecrets,
        store: &dyn Store,
    ) -> Result<Self, StoreError> {
        let key = match signing_key(policy, secrets, store).await? {
            Ok(key) if !policy.disabled => Ok(key),
            Ok(_) => Err(format!("the policy `{}` is disabled", policy.name)),
            Err(problem) => Err(problem),
        };
        let maker = key.map(|key| Arc::new(TokenMaker::new(policy, url, key)));
        Ok(Self { policy: policy.clone(), maker })
    }
}

/// The key that a policy signs with, or why there is none: all was well when it was set up, and
/// was changed behind our back since.
async fn signing_key(
    policy: &Policy,
    secrets: &KnownSecrets,
    store: &dyn Store,
) -> Result<Result<SigningKey, String>, StoreError> {
    let name = &policy.name;
    let PolicyAlgorithm::Signed(algorithm) = policy.algorithm else {
        return Ok(Ok(SigningKey::None));
    };
    if algorithm.is_shared() {
        let secret = match &policy.secret {
            Some(secret) => secrets.get(secret)?,
            None => None,
        };
        let missing = || format!("the secret of the policy `{name}` is not set");
        return Ok(secret.map(SigningKey::Shared).ok_or_else(missing));
    }
    let missing = || format!("the policy `{name}` has no key for {}", algorithm.as_str());
    let Some(public) = policy.key().filter(|key| key.algorithm == algorithm) else {
        return Ok(Err(missing()));
    };
    let Some(private) = store.policy_key(name.clone(), public.kid.clone()).await? else {
        return Ok(Err(missing()));
    };
    Ok(SigningKey::read(algorithm, private.expose()).ok_or_else(missing))
}
