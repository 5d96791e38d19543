//! What events are called in R-Service, and which types of events they are here.

use std::collections::HashMap;
use std::sync::LazyLock;

use hookwright_model::catalogue;
use hookwright_model::{Subscription, TypePattern};
use serde_json::Value;

use super::PLUGIN;
use crate::control::is_reserved;

/// What other helpdesks tell apart is one in R-Service: there everything that is said is a note,
/// the end of work is a status, and so on. So the plugin calls what is on the left as R-Service
/// calls what is on the right; a test asks it.
const NEAREST: [(&str, &str); 19] = [
    ("replied", "commented"),
    ("closed", "status_changed"),
    ("resolved", "status_changed"),
    ("reopened", "status_changed"),
    ("archived", "status_changed"),
    ("frozen", "status_changed"),
    ("unfrozen", "status_changed"),
    ("review_requested", "status_changed"),
    ("approved", "status_changed"),
    ("rejected", "status_changed"),
    ("department_changed", "team_changed"),
    ("priority_changed", "updated"),
    ("type_changed", "updated"),
    ("requester_changed", "updated"),
    ("locked", "updated"),
    ("unlocked", "updated"),
    ("merged", "updated"),
    ("restored", "updated"),
    ("rated", "updated"),
];

/// Both ways.
struct Events {
    /// The types by R-Service's name, the one that is the same first.
    types: HashMap<&'static str, Vec<TypePattern>>,
    /// R-Service's name by the type.
    names: HashMap<&'static str, &'static str>,
}

static EVENTS: LazyLock<Events> = LazyLock::new(|| {
    let mut events = Events { types: HashMap::new(), names: HashMap::new() };
    let patterns = || {
        let all = catalogue::types().iter();
        all.filter_map(|known| Some((known, known.event_type.parse().ok()?)))
    };
    for (known, pattern) in patterns() {
        // The daemon's own events are routed to nobody: no webhook would ever be called.
        let TypePattern::Exact(event_type) = &pattern else { continue };
        let names = known.sources.get(PLUGIN).filter(|_| !is_reserved(event_type));
        for name in names.into_iter().flatten() {
            events.types.entry(name).or_default().push(pattern.clone());
            events.names.insert(&known.event_type, name);
        }
    }
    for (known, pattern) in patterns() {
        let Some((noun, verb)) = known.event_type.split_once('.') else { continue };
        let nearest = NEAREST.iter().find(|(from, _)| *from == verb).map(|(_, to)| to);
        let nearest = nearest.map(|to| format!("{noun}.{to}"));
        let name = nearest.and_then(|nearest| events.names.get(&*nearest).copied());
        if let Some(name) = name.filter(|_| !events.names.contains_key(&*known.event_type)) {
            events.types.entry(name).or_default().push(pattern);
            events.names.insert(&known.event_type, name);
        }
    }
    events
});

/// The types of events that a webhook for an event of R-Service takes, if there is this event.
pub(super) fn types_of(name: &str) -> Option<&'static [TypePattern]> {
    EVENTS.types.get(name).map(Vec::as_slice)
}

/// What all events that a webhook can be for are called.
pub(super) fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = EVENTS.types.keys().copied().collect();
    names.sort_unstable();
    names
}

/// Why there is no such event, and which are near.
pub(super) fn unknown(name: &str) -> String {
    if name == "webhook.verify" {
        return "`webhook.verify` is sent by itself to whoever is to confirm an address; it is \
                no event that a webhook could be for"
            .to_owned();
    }
    let shown: String = name.chars().take(80).collect();
    let noun = name.split('.').next();
    let near = EVENTS.types.keys().filter(|known| known.split('.').next() == noun);
    let mut near: Vec<&str> = near.copied().collect();
    near.sort_unstable();
    match near.as_slice() {
        [] => format!(
            "there is no event `{shown}`: names are a noun and a verb, such as `request.create`, \
             or `automation_rule`"
        ),
        near => format!("there is no event `{shown}`; there are {}", near.join(", ")),
    }
}

/// What the events of a subscription are called in R-Service: one name, as a rule. What has
/// none, as a pattern, is shown as it is.
pub(super) fn name_of(subscription: &Subscription, settings: &Value) -> String {
    let mut names: Vec<String> = Vec::new();
    for pattern in &subscription.events {
        let event_type = pattern.to_string();
        let given = settings.get("events").and_then(|events| events.get(&event_type)?.as_str());
        let name = given.or_else(|| EVENTS.names.get(&*event_type).copied());
        let name = name.map_or(event_type.clone(), str::to_owned);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(",")
}
