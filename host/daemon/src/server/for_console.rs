//! What pages of the console ask and do as the API does, without its documents.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use hookwright_model::{AuditEntry, DeliveryId, EventId, Name, RejectId, ReplayId, Timestamp};
use hookwright_store::{DeliveryFilter, EventFilter, Page};
use http::Uri;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::auth::Actor;
use super::body::{self, Document};
use super::problem::Problem;
use super::{audit, deliveries, paging, query, rejects, replays};
use crate::app::App;
use crate::live::Topic;

/// What is asked with, as it stands in an address.
fn asked<T: DeserializeOwned>(query: &str) -> query::Asked<T> {
    let uri = format!("/?{query}").parse::<Uri>().unwrap_or_default();
    Query::try_from_uri(&uri)
}

/// A search for deliveries, with the parameters of `GET /v1/deliveries`.
///
/// # Errors
/// Names the parameter that is not usable.
pub fn deliveries(app: &App, query: &str) -> Result<(DeliveryFilter, Page<DeliveryId>), Problem> {
    let search = query::deliveries(app, asked(query))?;
    Ok((search.filter, search.page))
}

/// A search for events, with the parameters of `GET /v1/events`.
///
/// # Errors
/// Names the parameter that is not usable.
pub fn events(query: &str) -> Result<(EventFilter, Page<EventId>), Problem> {
    let search = query::events(asked(query))?;
    Ok((search.filter, search.page))
}

/// A page of a listing.
///
/// # Errors
/// When the cursor is none.
pub fn page<Id>(cursor: Option<&str>) -> Result<Page<Id>, Problem>
where
    Id: std::str::FromStr<Err: std::fmt::Display>,
{
    paging::page(cursor, None)
}

/// Entries of the audit log, with the parameters of `GET /v1/audit`, and where to go on.
///
/// # Errors
/// Names the parameter that is not usable.
pub async fn audit(
    app: Arc<App>,
    query: &str,
) -> Result<(Vec<AuditEntry>, Option<String>), Problem> {
    let answer = audit::list(State(app), asked(query)).await?;
    let listing: Listing = document(answer).await?;
    Ok((listing.items, listing.next))
}

#[derive(serde::Deserialize)]
struct Listing {
    items: Vec<AuditEntry>,
    next: Option<String>,
}

/// What an answer of the API says.
async fn document<T: DeserializeOwned>(answer: axum::response::Response) -> Result<T, Problem> {
    let bytes = answer.into_body().collect().await;
    let bytes = bytes.map_err(|error| Problem::unavailable(error.to_string()))?.to_bytes();
    body::parse(&bytes)
}

/// Tries a delivery again.
///
/// # Errors
/// When there is none, or it has not ended.
pub async fn retry(app: Arc<App>, actor: Actor, id: DeliveryId) -> Result<(), Problem> {
    deliveries::retry(State(Arc::clone(&app)), actor, Path(id.to_string())).await?;
    app.live.tell(Topic::Deliveries, 1);
    Ok(())
}

/// Ends a delivery.
///
/// # Errors
/// When there is none, or nothing to cancel.
pub async fn cancel(app: Arc<App>, actor: Actor, id: DeliveryId) -> Result<(), Problem> {
    deliveries::cancel(State(Arc::clone(&app)), actor, Path(id.to_string())).await?;
    app.live.tell(Topic::Deliveries, 1);
    Ok(())
}

/// Reads a post again that could not be read.
///
/// # Errors
/// When it still cannot.
pub async fn retry_reject(app: Arc<App>, actor: Actor, id: RejectId) -> Result<(), Problem> {
    rejects::retry(State(app), actor, Path(id.to_string())).await.map(drop)
}

/// Forgets a post that could not be read.
///
/// # Errors
/// When there is none.
pub async fn remove_reject(app: Arc<App>, actor: Actor, id: RejectId) -> Result<(), Problem> {
    rejects::remove(State(Arc::clone(&app)), actor, Path(id.to_string())).await?;
    app.live.tell(Topic::Rejects, 1);
    Ok(())
}

/// Makes a replay, or says what it would do: the document of `POST /v1/replays`, and its answer.
///
/// # Errors
/// With all that is wrong in the document, or what is in the way.
pub async fn replay(
    app: Arc<App>,
    actor: Actor,
    document_: &Value,
    dry_run: bool,
) -> Result<Value, Problem> {
    let wanted = Document(body::parse(document_.to_string().as_bytes())?);
    let how = asked(if dry_run { "dry_run=true" } else { "" });
    let answer = replays::create(State(Arc::clone(&app)), actor, how, wanted).await?;
    if !dry_run {
        app.live.tell(Topic::Replays, 1);
    }
    document(answer).await
}

/// Brings a replay into another state: `start`, `pause`, `resume`, `cancel` or `remove`.
///
/// # Errors
/// When there is no such replay, or no such move from where it is.
pub async fn move_replay(
    app: Arc<App>,
    actor: Actor,
    id: ReplayId,
    to: &str,
) -> Result<(), Problem> {
    let (state, path) = (State(Arc::clone(&app)), Path(id.to_string()));
    match to {
        "start" => replays::start(state, actor, path).await.map(gone),
        "resume" => replays::resume(state, actor, path).await.map(gone),
        "pause" => replays::pause(state, actor, path).await.map(gone),
        "cancel" => replays::cancel(state, actor, path).await.map(gone),
        "remove" => replays::remove(state, actor, path).await.map(drop),
        other => Err(Problem::bad_request(format!("there is no move `{other}`"))),
    }?;
    app.live.tell(Topic::Replays, 1);
    Ok(())
}

fn gone<T>(_: Json<T>) {}

/// A moment as people write one: a time with its zone, or how long ago it was.
///
/// # Errors
/// Says how to write one.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    super::moment::read(text, Timestamp::now())
}

/// The name of a source, if one is given.
///
/// # Errors
/// When it can be none.
pub fn source(name: &str) -> Result<Option<Name>, Problem> {
    let read = |name: &str| name.parse::<Name>().map(Some);
    let name = Some(name).filter(|name| !name.is_empty());
    name.map_or(Ok(None), read).map_err(|error| Problem::bad_request(format!("source: {error}")))
}
