//! Events of the host's own. A test of a subscription, and the question who owns its address, are
//! each made for one subscription and reach no other, whatever that one takes. What the host tells
//! of itself (`operations`) is routed, to those who ask for it.

mod course;
mod own;
mod reason;
mod sample;

use hookwright_model::{Event, EventId, EventType, Subscription, Timestamp, TypePattern};
use http::StatusCode;
use serde_json::Value;

pub(crate) use course::{Course, course, settle};
pub use own::Own;
pub(crate) use reason::plain;
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

/// What the host tells of itself.
const OPERATIONAL: [&str; 8] = [
    "delivery.exhausted",
    "destination.recovered",
    "destination.unavailable",
    "plugin.resumed",
    "plugin.suspended",
    "source.rejecting",
    "subscription.disabled",
    "subscription.enabled",
];

/// Whether events of a type are the host's own.
#[must_use]
pub fn is_reserved(event_type: &EventType) -> bool {
    is_operational(event_type)
        || RESERVED.iter().any(|prefix| event_type.as_str().starts_with(prefix))
}

/// Whether events of a type are what the host tells of itself.
#[must_use]
pub fn is_operational(event_type: &EventType) -> bool {
    OPERATIONAL.contains(&event_type.as_str())
}

/// Whether a subscription asks for what the host tells of itself: by the type or the beginning of
/// it, or by the source. Who takes all types means those of helpdesks.
#[must_use]
pub fn asks_for(subscription: &Subscription, event_type: &EventType) -> bool {
    let is_named =
        |pattern: &TypePattern| !matches!(pattern, TypePattern::Any) && pattern.matches(event_type);
    subscription.sources.iter().any(|source| source.as_str() == SOURCE)
        || subscription.events.iter().any(is_named)
}

/// Why an event of such a type is not taken in, for whoever posts it.
#[must_use]
pub fn refusal(event_type: &EventType) -> String {
    format!(
        "`{event_type}` is one of the types that only the daemon itself gives (`subscription.*`, \
         `connection.*` and those of its operation); use another name"
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
    /// It tells of the daemon itself.
    Operational,
}

impl Kind {
    /// None for an event from outside.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        match event.event_type.as_str() {
            _ if event.source.as_str() != SOURCE => None,
            TEST => Some(Self::Test),
            VERIFY_REQUESTED => Some(Self::VerifyRequest),
            _ if is_operational(&event.event_type) => Some(Self::Operational),
            _ => None,
        }
    }

    /// Whether the event was made for one subscription, and says nothing of how that one fares.
    pub(crate) fn is_for_one(event: &Event) -> bool {
        matches!(Self::of(event), Some(Self::Test | Self::VerifyRequest))
    }
}
