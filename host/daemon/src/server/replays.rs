//! `/v1/replays`: delivering again, and delivering what a subscription has not had.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use hookwright_model::{
    AuditTarget, FieldChange, Name, Replay, ReplayId, ReplayMove, ReplayState, ReplayWhat,
    Timestamp,
};
use hookwright_store::ReplayFilter;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::auth::Actor;
use super::body::Document;
use super::paging::{Listing, listing, page};
use super::problem::{FieldProblem, Problem};
use crate::app::App;
use crate::audit;
use crate::replay::{self, Preview, Wanted};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    /// Only says what it would do.
    #[serde(default)]
    dry_run: bool,
}

/// What a replay would do, of which nothing is kept.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ReplayDryRun)]
struct DryRun {
    dry_run: bool,
    #[serde(flatten)]
    what: ReplayWhat,
    #[serde(flatten)]
    preview: Preview,
}

/// A replay, with the name of its subscription.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ReplayShown)]
pub(super) struct Shown {
    #[serde(flatten)]
    replay: Replay,
    /// None if it is about all, or the subscription is gone.
    subscription: Option<Name>,
}

fn shown(app: &App, replay: Replay) -> Shown {
    let snapshot = app.registry.snapshot();
    let entry = replay.subscription().and_then(|id| snapshot.subscriptions.get(&id));
    let subscription = entry.map(|entry| entry.subscription.name.clone());
    Shown { replay, subscription }
}

/// Makes a job that delivers again, or says what it would do.
#[utoipa::path(
    post, path = "/v1/replays",
    params(How),
    request_body = Wanted,
    responses((status = 200, body = DryRun, description = "What it would do; nothing is kept."),
        (status = 201, body = Shown, headers(("location" = String, description = "Where it is."))),
        (status = 409), (status = 422)),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    actor: Actor,
    how: Result<Query<How>, axum::extract::rejection::QueryRejection>,
    Document(wanted): Document<Wanted>,
) -> Result<Response, Problem> {
    let Query(How { dry_run }) = how.map_err(|error| Problem::bad_request(error.body_text()))?;
    if dry_run && wanted.start() {
        let (pointer, detail) = ("/start".into(), "a dry run starts nothing".into());
        return Err(Problem::invalid(vec![FieldProblem { pointer, detail }]));
    }
    let now = Timestamp::now();
    let what = wanted.what(&app.registry.snapshot(), now)?;
    let preview = replay::preview(&app, &what).await?;
    if dry_run {
        return Ok(Json(DryRun { dry_run, what, preview }).into_response());
    }
    let mut replay = Replay {
        id: ReplayId::new(),
        what,
        rate: wanted.rate(),
        state: ReplayState::Ready,
        reason: None,
        found: preview.found,
        done: 0,
        skipped: 0,
        left_out: preview.left_out,
        asked_by: actor.name.parse().ok(),
        created_at: now,
        started_at: None,
        finished_at: None,
        cursor: None,
    };
    if wanted.start() {
        replay.state = ReplayState::Running;
        replay.started_at = Some(now);
    }
    app.store.add_replay(replay.clone()).await?;
    let made = vec![FieldChange::made(&replay)];
    let target = AuditTarget::new("replay", replay.id);
    audit::note(&app, &actor, "replay.create", target, made).await;
    app.replays.notify_one();
    let location = HeaderValue::from_str(&format!("/v1/replays/{}", replay.id));
    let mut response = (StatusCode::CREATED, Json(shown(&app, replay))).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// In this state.
    #[param(value_type = Option<ReplayState>)]
    state: Option<String>,
    /// What the page before said in `next`.
    #[param(value_type = Option<ReplayId>)]
    cursor: Option<String>,
    /// How many there are on a page, at most; 50 if it is not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// Lists replays, newest first.
#[utoipa::path(
    get, path = "/v1/replays",
    params(Filter),
    responses((status = 200, body = Listing<Shown>, headers(("link" = String, description = "Where the next page is, as `rel=\"next\"`; absent on the last.")))),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    filter: Result<Query<Filter>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = filter.map_err(|error| Problem::bad_request(error.body_text()))?;
    let state = asked.state.as_deref().map(str::parse::<ReplayState>).transpose();
    let state = state.map_err(|error| Problem::bad_request(format!("state: {error}")))?;
    let page = page::<ReplayId>(asked.cursor.as_deref(), asked.limit)?;
    let replays = app.store.replays(ReplayFilter { state }, page).await?;
    let items = replays.into_iter().map(|replay| shown(&app, replay)).collect();
    let query = [("state", asked.state)];
    Ok(listing("/v1/replays", &query, page.limit, items, |shown: &Shown| shown.replay.id))
}

