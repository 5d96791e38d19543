//! What a plugin says of itself.

use crate::bindings::metadata;

/// What a plugin says of itself when it is installed.
#[derive(Clone, Debug)]
pub struct Descriptor {
    /// Lower-case letters, digits and `-`.
    pub name: &'static str,
    /// Semantic version; `env!("CARGO_PKG_VERSION")`.
    pub version: &'static str,
    /// For people.
    pub title: &'static str,
    /// For people, a sentence or two.
    pub description: &'static str,
    /// Event types it understands (a destination) or gives (a source); `ticket.*` and `*` are
    /// patterns.
    pub events: &'static [&'static str],
    /// JSON Schema (2020-12) of the settings, as a rule `include_str!("settings.schema.json")`.
    pub settings_schema: &'static str,
    /// The secrets it uses.
    pub secrets: &'static [SecretSlot],
    /// Origins it wants to reach; empty when the settings decide.
    pub origins: &'static [&'static str],
}

/// A secret that a destination uses.
#[derive(Clone, Debug)]
pub struct SecretSlot {
    /// What the plugin calls it.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// Where to get it.
    pub description: &'static str,
    /// Whether there is nothing to send without it.
    pub required: bool,
}

impl SecretSlot {
    /// A secret without which there is nothing to send.
    #[must_use]
    pub const fn required(
        name: &'static str,
        title: &'static str,
        description: &'static str,
    ) -> Self {
        Self { name, title, description, required: true }
    }

    /// A secret that can be left out: then so is every header that uses it.
    #[must_use]
    pub const fn optional(
        name: &'static str,
        title: &'static str,
        description: &'static str,
    ) -> Self {
        Self { name, title, description, required: false }
    }
}

#[doc(hidden)]
#[must_use]
pub fn to_wit(descriptor: &Descriptor) -> metadata::Descriptor {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    let secrets = descriptor.secrets.iter().map(|slot| metadata::SecretSlot {
        name: slot.name.to_owned(),
        title: slot.title.to_owned(),
        description: slot.description.to_owned(),
        required: slot.required,
    });
    metadata::Descriptor {
        name: descriptor.name.to_owned(),
        version: descriptor.version.to_owned(),
        title: descriptor.title.to_owned(),
        description: descriptor.description.to_owned(),
        homepage: None,
        events: owned(descriptor.events),
        settings_schema: descriptor.settings_schema.to_owned(),
        secrets: secrets.collect(),
        origins: owned(descriptor.origins),
    }
}
