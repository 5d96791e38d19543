//! `/v1/tokens`: who may do what.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hookwright_model::{
    AccessRole, AuditEntry, AuditTarget, FieldChange, Name, Timestamp, Token, TokenId,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::auth::{self, Actor};
use super::body::Document;
use super::listed::{All, all as all_of};
use super::problem::{FieldProblem, Problem};
use crate::app::App;
use crate::audit;

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Tokens {
    items: Vec<Token>,
}

/// Lists API tokens, without the tokens themselves.
#[utoipa::path(
    get, path = "/v1/tokens",
    responses((status = 200, body = Tokens)),
)]
pub(super) async fn list(State(app): State<Arc<App>>, asked: All) -> Result<Json<Tokens>, Problem> {
    all_of(asked)?;
    Ok(Json(Tokens { items: app.store.tokens().await? }))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenWanted)]
pub(super) struct Wanted {
    name: Name,
    #[serde(alias = "scopes")]
    roles: Vec<AccessRole>,
    /// Never, if absent.
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = TokenCreated)]
pub(super) struct Created {
    #[serde(flatten)]
    token: Token,
    /// The token itself, this once.
    secret: String,
}

impl Created {
    /// The token itself.
    pub(super) fn into_secret(self) -> String {
        self.secret
    }
}

/// Makes an API token. The answer has it, this once.
#[utoipa::path(
    post, path = "/v1/tokens",
    request_body = Wanted,
    responses((status = 201, body = Created), (status = 422)),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    actor: Actor,
    Document(wanted): Document<Wanted>,
) -> Result<(StatusCode, Json<Created>), Problem> {
    let Wanted { name, roles, expires_at } = wanted;
    let wrong = |pointer: &str, detail: &str| {
        let (pointer, detail) = (pointer.to_owned(), detail.to_owned());
        Err(Problem::invalid(vec![FieldProblem { pointer, detail }]))
    };
    if roles.is_empty() {
        return wrong("/roles", "a token needs at least one of poster, reader, operator, admin");
    }
    if expires_at.is_some_and(|at| at <= Timestamp::now()) {
        return wrong("/expires_at", "this moment has passed: the token would never be valid");
    }
    let (token, secret) = auth::make(name, roles, expires_at).map_err(Problem::unavailable)?;
    app.store.add_token(token.clone(), created(&actor, &token)).await?;
    app.tokens.refresh().await?;
    Ok((StatusCode::CREATED, Json(Created { token, secret })))
}

/// What the audit log says of a new token.
pub(crate) fn created(actor: &Actor, token: &Token) -> AuditEntry {
    let made = vec![FieldChange::made(token)];
    audit::entry(actor, "token.create", AuditTarget::new("token", &token.name), made)
}

/// Removes an API token. It is of no use from then on.
#[utoipa::path(
    delete, path = "/v1/tokens/{id}",
    params(("id" = TokenId, Path, description = "Its id.")),
    responses((status = 204, description = "It is there no more."), (status = 404)),
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    let id: TokenId = text.parse().map_err(|error| Problem::bad_request(format!("{error}")))?;
    let unknown = || Problem::not_found(format!("there is no token {id}"));
    let tokens = app.store.tokens().await?;
    let token = tokens.into_iter().find(|token| token.id == id).ok_or_else(unknown)?;
    let was = vec![FieldChange::removed(&token)];
    let target = AuditTarget::new("token", &token.name);
    let entry = audit::entry(&actor, "token.remove", target, was);
    if !app.store.remove_token(id, entry).await? {
        return Err(unknown());
    }
    app.tokens.refresh().await?;
    Ok(StatusCode::NO_CONTENT)
}
