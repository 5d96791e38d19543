//! `/v1/policies`: how tokens are signed. Private keys are in no answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hookwright_model::{AuditEntry, AuditTarget, FieldChange, Policy, PolicyKey, Timestamp};
use hookwright_store::{Changes, PolicyKeyChange};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::auth::Actor;
use super::body::{self, Body};
use super::problem::{FieldProblem, Problem};
use super::setup::Items;
use crate::app::App;
use crate::audit;
use crate::setup;

/// A policy with what receivers need.
#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    policy: Policy,
    /// What its tokens have as `iss`.
    issuer: String,
    /// The id of the key that signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    /// Its public part.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key_pem: Option<String>,
    /// All public keys that tokens may be checked with, newest first.
    keys: Vec<PolicyKey>,
}

impl Shown {
    fn new(app: &App, policy: &Policy) -> Self {
        let key = policy.key();
        Self {
            issuer: app.public_url.issuer(&policy.name),
            kid: key.map(|key| key.kid.clone()),
            public_key_pem: key.map(|key| key.public_key_pem.clone()),
            keys: policy.published(Timestamp::now()).cloned().collect(),
            policy: policy.clone(),
        }
    }
}

pub(super) async fn list(State(app): State<Arc<App>>) -> Json<Items<Shown>> {
    let snapshot = app.registry.snapshot();
    let policies = snapshot.configuration.policies.iter();
    Json(Items { items: policies.map(|policy| Shown::new(&app, policy)).collect() })
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<Shown>, Problem> {
    Ok(Json(Shown::new(&app, &find(&app, &name)?)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    /// For how many seconds the public part of the key before stays published.
    #[serde(default = "default_keep")]
    keep_s: u32,
}

fn default_keep() -> u32 {
    Policy::DEFAULT_KEEP_S
}

/// A new key signs at once.
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(name): Path<String>,
    Body(bytes): Body,
) -> Result<Json<Shown>, Problem> {
    let wanted: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    let Rotation { keep_s } = body::parse(wanted)?;
    if keep_s > Policy::MAX_KEEP_S {
        let detail = format!("a key is kept for at most {} seconds, a year", Policy::MAX_KEEP_S);
        return Err(Problem::invalid(vec![FieldProblem { pointer: "/keep_s".into(), detail }]));
    }
    let mut changes = setup::rotate(&find(&app, &name)?, keep_s).await?;
    changes.audit = changes.policy_keys.iter().map(|key| rotated(&actor, key)).collect();
    app.store.change(changes).await?;
    app.registry.reload().await?;
    Ok(Json(Shown::new(&app, &find(&app, &name)?)))
}

/// Another key signs.
fn rotated(actor: &Actor, change: &PolicyKeyChange) -> AuditEntry {
    let kid = FieldChange {
        pointer: "/kid".into(),
        from: change.instead_of.clone().into(),
        to: change.key.as_ref().map(|(key, _)| key.kid.clone()).into(),
    };
    let target = AuditTarget::new("policy", &change.policy);
    audit::entry(actor, "policy.rotate", target, vec![kid])
}

/// Only if nothing is signed by it.
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let policy = find(&app, &name)?;
    let snapshot = app.registry.snapshot();
    let uses = snapshot.configuration.subscriptions.iter().filter(|subscription| {
        subscription.signing.iter().any(|signing| signing.policy() == Some(&policy.name))
    });
    let uses: Vec<_> = uses.map(|subscription| format!("`{}`", subscription.name)).collect();
    if !uses.is_empty() {
        let detail =
            format!("the policy `{name}` signs for {}: give these another first", uses.join(", "));
        return Err(Problem::new(StatusCode::CONFLICT, "Conflict", detail));
    }
    let target = AuditTarget::new("policy", &policy.name);
    let was = vec![FieldChange::removed(&policy)];
    let audit = vec![audit::entry(&actor, "policy.remove", target, was)];
    let changes = Changes { removed_policies: vec![policy.name], audit, ..Changes::default() };
    app.store.change(changes).await?;
    app.registry.reload().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn find(app: &App, name: &str) -> Result<Policy, Problem> {
    let snapshot = app.registry.snapshot();
    let entry = snapshot.policies.get(name).map(|entry| entry.policy.clone());
    entry.ok_or_else(|| Problem::not_found(format!("there is no policy `{name}`")))
}
