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

#[derive(Serialize)]
pub(super) struct Tokens {
    items: Vec<Token>,
}

pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Tokens>, Problem> {
    Ok(Json(Tokens { items: app.store.tokens().await? }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    name: Name,
    scopes: Vec<Scope>,
}

#[derive(Serialize)]
pub(super) struct Created {
    #[serde(flatten)]
    token: Token,
    /// The token itself, this once.
    secret: String,
}

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
