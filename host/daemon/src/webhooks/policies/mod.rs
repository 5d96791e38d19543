//! `/webhook_policies`.

mod fields;
mod show;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use hookwright_model::{Name, Policy};
use http::StatusCode;
use serde_json::{Map, Value};
use uuid::Uuid;

pub(super) use self::fields::{MAX_MINUTES, READ_ONLY};
pub(super) use self::show::POLICIES;
use super::described::{Pages, PolicyQuery};
use super::page::page;
use super::record::Record;
use crate::app::App;
use crate::registry::Snapshot;
use crate::server::auth::Actor;
use crate::server::body::Document;
use crate::server::problem::Problem;
use crate::setup::{PolicyWanted, Removals, Setup};

/// Lists the webhook policies.
#[utoipa::path(
    get, path = "/webhook_policies",
    params(PolicyQuery),
    responses(Pages<PolicyQuery>),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    some(&app, query.as_deref(), "/webhook_policies", |_| true)
}

/// Lists the webhook policies that are enabled.
#[utoipa::path(
    get, path = "/webhook_policies/enabled",
    params(PolicyQuery),
    responses(Pages<PolicyQuery>),
)]
pub(super) async fn enabled(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    some(&app, query.as_deref(), "/webhook_policies/enabled", |disabled| !disabled)
}

/// Lists the webhook policies that are disabled.
#[utoipa::path(
    get, path = "/webhook_policies/disabled",
    params(PolicyQuery),
    responses(Pages<PolicyQuery>),
)]
pub(super) async fn disabled(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    some(&app, query.as_deref(), "/webhook_policies/disabled", |disabled| disabled)
}

fn some(
    app: &App,
    query: Option<&str>,
    path: &str,
    is_meant: impl Fn(bool) -> bool,
) -> Result<Response, Problem> {
    let asked = POLICIES.read(query.unwrap_or_default())?;
    let snapshot = app.registry.snapshot();
    let meant = snapshot.configuration.policies.iter().filter(|policy| is_meant(policy.disabled));
    let records = meant.filter_map(|policy| show::policy(&snapshot, policy)).collect();
    Ok(page(&POLICIES, &asked, records, (&app.public_url, path)))
}

/// Shows a webhook policy.
#[utoipa::path(
    get, path = "/webhook_policies/{name}",
    params(("name" = i64, Path, description = "Its id, a number.", minimum = 1, example = 1)),
    responses((status = 200, body = ref("#/components/schemas/WebhookPolicy")), (status = 404)),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Record>, Problem> {
    let snapshot = app.registry.snapshot();
    let policy = find(&snapshot, &id)?;
    shown(&snapshot, &policy.name).map(Json)
}

fn find(snapshot: &Snapshot, id: &str) -> Result<Policy, Problem> {
    let number: Option<i64> = id.parse().ok();
    let numbers = &snapshot.configuration.numbers.policies;
    let name = numbers.iter().find(|(_, known)| Some(**known) == number).map(|(name, _)| name);
    let entry = name.and_then(|name| snapshot.policies.get(name));
    entry.map(|entry| entry.policy.clone()).ok_or_else(|| {
        let id: String = id.chars().take(80).collect();
        Problem::not_found(format!("there is no webhook policy with the id {id}"))
    })
}

fn shown(snapshot: &Snapshot, name: &Name) -> Result<Record, Problem> {
    let entry = snapshot.policies.get(name);
    let record = entry.and_then(|entry| show::policy(snapshot, &entry.policy));
    record.ok_or_else(|| Problem::not_found("the webhook policy was removed meanwhile"))
}

/// Makes a webhook policy. Its public key is shown this once.
#[utoipa::path(
    post, path = "/webhook_policies",
    request_body = ref("#/components/schemas/NewWebhookPolicy"),
    responses((status = 201, body = ref("#/components/schemas/WebhookPolicyMade")), (status = 404), (status = 409), (status = 422)),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    actor: Actor,
    Document(document): Document<Map<String, Value>>,
) -> Result<(StatusCode, Json<Record>), Problem> {
    let fault = |_| Problem::unavailable("no name could be made");
    let name: Name = Uuid::now_v7().simple().to_string().parse().map_err(fault)?;
    let wanted = fields::read_new(&document, name.clone())?;
    set(&app, &actor, wanted).await?;
    let snapshot = app.registry.snapshot();
    let mut record = shown(&snapshot, &name)?;
    let key = snapshot.policies.get(&name).and_then(|entry| entry.policy.key());
    record.put("public_key_pem", key.map(|key| key.public_key_pem.clone()));
    Ok((StatusCode::CREATED, Json(record)))
}

/// Changes a webhook policy: what is not named stays as it is.
#[utoipa::path(
    patch, path = "/webhook_policies/{name}",
    params(("name" = i64, Path, description = "Its id, a number.", minimum = 1, example = 1)),
    request_body = ref("#/components/schemas/WebhookPolicyChange"),
    responses((status = 200, body = ref("#/components/schemas/WebhookPolicy")), (status = 404), (status = 409), (status = 422)),
)]
pub(super) async fn update(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(id): Path<String>,
    Document(document): Document<Map<String, Value>>,
) -> Result<Json<Record>, Problem> {
    let policy = find(&app.registry.snapshot(), &id)?;
    let wanted = fields::read(&document, PolicyWanted::from(&policy))?;
    set(&app, &actor, wanted).await?;
    shown(&app.registry.snapshot(), &policy.name).map(Json)
}

async fn set(app: &App, actor: &Actor, wanted: PolicyWanted) -> Result<(), Problem> {
    let setup = Setup { policies: vec![wanted], ..Setup::default() };
    let plan = setup.plan(app).await.map_err(|problem| fields::in_fields(&problem))?;
    plan.make(app, actor).await.map(drop)
}

/// Removes a webhook policy that no webhook is signed by.
#[utoipa::path(
    delete, path = "/webhook_policies/{name}",
    params(("name" = i64, Path, description = "Its id, a number.", minimum = 1, example = 1)),
    responses((status = 204, description = "It is there no more."), (status = 404), (status = 409)),
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let policy = find(&app.registry.snapshot(), &id)?;
    let remove = Removals { policies: vec![policy.name], ..Removals::default() };
    let setup = Setup { remove, ..Setup::default() };
    let plan = setup.plan(&app).await.map_err(|problem| {
        let uses: Vec<_> = problem.errors().iter().map(|error| error.detail.as_str()).collect();
        let detail = if uses.is_empty() { problem.detail().to_owned() } else { uses.join("; ") };
        Problem::new(StatusCode::CONFLICT, "Conflict", detail)
    })?;
    plan.make(&app, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
