//! `/v1/rejects`: posts that could not be read.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use hookwright_model::{AuditTarget, Name, Original, Reject, RejectId};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::auth::Actor;
use super::inbound::answer;
use super::paging::{Listing, listing, page};
use super::problem::Problem;
use crate::app::App;
use crate::audit;
use crate::ingest::reject;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// From this source.
    #[param(value_type = Option<Name>)]
    source: Option<String>,
    /// What the page before said in `next`.
    #[param(value_type = Option<RejectId>)]
    cursor: Option<String>,
    /// How many there are on a page, at most; 50 if it is not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// Lists posts that could not be read, newest first.
#[utoipa::path(
    get, path = "/v1/rejects",
    params(Filter),
    responses((status = 200, body = Listing<Reject>, headers(("link" = String, description = "Where the next page is, as `rel=\"next\"`; absent on the last.")))),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    filter: Result<Query<Filter>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = filter.map_err(|error| Problem::bad_request(error.body_text()))?;
    let source = asked.source.as_deref().map(str::parse).transpose();
    let source = source.map_err(|error| Problem::bad_request(format!("source: {error}")))?;
    let page = page::<RejectId>(asked.cursor.as_deref(), asked.limit)?;
    let rejects = app.store.rejects(source, page).await?;
    let query = [("source", asked.source)];
    Ok(listing("/v1/rejects", &query, page.limit, rejects, |reject| reject.id))
}

/// A reject with the headers of its post.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = RejectShown)]
pub(super) struct Shown {
    #[serde(flatten)]
    reject: Reject,
    headers: Vec<(String, String)>,
    /// Where the body is, byte for byte.
    original: String,
}

/// Shows a post that could not be read, and why.
#[utoipa::path(
    get, path = "/v1/rejects/{id}",
    params(("id" = RejectId, Path, description = "Its id.")),
    responses((status = 200, body = Shown), (status = 404)),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let (reject, original) = app.store.reject(read(&id)?).await?;
    let lossy = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = original.headers.iter().map(|(name, value)| (name.clone(), lossy(value)));
    let original = format!("/v1/rejects/{}/original", reject.id);
    Ok(Json(Shown { reject, headers: headers.collect(), original }))
}

/// Gives a post that could not be read, byte for byte.
#[utoipa::path(
    get, path = "/v1/rejects/{id}/original",
    params(("id" = RejectId, Path, description = "Its id.")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404)),
)]
pub(super) async fn original(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (_, Original { body, .. }) = app.store.reject(read(&id)?).await?;
    let kind = HeaderValue::from_static("application/octet-stream");
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}

/// Reads a post again, as its source is set up now.
#[utoipa::path(
    post, path = "/v1/rejects/{id}/retry",
    params(("id" = RejectId, Path, description = "Its id.")),
    responses((status = 202, body = crate::ingest::Accepted), (status = 404), (status = 409), (status = 422)),
)]
pub(super) async fn retry(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = read(&id)?;
    let accepted = reject::read_again(&app, id).await?;
    let target = AuditTarget::new("reject", id);
    audit::note(&app, &actor, "reject.retry", target, Vec::new()).await;
    Ok(answer(StatusCode::ACCEPTED, accepted))
}

/// Forgets a post that could not be read.
#[utoipa::path(
    delete, path = "/v1/rejects/{id}",
    params(("id" = RejectId, Path, description = "Its id.")),
    responses((status = 204, description = "It is there no more."), (status = 404)),
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = read(&id)?;
    if app.store.remove_reject(id).await? {
        let target = AuditTarget::new("reject", id);
        audit::note(&app, &actor, "reject.remove", target, Vec::new()).await;
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found(format!("there is no reject {id}")))
    }
}

fn read(id: &str) -> Result<RejectId, Problem> {
    id.parse().map_err(|error| Problem::bad_request(format!("{error}")))
}
