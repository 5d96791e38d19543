//! Filters in SQL.

use hookwright_model::answer::StatusRange;
use hookwright_model::{Timestamp, TypePattern};
use rusqlite::types::Value;
use uuid::Uuid;

use crate::{About, DeliveryFilter, Times};

use super::super::codec::state_number;

/// What is bound to a statement's parameters.
#[derive(Clone, Debug, Default)]
pub(super) struct Values(pub(super) Vec<Value>);

impl Values {
    /// The parameter that stands for a text.
    pub(super) fn text(&mut self, text: &str) -> String {
        self.0.push(text.to_owned().into());
        format!("?{}", self.0.len())
    }
}

/// An id as SQL has it: digits, which need no parameter.
pub(super) fn id(id: Uuid) -> String {
    format!("x'{}'", id.simple())
}

/// A text that is looked for, in upper or lower case of any alphabet, which SQL's `LIKE` does not
/// know.
pub(super) struct Text(String);

impl Text {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_lowercase())
    }

    pub(super) fn is_in(&self, other: &str) -> bool {
        other.to_lowercase().contains(&self.0)
    }
}

/// Joined with AND; what has no conditions always holds.
pub(super) fn all(conditions: &[String]) -> String {
    if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") }
}

/// Of an event in the table `e`.
pub(super) fn about(about: &About, values: &mut Values) -> Vec<String> {
    let mut conditions = Vec::new();
    if let Some(source) = &about.source {
        conditions.push(format!("e.source = {}", values.text(source.as_str())));
    }
    conditions.extend(of_type(about, values));
    if let Some(subject) = &about.subject {
        conditions.push(format!("e.subject = {}", values.text(subject)));
    }
    if let Some(ticket) = &about.ticket {
        let ticket = values.text(ticket);
        conditions.push(format!("(e.number = {ticket} OR e.subject = {ticket})"));
    }
    conditions
}

/// Of the type of an event in the table `e`.
pub(super) fn of_type(about: &About, values: &mut Values) -> Option<String> {
    match about.event_type.as_ref()? {
        TypePattern::Any => None,
        TypePattern::Exact(one) => Some(format!("e.type = {}", values.text(one.as_str()))),
        TypePattern::Prefix(prefix) => {
            let end = prefix.strip_suffix('.').unwrap_or(prefix);
            let (first, end) = (values.text(prefix), values.text(&format!("{end}/")));
            // A slash comes after a dot, with nothing in between.
            Some(format!("e.type >= {first} AND e.type < {end}"))
        }
    }
}

/// Of a delivery in the table `d`, but for its event and its reason.
pub(super) fn of_delivery(filter: &DeliveryFilter) -> Vec<String> {
    let mut conditions = Vec::new();
    if !filter.states.is_empty() {
        let states: Vec<_> =
            filter.states.iter().map(|state| state_number(*state).to_string()).collect();
        conditions.push(format!("d.state IN ({})", states.join(", ")));
    }
    if !filter.statuses.is_empty() {
        let range = |range: &StatusRange| {
            let (first, last) = range.bounds();
            format!("d.last_status BETWEEN {first} AND {last}")
        };
        let ranges: Vec<_> = filter.statuses.iter().map(range).collect();
        conditions.push(format!("({})", ranges.join(" OR ")));
    }
    for (column, wanted) in [
        ("subscription", filter.subscription.map(|id| id.uuid())),
        ("event", filter.event.map(|id| id.uuid())),
        ("parent", filter.parent.map(|id| id.uuid())),
    ] {
        if let Some(wanted) = wanted {
            conditions.push(format!("d.{column} = {}", id(wanted)));
        }
    }
    conditions
}

/// The part of a table that is asked for, by ids, which begin with the moment they were made at.
pub(super) fn within(column: &str, times: Times, before: Option<Uuid>) -> Vec<String> {
    let mut conditions = Vec::new();
    if let Some(since) = times.since {
        conditions.push(format!("{column} >= {}", id(first_at(since))));
    }
    let end = match (times.until.map(first_at), before) {
        (Some(until), Some(before)) => Some(until.min(before)),
        (until, before) => until.or(before),
    };
    if let Some(end) = end {
        conditions.push(format!("{column} < {}", id(end)));
    }
    conditions
}

/// No id that is made from this moment on is smaller.
fn first_at(moment: Timestamp) -> Uuid {
    const MOST: u64 = (1 << 48) - 1;
    let millis = u64::try_from(moment.millis()).unwrap_or(0).min(MOST);
    Uuid::from_u128(u128::from(millis) << 80)
}
