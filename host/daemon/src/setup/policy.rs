//! Setting up webhook policies.

use std::time::Duration;

use hookwright_model::{JwtAlgorithm, Name, Policy};
use hookwright_store::{Changes, PolicyKeyChange};

use super::diff::{self, Change};
use super::{Action, Planner, PolicyWanted};
use crate::policy::{SHORTEST_SHARED_KEY, generate};
use crate::server::problem::Problem;

/// A key that is yet to be made: only when it is known that everything else is right, and not
/// for looking only.
pub(super) struct NewKey {
    policy: Name,
    /// None if the policy needs no key of its own any more.
    algorithm: Option<JwtAlgorithm>,
    /// The id of the key that it has.
    instead_of: Option<String>,
}

impl Planner<'_> {
    pub(super) async fn policy(
        &mut self,
        number: usize,
        wanted: PolicyWanted,
    ) -> Result<(), Problem> {
        let at = format!("/policies/{number}");
        self.policy_secret(&at, &wanted).await?;
        let longest = Policy::MAX_AUDIENCE;
        if let Some(audience) = &wanted.audience
            && !(1..=longest).contains(&audience.len())
        {
            let detail = format!("an audience has 1 to {longest} bytes; leave it out for none");
            self.wrong(format!("{at}/audience"), detail);
        }
        if wanted.expires_in_s == Some(0) {
            let detail = "tokens would have expired when they are sent; leave it out for never";
            self.wrong(format!("{at}/expires_in_s"), detail);
        }
        let old = self.snapshot.policies.get(&wanted.name).map(|entry| entry.policy.clone());
        let policy = Policy {
            name: wanted.name,
            algorithm: wanted.algorithm,
            audience: wanted.audience,
            expires_in_s: wanted.expires_in_s,
            secret: wanted.secret,
            disabled: wanted.disabled,
            created_at: old.as_ref().map_or(self.now, |old| old.created_at),
            updated_at: old.as_ref().map_or(self.now, |old| old.updated_at),
            keys: Vec::new(),
        };
        let key = old.as_ref().and_then(Policy::key);
        let algorithm = policy.algorithm.generated();
        let needs_key = key.map(|key| key.algorithm) != algorithm;
        let (mut action, fields) = diff::compare(old.as_ref(), &policy);
        if needs_key && action == Action::Unchanged {
            action = Action::Update;
        }
        self.plan.changes.push(Change::new("policy", &policy.name, action, fields));
        self.policies.insert(policy.name.clone());
        if needs_key {
            let instead_of = key.map(|key| key.kid.clone());
            self.plan.keys.push(NewKey { policy: policy.name.clone(), algorithm, instead_of });
        }
        if action != Action::Unchanged {
            self.plan.store.policies.push(Policy { updated_at: self.now, ..policy });
        }
        Ok(())
    }

    /// The key of both sides, if the algorithm has one.
    async fn policy_secret(&mut self, at: &str, wanted: &PolicyWanted) -> Result<(), Problem> {
        let pointer = format!("{at}/secret");
        let algorithm = wanted.algorithm;
        match (&wanted.secret, algorithm.shared()) {
            (Some(name), Some(_)) => {
                let secret = self.known_secret(&pointer, name).await?;
                if secret.is_some_and(|secret| secret.expose().len() < SHORTEST_SHARED_KEY) {
                    let detail =
                        format!("a key for tokens has at least {SHORTEST_SHARED_KEY} bytes");
                    self.wrong(pointer, detail);
                }
            }
            (None, Some(_)) => {
                let detail = format!("{algorithm} needs a secret that the receiver has too");
                self.wrong(pointer, detail);
            }
            (Some(_), None) => {
                let detail = format!("{algorithm} uses no secret");
                self.wrong(pointer, detail);
            }
            (None, None) => {}
        }
        Ok(())
    }
}

/// Makes the keys that are to be made.
pub(super) async fn make_keys(wanted: Vec<NewKey>, store: &mut Changes) -> Result<(), Problem> {
    for NewKey { policy, algorithm, instead_of } in wanted {
        let keep_s = Policy::DEFAULT_KEEP_S;
        store.policy_keys.push(new_key(policy, algorithm, instead_of, keep_s).await?);
    }
    Ok(())
}

async fn new_key(
    policy: Name,
    algorithm: Option<JwtAlgorithm>,
    instead_of: Option<String>,
    keep_s: u32,
) -> Result<PolicyKeyChange, Problem> {
    let key = match algorithm {
        Some(algorithm) => Some(generate::generate(algorithm).await.map_err(Problem::unavailable)?),
        None => None,
    };
    let now = hookwright_model::Timestamp::now();
    let keep_until = now.after(Duration::from_secs(keep_s.into()));
    Ok(PolicyKeyChange { policy, instead_of, key, keep_until, now })
}

/// Gives a policy a new key, which signs at once. The public part of the one before stays
/// published for so many seconds.
///
/// # Errors
/// When its algorithm has no key that is generated, or the key was changed meanwhile.
pub async fn rotate(policy: &Policy, keep_s: u32) -> Result<Changes, Problem> {
    let name = &policy.name;
    let Some(algorithm) = policy.algorithm.generated() else {
        let detail = match &policy.secret {
            Some(secret) => format!(
                "the key of the policy `{name}` is the secret `{secret}`: set that, here and at \
                 the receiver"
            ),
            None => format!("the policy `{name}` has no key: its algorithm is none"),
        };
        return Err(Problem::new(http::StatusCode::CONFLICT, "Conflict", detail));
    };
    let instead_of = policy.key().map(|key| key.kid.clone());
    let change = new_key(name.clone(), Some(algorithm), instead_of, keep_s).await?;
    Ok(Changes { policy_keys: vec![change], ..Changes::default() })
}
