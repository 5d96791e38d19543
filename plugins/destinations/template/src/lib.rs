//! Sends a request that the admin has written out as a template, as EddyDesk's dispatcher does:
//! for receivers that no plugin is made for.
//!
//! A template becomes pieces (`piece`): the admin's words, values of the event, secrets. A writer
//! for each place (`json`, `xml`, `form`, `url`, `plain`) follows the admin's words and escapes
//! every value for where it stands.

mod check;
mod compose;
mod eddydesk;
mod engine;
mod fault;
mod form;
mod jinja;
mod json;
mod piece;
mod plain;
mod settings;
mod tags;
mod url;
mod xml;
mod zammad;

use hookwright_sdk::{
    CheckSettings, Decision, Descriptor, Destination, Event, Failure, Host, Problem, SecretSlot,
};

use engine::Engine;
pub use settings::Settings;

/// The plugin.
pub struct Template;

pub(crate) const SECRETS: &[SecretSlot] = &[
    SecretSlot::optional(
        "username",
        "User name",
        "For Basic authorization, unless the settings name it; in templates `{secret:username}`.",
    ),
    SecretSlot::optional(
        "password",
        "Password or API key",
        "For Basic authorization; in templates `{secret:password}`.",
    ),
    SecretSlot::optional(
        "token",
        "Token",
        "For Bearer authorization; in templates `{secret:token}`, as in a bot's URL.",
    ),
    SecretSlot::optional(
        "header_value",
        "Value of the header",
        "For authorization by a header of its own; in templates `{secret:header_value}`.",
    ),
];

impl Destination for Template {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "template",
            version: env!("CARGO_PKG_VERSION"),
            title: "Webhook from a template",
            description: "Sends a request of your own writing: any method, URL, headers and body, \
                          with tags of EddyDesk, Zammad or Jinja for what the ticket holds.",
            events: &["*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &[],
        }
    }

    fn transform(event: &Event, settings: &Settings, host: &dyn Host) -> Result<Decision, Failure> {
        let engine = Engine::of(settings.syntax, event, host)?;
        let request = compose::request(settings, &engine)?;
        Ok(Decision::Deliver(vec![request]))
    }
}

impl CheckSettings for Template {
    fn check(settings: &Settings) -> Vec<Problem> {
        check::check(settings)
    }
}

hookwright_sdk::export_destination!(Template, check);
