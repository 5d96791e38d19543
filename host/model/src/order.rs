//! Whether deliveries of a subscription wait for earlier ones.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Event;

/// Which deliveries of a subscription follow each other, each only when the one before has
/// ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// None: each goes as soon as it can.
    #[default]
    None,
    /// Those of events of the same ticket. Events that are of no ticket follow nobody.
    PerTicket,
    /// All of them.
    Strict,
}

/// What becomes of the deliveries that follow one which failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterFailure {
    /// They go on without it.
    #[default]
    Skip,
    /// They wait until an admin has it tried again, or cancels it.
    Wait,
}

/// What deliveries have in common that follow each other, within their subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lane([u8; Self::LENGTH]);

impl Order {
    /// Whether it is the usual.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// Behind which others a delivery of this event stands; behind none if there is no lane.
    #[must_use]
    pub fn lane(self, event: &Event) -> Option<Lane> {
        match self {
            Self::None => None,
            Self::PerTicket => Some(Lane::of(event.source.as_str(), event.subject.as_deref()?)),
            Self::Strict => Some(Lane([0; Lane::LENGTH])),
        }
    }
}

impl AfterFailure {
    /// Whether it is the usual.
    #[must_use]
    pub fn is_skip(&self) -> bool {
        *self == Self::Skip
    }
}

impl Lane {
    /// Bytes of one: half a SHA-256, in which no two tickets meet.
    pub const LENGTH: usize = 16;

    /// A ticket's number says nothing without its helpdesk.
    fn of(source: &str, subject: &str) -> Self {
        let hash = Sha256::new().chain_update(source).chain_update([0]).chain_update(subject);
        let hash: [u8; 32] = hash.finalize().into();
        let mut lane = [0; Self::LENGTH];
        lane.copy_from_slice(&hash[..Self::LENGTH]);
        Self(lane)
    }

    /// As it was stored.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// To be stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EventId, Timestamp};

    fn event(source: &str, subject: Option<&str>) -> Event {
        Event {
            id: EventId::new(),
            source: source.parse().unwrap(),
            event_type: "ticket.updated".parse().unwrap(),
            subject: subject.map(Into::into),
            occurred_at: Timestamp::default(),
            received_at: Timestamp::default(),
            data_schema: "".into(),
            data: "{}".into(),
            upstream_name: None,
            dedupe_key: None,
        }
    }

    #[test]
    fn a_lane_is_a_ticket_of_one_helpdesk() {
        let lane = |source, subject| Order::PerTicket.lane(&event(source, subject));
        assert_eq!(lane("desk", Some("7")), lane("desk", Some("7")));
        assert_ne!(lane("desk", Some("7")), lane("desk", Some("8")));
        assert_ne!(lane("desk", Some("7")), lane("other", Some("7")));
        assert_eq!(lane("desk", None), None);
        assert_eq!(Order::None.lane(&event("desk", Some("7"))), None);
        let strict = |source, subject| Order::Strict.lane(&event(source, subject));
        assert!(strict("desk", None).is_some());
        assert_eq!(strict("desk", None), strict("other", Some("7")));
    }
}
