//! The secrets in a plugin's slots: one that there is, or a new one. What was entered is never
//! shown again.

use hookwright_model::{Name, PluginVersion};
use hookwright_store::Configuration;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::forms::{Entries, Mistakes, segment};
use crate::server::problem::FieldProblem;
use crate::setup::{SecretWanted, User, new_secret};

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

/// What is in the slots, and the secrets that were entered. `old` is the document as it was.
pub(super) fn read(
    plugin: &PluginVersion,
    there: &Configuration,
    who: Option<&User>,
    old: Option<&Value>,
    entries: &Entries,
    mistakes: &mut Mistakes,
) -> (Value, Vec<SecretWanted>) {
    let (mut bound, mut secrets) = (Map::new(), Vec::<SecretWanted>::new());
    for slot in &plugin.descriptor.secrets {
        let chosen = entries.text(&key(&slot.name)).trim();
        let value = entries.text(&new_key(&slot.name));
        // Without a name of its own nothing is set up, and nothing is to be called after it.
        if let (false, Some(who)) = (value.is_empty(), who) {
            let before = old.and_then(|old| old.get("secrets")?.get(&slot.name)?.as_str());
            let given: Vec<_> = secrets.iter().map(|secret| &secret.name).collect();
            match new_secret(there, who, &base(who.name.as_str(), &slot.name), before, &given) {
                Some(name) => {
                    bound.insert(slot.name.clone(), name.as_str().into());
                    secrets.push(SecretWanted { name, value: value.to_owned() });
                }
                None => mistakes.push(FieldProblem {
                    pointer: key(&slot.name),
                    detail: "there is no free name left for it: set a secret, and choose it here"
                        .to_owned(),
                }),
            }
        } else if !chosen.is_empty() {
            bound.insert(slot.name.clone(), chosen.into());
        }
    }
    (bound.into(), secrets)
}

/// After what a secret is called that is entered here: whose it is, and its slot.
fn base(of: &str, slot: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let slot: String = slot.chars().map(fits).take(Name::MAX_LEN / 2).collect();
    // With room for a number.
    let room = Name::MAX_LEN.saturating_sub(slot.len() + "--999".len());
    let of: String = of.chars().take(room).collect();
    format!("{of}-{slot}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_however_long_what_they_are_made_of() {
        assert_eq!(base("duty", "Api_Key"), "duty-api-key");
        let long = "x".repeat(Name::MAX_LEN);
        for slot in ["token", "Ünïcode slot", &long] {
            let base = base(&long, slot);
            assert!(base.parse::<Name>().is_ok(), "{base}");
            assert!(format!("{base}-999").parse::<Name>().is_ok(), "{base}");
        }
    }
}
