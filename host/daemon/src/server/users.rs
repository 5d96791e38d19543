//! `/v1/users`: people who can log in to the console.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hookwright_model::{Name, User};
use http::StatusCode;

use super::auth::Actor;
use super::body::Document;
use super::listed::{All, all as all_of};
use super::problem::Problem;
use super::setup::Items;
use crate::app::App;
use crate::people::{Changed, UserPatch, UserWanted};

/// Lists people who can log in to the console, by name.
#[utoipa::path(
    get, path = "/v1/users",
    responses((status = 200, body = Items<User>)),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    asked: All,
) -> Result<Json<Items<User>>, Problem> {
    all_of(asked)?;
    Ok(Json(Items { items: app.people.all().await? }))
}

/// Shows someone who can log in.
#[utoipa::path(
    get, path = "/v1/users/{name}",
    params(("name" = Name, Path, description = "Their name, or their id.")),
    responses((status = 200, body = User), (status = 404)),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<User>, Problem> {
    app.people.find(&name).await.map(Json)
}

/// Adds someone who can log in. If no password is given, one is made, and the answer has it,
/// this once.
#[utoipa::path(
    post, path = "/v1/users",
    request_body = UserWanted,
    responses((status = 201, body = Changed), (status = 409), (status = 422), (status = 429)),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    actor: Actor,
    Document(wanted): Document<UserWanted>,
) -> Result<(StatusCode, Json<Changed>), Problem> {
    let added = app.people.add(&actor, wanted).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// Changes someone. Another role, another password and disabling log them out.
#[utoipa::path(
    patch, path = "/v1/users/{name}",
    params(("name" = Name, Path, description = "Their name, or their id.")),
    request_body = UserPatch,
    responses((status = 200, body = Changed),
        (status = 404), (status = 409), (status = 422), (status = 429)),
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(name): Path<String>,
    Document(patch): Document<UserPatch>,
) -> Result<Json<Changed>, Problem> {
    app.people.change(&actor, &name, patch).await.map(Json)
}

/// Removes someone, and logs them out.
#[utoipa::path(
    delete, path = "/v1/users/{name}",
    params(("name" = Name, Path, description = "Their name, or their id.")),
    responses((status = 204, description = "They are there no more."), (status = 404)),
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    app.people.remove(&actor, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
