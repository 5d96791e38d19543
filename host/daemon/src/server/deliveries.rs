//! `/v1/deliveries`: the journal.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use hookwright_model::{
    Attempt, AuditTarget, CallRecord, DeliveryId, Digest, FollowUp, Request, Timestamp,
};
use hookwright_store::{DeliveryFilter, DeliverySummary, Page};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::auth::Actor;
use super::paging::{Listing, found_listing, listing, page};
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

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Attempts {
    /// What the page before said in `next`: the number of its last attempt.
    #[param(value_type = Option<u32>)]
    cursor: Option<String>,
    /// How many there are on a page, at most; 50 if it is not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// Lists the attempts of a delivery, oldest first: what was sent, and what came back.
#[utoipa::path(
    get, path = "/v1/deliveries/{id}/attempts",
    params(("id" = DeliveryId, Path, description = "Its id."), Attempts),
    responses((status = 200, body = Listing<Attempt>, headers(("link" = String, description = "Where the next page is, as `rel=\"next\"`; absent on the last."))),
        (status = 404)),
)]
pub(super) async fn attempts(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
    asked: Asked<Attempts>,
) -> Result<Response, Problem> {
    let id = id(&text)?;
    let Query(asked) = asked.map_err(|error| Problem::bad_request(error.body_text()))?;
    // They are in order, so a page begins where another ended.
    let Page { before: last, limit } = page::<u32>(asked.cursor.as_deref(), asked.limit)?;
    // So that a delivery that is not there is not one without attempts.
    app.store.delivery(id).await?;
    let attempts = app.store.attempts_after(id, last.unwrap_or(0), limit).await?;
    let path = format!("/v1/deliveries/{id}/attempts");
    Ok(listing(&path, &[], limit, attempts, |attempt| attempt.number))
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
