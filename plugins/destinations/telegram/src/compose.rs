//! What the message says.

use hookwright_sdk::operation::Operation;
use hookwright_sdk::ticket::{Comment, Person, Ticket, TicketEvent, Visibility};

use crate::clean::{clean, clean_line};
use crate::rich::Rich;

/// A headline with what happened and the ticket, a line of facts, who did it, and the text.
pub(crate) fn message(event_type: &str, event: &TicketEvent) -> Rich {
    let mut message = Rich::default();
    let ticket = &event.ticket;
    message.push_bold(&headline(event_type, ticket));
    for line in [facts(ticket), people(event)] {
        if !line.is_empty() {
            message.push("\n");
            message.push(&line);
        }
    }
    let text = event.text().map(clean).unwrap_or_default();
    if !text.trim().is_empty() {
        message.push("\n\n");
        message.push(text.trim());
    }
    if let Some(comment) = &event.comment {
        attachments(comment, &mut message);
    }
    if let Some(url) = ticket.url.as_deref().filter(|url| is_link(url)) {
        message.push("\n\n");
        message.push_link("Open the ticket", url);
    }
    message
}

/// What happened to the host: a headline, why, and where more is to be seen.
pub(crate) fn operation(operation: &Operation) -> Rich {
    let mut message = Rich::default();
    message.push_bold(&clean_line(&operation.summary));
    let text = clean(&operation.text());
    if !text.trim().is_empty() {
        message.push("\n\n");
        message.push(text.trim());
    }
    if let Some(url) = operation.url.as_deref().filter(|url| is_link(url)) {
        message.push("\n\n");
        message.push_link("Open the console", url);
    }
    message
}

/// Titles are one line, and there are mails with subjects of many kilobytes.
const MAX_TITLE: usize = 300;

fn headline(event_type: &str, ticket: &Ticket) -> String {
    let number = ticket.number.as_deref().or(ticket.id.as_deref()).map(clean_line);
    let title = ticket.title.as_deref().map(clean_line).unwrap_or_default();
    let title = match title.char_indices().nth(MAX_TITLE) {
        Some((end, _)) => format!("{}…", &title[..end]),
        None => title,
    };
    let about = match (number, title.is_empty()) {
        (Some(number), false) => format!("#{number} {title}"),
        (Some(number), true) => format!("#{number}"),
        (None, _) => title,
    };
    let what = what_happened(event_type);
    if about.is_empty() { what } else { format!("{what}: {about}") }
}

/// The type in words: `ticket.priority_changed` becomes `Ticket priority changed`.
fn what_happened(event_type: &str) -> String {
    let words = clean_line(&event_type.replace(['.', '_', '-'], " "));
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => "Event".to_owned(),
    }
}

fn facts(ticket: &Ticket) -> String {
    let known =
        [("State", &ticket.state), ("Priority", &ticket.priority), ("Group", &ticket.group)];
    let shown = known.iter().filter_map(|(label, value)| {
        let value = clean_line(value.as_deref()?);
        (!value.is_empty()).then(|| format!("{label}: {value}"))
    });
    shown.collect::<Vec<_>>().join(" · ")
}

fn people(event: &TicketEvent) -> String {
    let label = |person: &Person| person.label().map(clean_line).filter(|label| !label.is_empty());
    let customer = event.ticket.customer.as_ref().and_then(label);
    let assignees: Vec<_> = event.ticket.assignees.iter().filter_map(label).collect();
    let author = event.comment.as_ref().and_then(|comment| comment.author.as_ref());
    let by = author.or(event.actor.as_ref()).and_then(label);
    let by = by.filter(|by| customer.as_ref() != Some(by));
    let internal = event.comment.as_ref().map(|comment| comment.visibility);
    let shown = [
        customer.map(|customer| format!("Customer: {customer}")),
        (!assignees.is_empty()).then(|| format!("Assigned to: {}", assignees.join(", "))),
        by.map(|by| format!("By: {by}")),
        (internal == Some(Visibility::Internal)).then(|| "internal".to_owned()),
    ];
    shown.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn attachments(comment: &Comment, message: &mut Rich) {
    for file in &comment.attachments {
        let name = clean_line(file.name.as_deref().unwrap_or("file"));
        message.push("\n📎 ");
        match file.url.as_deref().filter(|url| is_link(url)) {
            Some(url) => message.push_link(&name, url),
            None => message.push(&name),
        }
    }
}

/// Telegram makes links of nothing else, and a line end would end the link.
fn is_link(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    web && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}
