//! `/v1/mail`: how mail is set up, what waits, and trying it out.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use hookwright_model::{AuditTarget, MailSettings, Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::auth::Actor;
use super::body::Document;
use super::problem::{FieldProblem, Problem};
use crate::app::App;
use crate::audit;
use crate::mail::address;

/// How mail is set up, and what waits.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = MailShown)]
pub(super) struct Shown {
    /// Absent if it is not set up.
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<MailSettings>,
    /// Mails that are yet to be sent.
    waiting: u64,
    /// When the next of them is tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_try_at: Option<Timestamp>,
}

/// Shows how mail is set up, and what waits.
#[utoipa::path(
    get, path = "/v1/mail",
    responses((status = 200, body = Shown)),
)]
pub(super) async fn show(State(app): State<Arc<App>>) -> Result<Json<Shown>, Problem> {
    let settings = app.registry.snapshot().configuration.mail.clone();
    let (waiting, next_try_at) = app.store.waiting_mails().await?;
    Ok(Json(Shown { settings, waiting, next_try_at }))
}

/// To whom.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MailTest)]
pub(super) struct Wanted {
    to: String,
}

/// What came of it.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = MailTried)]
pub struct Tried {
    sent: bool,
    /// What the mail server said, or why it did not come to that.
    detail: String,
    milliseconds: u64,
}

/// Sends a mail at once and once only, also while mail is disabled.
///
/// # Errors
/// When the address is none, or mail is not set up.
pub async fn try_out(app: &App, to: &str) -> Result<Tried, Problem> {
    if let Err(detail) = address::address(to) {
        return Err(Problem::invalid(vec![FieldProblem { pointer: "/to".to_owned(), detail }]));
    }
    let snapshot = app.registry.snapshot();
    let Some(settings) = &snapshot.configuration.mail else {
        let detail = "mail is not set up: apply a document with the section `mail`";
        return Err(Problem::new(StatusCode::CONFLICT, "Mail is not set up", detail));
    };
    let started = Instant::now();
    let outcome = app.mailer.test(to, settings).await;
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (sent, detail) = match outcome {
        Ok(said) => (true, said),
        Err(trouble) => (false, trouble.to_string()),
    };
    Ok(Tried { sent, detail, milliseconds })
}

/// The same, and says in the audit log who did.
///
/// # Errors
/// As above.
pub async fn tried_by(app: &App, actor: &Actor, to: &str) -> Result<Tried, Problem> {
    let tried = try_out(app, to).await?;
    audit::note(app, actor, "mail.test", AuditTarget::new("mail", to), Vec::new()).await;
    Ok(tried)
}

/// Sends a mail to try out how mail is set up.
#[utoipa::path(
    post, path = "/v1/mail/test",
    request_body = Wanted,
    responses((status = 200, body = Tried), (status = 409), (status = 422)),
)]
pub(super) async fn test(
    State(app): State<Arc<App>>,
    actor: Actor,
    Document(wanted): Document<Wanted>,
) -> Result<Json<Tried>, Problem> {
    tried_by(&app, &actor, &wanted.to).await.map(Json)
}
