//! The secrets of a subscription or a connection, ready for use.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hookwright_model::{Name, Secret, Sending, Signing};
use hookwright_store::StoreError;

use super::fill::Bound;
use super::sign::token::TokenSigner;
use super::sign::{Signer, Signers};
use crate::policy::PolicyEntry;
use crate::registry::KnownSecrets;

/// Reads the secrets and makes the keys ready of what has this name.
///
/// # Errors
/// When a secret is there and cannot be read.
pub(crate) fn bind(
    of: &Name,
    sending: Sending<'_>,
    policies: &HashMap<Name, Arc<PolicyEntry>>,
    secrets: &KnownSecrets,
) -> Result<Bound, StoreError> {
    let mut slots = HashMap::new();
    for (slot, name) in sending.secrets {
        if let Some(secret) = secrets.get(name)? {
            slots.insert(slot.clone(), (name.clone(), secret));
        }
    }
    let of_policies = sending
        .signing
        .iter()
        .filter_map(|signing| policies.get(signing.policy()?)?.policy.secret.as_ref());
    let names = sending.signing.iter().flat_map(Signing::secrets).map(|(_, name)| name);
    let mut keys = HashMap::new();
    for name in names.chain(of_policies) {
        if let Some(secret) = secrets.get(name)? {
            keys.insert(name.clone(), secret);
        }
    }
    let signing = signers(of, sending, policies, &keys);
    let decoded: Vec<_> =
        keys.iter().filter_map(|(name, key)| Some((name.clone(), decoded(key)?))).collect();
    Ok(Bound::new(slots, keys.into_iter().chain(decoded).collect(), signing))
}

/// All was well when it was set up. What is wrong now was changed since, and nothing is sent
/// without the signatures that are asked for.
fn signers(
    of: &Name,
    sending: Sending<'_>,
    policies: &HashMap<Name, Arc<PolicyEntry>>,
    keys: &HashMap<Name, Secret>,
) -> Result<Signers, String> {
    let mut signers = Signers::default();
    for signing in sending.signing {
        let made = Signer::new(signing, |name| keys.get(name));
        let made = made.map_err(|mistake| format!("requests cannot be signed: {mistake}"))?;
        signers.headers.extend(made);
        if let Some(name) = signing.policy() {
            let entry = policies.get(name);
            let entry = entry.ok_or_else(|| format!("the policy `{name}` was removed"))?;
            let maker = Arc::clone(entry.maker.as_ref()?);
            signers.token = Some(TokenSigner { maker, subject: of.clone() });
        }
    }
    Ok(signers)
}

/// The key in a secret of Standard Webhooks, which is in base64 there.
fn decoded(secret: &Secret) -> Option<Secret> {
    let text = std::str::from_utf8(secret.expose()).ok()?.trim();
    let base64 = text.strip_prefix("whsec_").or_else(|| text.strip_prefix("whsk_"))?;
    BASE64_STANDARD.decode(base64).ok().map(Secret::new)
}
