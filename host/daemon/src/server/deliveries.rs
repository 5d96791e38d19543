//! `/v1/deliveries`: the journal.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use hookwright_model::{
    Attempt, AuditTarget, CallRecord, DeliveryId, Digest, FollowUp, Request, Timestamp,
};
use hookwright_store::{DeliveryFilter, DeliverySummary, Page};
use http::StatusCode;
use serde::Serialize;

use super::auth::Actor;
use super::paging::{Listing, found_listing};
use super::problem::Problem;
use super::query::{self, Asked, DeliveryQuery};
use crate::app::App;
use crate::audit;

/// Of one delivery, as it is shown; the newest, if there are more. The listing has all.
const MAX_CHILDREN: usize = 500;

/// Looks for deliveries, newest first.
#[utoipa::path(
    get, path = "/v1/deliveries",
    params(query::DeliveryQuery),
    responses((status = 200, body = Listing<DeliverySummary>, headers(("link" = String, description = "Where the next page is, as `rel=\"next\"`; absent on the last."))),
        (status = 404)),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    asked: Asked<DeliveryQuery>,
) -> Result<Response, Problem> {
    let search = query::deliveries(&app, asked)?;
    let found = app.store.find_deliveries(search.filter, search.page).await?;
    Ok(found_listing("/v1/deliveries", &search.same, search.page.limit, found))
}

/// A delivery in full, but for its attempts.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = DeliveryShown)]
pub(super) struct Shown {
    #[serde(flatten)]
    summary: DeliverySummary,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_id: Option<String>,
    /// What it writes back or sends because of its parent's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    follow_up: Option<FollowUp>,
    /// The deliveries that its answers caused, oldest first.
    children: Vec<DeliveryId>,
    /// The version of the plugin that made the requests.
    digest: Option<Digest>,
    /// The request that is sent next.
    position: u32,
    /// As the plugin asked for them, secrets unresolved.
    requests: Option<Vec<Arc<Request>>>,
    /// What the plugin's call cost and said.
    transform: Option<CallRecord>,
}

fn id(text: &str) -> Result<DeliveryId, Problem> {
    text.parse().map_err(|error| Problem::bad_request(format!("{error}")))
}

/// Shows a delivery with its requests.
#[utoipa::path(
    get, path = "/v1/deliveries/{id}",
    params(("id" = DeliveryId, Path, description = "Its id.")),
    responses((status = 200, body = Shown), (status = 404)),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let (delivery, summary) = app.store.delivery(id(&text)?).await?;
    let caused = DeliveryFilter { parent: Some(delivery.id), ..DeliveryFilter::default() };
    let page = Page { before: None, limit: MAX_CHILDREN };
    let children = app.store.deliveries(caused, page).await?;
    Ok(Json(Shown {
        summary,
        remote_id: delivery.remote_id,
        follow_up: delivery.follow_up,
        children: children.iter().rev().map(|child| child.id).collect(),
        digest: delivery.digest,
        position: delivery.position,
        requests: delivery.requests,
        transform: delivery.transform,
    }))
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Attempts {
    items: Vec<Attempt>,
}

/// Lists the attempts of a delivery, in order: what was sent, and what came back.
#[utoipa::path(
    get, path = "/v1/deliveries/{id}/attempts",
    params(("id" = DeliveryId, Path, description = "Its id.")),
    responses((status = 200, body = Attempts), (status = 404)),
)]
pub(super) async fn attempts(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<Json<Attempts>, Problem> {
    let id = id(&text)?;
    // So that a delivery that is not there is not one without attempts.
    app.store.delivery(id).await?;
    Ok(Json(Attempts { items: app.store.attempts(id).await? }))
}

/// Ends a delivery that has not ended.
#[utoipa::path(
    post, path = "/v1/deliveries/{id}/cancel",
    params(("id" = DeliveryId, Path, description = "Its id.")),
    responses((status = 204, description = "It is canceled."), (status = 404), (status = 409)),
)]
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    let (id, now) = (id(&text)?, Timestamp::now());
    app.store.cancel(id, now).await?;
    let target = AuditTarget::new("delivery", id);
    audit::note(&app, &actor, "delivery.cancel", target, Vec::new()).await;
    // One that waited for it may go on.
    app.scheduler.due(now);
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a delivery that has ended pending again, from the request at which it ended.
#[utoipa::path(
    post, path = "/v1/deliveries/{id}/retry",
    params(("id" = DeliveryId, Path, description = "Its id.")),
    responses((status = 202, description = "It will be tried."), (status = 404), (status = 409)),
)]
pub(super) async fn retry(
    State(app): State<Arc<App>>,
    actor: Actor,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    let (id, now) = (id(&text)?, Timestamp::now());
    // Before it is there to be worked on.
    app.breaker.by_hand(id);
    if let Err(error) = app.store.requeue(id, now).await {
        app.breaker.take_by_hand(id);
        return Err(error.into());
    }
    let target = AuditTarget::new("delivery", id);
    audit::note(&app, &actor, "delivery.retry", target, Vec::new()).await;
    app.scheduler.due(now);
    Ok(StatusCode::ACCEPTED)
}
