//! Why a subscription takes an event, or does not. Asked of one subscription after the other,
//! without the index: a test holds the two against each other.

use hookwright_model::{Event, Name, SubscriptionId};
use serde::Serialize;

use super::index::fold;
use crate::condition::EventView;
use crate::control;
use crate::registry::{Held, SubscriptionEntry};

/// What a subscription makes of an event.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MatchAnswer)]
pub struct Answer {
    /// Its id.
    pub id: SubscriptionId,
    /// Its name.
    pub subscription: Name,
    /// Whether it takes the event.
    pub taken: bool,
    /// Why.
    pub reason: Reason,
    /// The same in words.
    pub detail: String,
    /// What its condition cost, if it was evaluated; see the documentation of conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<u64>,
}

/// Why an event is taken or not. The first that applies is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MatchReason)]
pub enum Reason {
    /// It is taken.
    Taken,
    /// The event is the host's own, and made for another, or not asked for.
    Control,
    /// The subscription is disabled.
    Disabled,
    /// Whoever owns the subscription's address has not confirmed it.
    Unconfirmed,
    /// It does not take events from this source.
    Source,
    /// It does not take events of this type.
    Type,
    /// It does not take events about tickets of this group.
    Group,
    /// Its condition does not hold.
    ConditionFalse,
    /// Its condition cannot be evaluated.
    ConditionError,
}

/// What a subscription makes of an event.
#[must_use]
pub fn explain(entry: &SubscriptionEntry, event: &Event, view: &EventView<'_>) -> Answer {
    let subscription = &entry.subscription;
    let mut cost = None;
    let (reason, detail) = reason(entry, event, view, &mut cost);
    Answer {
        id: subscription.id,
        subscription: subscription.name.clone(),
        taken: reason == Reason::Taken,
        reason,
        detail,
        cost,
    }
}

fn reason(
    entry: &SubscriptionEntry,
    event: &Event,
    view: &EventView<'_>,
    cost: &mut Option<u64>,
) -> (Reason, String) {
    let subscription = &entry.subscription;
    let is_own = control::is_reserved(&event.event_type);
    if is_own && control::Kind::of(event) != Some(control::Kind::Operational) {
        let is = &event.event_type;
        let detail = format!("a `{is}` goes to the subscription that it is made for, and no other");
        return (Reason::Control, detail);
    }
    if let Some(held) = entry.held() {
        let reason = match held {
            Held::Disabled => Reason::Disabled,
            Held::Unconfirmed => Reason::Unconfirmed,
        };
        return (reason, held.reason().to_owned());
    }
    if !subscription.sources.is_empty() && !subscription.sources.contains(&event.source) {
        let wanted = list(&subscription.sources);
        let detail = format!("the event is from `{}`; taken are those from {wanted}", event.source);
        return (Reason::Source, detail);
    }
    if !subscription.events.iter().any(|pattern| pattern.matches(&event.event_type)) {
        let (is, wanted) = (&event.event_type, list(&subscription.events));
        return (Reason::Type, format!("the event is a `{is}`; taken are {wanted}"));
    }
    if is_own && !control::asks_for(subscription, &event.event_type) {
        let is = &event.event_type;
        let detail = format!(
            "the event tells of the daemon itself: it goes to those that name `{is}` or the \
             source `{}`",
            control::SOURCE
        );
        return (Reason::Control, detail);
    }
    let is = view.group();
    let folded = is.map(fold);
    let is_of = |group: &String| Some(fold(group)) == folded;
    if !subscription.groups.is_empty() && !subscription.groups.iter().any(is_of) {
        let is = is.map_or_else(|| "no group".to_owned(), |group| format!("the group `{group}`"));
        let wanted = list(&subscription.groups);
        return (Reason::Group, format!("the ticket is of {is}; taken are those of {wanted}"));
    }
    let Some(condition) = &entry.condition else {
        return (Reason::Taken, "source, type and group fit".to_owned());
    };
    let holds = match condition.get() {
        Ok(condition) => {
            let outcome = condition.evaluate(view);
            *cost = Some(outcome.cost);
            outcome.holds
        }
        Err(mistake) => Err(mistake.clone()),
    };
    match holds {
        Ok(true) => (Reason::Taken, "source, type and group fit, and the condition holds".into()),
        Ok(false) => (Reason::ConditionFalse, "the condition does not hold".to_owned()),
        Err(mistake) => (Reason::ConditionError, mistake.to_string()),
    }
}

fn list<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
}
