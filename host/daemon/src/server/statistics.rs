//! `/v1/statistics`: figures over time; `/v1/attention`: what needs somebody to look.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use hookwright_model::{Step, Timestamp};
use serde::Deserialize;

use super::moment::{self, Moment};
use super::problem::Problem;
use super::query::Asked;
use super::setup::Items;
use crate::app::App;
use crate::attention::{self, Item};
use crate::statistics::report::{Ask, By, Report, report};

/// Over which time, how finely, and of whom.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct StatisticsQuery {
    /// A time after RFC 3339, or how long ago it was, such as `6h`; a day ago if absent.
    #[param(inline, value_type = Option<Moment>)]
    since: Option<String>,
    /// The same; now if absent.
    #[param(inline, value_type = Option<Moment>)]
    until: Option<String>,
    /// `minute`, `hour`, `day`, or `auto`, which fits the time.
    #[param(pattern = "^(minute|hour|day|auto)$")]
    step: Option<String>,
    /// `none`, `subscription`, `source` or `destination`: what has a series of its own.
    #[param(pattern = "^(none|subscription|source|destination)$")]
    by: Option<String>,
}

/// Shows figures over time: how much was delivered and failed, and how long it took.
#[utoipa::path(
    get, path = "/v1/statistics",
    params(StatisticsQuery),
    responses((status = 200, body = Report)),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    asked: Asked<StatisticsQuery>,
) -> Result<Json<Report>, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::bad_request(error.body_text()))?;
    let ask = read(&asked, Timestamp::now()).map_err(Problem::bad_request)?;
    Ok(Json(report(&app, ask).await?))
}

/// Names the parameter that is not usable.
fn read(asked: &StatisticsQuery, now: Timestamp) -> Result<Ask, String> {
    let moment = |name: &str, given: &Option<String>| {
        let moment = given.as_deref().map(|text| moment::read(text, now)).transpose();
        moment.map_err(|error| format!("{name}: {error}"))
    };
    let times = (moment("since", &asked.since)?, moment("until", &asked.until)?);
    let step = asked.step.as_deref().filter(|step| *step != "auto");
    let step = step.map(str::parse::<Step>).transpose();
    let step = step.map_err(|error| format!("step: {error}"))?;
    let by = asked.by.as_deref().map(str::parse::<By>).transpose();
    let by = by.map_err(|error| format!("by: {error}"))?;
    Ask::new(times, step, by.unwrap_or_default(), now).map_err(|refused| refused.to_string())
}

/// Lists what needs somebody to look, and what to do; what is worst comes first.
#[utoipa::path(
    get, path = "/v1/attention",
    responses((status = 200, body = Items<Item>)),
)]
pub(super) async fn attention(State(app): State<Arc<App>>) -> Result<Json<Items<Item>>, Problem> {
    Ok(Json(Items { items: attention::items(&app).await? }))
}
