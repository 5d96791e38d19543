//! What listings and exports of the journal are asked with.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use hookwright_model::{DeliveryId, EventId, EventType, Name, Timestamp};
use hookwright_store::{About, DeliveryFilter, EventFilter, Page, Times};
use serde::Deserialize;

use super::moment::{self, Moment};
use super::paging::page;
use super::problem::Problem;
use super::subscriptions::find;
use crate::app::App;

/// The most statuses of one filter.
const MAX_STATUSES: usize = 20;
/// The longest text that is looked for, in bytes.
const MAX_TEXT: usize = 500;

/// For deliveries.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DeliveryQuery {
    /// In one of these states, with commas in between.
    #[param(
        pattern = "^(pending|running|delivered|failed|skipped|canceled|unknown)(,(pending|running|delivered|failed|skipped|canceled|unknown)){0,6}$"
    )]
    state: Option<String>,
    /// Whose last answer had one of these statuses, such as `5xx,404`.
    #[param(pattern = "^([1-9]xx|[1-9][0-9]{2})(,([1-9]xx|[1-9][0-9]{2})){0,9}$")]
    status: Option<String>,
    /// To this subscription, by its name or its id.
    #[param(value_type = Option<Name>)]
    subscription: Option<String>,
    /// Of this event.
    #[param(value_type = Option<EventId>)]
    event: Option<String>,
    /// Caused by this delivery's answer.
    #[param(value_type = Option<DeliveryId>)]
    parent: Option<String>,
    /// With this in the last failure, without regard to case.
    #[param(min_length = 1, max_length = 500)]
    error: Option<String>,
    /// From this source.
    #[param(value_type = Option<Name>)]
    source: Option<String>,
    /// Of this type.
    #[param(value_type = Option<EventType>)]
    event_type: Option<String>,
    /// About this.
    #[param(min_length = 1, max_length = 500)]
    subject: Option<String>,
    /// About the ticket that people know by this number.
    #[param(min_length = 1, max_length = 500)]
    ticket: Option<String>,
    /// From this moment on.
    #[param(inline, value_type = Option<Moment>)]
    since: Option<String>,
    /// Before this moment.
    #[param(inline, value_type = Option<Moment>)]
    until: Option<String>,
    /// What the page before said in `next`.
    #[param(value_type = Option<DeliveryId>)]
    cursor: Option<String>,
    /// How many there are on a page, at most; 50 if it is not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// For events.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct EventQuery {
    /// From this source.
    #[param(value_type = Option<Name>)]
    source: Option<String>,
    /// Of this type.
    #[param(value_type = Option<EventType>)]
    #[serde(rename = "type")]
    event_type: Option<String>,
    /// About this.
    #[param(min_length = 1, max_length = 500)]
    subject: Option<String>,
    /// About the ticket that people know by this number.
    #[param(min_length = 1, max_length = 500)]
    ticket: Option<String>,
    /// From this moment on.
    #[param(inline, value_type = Option<Moment>)]
    since: Option<String>,
    /// Before this moment.
    #[param(inline, value_type = Option<Moment>)]
    until: Option<String>,
    /// What the page before said in `next`.
    #[param(value_type = Option<EventId>)]
    cursor: Option<String>,
    /// How many there are on a page, at most; 50 if it is not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// A query as it comes.
pub(super) type Asked<T> = Result<Query<T>, QueryRejection>;

