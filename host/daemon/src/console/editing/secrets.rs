//! The secrets in a plugin's slots: one that there is, or a new one. What was entered is never
//! shown again.

use hookwright_model::{Name, PluginVersion};
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::forms::{Entries, Mistakes, segment};
use crate::setup::SecretWanted;

/// A slot as it is drawn.
#[derive(Debug, Serialize)]
pub(super) struct Slot {
    id: String,
    /// The name of the choice.
    key: String,
    /// The name of the field for a new one.
    new: String,
    name: String,
    title: String,
    description: String,
    required: bool,
    /// The secret that is in it.
    chosen: String,
    errors: Vec<String>,
}

fn key(slot: &str) -> String {
    format!("/secrets/{}", segment(slot))
}

fn new_key(slot: &str) -> String {
    format!("{}.new", key(slot))
}

pub(super) fn enter(document: &Value, entries: &mut Entries) {
    let Some(bound) = document.get("secrets").and_then(Value::as_object) else { return };
    for (slot, name) in bound {
        entries.put(key(slot), name.as_str().unwrap_or_default());
    }
}

/// What is in the slots, and the secrets that were entered.
pub(super) fn read(
    plugin: &PluginVersion,
    of: &str,
    entries: &Entries,
) -> (Value, Vec<SecretWanted>) {
    let (mut bound, mut secrets) = (Map::new(), Vec::new());
    for slot in &plugin.descriptor.secrets {
        let chosen = entries.text(&key(&slot.name)).trim();
        let value = entries.text(&new_key(&slot.name));
        if !value.is_empty()
            && let Some(name) = name(of, &slot.name)
        {
            bound.insert(slot.name.clone(), name.as_str().into());
            secrets.push(SecretWanted { name, value: value.to_owned() });
        } else if !chosen.is_empty() {
            bound.insert(slot.name.clone(), chosen.into());
        }
    }
    (bound.into(), secrets)
}

/// What a secret is called that is entered here: by whose it is, and its slot.
pub(super) fn name(of: &str, slot: &str) -> Option<Name> {
    let clean = |text: &str| -> String {
        let fits = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        text.chars().map(fits).collect()
    };
    let slot = clean(slot);
    let room = Name::MAX_LEN.saturating_sub(slot.len() + 1);
    let of: String = of.chars().take(room).collect();
    format!("{of}-{slot}").parse().ok()
}

/// The slots of a plugin with what is wrong in them. Mistakes that are told here are taken out of
/// the list.
pub(super) fn slots(
    plugin: &PluginVersion,
    entries: &Entries,
    mistakes: &mut Mistakes,
) -> Vec<Slot> {
    let slots = plugin.descriptor.secrets.iter().enumerate();
    let slots = slots.map(|(number, slot)| {
        let key = key(&slot.name);
        let mut errors = Vec::new();
        mistakes.retain(|mistake| {
            let is_here = mistake.pointer == key;
            if is_here {
                errors.push(mistake.detail.clone());
            }
            !is_here
        });
        Slot {
            id: format!("secret-{number}"),
            new: new_key(&slot.name),
            name: slot.name.clone(),
            title: slot.title.clone(),
            description: slot.description.clone(),
            required: slot.required,
            chosen: entries.text(&key).to_owned(),
            key,
            errors,
        }
    });
    slots.collect()
}
