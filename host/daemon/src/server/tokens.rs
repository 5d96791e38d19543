//! `/v1/tokens`: who may do what.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hookwright_model::{Name, Scope, Token, TokenId};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::auth;
use super::body::Document;
use super::problem::{FieldProblem, Problem};
use crate::app::App;

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Tokens {
    items: Vec<Token>,
}

/// Lists API tokens, without the tokens themselves.
#[utoipa::path(
    get, path = "/v1/tokens",
    responses((status = 200, body = Tokens)),
)]
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Tokens>, Problem> {
    Ok(Json(Tokens { items: app.store.tokens().await? }))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenWanted)]
pub(super) struct Wanted {
    name: Name,
    scopes: Vec<Scope>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = TokenCreated)]
pub(super) struct Created {
    #[serde(flatten)]
    token: Token,
    /// The token itself, this once.
    secret: String,
}

/// Makes an API token. The answer has it, this once.
#[utoipa::path(
    post, path = "/v1/tokens",
    request_body = Wanted,
    responses((status = 201, body = Created), (status = 422)),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Document(wanted): Document<Wanted>,
) -> Result<(StatusCode, Json<Created>), Problem> {
    if wanted.scopes.is_empty() {
        let detail = "a token needs at least one of post-events, read, admin".to_owned();
        return Err(Problem::invalid(vec![FieldProblem { pointer: "/scopes".into(), detail }]));
    }
    let (token, secret) = auth::make(wanted.name, wanted.scopes).map_err(Problem::unavailable)?;
    app.store.add_token(token.clone()).await?;
    app.tokens.refresh().await?;
    Ok((StatusCode::CREATED, Json(Created { token, secret })))
}

/// Removes an API token. It is of no use from then on.
#[utoipa::path(
    delete, path = "/v1/tokens/{id}",
    params(("id" = TokenId, Path, description = "Its id.")),
    responses((status = 204, description = "It is there no more."), (status = 404)),
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    let id: TokenId = text.parse().map_err(|error| Problem::bad_request(format!("{error}")))?;
    if !app.store.remove_token(id).await? {
        return Err(Problem::not_found(format!("there is no token {id}")));
    }
    app.tokens.refresh().await?;
    Ok(StatusCode::NO_CONTENT)
}
