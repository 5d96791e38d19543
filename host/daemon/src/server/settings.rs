//! `/v1/settings`: what holds for the daemon as a whole.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use hookwright_model::JournalSettings;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::body::{self, Body};
use super::etag::Tag;
use super::problem::Problem;
use super::resource::{Patch, patched};
use crate::app::App;
use crate::setup::{self, Setup};

/// What holds for the daemon as a whole.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// What the journal keeps.
    #[serde(default)]
    journal: JournalSettings,
}

type SettingsPatch = Patch<Settings>;

impl Settings {
    fn of(app: &App) -> Self {
        Self { journal: app.registry.snapshot().configuration.journal.clone() }
    }

    fn tag(&self) -> Result<Tag, Problem> {
        Tag::of(self, self)
    }
}

/// Shows what holds for the daemon as a whole.
#[utoipa::path(
    get, path = "/v1/settings",
    params(
        ("if-none-match" = Option<String>, Header, description = "A version that is known."),
    ),
    responses(
        (status = 200, body = Settings, headers(("etag" = String, description = "Their version."))),
        (status = 304, description = "They are as they were."),
    ),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let settings = Settings::of(&app);
    settings.tag()?.answer(&headers, settings)
}

/// Sets what holds for the daemon as a whole. What is left out is as is usual.
#[utoipa::path(
    put, path = "/v1/settings", request_body = Settings,
    params(
        ("if-match" = Option<String>, Header, description = "The version that is changed."),
    ),
    responses(
        (status = 200, body = Settings, headers(("etag" = String, description = "Their version."))),
        (status = 412), (status = 422),
    ),
)]
pub(super) async fn replace(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(bytes): Body,
) -> Result<Response, Problem> {
    let document: Value = body::parse(&bytes)?;
    change(&app, &headers, |_| Ok(document)).await
}

/// Changes what holds for the daemon as a whole.
#[utoipa::path(
    patch, path = "/v1/settings",
    request_body(content(
        (SettingsPatch = "application/merge-patch+json"),
        (SettingsPatch = "application/json"),
    )),
    params(
        ("if-match" = Option<String>, Header, description = "The version that is changed."),
    ),
    responses(
        (status = 200, body = Settings, headers(("etag" = String, description = "Their version."))),
        (status = 412), (status = 415), (status = 422),
    ),
)]
pub(super) async fn patch(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(bytes): Body,
) -> Result<Response, Problem> {
    let patch = body::patch(&headers, &bytes)?;
    change(&app, &headers, |old| patched(old, patch)).await
}

async fn change(
    app: &App,
    headers: &HeaderMap,
    to: impl FnOnce(&Settings) -> Result<Value, Problem>,
) -> Result<Response, Problem> {
    let turn = setup::turn(app).await;
    let old = Settings::of(app);
    let Settings { journal } = body::convert(to(&old)?)?;
    let setup = Setup { journal: Some(journal), ..Setup::default() };
    let plan = setup.plan_in(turn, app).await?;
    old.tag()?.check(headers)?;
    plan.make(app).await?;
    let settings = Settings::of(app);
    let answer = axum::response::IntoResponse::into_response(axum::Json(settings.clone()));
    Ok(settings.tag()?.on(answer))
}
