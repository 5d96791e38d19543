//! Zammad's records: those it sent, or made of what another helpdesk said.

use hookwright_sdk::Host;
use hookwright_sdk::serde_json::{self, Map, Value, json};
use hookwright_sdk::ticket::{Comment, Person, PersonKind, TicketEvent, Visibility};

/// `ticket` and `article`.
pub(crate) fn records(event: &TicketEvent, host: &dyn Host) -> Map<String, Value> {
    let sent = (event.origin.kind == "zammad").then(|| host.original_body());
    let sent = sent.and_then(|body| serde_json::from_slice::<Map<String, Value>>(&body).ok());
    let is_default = |sent: &Map<String, Value>| sent.contains_key("ticket");
    let mut records = sent.filter(is_default).unwrap_or_else(|| made(event));
    if let Some(Value::Object(ticket)) = records.get_mut("ticket") {
        // What the payload has as a word is a record to a placeholder.
        named(ticket, "state");
        let state = ticket.get("state").and_then(|state| state.get("name"));
        let color = color(state.and_then(Value::as_str).unwrap_or_default());
        ticket.insert("current_state_color".to_owned(), color.into());
        full_names(ticket);
    }
    if let Some(Value::Object(article)) = records.get_mut("article") {
        named(article, "type");
        named(article, "sender");
        full_names(article);
    }
    records
}

fn named(record: &mut Map<String, Value>, name: &str) {
    let id = record.get(&format!("{name}_id")).cloned().unwrap_or_default();
    if let Some(word @ Value::String(_)) = record.get(name).cloned() {
        record.insert(name.to_owned(), json!({ "id": id, "name": word }));
    }
}

/// The colour that Zammad shows a state in.
fn color(state: &str) -> &'static str {
    match state {
        "new" | "open" => "#faab00",
        "closed" => "#38ad69",
        _ => "#000000",
    }
}

fn full_names(record: &mut Map<String, Value>) {
    for name in ["owner", "customer", "created_by", "updated_by", "origin_by"] {
        let Some(Value::Object(user)) = record.get_mut(name) else { continue };
        if user.is_empty() {
            continue;
        }
        let text = |key: &str| user.get(key).and_then(Value::as_str).unwrap_or_default();
        let name = format!("{} {}", text("firstname"), text("lastname"));
        let known = [name.trim(), text("email"), text("phone"), text("login")];
        let full = known.into_iter().find(|text| !text.is_empty()).unwrap_or("-").to_owned();
        user.insert("fullname".to_owned(), full.into());
    }
}

fn made(event: &TicketEvent) -> Map<String, Value> {
    let ticket = &event.ticket;
    let person = |person: Option<&Person>| person.map_or_else(|| json!({}), user);
    let group = |name: &Option<String>| match name {
        Some(name) => json!({ "id": null, "name": name }),
        None => json!({}),
    };
    let mut fields = ticket.fields.clone();
    let known = json!({
        "id": ticket.id.as_deref().map(id),
        "number": ticket.number,
        "title": ticket.title,
        "note": ticket.text,
        "state": ticket.state,
        "type": ticket.kind,
        "priority": group(&ticket.priority),
        "group": group(&ticket.group),
        "organization": group(&ticket.organization),
        "owner": person(ticket.assignees.first()),
        "customer": person(ticket.customer.as_ref()),
        "created_by": person(ticket.customer.as_ref()),
        "updated_by": person(event.actor.as_ref()),
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
    });
    if let Value::Object(known) = known {
        fields.extend(known);
    }
    let article =
        event.comment.as_ref().map_or_else(|| json!({}), |comment| article(event, comment));
    [("ticket".to_owned(), Value::Object(fields)), ("article".to_owned(), article)]
        .into_iter()
        .collect()
}

fn article(event: &TicketEvent, comment: &Comment) -> Value {
    let (body, content_type) = match (&comment.html, &comment.text) {
        (Some(html), _) => (html.as_str(), "text/html"),
        (None, text) => (text.as_deref().unwrap_or_default(), "text/plain"),
    };
    let author = comment.author.as_ref();
    json!({
        "id": comment.id.as_deref().map(id),
        "ticket_id": event.ticket.id.as_deref().map(id),
        "subject": event.ticket.title,
        "body": body,
        "content_type": content_type,
        "internal": comment.visibility == Visibility::Internal,
        "from": author.and_then(Person::label),
        "type": comment.channel,
        "sender": match author.map_or(PersonKind::Unknown, |author| author.kind) {
            PersonKind::Agent => "Agent",
            PersonKind::Customer => "Customer",
            PersonKind::System | PersonKind::Unknown => "System",
        },
        "created_by": author.map_or_else(|| json!({}), user),
        "created_at": comment.created_at,
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
