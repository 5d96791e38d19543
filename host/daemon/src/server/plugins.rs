//! `/v1/plugins`: what is installed, and installing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hookwright_model::PluginVersion;
use http::StatusCode;
use serde::Serialize;

use super::body::Upload;
use super::problem::Problem;
use crate::app::App;
use crate::plugins::InstallError;

#[derive(Serialize)]
pub(super) struct Plugins {
    items: Vec<PluginVersion>,
}

pub(super) async fn list(State(app): State<Arc<App>>) -> Json<Plugins> {
    let snapshot = app.registry.snapshot();
    let items = snapshot.configuration.plugins.iter().rev().cloned().collect();
    Json(Plugins { items })
}

/// The body is the plugin: a component, or a core module with its component type.
pub(super) async fn install(
    State(app): State<Arc<App>>,
    Upload(body): Upload,
) -> Result<(StatusCode, Json<PluginVersion>), Problem> {
    let version = app.plugins.install(Arc::from(body.as_ref())).await.map_err(refused)?;
    app.registry.reload().await?;
    Ok((StatusCode::CREATED, Json(version)))
}

fn refused(error: InstallError) -> Problem {
    let invalid = |error: &dyn std::fmt::Display| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Problem::new(status, "The plugin cannot be installed", error.to_string())
    };
    match error {
        InstallError::Store(error) => error.into(),
        InstallError::Compile(hookwright_sandbox::CompileError::Host(_))
        | InstallError::Host(_) => Problem::unavailable(error.to_string()),
        error => invalid(&error),
    }
}
