//! What an event is called in R-Service.

use std::collections::BTreeMap;

use hookwright_sdk::ticket::Origin;

use crate::table::EVENTS;

/// What the source plugin is called.
pub(crate) const SOURCE: &str = "r-service";

/// What a webhook sends to learn whether somebody owns its address.
pub(crate) const VERIFY: &str = "webhook.verify";

/// The name of an event: what the settings say, else the one that R-Service gave it, else what
/// the table says of its type or of the nearest one. The error says why there is none.
pub(crate) fn name(
    event_type: &str,
    origin: &Origin,
    settings: &BTreeMap<String, String>,
) -> Result<String, String> {
    if let Some(name) = settings.get(event_type) {
        return Ok(name.clone());
    }
    if origin.kind == SOURCE
        && let Some(upstream) = &origin.event
    {
        // A receiver calls the address in such an event: it is the host's to make, and one that
        // came in could have any address in it.
        return match upstream.as_str() {
            VERIFY => Err(format!("`{VERIFY}` is not passed on: only the host may ask for it")),
            upstream => Ok(upstream.to_owned()),
        };
    }
    let found = of_type(event_type).or_else(|| of_type(&nearest(event_type)?));
    found.map(str::to_owned).ok_or_else(|| {
        format!(
            "R-Service has no event for `{event_type}`; to send it, name one in the setting \
             `events`, such as `automation_rule`"
        )
    })
}

fn of_type(event_type: &str) -> Option<&'static str> {
    EVENTS.iter().find(|(_, canonical)| *canonical == event_type).map(|(name, _)| *name)
}

/// The type of what happens in R-Service instead: there everything that is said is a note, the
/// end of work is a status, and of most fields no more is told than that the record changed.
fn nearest(event_type: &str) -> Option<String> {
    let (noun, verb) = event_type.split_once('.')?;
    let verb = match verb {
        "replied" => "commented",
        "closed" | "resolved" | "reopened" | "archived" | "frozen" | "unfrozen"
        | "review_requested" | "approved" | "rejected" => "status_changed",
        "department_changed" => "team_changed",
        "priority_changed" | "type_changed" | "requester_changed" | "locked" | "unlocked"
        | "merged" | "restored" | "rated" => "updated",
        _ => return None,
    };
    Some(format!("{noun}.{verb}"))
}

/// Whether R-Service has an event with this name. The error has the names that are near.
pub(crate) fn known(name: &str) -> Result<(), String> {
    let names = EVENTS.iter().map(|(known, _)| *known);
    if names.clone().any(|known| known == name) {
        return Ok(());
    }
    let noun = name.split('.').next();
    let near: Vec<&str> = names.filter(|known| known.split('.').next() == noun).collect();
    let near = match near.as_slice() {
        [] => "names are a noun and a verb, such as `request.create`, or `automation_rule`".into(),
        near => format!("there are `{}`", near.join("`, `")),
    };
    Err(format!("R-Service has no event `{name}`: {near}"))
}
