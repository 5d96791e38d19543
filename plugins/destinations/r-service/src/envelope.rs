//! What is around the payload.

use hookwright_sdk::Event;
use hookwright_sdk::serde_json::{self, Map, Value, json};
use hookwright_sdk::ticket::{Person, PersonKind, TicketEvent};
use serde::Deserialize;

use crate::name::{SOURCE, VERIFY};
use crate::{Settings, payload};

/// The body of an event with this name.
pub(crate) fn of(
    event: &Event,
    mut body: TicketEvent,
    name: &str,
    settings: &Settings,
) -> Map<String, Value> {
    let is_its_own = body.origin.kind == SOURCE;
    // What the source plugin has no other place for. Others' fields are not R-Service's.
    let mut envelope =
        if is_its_own { std::mem::take(&mut body.ticket.fields) } else { Map::new() };
    let kept = envelope.remove("payload");
    of_webhook(&mut envelope, name, settings);
    if let Some(id) = object_id(event, &body) {
        envelope.insert("object_id".to_owned(), id);
    }
    let author = body.comment.as_ref().and_then(|comment| comment.author.as_ref());
    let actor = body.actor.as_ref().or(author);
    // What R-Service did not say of its own event is not said here either.
    if actor.is_some() || !is_its_own {
        person(&mut envelope, actor);
    }
    let payload = if is_its_own {
        payload::again(kept, &body, name)
    } else {
        payload::of(event, &body, name)
    };
    envelope.insert("payload".to_owned(), payload);
    envelope
}

/// The body with which the owner of the address is asked to call back.
///
/// # Errors
/// When the host's event does not say where.
pub(crate) fn verification(
    event: &Event,
    settings: &Settings,
) -> Result<Map<String, Value>, String> {
    #[derive(Deserialize)]
    struct Request {
        callback: String,
    }
    let Request { callback } = serde_json::from_str(&event.data)
        .map_err(|error| format!("the event is not a verify/1: {error}"))?;
    let mut envelope = Map::new();
    of_webhook(&mut envelope, VERIFY, settings);
    if let Some(id) = settings.webhook_id {
        envelope.insert("object_id".to_owned(), json!(id));
    }
    person(&mut envelope, None);
    envelope.insert("payload".to_owned(), json!({ "callback": callback }));
    Ok(envelope)
}

/// Which webhook it is, of which account. The settings come before what R-Service said of its own
/// webhook; then what else it said of it is not true of this one.
fn of_webhook(envelope: &mut Map<String, Value>, name: &str, settings: &Settings) {
    let mut set = |key: &str, value: Option<Value>, said_besides: &[&str]| {
        let Some(value) = value else { return };
        if envelope.get(key) != Some(&value) {
            said_besides.iter().for_each(|key| drop(envelope.remove(*key)));
        }
        envelope.insert(key.to_owned(), value);
    };
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    let address = |url: &Option<String>| url.as_ref().map(|url| json!(url.trim_end_matches('/')));
    set("webhook_id", settings.webhook_id.map(|id| json!(id)), &["webhook_nodeID"]);
    set("account", address(&settings.account), &["account_id", "custom_url"]);
    set("custom_url", address(&settings.custom_url), &[]);
    set("name", text(&settings.name), &[]);
    set("instance_name", text(&settings.instance_name), &[]);
    set("event", Some(json!(name)), &[]);
    // As in R-Service, where a webhook that has no name is called what its event is called.
    envelope.entry("name").or_insert_with(|| json!(name));
}

/// The id of the record: a number where the helpdesk has one for it, as R-Service has.
fn object_id(event: &Event, body: &TicketEvent) -> Option<Value> {
    let names = [&body.ticket.id, &body.ticket.number];
    let mut names = names.into_iter().flatten().map(|name| id(name));
    let number = names.clone().find(Value::is_number);
    number.or_else(|| names.next()).or_else(|| event.subject.as_deref().map(id))
}

/// Who did it: nobody, if it was a machine.
fn person(envelope: &mut Map<String, Value>, person: Option<&Person>) {
    let person = person.filter(|person| person.kind != PersonKind::System);
    let id = person.and_then(|person| person.id.as_deref()).map(id).filter(Value::is_number);
    let name = person.and_then(|person| person.name.as_ref().or(person.email.as_ref()));
    envelope.insert("person_id".to_owned(), id.unwrap_or_default());
    envelope.insert("person_name".to_owned(), json!(name.map_or("", String::as_str)));
}

/// Ids of R-Service are numbers; others' are passed on as they are.
pub(crate) fn id(text: &str) -> Value {
    // Not `007`, which would come back as `7`.
    let number = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    number.map_or_else(|| json!(text), |number| json!(number))
}
