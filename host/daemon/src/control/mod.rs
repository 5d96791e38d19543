//! Events of the host's own: a test of a subscription, and the question who owns its address.
//! Each is made for one subscription and reaches no other, whatever that one takes.

mod course;
mod own;
mod sample;

use hookwright_model::{Event, EventId, EventType, Timestamp};
use http::StatusCode;
use serde_json::Value;

pub(crate) use course::{Course, course, settle};
pub use own::Own;
pub use sample::test;

use crate::server::problem::Problem;

/// The name of the source that they are from. No other source can have it.
pub const SOURCE: &str = "hookwright";
/// The type of the event that tries out a subscription.
pub const TEST: &str = "subscription.test";
/// The type of the event that asks who owns an address.
pub const VERIFY_REQUESTED: &str = "subscription.verify_requested";

/// What their types start with. Nothing from outside can have such a type: it would be taken
/// for the host's word.
const RESERVED: [&str; 2] = ["subscription.", "connection."];

/// Whether events of a type are the host's own.
#[must_use]
pub fn is_reserved(event_type: &EventType) -> bool {
    RESERVED.iter().any(|prefix| event_type.as_str().starts_with(prefix))
}

/// Why an event of such a type is not taken in, for whoever posts it.
#[must_use]
pub fn refusal(event_type: &EventType) -> String {
    format!(
        "`{event_type}` is one of the types that only the daemon itself gives (`subscription.*` \
         and `connection.*`); use another name"
    )
}

/// An event of the host's own.
///
/// # Errors
/// When the type cannot be one, which no type of this module is.
pub(crate) fn event(
    event_type: &str,
    subject: &str,
    data_schema: &str,
    data: &Value,
    now: Timestamp,
) -> Result<Event, Problem> {
    let fault = |error: &dyn std::fmt::Display| {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Problem::new(status, "Internal error", error.to_string())
    };
    Ok(Event {
        id: EventId::new(),
        source: SOURCE.parse().map_err(|error| fault(&error))?,
        event_type: event_type.parse().map_err(|error| fault(&error))?,
        subject: Some(subject.into()),
        occurred_at: now,
        received_at: now,
        data_schema: data_schema.into(),
        data: data.to_string().into(),
        upstream_name: None,
        dedupe_key: None,
    })
}

/// Which of them an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Test,
    VerifyRequest,
}

impl Kind {
    /// None for an event from outside.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        match event.event_type.as_str() {
            _ if event.source.as_str() != SOURCE => None,
            TEST => Some(Self::Test),
            VERIFY_REQUESTED => Some(Self::VerifyRequest),
            _ => None,
        }
    }
}
