//! Zammad's default payload for events of other helpdesks, as far as they fill it.

use hookwright_sdk::serde_json::{Value, json};
use hookwright_sdk::ticket::{Comment, Person, PersonKind, TicketEvent, Visibility};

/// As JSON text. Keys are in byte order, as Zammad has them, because serde_json's maps are; but
/// for the two at the top.
pub(crate) fn of(event: &TicketEvent) -> String {
    let article =
        event.comment.as_ref().map_or_else(|| json!({}), |comment| article(event, comment));
    format!("{{\"ticket\":{},\"article\":{article}}}", ticket(event))
}

fn ticket(event: &TicketEvent) -> Value {
    let ticket = &event.ticket;
    let person = |person: Option<&Person>| person.map_or_else(|| json!({}), user);
    let named = |name: &Option<String>| {
        name.as_ref().map_or_else(|| json!({}), |name| json!({ "id": null, "name": name }))
    };
    let article_ids: Vec<Value> =
        event.comment.iter().filter_map(|comment| comment.id.as_deref()).map(id).collect();
    json!({
        "id": ticket.id.as_deref().map(id),
        "number": ticket.number,
        "title": ticket.title,
        "state": ticket.state,
        "priority": named(&ticket.priority),
        "group": named(&ticket.group),
        "organization": named(&ticket.organization),
        "owner": person(ticket.assignees.first()),
        "customer": person(ticket.customer.as_ref()),
        // Who opened it is not said everywhere; it is the customer mostly, and receivers look for
        // the sender's address here.
        "created_by": person(ticket.customer.as_ref().or(event.actor.as_ref())),
        "updated_by": person(event.actor.as_ref()),
        "preferences": {},
        "article_count": article_ids.len(),
        "article_ids": article_ids,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "note": ticket.text,
        "tags": ticket.tags,
    })
}

fn article(event: &TicketEvent, comment: &Comment) -> Value {
    let (body, content_type) = match (&comment.html, &comment.text) {
        (Some(html), _) => (html.as_str(), "text/html"),
        (None, Some(text)) => (text.as_str(), "text/plain"),
        (None, None) => ("", "text/plain"),
    };
    let attachments = comment.attachments.iter().map(|file| {
        json!({
            "id": null,
            "filename": file.name,
            // As text, like Zammad.
            "size": file.size.map(|size| size.to_string()),
            // Receivers look for a type in it, and take for granted that there is one.
            "preferences": {
                "Content-Type": file.content_type.as_deref().unwrap_or("application/octet-stream"),
            },
            "url": file.url,
        })
    });
    let sender = comment.author.as_ref().map_or(PersonKind::Unknown, |author| author.kind);
    json!({
        "id": comment.id.as_deref().map(id),
        "ticket_id": event.ticket.id.as_deref().map(id),
        "subject": event.ticket.title,
        "body": body,
        "content_type": content_type,
        "internal": comment.visibility == Visibility::Internal,
        "sender": match sender {
            PersonKind::Agent => "Agent",
            PersonKind::Customer => "Customer",
            PersonKind::System | PersonKind::Unknown => "System",
        },
        "type": comment.channel,
        "from": comment.author.as_ref().and_then(Person::label),
        "to": null,
        "cc": null,
        "preferences": {},
        "created_at": comment.created_at,
        "created_by": comment.author.as_ref().map_or_else(|| json!({}), user),
        "attachments": attachments.collect::<Vec<_>>(),
    })
}

/// Zammad's ids are numbers; others' are passed on as they are.
fn id(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number))
}

fn user(person: &Person) -> Value {
    let name = person.name.as_deref().unwrap_or_default();
    let (first, last) = name.rsplit_once(' ').unwrap_or(("", name));
    json!({
        "id": person.id.as_deref().map(id),
        "login": person.email.as_deref().or(person.id.as_deref()),
        "firstname": first,
        "lastname": last,
        "email": person.email,
        "phone": person.phone,
    })
}
