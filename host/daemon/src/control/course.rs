//! What becomes of a delivery before and after it is worked on: the host's own events go to
//! subscriptions that take no others now, and are not tried for as long as others.

use hookwright_model::{Delivery, DeliveryState, Event, FollowUp, Timestamp};

use super::Kind;
use super::reason::tried_once;
use crate::handshake::{Address, VALID};
use crate::registry::SubscriptionEntry;

/// What to do with a delivery.
pub(crate) enum Course {
    /// It is worked on.
    Go,
    /// It waits for an admin, or for whoever owns the address.
    Hold(&'static str),
    /// It has ended.
    End(DeliveryState, String),
}

/// What to do with a delivery to a subscription, as that is now.
pub(crate) fn course(
    delivery: &Delivery,
    event: &Event,
    entry: &SubscriptionEntry,
    now: Timestamp,
) -> Course {
    let usual = || entry.held().map_or(Course::Go, |held| Course::Hold(held.reason()));
    let Some(kind) = Kind::of(event) else { return usual() };
    if let Some(FollowUp::SetField { .. } | FollowUp::AddComment { .. }) = &delivery.follow_up {
        let reason = "the event is the daemon's own: there is no ticket to write to";
        return Course::End(DeliveryState::Skipped, reason.to_owned());
    }
    match kind {
        Kind::Operational => usual(),
        Kind::Test => Course::Go,
        Kind::VerifyRequest => verify_request(event, entry.address.as_ref(), now),
    }
}

fn verify_request(event: &Event, address: Option<&Address>, now: Timestamp) -> Course {
    // The event is known by the address that it asks about.
    let same = |address: &&Address| {
        event.dedupe_key.as_deref() == Some(address.digest.to_string().as_str())
    };
    let Some(address) = address.filter(same) else {
        let reason = "the subscription has another address now, or asks nobody to confirm it";
        return Course::End(DeliveryState::Canceled, reason.to_owned());
    };
    if address.confirmed {
        return Course::End(DeliveryState::Skipped, "the address is confirmed already".to_owned());
    }
    let until = event.received_at.after(VALID);
    if until <= now {
        let reason = format!("nobody confirmed the address until {until}, when the code expired");
        return Course::End(DeliveryState::Failed, reason);
    }
    Course::Go
}

/// Ends a delivery that would be tried again, and is not to be. Says why it ends, if it does.
pub(crate) fn settle(delivery: &Delivery, event: &Event) -> Option<String> {
    let next = delivery.next_attempt_at.filter(|_| !delivery.state.is_final())?;
    let reason = delivery.reason.as_deref().unwrap_or("it could not be sent");
    match Kind::of(event)? {
        Kind::Operational => None,
        Kind::Test => Some(tried_once(reason)),
        Kind::VerifyRequest => {
            let until = event.received_at.after(VALID);
            (next >= until)
                .then(|| format!("given up, since the code expires at {until}: {reason}"))
        }
    }
}
