//! What the message says.

use hookwright_sdk::operation::Operation;
use hookwright_sdk::ticket::{Person, TicketEvent};

use crate::segments::{Alphabet, cut};

/// What happened, the ticket, who, and as much of the text as fits into so many parts.
pub(crate) fn message(event_type: &str, event: &TicketEvent, max_parts: usize) -> String {
    let ticket = &event.ticket;
    let number = ticket.number.as_deref().or(ticket.id.as_deref());
    let head =
        [Some(event_type.replace(['.', '_'], " ")), number.map(|number| format!("#{number}"))];
    let head = head.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let people = event.comment.as_ref().and_then(|comment| comment.author.as_ref());
    let by = people.or(event.actor.as_ref()).and_then(Person::label);
    let rest = [ticket.title.as_deref(), by, event.text()];
    let mut message = head;
    for part in rest.into_iter().flatten() {
        let part = one_line(part);
        if !part.is_empty() {
            message.push_str(": ");
            message.push_str(&part);
        }
    }
    cut(&message, Alphabet::Ucs2, max_parts)
}

/// What happened to the host, and as much of why as fits into so many parts.
pub(crate) fn operation(operation: &Operation, max_parts: usize) -> String {
    let parts = [one_line(&operation.summary), one_line(&operation.text())];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    cut(&format!("Hookwright: {}", parts.join(": ")), Alphabet::Ucs2, max_parts)
}

fn one_line(text: &str) -> String {
    let visible = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}
