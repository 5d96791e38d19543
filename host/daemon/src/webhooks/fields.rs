//! What a client wants a webhook to be: the fields that it names.

use hookwright_model::Name;
use serde_json::{Map, Value};

use super::address::Address;
use super::{event, reference};
use crate::registry::Snapshot;
use crate::server::problem::{FieldProblem, Problem};

/// Fields that are named. The inner option is none where a field is to have no value.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) name: Option<Option<String>>,
    pub(super) event: Option<String>,
    pub(super) address: Option<Address>,
    pub(super) disabled: Option<bool>,
    pub(super) description: Option<Option<String>>,
    pub(super) mail_exceptions_to: Option<Vec<String>>,
    pub(super) source: Option<Option<String>>,
    pub(super) source_id: Option<Option<String>>,
    pub(super) webhook_policy: Option<Option<Name>>,
}

/// They come back with a webhook that is read, changed and sent.
pub(super) const READ_ONLY: [&str; 5] =
    ["id", "attachments", "last_error", "created_at", "updated_at"];

const WRITABLE: &str = "name, event, uri, disabled, description, mail_exceptions_to, source, \
                        sourceID and webhook_policy";

impl Fields {
    /// Reads a document.
    ///
    /// # Errors
    /// Names every field that is wrong.
    pub(super) fn read(
        document: &Map<String, Value>,
        snapshot: &Snapshot,
    ) -> Result<Self, Problem> {
        let mut fields = Self::default();
        let mut errors = Vec::new();
        for (name, value) in document {
            if let Err(detail) = fields.set(name, value, snapshot) {
                let name = name.replace('~', "~0").replace('/', "~1");
                let pointer = format!("/{}", name.chars().take(80).collect::<String>());
                errors.push(FieldProblem { pointer, detail });
            }
        }
        if errors.is_empty() { Ok(fields) } else { Err(Problem::invalid(errors)) }
    }

    /// The same of a webhook that is to be made.
    ///
    /// # Errors
    /// Names what is missing, too.
    pub(super) fn read_new(
        document: &Map<String, Value>,
        snapshot: &Snapshot,
    ) -> Result<Self, Problem> {
        let missing = ["event", "uri"].into_iter().filter(|field| !document.contains_key(*field));
        let missing = missing.map(|field| FieldProblem {
            pointer: format!("/{field}"),
            detail: "it is required".to_owned(),
        });
        let missing: Vec<_> = missing.collect();
        match Self::read(document, snapshot) {
            Ok(fields) if missing.is_empty() => Ok(fields),
            Ok(_) => Err(Problem::invalid(missing)),
            Err(problem) => Err(Problem::invalid([missing, problem.errors().to_vec()].concat())),
        }
    }

    fn set(&mut self, name: &str, value: &Value, snapshot: &Snapshot) -> Result<(), String> {
        match name {
            "name" => self.name = Some(optional(value)?),
            "event" => {
                let event = required(value)?;
                event::types_of(&event).ok_or_else(|| event::unknown(&event))?;
                self.event = Some(event);
            }
            "uri" => self.address = Some(Address::read(&required(value)?)?),
            "disabled" => self.disabled = Some(boolean(value)?),
            "description" => self.description = Some(optional(value)?),
            "mail_exceptions_to" => self.mail_exceptions_to = Some(addresses(value)?),
            "source" => self.source = Some(optional(value)?),
            "sourceID" => self.source_id = Some(optional(value)?),
            "webhook_policy" | "webhook_policy_id" => {
                self.webhook_policy = Some(reference::policy(snapshot, value)?);
            }
            "description_attachments" => match value {
                Value::Null => {}
                Value::Array(none) if none.is_empty() => {}
                _ => {
                    let detail = "nothing can be attached here: put it into the text, or leave \
                                  this out";
                    return Err(detail.to_owned());
                }
            },
            name if READ_ONLY.contains(&name) => {}
            _ => return Err(format!("there is no such field; there are {WRITABLE}")),
        }
        Ok(())
    }
}

fn required(value: &Value) -> Result<String, String> {
    let text = value.as_str().filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| "it is a text, and is required".to_owned())
}

fn optional(value: &Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        _ => Err("it is a text, or null for none".to_owned()),
    }
}

/// Also as text, as it is shown.
pub(super) fn boolean(value: &Value) -> Result<bool, String> {
    match value {
        Value::Null => Ok(false),
        Value::Bool(value) => Ok(*value),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        _ => Err("it is true or false".to_owned()),
    }
}

/// With commas between them.
fn addresses(value: &Value) -> Result<Vec<String>, String> {
    let text = optional(value)?.unwrap_or_default();
    let addresses = text.split(',').map(str::trim).filter(|address| !address.is_empty());
    Ok(addresses.map(str::to_owned).collect())
}
