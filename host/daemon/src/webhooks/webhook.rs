//! `/webhooks`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use hookwright_model::{AuditTarget, Role, Subscription, Timestamp};
use http::StatusCode;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use super::change::{Wanted, not_installed};
use super::described::{Pages, WebhookQuery};
use super::fields::Fields;
use super::page::page;
use super::record::Record;
use super::show::{self, WEBHOOKS};
use super::{PLUGIN, by_number, name};
use crate::app::App;
use crate::audit;
use crate::control::{self, Own};
use crate::registry::{Snapshot, newest};
use crate::server::auth::Actor;
use crate::server::body::Document;
use crate::server::problem::Problem;
use crate::setup::means_something_else;

/// One change at a time: each begins with what is there, and two new ones must not get the
/// same name.
static CHANGING: Mutex<()> = Mutex::const_new(());

type Shown = Result<Json<Record>, Problem>;

/// Lists the webhooks.
#[utoipa::path(
    get, path = "/webhooks",
    params(WebhookQuery),
    responses(Pages<WebhookQuery>),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    some(&app, query.as_deref(), "/webhooks", |_| true)
}

/// Lists the webhooks that are enabled.
#[utoipa::path(
    get, path = "/webhooks/enabled",
    params(WebhookQuery),
    responses(Pages<WebhookQuery>),
)]
pub(super) async fn enabled(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    some(&app, query.as_deref(), "/webhooks/enabled", |record| record.get("disabled").is_none())
}

/// Lists the webhooks that are disabled.
#[utoipa::path(
    get, path = "/webhooks/disabled",
    params(WebhookQuery),
    responses(Pages<WebhookQuery>),
)]
pub(super) async fn disabled(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    some(&app, query.as_deref(), "/webhooks/disabled", |record| record.get("disabled").is_some())
}

fn some(
    app: &App,
    query: Option<&str>,
    path: &str,
    is_meant: impl Fn(&Record) -> bool,
) -> Result<Response, Problem> {
    let asked = WEBHOOKS.read(query.unwrap_or_default())?;
    let mut records = show::all(app, &app.registry.snapshot());
    records.retain(is_meant);
    Ok(page(&WEBHOOKS, &asked, records, (&app.public_url, path)))
}

/// Shows a webhook.
#[utoipa::path(
    get, path = "/webhooks/{id}",
    params(("id" = i64, Path, description = "Its id, a number.", minimum = 1, example = 1)),
    responses((status = 200, body = ref("#/components/schemas/Webhook")), (status = 404)),
)]
pub(super) async fn show(State(app): State<Arc<App>>, Path(id): Path<String>) -> Shown {
    let snapshot = app.registry.snapshot();
    let (_, record) = find(&app, &snapshot, &id)?;
    Ok(Json(record))
}

/// A webhook and how it is shown.
fn find(app: &App, snapshot: &Snapshot, id: &str) -> Result<(Subscription, Record), Problem> {
    let found = by_number(snapshot, id).and_then(|id| snapshot.subscriptions.get(&id));
    let shown = found.and_then(|entry| {
        let record = show::webhook(app, snapshot, &entry.subscription)?;
        Some((entry.subscription.clone(), record))
    });
    shown.ok_or_else(|| {
        let id: String = id.chars().take(80).collect();
        Problem::not_found(format!("there is no webhook with the id {id}"))
    })
}

/// Makes a webhook.
#[utoipa::path(
    post, path = "/webhooks",
    request_body = ref("#/components/schemas/NewWebhook"),
    responses((status = 200, body = ref("#/components/schemas/Webhook")), (status = 404), (status = 409), (status = 422)),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    actor: Actor,
    Document(document): Document<Map<String, Value>>,
) -> Shown {
    let _one = CHANGING.lock().await;
    let snapshot = app.registry.snapshot();
    let mut fields = Fields::read_new(&document, &snapshot)?;
    let plugin = PLUGIN.parse().map_err(|_| not_installed())?;
    let configuration = &snapshot.configuration;
    let digest = newest(configuration, Role::Destination, &plugin).ok_or_else(not_installed)?;
    // Also if it is not named: what is sent has the name of the webhook.
    let title = fields.name.take().flatten().or_else(|| fields.event.clone()).unwrap_or_default();
    let taken = |name: &str| {
        means_something_else(name)
            || configuration.subscriptions.iter().any(|one| one.name.as_str() == name)
    };
    let name = name::derive(&title, taken)
        .ok_or_else(|| Problem::bad_request("there is no name left for the subscription"))?;
    fields.name = Some(Some(title));
    let there = Subscription::new(name.clone(), plugin, digest);
    Wanted::changed(&snapshot, &there, fields)?.make(&app, &actor, true).await?;
    let snapshot = app.registry.snapshot();
    let made = snapshot.configuration.subscriptions.iter().find(|one| one.name == name);
    let record = made.and_then(|made| show::webhook(&app, &snapshot, made));
    record.map(Json).ok_or_else(|| Problem::not_found("the webhook was removed meanwhile"))
}

/// Changes a webhook: what is not named stays as it is.
#[utoipa::path(
    patch, path = "/webhooks/{id}",
    params(("id" = i64, Path, description = "Its id, a number.", minimum = 1, example = 1)),
    request_body = ref("#/components/schemas/WebhookChange"),
    responses((status = 200, body = ref("#/components/schemas/Webhook")), (status = 404), (status = 409), (status = 422)),
)]
pub(super) async fn update(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(id): Path<String>,
    Document(mut document): Document<Map<String, Value>>,
) -> Shown {
    let _one = CHANGING.lock().await;
    let snapshot = app.registry.snapshot();
    let (there, record) = find(&app, &snapshot, &id)?;
    // As it is shown, it stays as it is, also where R-Service has no name for it.
    if document.get("event").is_some_and(|event| record.get("event") == Some(event)) {
        document.remove("event");
    }
    let fields = Fields::read(&document, &snapshot)?;
    Wanted::changed(&snapshot, &there, fields)?.make(&app, &actor, false).await?;
    let (_, record) = find(&app, &app.registry.snapshot(), &id)?;
    Ok(Json(record))
}

/// Removes a webhook. What it has to deliver is canceled.
#[utoipa::path(
    delete, path = "/webhooks/{id}",
    params(("id" = i64, Path, description = "Its id, a number.", minimum = 1, example = 1)),
    responses((status = 204, description = "It is there no more."), (status = 404), (status = 409)),
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let _one = CHANGING.lock().await;
    let (there, _) = find(&app, &app.registry.snapshot(), &id)?;
    Wanted::removed(&there).make(&app, &actor, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a message about the record 12345, also while the webhook is disabled.
#[utoipa::path(
    post, path = "/webhooks/{id}/test",
    params(("id" = i64, Path, description = "Its id, a number.", minimum = 1, example = 1)),
    responses((status = 204, description = "It is sent."), (status = 404)),
)]
pub(super) async fn test(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let (there, _) = find(&app, &app.registry.snapshot(), &id)?;
    let event = control::test(&there.name, &app.public_url, Timestamp::now())?;
    Own::send(&app, event, there.id).await?;
    let target = AuditTarget::new("subscription", &there.name);
    audit::note(&app, &actor, "subscription.test", target, Vec::new()).await;
    Ok(StatusCode::NO_CONTENT)
}
