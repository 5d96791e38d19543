//! What of all that a replay looks at is delivered, and why the rest is not.

use std::borrow::Cow;

use hookwright_model::{Backfill, EventType, SubscriptionId};
use hookwright_store::ReplayEvent;

use super::open_for;
use crate::condition::EventView;
use crate::control;
use crate::registry::{Snapshot, SubscriptionEntry};
use crate::routing::{Reason, explain};

/// Why something is left out, in one word.
pub(super) type Word = Cow<'static, str>;

/// Why a delivery is not made again, if it is not.
pub(super) fn leaves_out(
    snapshot: &Snapshot,
    subscription: SubscriptionId,
    event_type: &EventType,
) -> Option<Word> {
    // Tests and questions who owns an address: they were for that moment.
    if control::is_reserved(event_type) {
        return Some("control".into());
    }
    open_for(snapshot, subscription).err().map(|closed| closed.word().into())
}

/// Why an event is not delivered, if it is not: the subscription takes it as if it came now.
pub(super) fn leaves_out_event(
    entry: &SubscriptionEntry,
    what: &Backfill,
    found: &ReplayEvent,
) -> Option<Word> {
    let event = &found.event;
    match explain(entry, event, &EventView::new(event)).reason {
        Reason::Taken => (found.had && !what.again).then_some("had_before".into()),
        other => Some(word(other)),
    }
}

fn word(reason: Reason) -> Word {
    let word = serde_json::to_value(reason).ok();
    word.as_ref().and_then(|word| word.as_str()).unwrap_or("other").to_owned().into()
}
