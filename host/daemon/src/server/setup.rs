//! `/v1/apply`: setting up many things at once.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::auth::Actor;
use super::body::Document;
use super::problem::Problem;
use crate::app::App;
use crate::setup::{Change, Setup};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    /// Only says what would change.
    #[serde(default)]
    dry_run: bool,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Applied {
    dry_run: bool,
    changes: Vec<Change>,
}

/// Sets up many things at once, as a whole or not at all. What is not named stays as it is.
#[utoipa::path(
    post, path = "/v1/apply",
    params(How),
    request_body = Setup,
    responses((status = 200, body = Applied), (status = 409), (status = 422)),
)]
pub(super) async fn apply(
    State(app): State<Arc<App>>,
    actor: Actor,
    how: Result<Query<How>, axum::extract::rejection::QueryRejection>,
    Document(setup): Document<Setup>,
) -> Result<Json<Applied>, Problem> {
    let Query(How { dry_run }) = how.map_err(|error| Problem::bad_request(error.body_text()))?;
    let plan = setup.plan(&app).await?;
    let changes = if dry_run { plan.changes } else { plan.make(&app, &actor).await? };
    Ok(Json(Applied { dry_run, changes }))
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Items<T> {
    pub(super) items: Vec<T>,
}
