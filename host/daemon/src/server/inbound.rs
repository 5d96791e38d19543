//! `POST /in/{source}`: what helpdesks post, in their own formats.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::{IntoResponse, Response};
use hookwright_model::{Name, Original, Timestamp};
use http::{HeaderValue, StatusCode};

use super::body::MAX_BODY;
use super::problem::Problem;
use super::reading::{discard, read};
use crate::app::App;
use crate::ingest::{self, Accepted, Posted};
use crate::proof::{self, Post, Proven};

/// Headers that carry credentials, or belong to the connection: neither plugins nor the journal
/// have a use for them. In lower case.
const NOT_KEPT: [&str; 14] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
    "x-auth-token",
];

/// Takes what a helpdesk posts, in its own format. How it proves where it comes from is set up
/// with the source.
#[utoipa::path(
    post, path = "/in/{source}",
    params(("source" = Name, Path, description = "The source's name.")),
    request_body(content(
        (serde_json::Value = "application/json"),
        (String = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, body = Accepted, description = "A good post with nothing in it."),
        (status = 202, body = Accepted, description = "They are on disk."),
        (status = 401), (status = 403), (status = 404), (status = 422)),
)]
pub(super) async fn post(
    State(app): State<Arc<App>>,
    Path(source): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    take(&app, &source, None, query, request).await
}

/// Takes what a helpdesk posts that can send no header: the token is part of the URL.
#[utoipa::path(
    post, path = "/in/{source}/{token}",
    params(("source" = Name, Path, description = "The source's name."),
        ("token" = String, Path, description = "The source's token.")),
    request_body(content(
        (serde_json::Value = "application/json"),
        (String = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, body = Accepted, description = "A good post with nothing in it."),
        (status = 202, body = Accepted, description = "They are on disk."),
        (status = 401), (status = 403), (status = 404), (status = 422)),
)]
pub(super) async fn post_with_token(
    State(app): State<Arc<App>>,
    Path((source, token)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    take(&app, &source, Some(&token), query, request).await
}

async fn take(
    app: &App,
    source: &str,
    token: Option<&str>,
    query: Option<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let find = || {
        let entry = app.registry.snapshot().sources.get(source).map(Arc::clone);
        entry.ok_or_else(|| {
            let shown: String = source.chars().take(80).collect();
            Problem::not_found(format!("there is no source `{shown}`"))
        })
    };
    if let Err(unknown) = find() {
        // For nobody nothing is held.
        discard(body).await;
        return Err(unknown);
    }
    let body = read(body, MAX_BODY).await?;
    // As it is set up now: a large post takes its time.
    let entry = &find()?;
    let post = Post { source, token, headers: &parts.headers, body: &body, now: Timestamp::now() };
    let Proven { jti } = proof::check(entry, &app.issuers, &post).await?;
    tracing::debug!(source, jti, "a post has proved where it comes from");
    if !entry.source.enabled {
        let detail = format!("the source `{source}` is disabled");
        return Err(Problem::new(StatusCode::FORBIDDEN, "The source is disabled", detail));
    }
    let kept = parts.headers.iter().filter(|(name, _)| !NOT_KEPT.contains(&name.as_str()));
    let kept = kept.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    let posted = Posted {
        method: parts.method.as_str().to_owned(),
        query: form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect(),
        original: Arc::new(Original { headers: kept.collect(), body }),
        token_id: jti,
    };
    let accepted = ingest::post(app, Arc::clone(entry), posted).await?;
    // A good post with nothing in it, as a helpdesk's test message, is no event to be kept.
    let status = if accepted.events.is_empty() { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok(answer(status, accepted))
}

/// The same answer for the same post; a header says that it was known.
pub(super) fn answer(status: StatusCode, accepted: Accepted) -> Response {
    let repeated = accepted.repeated;
    let mut response = (status, Json(accepted)).into_response();
    if repeated {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert("idempotent-replayed", yes);
    }
    response
}
