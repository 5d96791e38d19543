//! `/v1/users`: people who can log in to the console.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hookwright_model::User;
use http::StatusCode;

use super::auth::Actor;
use super::body::Document;
use super::problem::Problem;
use super::setup::Items;
use crate::app::App;
use crate::people::{Changed, UserPatch, UserWanted};

pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Items<User>>, Problem> {
    Ok(Json(Items { items: app.people.all().await? }))
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<User>, Problem> {
    app.people.find(&name).await.map(Json)
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    actor: Actor,
    Document(wanted): Document<UserWanted>,
) -> Result<(StatusCode, Json<Changed>), Problem> {
    let added = app.people.add(&actor, wanted).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

pub(super) async fn change(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(name): Path<String>,
    Document(patch): Document<UserPatch>,
) -> Result<Json<Changed>, Problem> {
    app.people.change(&actor, &name, patch).await.map(Json)
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    app.people.remove(&actor, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
