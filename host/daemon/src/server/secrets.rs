//! `/v1/secrets`: which secrets there are and who uses them. Values come in and never go out.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use hookwright_model::{Name, Timestamp};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::auth::Actor;
use super::body::{self, Body};
use super::etag::{self, Tag};
use super::listed::{All, all as all_of};
use super::problem::Problem;
use super::resource;
use super::setup::Items;
use crate::app::App;
use crate::registry::Snapshot;
use crate::setup::{self, Removals, SecretWanted, Setup, User, users_of_secrets};

/// A secret, without its value.
#[derive(Clone, Serialize, utoipa::ToSchema)]
#[schema(as = SecretShown)]
pub(super) struct Shown {
    /// What subscriptions and sources call it.
    name: Name,
    /// When its value was set; unknown of those that an older version set.
    #[serde(skip_serializing_if = "Option::is_none")]
    set_at: Option<Timestamp>,
    /// Who uses it.
    used_by: Vec<User>,
}

fn all(there: &Snapshot) -> impl Iterator<Item = Shown> {
    let there = &there.configuration;
    let mut users = users_of_secrets(there);
    there.secrets.iter().map(move |name| Shown {
        name: name.clone(),
        set_at: there.secrets_set_at.get(name).copied(),
        used_by: users.remove(name).unwrap_or_default(),
    })
}

/// Its version says when the value was set and nothing of it.
fn now(app: &App, name: &str) -> Result<(Shown, Tag), Problem> {
    let there = app.registry.snapshot();
    let found = all(&there).find(|one| one.name.as_str() == name);
    let shown = found.ok_or_else(|| resource::unknown("secret", name))?;
    let tag = Tag::of(&(&shown.name, shown.set_at), &shown)?;
    Ok((shown, tag))
}

/// Lists the secrets, without their values.
#[utoipa::path(get, path = "/v1/secrets", responses((status = 200, body = Items<Shown>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    asked: All,
) -> Result<Json<Items<Shown>>, Problem> {
    all_of(asked)?;
    let there = app.registry.snapshot();
    let items = all(&there).collect();
    Ok(Json(Items { items }))
}

/// Shows who uses a secret.
#[utoipa::path(
    get, path = "/v1/secrets/{name}",
    params(
        ("name" = Name, Path, description = "Its name."),
        ("if-none-match" = Option<String>, Header, description = "A version that is known."),
    ),
    responses(
        (status = 200, body = Shown, headers(("etag" = String, description = "Its version."))),
        (status = 304, description = "It is as it was."),
        (status = 404),
    ),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (shown, tag) = now(&app, &name)?;
    tag.answer(&headers, shown)
}

/// The value of a secret.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SecretValue)]
pub(super) struct Value {
    /// The secret itself.
    #[schema(min_length = 4, write_only)]
    value: String,
}

/// Sets a secret, also one that was not there. Whatever uses it has the new value from then on.
#[utoipa::path(
    put, path = "/v1/secrets/{name}", request_body = Value,
    params(
        ("name" = Name, Path, description = "Its name."),
        ("if-match" = Option<String>, Header, description = "The version that is changed."),
        ("if-none-match" = Option<String>, Header, description = "`*` sets only a new one."),
    ),
    responses(
        (status = 200, body = Shown, headers(("etag" = String, description = "Its version."))),
        (status = 201, body = Shown, headers(("etag" = String, description = "Its version."))),
        (status = 412), (status = 422),
    ),
)]
pub(super) async fn put(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(name): Path<String>,
    headers: HeaderMap,
    Body(bytes): Body,
) -> Result<Response, Problem> {
    let name: Name = name.parse().map_err(|error| Problem::bad_request(format!("{error}")))?;
    let Value { value } = body::object(&bytes)?;
    let turn = setup::turn(&app).await;
    let old = now(&app, name.as_str()).ok();
    let secrets = vec![SecretWanted { name: name.clone(), value }];
    let plan = Setup { secrets, ..Setup::default() }.plan_in(turn, &app).await;
    let plan = plan.map_err(|problem| problem.within("/secrets/0"))?;
    match &old {
        Some((_, tag)) => tag.check(&headers)?,
        None => etag::check_absent(&headers)?,
    }
    if old.is_some() && etag::only_if_absent(&headers)? {
        return Err(etag::changed("there is a secret of this name already"));
    }
    plan.make(&app, &actor).await?;
    let (shown, tag) = now(&app, name.as_str())?;
    let status = if old.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    Ok(tag.on((status, Json(shown)).into_response()))
}

/// Removes a secret that nobody uses.
#[utoipa::path(
    delete, path = "/v1/secrets/{name}",
    params(
        ("name" = Name, Path, description = "Its name."),
        ("if-match" = Option<String>, Header, description = "The version that is removed."),
    ),
    responses(
        (status = 204, description = "It is there no more."),
        (status = 404), (status = 409), (status = 412),
    ),
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let turn = setup::turn(&app).await;
    let (shown, tag) = now(&app, &name)?;
    let remove = Removals { secrets: vec![shown.name], ..Removals::default() };
    let setup = Setup { remove, ..Setup::default() };
    let plan = resource::removing(setup.plan_in(turn, &app).await)?;
    tag.check(&headers)?;
    plan.make(&app, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
