//! The texts that Zammad makes for a message: `#{notification.message}` and its like.

use hookwright_sdk::html;
use hookwright_sdk::serde_json::{Value, json};
use hookwright_sdk::ticket::{Person, TicketEvent};

/// `notification`.
pub(crate) fn of(event_type: &str, event: &TicketEvent) -> Value {
    let ticket = &event.ticket;
    let title = ticket.title.as_deref().unwrap_or_default();
    let link = ticket.url.as_deref().unwrap_or_default();
    let number = ticket.number.as_deref().or(ticket.id.as_deref()).unwrap_or_default();
    let body = body(event);
    let changes = changes(event_type, event);
    let mut message = format!("# {title}\n_<{link}|Ticket#{number}>: {}_", what(event_type, event));
    for part in [&changes, &body] {
        if !part.is_empty() {
            message.push('\n');
            message.push_str(part);
        }
    }
    json!({
        "subject": title,
        "link": link,
        "message": message,
        "body": body,
        "changes": changes,
    })
}

/// `config`, as far as the ticket's address says.
pub(crate) fn config(event: &TicketEvent) -> Value {
    let url = event.ticket.url.as_deref().unwrap_or_default();
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    json!({ "fqdn": host, "http_type": scheme, "ticket_hook": "Ticket#" })
}

fn body(event: &TicketEvent) -> String {
    if let Some(text) = event.text() {
        return text.to_owned();
    }
    let html = event.comment.as_ref().and_then(|comment| comment.html.as_deref());
    html.map(html::to_text).unwrap_or_default()
}

fn what(event_type: &str, event: &TicketEvent) -> String {
    let ticket = &event.ticket;
    let at = |time: &Option<String>| time.clone().unwrap_or_else(|| "-".to_owned());
    let by = |person: Option<&Person>| person.and_then(Person::label).unwrap_or("-").to_owned();
    match event_type {
        "ticket.created" => {
            let who = event.actor.as_ref().or(ticket.customer.as_ref());
            format!("Created by {} at {}", by(who), at(&ticket.created_at))
        }
        "ticket.sla_reached" => format!("Escalated at {}", at(&ticket.due_at)),
        "ticket.sla_warning" => format!("Will escalate at {}", at(&ticket.due_at)),
        "ticket.reminder_reached" => "Reminder reached!".to_owned(),
        _ if event.actor.is_some() => {
            format!("Updated by {} at {}", by(event.actor.as_ref()), at(&ticket.updated_at))
        }
        _ => format!("Last updated at {}", at(&ticket.updated_at)),
    }
}

fn changes(event_type: &str, event: &TicketEvent) -> String {
    let ticket = &event.ticket;
    let due = ticket.due_at.as_deref().unwrap_or("-");
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let lines: Vec<String> = match event_type {
        "ticket.created" => {
            let owner = ticket.assignees.first().and_then(Person::label).map(str::to_owned);
            [("Group", &ticket.group), ("Owner", &owner), ("State", &ticket.state)]
                .into_iter()
                .map(|(name, value)| format!("* {name}: {}", shown(value)))
                .collect()
        }
        "ticket.sla_reached" => vec![format!("has been escalated since {due}")],
        "ticket.sla_warning" => vec![format!("will escalate at {due}")],
        "ticket.reminder_reached" => {
            vec![format!("reminder reached for {}", ticket.title.as_deref().unwrap_or("-"))]
        }
        _ => event
            .changes
            .iter()
            .map(|change| {
                format!("* {}: {} -> {}", change.field, shown(&change.from), shown(&change.to))
            })
            .collect(),
    };
    lines.join("\n")
}
