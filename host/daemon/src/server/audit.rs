//! `/v1/audit`: who did what.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use hookwright_model::{ActorKind, AuditEntry, AuditId, Timestamp};
use hookwright_store::AuditFilter;
use serde::Deserialize;

use super::moment::{self, Moment};
use super::paging::{Listing, listing, page};
use super::problem::Problem;
use crate::app::App;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// Their name, what they are (`user`), or both (`user/anna`).
    actor: Option<String>,
    /// Such as `subscription.update`, or `subscription.*`.
    action: Option<String>,
    /// Its name, or what it is with or without its name (`subscription/`, `subscription/desk`).
    target: Option<String>,
    /// From this moment on, such as `2026-11-01T00:00:00Z`, or so long ago, such as `7d`.
    #[param(inline, value_type = Option<Moment>)]
    since: Option<String>,
    /// Before this moment.
    #[param(inline, value_type = Option<Moment>)]
    until: Option<String>,
    /// What the page before said in `next`.
    #[param(value_type = Option<AuditId>)]
    cursor: Option<String>,
    /// How many there are on a page, at most; 50 if it is not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// Lists who did what, newest first.
#[utoipa::path(
    get, path = "/v1/audit",
    params(Filter),
    responses((status = 200, body = Listing<AuditEntry>, headers(("link" = String, description = "Where the next page is, as `rel=\"next\"`; absent on the last.")))),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    filter: Result<Query<Filter>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = filter.map_err(|error| Problem::bad_request(error.body_text()))?;
    let page = page::<AuditId>(asked.cursor.as_deref(), asked.limit)?;
    let filter = read(&asked, Timestamp::now())?;
    let entries = app.store.audit(filter, page).await?;
    let query = [
        ("actor", asked.actor),
        ("action", asked.action),
        ("target", asked.target),
        ("since", asked.since),
        ("until", asked.until),
    ];
    Ok(listing("/v1/audit", &query, page.limit, entries, |entry| entry.id))
}

fn read(asked: &Filter, now: Timestamp) -> Result<AuditFilter, Problem> {
    let mut filter = AuditFilter { action: asked.action.clone(), ..AuditFilter::default() };
    let wrong = |what: &str, error: &dyn std::fmt::Display| {
        Problem::bad_request(format!("{what}: {error}"))
    };
    if let Some(actor) = &asked.actor {
        let (kind, name) = match actor.split_once('/') {
            Some((kind, name)) => {
                (Some(kind.parse().map_err(|error| wrong("actor", &error))?), name)
            }
            None => match actor.parse::<ActorKind>() {
                Ok(kind) => (Some(kind), ""),
                Err(_) => (None, actor.as_str()),
            },
        };
        filter.actor_kind = kind;
        filter.actor = Some(name).filter(|name| !name.is_empty()).map(str::to_owned);
    }
    if let Some(target) = &asked.target {
        let (kind, name) = match target.split_once('/') {
            Some((kind, name)) => (Some(kind.to_owned()), name),
            None => (None, target.as_str()),
        };
        filter.target_kind = kind;
        filter.target = Some(name).filter(|name| !name.is_empty()).map(str::to_owned);
    }
    for (name, text, moment) in [
        ("since", &asked.since, &mut filter.times.since),
        ("until", &asked.until, &mut filter.times.until),
    ] {
        let read = text.as_deref().map(|text| moment::read(text, now)).transpose();
        *moment = read.map_err(|error| wrong(name, &error))?;
    }
    Ok(filter)
}
