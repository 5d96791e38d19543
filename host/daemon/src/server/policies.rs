//! `/v1/policies`: how tokens are signed. Private keys are in no answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hookwright_model::{AuditEntry, AuditTarget, FieldChange, Name, Policy, PolicyKey, Timestamp};
use hookwright_store::PolicyKeyChange;
use serde::{Deserialize, Serialize};

use super::auth::Actor;
use super::body::{self, Body};
use super::listed::{All, all as all_of};
use super::problem::{FieldProblem, Problem};
use super::resource::{Patch, Resource, routes_of};
use super::setup::Items;
use crate::app::App;
use crate::audit;
use crate::registry::Snapshot;
use crate::setup::{self, PolicyWanted, Removals, Setup};

/// A policy with what receivers need.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = PolicyShown)]
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

/// Policies, as the API handles them.
pub(super) struct Policies;

impl Resource for Policies {
    type Wanted = PolicyWanted;
    type Shown = Shown;
    const WORD: &'static str = "policy";
    const LIST: &'static str = "policies";

    fn find(there: &Snapshot, name: &str) -> Option<PolicyWanted> {
        there.policies.get(name).map(|entry| PolicyWanted::from(&entry.policy))
    }

    fn shown(app: &App, there: &Snapshot, name: &str) -> Option<Shown> {
        there.policies.get(name).map(|entry| Shown::new(app, &entry.policy))
    }

    fn name(wanted: &PolicyWanted) -> &Name {
        &wanted.name
    }

    fn setup(wanted: PolicyWanted) -> Setup {
        Setup { policies: vec![wanted], ..Setup::default() }
    }

    fn removal(name: Name) -> Removals {
        Removals { policies: vec![name], ..Removals::default() }
    }
}

type PolicyPatch = Patch<PolicyWanted>;

routes_of!(
    Policies: PolicyWanted => Shown, PolicyPatch,
    "/v1/policies" "/v1/policies/{name}" "Its name.",
    "Makes a policy, and its key."
    "Shows a policy with its public keys."
    "Sets a policy up anew. It keeps its key, unless its algorithm needs another."
    "Changes a policy. It keeps its key, unless its algorithm needs another."
    "Removes a policy that signs for nobody, with its keys."
);

/// Lists the policies, with their public keys.
#[utoipa::path(
    get, path = "/v1/policies",
    responses((status = 200, body = Items<Shown>)),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    asked: All,
) -> Result<Json<Items<Shown>>, Problem> {
    all_of(asked)?;
    let snapshot = app.registry.snapshot();
    let policies = snapshot.configuration.policies.iter();
    Ok(Json(Items { items: policies.map(|policy| Shown::new(&app, policy)).collect() }))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Rotation {
    /// For how many seconds the public part of the key before stays published.
    #[serde(default = "default_keep")]
    keep_s: u32,
}

fn default_keep() -> u32 {
    Policy::DEFAULT_KEEP_S
}

/// Gives a policy a new key, which signs at once.
#[utoipa::path(
    post, path = "/v1/policies/{name}/rotate",
    params(("name" = Name, Path, description = "Its name.")),
    request_body = Option<Rotation>,
    responses((status = 200, body = Shown), (status = 404), (status = 409), (status = 422)),
)]
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(name): Path<String>,
    Body(bytes): Body,
) -> Result<Json<Shown>, Problem> {
    let wanted: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    let Rotation { keep_s } = body::object(wanted)?;
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

fn find(app: &App, name: &str) -> Result<Policy, Problem> {
    let snapshot = app.registry.snapshot();
    let entry = snapshot.policies.get(name).map(|entry| entry.policy.clone());
    entry.ok_or_else(|| Problem::not_found(format!("there is no policy `{name}`")))
}
