//! Outgoing channels in the manner of `HelpDeskEddy` are set up in its words: subscriptions to
//! what happens to tickets, and whether events are repeated.

use serde::Serialize;
use serde_json::{Map, Value};

use super::super::forms::Entries;
use super::Form;
use crate::server::for_console_setup::Kind;

/// The plugin.
const PLUGIN: &str = "helpdeskeddy-channel";

/// The box, and the field that says that it was there.
const REPEATS: &str = "repeats";
const SWITCH: &str = "repeats.there";

/// The boxes of answers, which are one type, and the field that says that they were there.
const ANSWERS: &str = "channel.answers";
const THERE: &str = "channel.there";
const REPLIED: &str = "ticket.replied";
/// Only answers elsewhere than in chats.
const CLASSIC: &str =
    "event.type != 'ticket.replied' || !(event.comment.channel in ['omni', 'chat'])";
/// Only answers in chats.
const CHAT: &str = "event.type != 'ticket.replied' || event.comment.channel in ['omni', 'chat']";

/// What can be subscribed to: the key of its words, the field, and what is sent for it.
const SUBSCRIPTIONS: [(&str, &str, &str); 12] = [
    ("created", "/events", "ticket.created"),
    ("replied", ANSWERS, "classic"),
    ("chat", ANSWERS, "chat"),
    ("commented", "/events", "ticket.commented"),
    ("status", "/events", "ticket.status_changed"),
    ("priority", "/events", "ticket.priority_changed"),
    ("type", "/events", "ticket.type_changed"),
    ("assignee", "/events", "ticket.assigned"),
    ("closed", "/events", "ticket.closed"),
    ("department", "/events", "ticket.department_changed"),
    ("sla", "/events", "ticket.sla_reached"),
    ("rated", "/events", "ticket.rated"),
];

/// A subscription as it is drawn.
#[derive(Debug, Serialize)]
pub(super) struct Wish {
    text: &'static str,
    key: &'static str,
    value: &'static str,
    chosen: bool,
}

/// Whether it is such a channel.
pub(in super::super) fn is_channel(plugin: &str) -> bool {
    plugin == PLUGIN
}

fn is_of_channel(form: &Form) -> bool {
    form.kind == Kind::Subscription && is_channel(form.plugin.key.name.as_str())
}

/// What can be subscribed to; nothing if it is no channel.
pub(super) fn wishes(form: &Form, entries: &Entries) -> Vec<Wish> {
    if !is_of_channel(form) {
        return Vec::new();
    }
    let wish = |(text, key, value): (&'static str, &'static str, &'static str)| {
        let chosen = entries.all(key).iter().any(|one| one == value);
        Wish { text, key, value, chosen }
    };
    SUBSCRIPTIONS.into_iter().map(wish).collect()
}

/// The types that are asked for in these words.
pub(super) fn offered(form: &Form) -> Vec<&'static str> {
    if !is_of_channel(form) {
        return Vec::new();
    }
    let types = SUBSCRIPTIONS.iter().filter(|(_, key, _)| *key == "/events");
    types.map(|(_, _, value)| *value).chain([REPLIED]).collect()
}

/// Whether a switch says if events are repeated: not where somebody has set something of their
/// own.
pub(super) fn has_switch(form: &Form) -> bool {
    let retry = form.old.as_ref().and_then(|old| old.get("retry"));
    is_of_channel(form) && retry.is_none_or(|retry| retry == "off")
}

pub(super) fn enter(form: &Form, document: &Value, entries: &mut Entries) {
    if has_switch(form) {
        entries.put(SWITCH, "1");
        if document.get("retry").is_none() {
            entries.put(REPEATS, "yes");
        }
    }
    let events = document.get("events").and_then(Value::as_array);
    let replied = events.is_some_and(|all| all.iter().any(|one| one == REPLIED));
    if is_of_channel(form) && replied {
        let condition = document.get("condition").and_then(Value::as_str);
        if condition != Some(CHAT) {
            entries.put(ANSWERS, "classic");
        }
        if condition != Some(CLASSIC) {
            entries.put(ANSWERS, "chat");
        }
    }
}

pub(super) fn read(form: &Form, entries: &Entries, document: &mut Map<String, Value>) {
    if has_switch(form) && entries.has(SWITCH) {
        document.remove("retry");
        if !entries.has(REPEATS) {
            document.insert("retry".into(), "off".into());
        }
    }
    if is_of_channel(form) && entries.has(THERE) {
        answers(entries, document);
    }
}

/// Answers in chats and elsewhere are one type; a condition tells them apart where only one is
/// wanted. A condition of somebody's own is left as it is.
fn answers(entries: &Entries, document: &mut Map<String, Value>) {
    let wants = |kind: &str| entries.all(ANSWERS).iter().any(|one| one == kind);
    let (classic, chat) = (wants("classic"), wants("chat"));
    if let Some(Value::Array(events)) = document.get_mut("events") {
        let there = events.iter().any(|one| one == REPLIED);
        if classic || chat {
            if !there {
                events.push(REPLIED.into());
            }
        } else {
            events.retain(|one| one != REPLIED);
        }
    }
    let condition = document.get("condition").and_then(Value::as_str).unwrap_or_default();
    if !["", CLASSIC, CHAT].contains(&condition) {
        return;
    }
    document.remove("condition");
    let wanted = match (classic, chat) {
        (true, false) => CLASSIC,
        (false, true) => CHAT,
        _ => return,
    };
    document.insert("condition".into(), wanted.into());
}

/// Whether events are repeated.
pub(super) fn repeats(entries: &Entries) -> bool {
    entries.has(REPEATS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::Condition;

    #[test]
    fn the_conditions_are_some() {
        for condition in [CLASSIC, CHAT] {
            assert!(Condition::compile(condition).is_ok(), "{condition}");
        }
    }
}
