//! What happened. Zammad does not say: neither the body nor a header holds more than the name
//! of the trigger.

use hookwright_sdk::{Host, Level};

use crate::Settings;
use crate::payload::{Article, Payload, Ticket};

/// A ticket that was closed this long before it was last updated was closed by this event, in
/// milliseconds.
const CLOSED_JUST_NOW: u64 = 5_000;

/// The canonical type: what the settings say about the trigger, else what a custom payload
/// calls the event, else what can be concluded from the ticket and the article.
pub(crate) fn event_type(
    payload: &Payload<'_>,
    trigger: Option<&str>,
    settings: &Settings,
    host: &dyn Host,
) -> String {
    let configured = trigger.and_then(|trigger| settings.triggers.get(trigger));
    if let Some(configured) = configured {
        return configured.clone();
    }
    match payload.event.as_ref().and_then(hookwright_sdk::document::Text::get) {
        Some(named) if is_canonical(named) => return named.to_owned(),
        Some(named) => {
            // Zammad's own words for what it can react to.
            let known = match named {
                "create" => "ticket.created",
                "update" | "info" => "ticket.updated",
                "escalation" => "ticket.sla_reached",
                "escalation_warning" => "ticket.sla_warning",
                "reminder_reached" => "ticket.reminder_reached",
                _ => {
                    host.log(Level::Info, &format!("unknown event `{named}` becomes ticket.other"));
                    "ticket.other"
                }
            };
            return known.to_owned();
        }
        None => {}
    }
    let ticket = payload.ticket.as_ref();
    let inferred = match payload.article.as_ref().filter(|article| article.is_there()) {
        Some(article) => with_article(ticket, article),
        None => without_article(ticket, host),
    };
    inferred.to_owned()
}

fn is_canonical(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    name.split_once('.').is_some_and(|(noun, verb)| part(noun) && part(verb))
}

fn with_article(ticket: Option<&Ticket<'_>>, article: &Article<'_>) -> &'static str {
    if ticket.is_some_and(|ticket| ticket.article_ids.0.len() == 1) {
        "ticket.created"
    } else if article.internal == Some(true) {
        "ticket.commented"
    } else {
        "ticket.replied"
    }
}

fn without_article(ticket: Option<&Ticket<'_>>, host: &dyn Host) -> &'static str {
    let Some(ticket) = ticket else { return "ticket.other" };
    let time = |text: &hookwright_sdk::document::Text<'_>| {
        text.get().and_then(|text| host.to_utc(text).ok())
    };
    let closed = ticket.state.0.get() == Some("closed");
    match (time(&ticket.close_at), time(&ticket.updated_at)) {
        (Some(close), Some(update)) if closed && update.abs_diff(close) <= CLOSED_JUST_NOW => {
            "ticket.closed"
        }
        _ => "ticket.updated",
    }
}
