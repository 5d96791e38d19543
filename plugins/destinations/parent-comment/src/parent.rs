//! Which ticket is the parent.

use hookwright_sdk::Event;
use hookwright_sdk::clean;
use hookwright_sdk::serde_json::Value;
use hookwright_sdk::ticket::TicketEvent;

/// Where the parent's id is, first that of the tag `{parent_ticket_id}` of a dispatcher's rule,
/// then that of the product's API.
const FIELDS: [&str; 2] = ["parent_ticket_id", "pid"];

/// The longest id; those of the product are numbers.
const MAX_ID: usize = 40;

/// Why there is no parent to write to.
#[derive(Debug)]
pub(crate) enum Missing {
    /// The ticket is no child.
    None(String),
    /// What the event has for an id is none.
    Broken(String),
}

/// The parent's id, as it stands in an address: nothing else could be in it.
pub(crate) fn id(
    event: &Event,
    body: &TicketEvent,
    field: Option<&str>,
) -> Result<String, Missing> {
    let fields = field.map_or_else(|| FIELDS.to_vec(), |field| vec![field]);
    let found = fields.iter().find_map(|field| {
        let value = body.ticket.fields.get(*field)?;
        Some((field, text(value)?))
    });
    let Some((field, id)) = found else {
        let fields = fields.join("` or `");
        let reason = format!("the ticket has no parent: there is nothing in its field `{fields}`");
        return Err(Missing::None(reason));
    };
    let is_id = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if id.len() > MAX_ID || !id.bytes().all(is_id) {
        let reason = format!(
            "the parent's id in the field `{field}` is `{}`: an id has letters, digits and `-`, \
             {MAX_ID} at most; see what the rule at the helpdesk puts there",
            clean::line(&id, MAX_ID)
        );
        return Err(Missing::Broken(reason));
    }
    // Each comment would otherwise be the cause of the next one.
    if body.ticket.id.as_ref().or(event.subject.as_ref()) == Some(&id) {
        let reason = format!("the ticket is its own parent: `{field}` is its own id, {id}");
        return Err(Missing::None(reason));
    }
    Ok(id)
}

/// The text of a number or a text. Nobody is ticket 0.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Null | Value::Bool(_) => return None,
        other => other.to_string(),
    };
    Some(text).filter(|text| !text.is_empty() && text != "0")
}
