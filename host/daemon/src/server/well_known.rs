//! Where receivers find the public keys that tokens are checked with (RFC 7517, OpenID Connect
//! Discovery 1.0). Anyone may ask.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hookwright_model::{Name, Policy, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::problem::Problem;
use crate::app::App;
use crate::policy::jwk::jwk;

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct KeySet {
    keys: Vec<Value>,
}

impl KeySet {
    fn of<'a>(policies: impl Iterator<Item = &'a Policy>) -> Json<Self> {
        let now = Timestamp::now();
        let enabled = policies.filter(|policy| !policy.disabled);
        Json(Self {
            keys: enabled.flat_map(|policy| policy.published(now)).filter_map(jwk).collect(),
        })
    }
}

/// Gives the public keys of all policies (RFC 7517).
#[utoipa::path(
    get, path = "/.well-known/jwks.json",
    responses((status = 200, body = KeySet)),
)]
pub(super) async fn key_set(State(app): State<Arc<App>>) -> Json<KeySet> {
    KeySet::of(app.registry.snapshot().configuration.policies.iter())
}

/// Gives the public keys of one policy (RFC 7517).
#[utoipa::path(
    get, path = "/webhook_policies/{name}/.well-known/jwks.json",
    params(("name" = Name, Path, description = "The policy's name.")),
    responses((status = 200, body = KeySet), (status = 404)),
)]
pub(super) async fn key_set_of(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<KeySet>, Problem> {
    find(&app, &name).map(|policy| KeySet::of(std::iter::once(&policy)))
}

/// What there is to say of an issuer that signs and does nothing else.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = OpenIdConfiguration)]
pub(super) struct Configuration {
    issuer: String,
    jwks_uri: String,
    id_token_signing_alg_values_supported: [&'static str; 1],
    response_types_supported: [&'static str; 1],
    subject_types_supported: [&'static str; 1],
}

/// Says where the keys of a policy are (OpenID Connect Discovery 1.0).
#[utoipa::path(
    get, path = "/webhook_policies/{name}/.well-known/openid-configuration",
    params(("name" = Name, Path, description = "The policy's name.")),
    responses((status = 200, body = Configuration), (status = 404)),
)]
pub(super) async fn openid_configuration(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<Configuration>, Problem> {
    let policy = find(&app, &name)?;
    let issuer = app.public_url.issuer(&policy.name);
    Ok(Json(Configuration {
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        issuer,
        id_token_signing_alg_values_supported: [policy.algorithm.as_str()],
        response_types_supported: ["id_token"],
        subject_types_supported: ["public"],
    }))
}

/// An enabled policy.
fn find(app: &App, name: &str) -> Result<Policy, Problem> {
    let snapshot = app.registry.snapshot();
    let entry = snapshot.policies.get(name).filter(|entry| !entry.policy.disabled);
    let missing = || Problem::not_found(format!("there is no enabled policy `{name}`"));
    entry.map(|entry| entry.policy.clone()).ok_or_else(missing)
}
