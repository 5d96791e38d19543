//! `/v1/plugins`: what is installed and what of it is suspended, installing, and lifting a
//! suspension.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use hookwright_model::{AuditTarget, Digest, FieldChange, Name, PluginVersion};
use hookwright_store::Changes;
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::auth::Actor;
use super::body::Upload;
use super::etag::Tag;
use super::listed::{All, all as all_of};
use super::problem::Problem;
use crate::app::App;
use crate::audit;
use crate::delivery::breaker::{Call, Suspended};
use crate::operations::{Operation, Operations, Suspension};
use crate::plugins::InstallError;
use crate::registry::Snapshot;
use crate::setup::{self, User, users_of_plugin};

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Plugins {
    items: Vec<Shown>,
}

/// A version, and for what it is suspended.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = PluginShown)]
struct Shown {
    #[serde(flatten)]
    version: PluginVersion,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suspended: Vec<SuspendedFor>,
    /// Who is pinned to it; for the version that sources use, these sources.
    used_by: Vec<User>,
}

impl Shown {
    fn new(version: &PluginVersion, suspended: &[Suspended], snapshot: &Snapshot) -> Self {
        let of_it = suspended.iter().filter(|one| one.digest == version.digest);
        let of_it = of_it.map(|one| SuspendedFor::new(one.clone(), snapshot));
        let used_by = users_of_plugin(&snapshot.configuration, version.digest);
        Self { version: version.clone(), suspended: of_it.collect(), used_by }
    }
}

#[derive(Serialize, utoipa::ToSchema)]
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

/// Lists the versions of plugins that are installed, newest first.
#[utoipa::path(
    get, path = "/v1/plugins",
    responses((status = 200, body = Plugins)),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    asked: All,
) -> Result<Json<Plugins>, Problem> {
    all_of(asked)?;
    let snapshot = app.registry.snapshot();
    let suspended = app.breaker.suspended();
    let versions = snapshot.configuration.plugins.iter().rev();
    let items = versions.map(|version| Shown::new(version, &suspended, &snapshot));
    Ok(Json(Plugins { items: items.collect() }))
}

/// Installs a plugin: a component, or a core module with its component type. It is compiled
/// first. One that is installed already stays as it is.
#[utoipa::path(
    post, path = "/v1/plugins",
    request_body(content(
        (Vec<u8> = "application/wasm"),
        (Vec<u8> = "application/octet-stream"),
    )),
    responses((status = 201, body = PluginVersion), (status = 422)),
)]
pub(super) async fn install(
    State(app): State<Arc<App>>,
    actor: Actor,
    Upload(body): Upload,
) -> Result<(StatusCode, Json<PluginVersion>), Problem> {
    let installed = app.plugins.install(Arc::from(body.as_ref())).await;
    let (version, is_new) = installed.map_err(refused)?;
    if is_new {
        let made = vec![FieldChange::made(&version)];
        let target = AuditTarget::new("plugin", &version.key);
        audit::note(&app, &actor, "plugin.install", target, made).await;
    }
    app.registry.reload().await?;
    // One that was there has the time when it was installed.
    let there = find(&app.registry.snapshot(), &version.digest.to_string());
    Ok((StatusCode::CREATED, Json(there.unwrap_or(version))))
}

/// The version of this digest.
fn find(snapshot: &Snapshot, text: &str) -> Result<PluginVersion, Problem> {
    let bad = |error| Problem::bad_request(format!("{error}"));
    let digest: Digest = text.parse().map_err(bad)?;
    let mut installed = snapshot.configuration.plugins.iter();
    let found = installed.find(|version| version.digest == digest).cloned();
    found.ok_or_else(|| Problem::not_found(format!("there is no plugin with the digest {digest}")))
}

fn now(app: &App, digest: &str) -> Result<(Shown, Tag), Problem> {
    let snapshot = app.registry.snapshot();
    let version = find(&snapshot, digest)?;
    let shown = Shown::new(&version, &app.breaker.suspended(), &snapshot);
    let tag = Tag::of(&version, &shown)?;
    Ok((shown, tag))
}

/// Shows one version of a plugin.
#[utoipa::path(
    get, path = "/v1/plugins/{digest}",
    params(("digest" = Digest, Path, description = "SHA-256 of its bytes."),
        ("if-none-match" = Option<String>, Header, description = "A version that is known.")),
    responses((status = 200, body = Shown, headers(("etag" = String, description = "Its version."))),
        (status = 304, description = "It is as it was."), (status = 404)),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(digest): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (shown, tag) = now(&app, &digest)?;
    tag.answer(&headers, shown)
}

/// Removes a version of a plugin that nobody uses.
#[utoipa::path(
    delete, path = "/v1/plugins/{digest}",
    params(("digest" = Digest, Path, description = "SHA-256 of its bytes."),
        ("if-match" = Option<String>, Header, description = "The version that is removed.")),
    responses((status = 204, description = "It is there no more."),
        (status = 404), (status = 409), (status = 412)),
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(digest): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let _turn = setup::turn(&app).await;
    let (shown, tag) = now(&app, &digest)?;
    if !shown.used_by.is_empty() {
        let users: Vec<_> = shown.used_by.iter().map(User::to_string).collect();
        let detail = format!("this version is used by {}", users.join(", "));
        return Err(Problem::new(StatusCode::CONFLICT, "Conflict", detail));
    }
    tag.check(&headers)?;
    let removed_plugins = vec![shown.version.digest];
    let target = AuditTarget::new("plugin", &shown.version.key);
    let was = vec![FieldChange::removed(&shown.version)];
    let audit = vec![audit::entry(&actor, "plugin.remove", target, was)];
    app.store.change(Changes { removed_plugins, audit, ..Changes::default() }).await?;
    app.registry.reload().await?;
    app.plugins.forget_code(shown.version.digest).await;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Resumed {
    was_suspended: bool,
}

/// Has a version called again that is suspended.
#[utoipa::path(
    post, path = "/v1/plugins/{digest}/resume",
    params(("digest" = Digest, Path, description = "SHA-256 of its bytes.")),
    responses((status = 200, body = Resumed), (status = 404)),
)]
pub(super) async fn resume(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(text): Path<String>,
) -> Result<Json<Resumed>, Problem> {
    let version = find(&app.registry.snapshot(), &text)?;
    let woken = app.breaker.resume(version.digest);
    let was_suspended = woken.is_some();
    if let Some(wake) = woken {
        let plugin = &version.key;
        tracing::info!(%plugin, deliveries = wake.len(), "the plugin is not suspended any more");
        let target = AuditTarget::new("plugin", plugin);
        let which = vec![FieldChange::fact("/digest", version.digest.to_string())];
        audit::note(&app, &actor, "plugin.resume", target, which).await;
        let digest = version.digest;
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