/// The same query, for the next page.
pub(super) type Same = Vec<(&'static str, Option<String>)>;

/// What is looked for.
pub(super) struct Search<Filter, Id> {
    pub(super) filter: Filter,
    pub(super) page: Page<Id>,
    /// How many a page was asked to have.
    pub(super) limit: Option<usize>,
    pub(super) same: Same,
}

/// Reads a query for deliveries.
///
/// # Errors
/// Names the parameter that is not usable.
pub(super) fn deliveries(
    app: &App,
    asked: Asked<DeliveryQuery>,
) -> Result<Search<DeliveryFilter, DeliveryId>, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::bad_request(error.body_text()))?;
    let about =
        about(&asked.source, ("event_type", &asked.event_type), &asked.subject, &asked.ticket)?;
    let statuses = list("status", &asked.status)?;
    if statuses.len() > MAX_STATUSES {
        return Err(bad("status", &format!("more than {MAX_STATUSES}; a range can be 400..=499")));
    }
    let filter = DeliveryFilter {
        states: list("state", &asked.state)?,
        statuses,
        subscription: asked.subscription.as_deref().map(|name| find(app, name)).transpose()?,
        event: one("event", &asked.event)?,
        parent: one("parent", &asked.parent)?,
        error: text("error", &asked.error)?,
        about,
        times: times(&asked.since, &asked.until)?,
    };
    let same = vec![
        ("state", asked.state),
        ("status", asked.status),
        ("subscription", asked.subscription),
        ("event", asked.event),
        ("parent", asked.parent),
        ("error", asked.error),
        ("source", asked.source),
        ("event_type", asked.event_type),
        ("subject", asked.subject),
        ("ticket", asked.ticket),
        ("since", filter.times.since.map(|since| since.to_string())),
        ("until", filter.times.until.map(|until| until.to_string())),
    ];
    let page = page(asked.cursor.as_deref(), asked.limit)?;
    Ok(Search { filter, page, limit: asked.limit, same })
}

/// Reads a query for events.
///
/// # Errors
/// Names the parameter that is not usable.
pub(super) fn events(asked: Asked<EventQuery>) -> Result<Search<EventFilter, EventId>, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::bad_request(error.body_text()))?;
    let about = about(&asked.source, ("type", &asked.event_type), &asked.subject, &asked.ticket)?;
    let filter = EventFilter { about, times: times(&asked.since, &asked.until)? };
    let same = vec![
        ("source", asked.source),
        ("type", asked.event_type),
        ("subject", asked.subject),
        ("ticket", asked.ticket),
        // A span of time ends at another moment when the next page is asked for.
        ("since", filter.times.since.map(|since| since.to_string())),
        ("until", filter.times.until.map(|until| until.to_string())),
    ];
    let page = page(asked.cursor.as_deref(), asked.limit)?;
    Ok(Search { filter, page, limit: asked.limit, same })
}

fn about(
    source: &Option<String>,
    (type_name, event_type): (&'static str, &Option<String>),
    subject: &Option<String>,
    ticket: &Option<String>,
) -> Result<About, Problem> {
    Ok(About {
        source: one("source", source)?,
        event_type: one(type_name, event_type)?,
        subject: text("subject", subject)?,
        ticket: text("ticket", ticket)?,
    })
}

fn times(since: &Option<String>, until: &Option<String>) -> Result<Times, Problem> {
    let now = Timestamp::now();
    let read = |name: &str, given: &Option<String>| {
        let moment = given.as_deref().map(|text| moment::read(text, now)).transpose();
        moment.map_err(|error| bad(name, &error))
    };
    let times = Times { since: read("since", since)?, until: read("until", until)? };
    match times {
        Times { since: Some(since), until: Some(until) } if until <= since => Err(bad(
            "until",
            &format!("{until} is not after `since`, which is {since}: nothing is in between"),
        )),
        times => Ok(times),
    }
}

fn bad(name: &str, error: &dyn Display) -> Problem {
    Problem::bad_request(format!("{name}: {error}"))
}

fn one<T: FromStr<Err: Display>>(name: &str, given: &Option<String>) -> Result<Option<T>, Problem> {
    given.as_deref().map(str::parse).transpose().map_err(|error| bad(name, &error))
}

/// Several, with commas in between.
fn list<T: FromStr<Err: Display>>(name: &str, given: &Option<String>) -> Result<Vec<T>, Problem> {
    let items = given.iter().flat_map(|text| text.split(',')).map(|item| item.trim().parse());
    items.collect::<Result<_, _>>().map_err(|error| bad(name, &error))
}

fn text(name: &str, given: &Option<String>) -> Result<Option<String>, Problem> {
    match given.as_deref() {
        Some("") => Err(bad(name, &"it is empty; leave it out to find all")),
        Some(text) if text.len() > MAX_TEXT => {
            Err(bad(name, &format!("it is longer than {MAX_TEXT} bytes")))
        }
        text => Ok(text.map(str::to_owned)),
    }
}
