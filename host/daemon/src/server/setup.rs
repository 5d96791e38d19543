//! `/v1/apply`: setting up; `/v1/connections`, `/v1/sources`: what is set up.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use hookwright_model::{Connection, Source};
use serde::{Deserialize, Serialize};

use super::auth::Actor;
use super::body::Document;
use super::problem::Problem;
use crate::app::App;
use crate::setup::{Change, Setup};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    #[serde(default)]
    dry_run: bool,
}

#[derive(Serialize)]
pub(super) struct Applied {
    dry_run: bool,
    changes: Vec<Change>,
}

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

#[derive(Serialize)]
pub(super) struct Items<T> {
    pub(super) items: Vec<T>,
}

pub(super) async fn sources(State(app): State<Arc<App>>) -> Json<Items<Source>> {
    Json(Items { items: app.registry.snapshot().configuration.sources.clone() })
}

pub(super) async fn connections(State(app): State<Arc<App>>) -> Json<Items<Connection>> {
    Json(Items { items: app.registry.snapshot().configuration.connections.clone() })
}

pub(super) async fn connection(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<Connection>, Problem> {
    let snapshot = app.registry.snapshot();
    let found = snapshot.connections.get(name.as_str());
    found.map(|entry| Json(entry.connection.clone())).ok_or_else(|| {
        let shown: String = name.chars().take(80).collect();
        Problem::not_found(format!("there is no connection `{shown}`"))
    })
}