/// Shows a replay.
#[utoipa::path(
    get, path = "/v1/replays/{id}",
    params(("id" = ReplayId, Path, description = "Its id.")),
    responses((status = 200, body = Shown), (status = 404)),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let replay = app.store.replay(read(&id)?).await?;
    Ok(Json(shown(&app, replay)))
}

/// Starts a replay that is ready.
#[utoipa::path(
    post, path = "/v1/replays/{id}/start",
    params(("id" = ReplayId, Path, description = "Its id.")),
    responses((status = 200, body = Shown), (status = 404), (status = 409)),
)]
pub(super) async fn start(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<Json<Shown>, Problem> {
    go(&app, &actor, "replay.start", &id, ReplayMove::Start).await
}

/// Goes on with a replay that is paused.
#[utoipa::path(
    post, path = "/v1/replays/{id}/resume",
    params(("id" = ReplayId, Path, description = "Its id.")),
    responses((status = 200, body = Shown), (status = 404), (status = 409)),
)]
pub(super) async fn resume(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<Json<Shown>, Problem> {
    go(&app, &actor, "replay.resume", &id, ReplayMove::Resume).await
}

/// Has it go on, if there is something that it can go on with.
async fn go(
    app: &App,
    actor: &Actor,
    action: &str,
    id: &str,
    to: ReplayMove,
) -> Result<Json<Shown>, Problem> {
    let id = read(id)?;
    let mut replay = app.store.replay(id).await?;
    // Whether there is such a move is told first.
    if replay.make(to.clone(), Timestamp::now()).is_ok() {
        replay::refuse_if_closed(&app.registry.snapshot(), &replay.what)?;
    }
    let moved = stop(app, actor, action, id, to).await;
    app.replays.notify_one();
    moved
}

/// Pauses a replay that is running.
#[utoipa::path(
    post, path = "/v1/replays/{id}/pause",
    params(("id" = ReplayId, Path, description = "Its id.")),
    responses((status = 200, body = Shown), (status = 404), (status = 409)),
)]
pub(super) async fn pause(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<Json<Shown>, Problem> {
    stop(&app, &actor, "replay.pause", read(&id)?, ReplayMove::Pause(None)).await
}

/// Ends a replay.
#[utoipa::path(
    post, path = "/v1/replays/{id}/cancel",
    params(("id" = ReplayId, Path, description = "Its id.")),
    responses((status = 200, body = Shown), (status = 404), (status = 409)),
)]
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<Json<Shown>, Problem> {
    stop(&app, &actor, "replay.cancel", read(&id)?, ReplayMove::Cancel).await
}

async fn stop(
    app: &App,
    actor: &Actor,
    action: &str,
    id: ReplayId,
    to: ReplayMove,
) -> Result<Json<Shown>, Problem> {
    let replay = app.store.move_replay(id, to, Timestamp::now()).await?;
    audit::note(app, actor, action, AuditTarget::new("replay", id), Vec::new()).await;
    Ok(Json(shown(app, replay)))
}

/// Forgets a replay that has ended.
#[utoipa::path(
    delete, path = "/v1/replays/{id}",
    params(("id" = ReplayId, Path, description = "Its id.")),
    responses((status = 204, description = "It is there no more."), (status = 404), (status = 409)),
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = read(&id)?;
    app.store.remove_replay(id).await?;
    let target = AuditTarget::new("replay", id);
    audit::note(&app, &actor, "replay.remove", target, Vec::new()).await;
    Ok(StatusCode::NO_CONTENT)
}

fn read(id: &str) -> Result<ReplayId, Problem> {
    id.parse().map_err(|error| Problem::bad_request(format!("{error}")))
}
