//! `/v1/settings`: what holds for the daemon as a whole.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use hookwright_model::{JournalSettings, MailSettings};
use hookwright_store::Configuration;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::auth::Actor;
use super::body::{self, Body};
use super::etag::Tag;
use super::problem::{FieldProblem, Problem};
use super::resource::{Patch, patched};
use crate::app::App;
use crate::setup::{self, Removals, Setup};

/// What holds for the daemon as a whole.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// What the journal keeps.
    #[serde(default)]
    journal: JournalSettings,
    /// How mail is sent; not at all, if absent. `null` removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mail: Option<MailSettings>,
}

type SettingsPatch = Patch<Settings>;

impl Settings {
    fn of(app: &App) -> Self {
        let there = app.registry.snapshot();
        let Configuration { journal, mail, .. } = &there.configuration;
        Self { journal: journal.clone(), mail: mail.clone() }
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
    actor: Actor,
    headers: HeaderMap,
    Body(bytes): Body,
) -> Result<Response, Problem> {
    let document: Value = body::parse(&bytes)?;
    change(&app, &actor, &headers, |old| {
        // Whoever knows nothing of mail has not said that it is to go.
        if old.mail.is_some() && document.get("mail").is_none() {
            let detail = "mail is set up: give its settings too, or `null` to remove them";
            let (pointer, detail) = ("/mail".to_owned(), detail.to_owned());
            return Err(Problem::invalid(vec![FieldProblem { pointer, detail }]));
        }
        Ok(document)
    })
    .await
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
    actor: Actor,
    headers: HeaderMap,
    Body(bytes): Body,
) -> Result<Response, Problem> {
    let patch = body::patch(&headers, &bytes)?;
    change(&app, &actor, &headers, |old| patched(old, patch)).await
}

async fn change(
    app: &App,
    actor: &Actor,
    headers: &HeaderMap,
    to: impl FnOnce(&Settings) -> Result<Value, Problem>,
) -> Result<Response, Problem> {
    let turn = setup::turn(app).await;
    let old = Settings::of(app);
    let Settings { journal, mail } = body::convert(to(&old)?)?;
    let remove = Removals { mail: mail.is_none() && old.mail.is_some(), ..Removals::default() };
    let setup = Setup { journal: Some(journal), mail, remove, ..Setup::default() };
    let plan = setup.plan_in(turn, app).await?;
    old.tag()?.check(headers)?;
    plan.make(app, actor).await?;
    let settings = Settings::of(app);
    let answer = axum::response::IntoResponse::into_response(axum::Json(settings.clone()));
    Ok(settings.tag()?.on(answer))
}
