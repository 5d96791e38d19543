//! Where the API takes the value of a field.

use hookwright_sdk::serde_json::{Value, json};
use hookwright_sdk::write::Field;

/// What the API takes at the top of a ticket: the names that public clients of the API send
/// (`helpdeskeddy-sdk`, for npm, has all of them). It is not known to complain of others, which
/// would then be lost in silence.
const KNOWN: [&str; 16] = [
    "bcc",
    "cc",
    "custom_fields",
    "department_id",
    "description",
    "followers",
    "owner_id",
    "priority_id",
    "sla_date",
    "sla_policy_id",
    "status_id",
    "tags",
    "ticket_lock",
    "title",
    "type_id",
    "user_id",
];

/// How the tags of the product's own webhooks name a custom field.
const CUSTOM: &str = "custom_field_";

/// The body that sets a field: `custom_field_12`, or `12` alone, is the custom field of that
/// number.
///
/// # Errors
/// When it is no field that is known.
pub(crate) fn body(field: &Field, more: &[String]) -> Result<Value, String> {
    let name = field.name.as_str();
    if KNOWN.contains(&name) || more.iter().any(|known| known == name) {
        return Ok(json!({ name: field.value }));
    }
    let number = name.strip_prefix(CUSTOM).unwrap_or(name);
    if !number.is_empty() && number.len() <= 18 && number.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(json!({ "custom_fields": { number: field.value } }));
    }
    let shown: String = name.chars().take(80).flat_map(char::escape_debug).collect();
    Err(format!(
        "/field/name: `{shown}` is no field of a ticket that is known. A custom field is \
         `{CUSTOM}` and its number; others are {}. If the API takes this one too, put it into the \
         setting `more_fields`",
        KNOWN.join(", ")
    ))
}
