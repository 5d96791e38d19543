//! What a delivery is worked on with: what its subscription has, or, for one that writes back,
//! what the connection has, and the event that its plugin makes requests from.

use std::sync::Arc;
use std::time::Instant;

use hookwright_model::{Delivery, Event, FollowUp, Name};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::brake::{Brake, Written};
use super::target::Target;
use crate::registry::{ConnectionEntry, Snapshot, SubscriptionEntry};

/// The type of the event by which a connection's plugin is asked to write a field.
pub const SET_FIELD: &str = "connection.set_field";
/// The type of the event by which a connection's plugin is asked to add a comment.
pub const ADD_COMMENT: &str = "connection.add_comment";
/// The schema of their data.
const SCHEMA: &str = "write/1";

/// What a delivery is worked on with.
#[derive(Clone)]
pub(super) struct Means {
    pub(super) target: Arc<Target>,
    /// What the plugin is given.
    pub(super) event: Arc<Event>,
}

/// Why a delivery is not worked on now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// It waits for an admin.
    Held(String),
    /// It has failed.
    Failed(String),
}

/// What a delivery is worked on with.
pub(super) fn means(
    delivery: &mut Delivery,
    event: &Arc<Event>,
    entry: &SubscriptionEntry,
    snapshot: &Snapshot,
    brake: &Brake,
) -> Result<Means, Stopped> {
    match delivery.follow_up.clone().filter(FollowUp::writes_back) {
        Some(follow_up) => writing(delivery, &follow_up, event, snapshot, brake),
        None => Ok(Means { target: Arc::clone(&entry.target), event: Arc::clone(event) }),
    }
}

/// The connection of the source that an event came from.
pub(super) fn connection_of<'s>(snapshot: &'s Snapshot, event: &Event) -> Option<&'s Name> {
    snapshot.sources.get(&event.source)?.source.connection.as_ref()
}

/// Notes which connection it is: requests that were made for one are never sent with the secrets
/// of another.
fn writing(
    delivery: &mut Delivery,
    follow_up: &FollowUp,
    event: &Event,
    snapshot: &Snapshot,
    brake: &Brake,
) -> Result<Means, Stopped> {
    let source = &event.source;
    let of_source = connection_of(snapshot, event);
    let Some(name) = delivery.connection.clone().or_else(|| of_source.cloned()) else {
        let reason = format!("the source `{source}` has no connection to write back through");
        return Err(Stopped::Failed(reason));
    };
    let Some(entry) = snapshot.connections.get(&name) else {
        let reason = format!("there is no connection `{name}` to write back through");
        return Err(Stopped::Failed(reason));
    };
    if !entry.connection.enabled {
        return Err(Stopped::Held(format!("the connection `{name}` is disabled")));
    }
    delivery.connection = Some(name);
    if delivery.requests.is_none() {
        count(delivery, event, entry, brake)?;
    }
    let event = write_event(event, follow_up).map_err(Stopped::Failed)?;
    Ok(Means { target: Arc::clone(&entry.target), event: Arc::new(event) })
}

fn count(
    delivery: &Delivery,
    event: &Event,
    entry: &ConnectionEntry,
    brake: &Brake,
) -> Result<(), Stopped> {
    let connection = &entry.connection;
    // What is about no ticket cannot come back to it.
    let ticket = event.subject.as_deref().map_or_else(|| event.id.to_string(), str::to_owned);
    let most = connection.writes_per_ticket_per_hour;
    let to = Written { connection: connection.id, source: event.source.clone(), ticket };
    let shown = to.ticket.clone();
    if brake.may_write(to, delivery.id, most, Instant::now()) {
        return Ok(());
    }
    Err(Stopped::Failed(format!(
        "the ticket {shown} was written to {most} times within an hour, the most that the \
         connection `{}` allows (writes_per_ticket_per_hour): it may be what is written that \
         makes the helpdesk post again. If so, leave such posts out by the subscription's \
         condition",
        connection.name
    )))
}

/// The event that a connection's plugin gets: the one that caused the write, but for its type
/// and data.
fn write_event(event: &Event, follow_up: &FollowUp) -> Result<Event, String> {
    #[derive(Deserialize)]
    struct Data<'a> {
        #[serde(borrow)]
        ticket: &'a RawValue,
    }
    #[derive(Serialize)]
    struct Write<'a> {
        ticket: &'a RawValue,
        #[serde(flatten)]
        what: What<'a>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum What<'a> {
        Field { name: &'a str, value: &'a RawValue },
        Comment { text: &'a str, visibility: &'static str },
    }
    let no_ticket: Box<RawValue> = RawValue::from_string("{}".into()).map_err(|e| e.to_string())?;
    let data = serde_json::from_str::<Data<'_>>(&event.data).ok();
    // As it stands there, so that the same event gives the same bytes.
    let ticket = data.map(|data| data.ticket).filter(|ticket| ticket.get().starts_with('{'));
    let ticket = ticket.unwrap_or(&no_ticket);
    let (name, what) = match follow_up {
        FollowUp::SetField { field, value } => {
            let value: &RawValue = serde_json::from_str(value).map_err(|error| {
                format!("the value of the field `{field}` is not JSON: {error}")
            })?;
            (SET_FIELD, What::Field { name: field, value })
        }
        FollowUp::AddComment { internal, text } => {
            let visibility = if *internal { "internal" } else { "public" };
            (ADD_COMMENT, What::Comment { text, visibility })
        }
        FollowUp::Send(_) => return Err("a request is not written through a connection".into()),
    };
    let data = serde_json::to_string(&Write { ticket, what }).map_err(|error| error.to_string())?;
    Ok(Event {
        event_type: name.parse().map_err(|error| format!("{error}"))?,
        data_schema: SCHEMA.into(),
        data: data.into(),
        upstream_name: None,
        dedupe_key: None,
        ..event.clone()
    })
}

#[cfg(test)]
#[path = "means_tests.rs"]
mod tests;
