//! `/v1/plugins`: what is installed and what of it is suspended, installing, and lifting a
//! suspension.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hookwright_model::{Digest, Name, PluginVersion};
use http::StatusCode;
use serde::Serialize;

use super::body::Upload;
use super::problem::Problem;
use crate::app::App;
use crate::delivery::breaker::{Call, Suspended};
use crate::operations::{Operation, Operations, Suspension};
use crate::plugins::InstallError;
use crate::registry::Snapshot;

#[derive(Serialize)]
pub(super) struct Plugins {
    items: Vec<Shown>,
}

/// A version, and for what it is suspended.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    version: PluginVersion,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suspended: Vec<SuspendedFor>,
}

#[derive(Serialize)]
struct SuspendedFor {
    #[serde(flatten)]
    suspended: Suspended,
    /// Where it is; everywhere if both are absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<Name>,
}

impl SuspendedFor {
    fn new(suspended: Suspended, snapshot: &Snapshot) -> Self {
        let target = suspended.target;
        let mut subscriptions = snapshot.configuration.subscriptions.iter();
        let subscription = subscriptions.find(|one| Some(one.id.uuid()) == target);
        let mut connections = snapshot.configuration.connections.iter();
        let connection = connections.find(|one| Some(one.id.uuid()) == target);
        Self {
            subscription: subscription.map(|one| one.name.clone()),
            connection: connection.map(|one| one.name.clone()),
            suspended,
        }
    }
}

pub(super) async fn list(State(app): State<Arc<App>>) -> Json<Plugins> {
    let snapshot = app.registry.snapshot();
    let suspended = app.breaker.suspended();
    let items = snapshot.configuration.plugins.iter().rev().map(|version| {
        let of_it = suspended.iter().filter(|one| one.digest == version.digest);
        let of_it = of_it.map(|one| SuspendedFor::new(one.clone(), &snapshot));
        Shown { version: version.clone(), suspended: of_it.collect() }
    });
    Json(Plugins { items: items.collect() })
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

#[derive(Serialize)]
pub(super) struct Resumed {
    was_suspended: bool,
}

/// Has a version called again that is suspended.
pub(super) async fn resume(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<Json<Resumed>, Problem> {
    let bad = |error| Problem::bad_request(format!("{error}"));
    let digest: Digest = text.parse().map_err(bad)?;
    let snapshot = app.registry.snapshot();
    let installed = snapshot.configuration.plugins.iter();
    let Some(version) = installed.into_iter().find(|version| version.digest == digest) else {
        let detail = format!("there is no plugin with the digest {digest}");
        return Err(Problem::not_found(detail));
    };
    let woken = app.breaker.resume(digest);
    let was_suspended = woken.is_some();
    if let Some(wake) = woken {
        let plugin = &version.key;
        tracing::info!(%plugin, deliveries = wake.len(), "the plugin is not suspended any more");
        if app.operations.withdraw_all(&format!("plugin {digest} ")) {
            let of = Suspension {
                plugin: version.key.name.clone(),
                digest,
                call: Call::Transform,
                only_for: None,
            };
            Operations::tell(&app, vec![Operation::plugin_resumed(&of)]).await;
        }
        app.wake(wake).await?;
    }
    Ok(Json(Resumed { was_suspended }))
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
