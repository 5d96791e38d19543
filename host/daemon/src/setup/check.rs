//! Whether what is asked for makes sense.

use std::collections::BTreeMap;

use hookwright_model::{External, Limits, Name, Secret, Sending, Subscription};
use hookwright_sandbox::{Context, Plugin, TimeZone};
use serde_json::Value;
use uuid::Uuid;

use super::{Planner, SourceWanted, SubscriptionWanted};
use crate::annotation::Annotation;
use crate::condition::Condition;
use crate::handshake::{self, Missing};
use crate::proof::Proof;
use crate::server::problem::Problem;

/// The most combinations of source, type and group that one subscription can ask for: as many
/// entries it has in the index of routing.
const MAX_PLACES: usize = 10_000;

/// Whether a name of a subscription stands for something else in addresses.
#[must_use]
pub fn means_something_else(name: &str) -> bool {
    ["enabled", "disabled", "match"].contains(&name)
}

impl Planner<'_> {
    /// Holds settings and secrets against what the plugin says of itself, then asks the plugin.
    pub(super) async fn settings(
        &mut self,
        at: &str,
        plugin: &Plugin,
        settings: &Value,
        secrets: &BTreeMap<String, Name>,
    ) -> Result<(), Problem> {
        self.slots(at, plugin, secrets).await?;
        let before = self.errors.len();
        match serde_json::from_str(&plugin.descriptor().settings_schema) {
            Ok(schema) => match jsonschema::validator_for(&schema) {
                Ok(validator) => {
                    for error in validator.iter_errors(settings) {
                        let pointer = format!("{at}/settings{}", error.instance_path().as_str());
                        self.wrong(pointer, error.to_string());
                    }
                }
                Err(error) => self.wrong(format!("{at}/plugin"), schema_problem(&error)),
            },
            Err(error) => self.wrong(format!("{at}/plugin"), schema_problem(&error)),
        }
        // The plugin itself only reads settings that fit its schema.
        if self.errors.len() == before && plugin.checks_settings() {
            self.ask(at, plugin, settings).await;
        }
        Ok(())
    }

    async fn ask(&mut self, at: &str, plugin: &Plugin, settings: &Value) {
        let mut context = Context::empty("settings");
        context.settings = settings.to_string().into();
        let call = plugin.clone();
        let report = self
            .app
            .plugins
            .call(Uuid::nil(), plugin, "settings", move || {
                call.check_settings(&context, &Limits::default())
            })
            .await;
        match report.outcome {
            Ok(problems) => {
                for problem in problems {
                    let pointer = format!("{at}/settings{}", problem.at.unwrap_or_default());
                    self.wrong(pointer, problem.message);
                }
            }
            Err(fault) => self.wrong(format!("{at}/settings"), fault.to_string()),
        }
    }

    /// Every slot that is bound must be one of the plugin's, every required one bound, and
    /// every secret there.
    async fn slots(
        &mut self,
        at: &str,
        plugin: &Plugin,
        secrets: &BTreeMap<String, Name>,
    ) -> Result<(), Problem> {
        let slots = &plugin.descriptor().secrets;
        for (slot, name) in secrets {
            if slots.iter().any(|known| known.name == *slot) {
                self.known_secret(&format!("{at}/secrets/{slot}"), name).await?;
                continue;
            }
            let known: Vec<_> = slots.iter().map(|slot| slot.name.as_str()).collect();
            let detail = match known.as_slice() {
                [] => format!("the plugin `{}` uses no secrets", plugin.key().name),
                known => format!(
                    "the plugin `{}` has no secret `{slot}`; it has {}",
                    plugin.key().name,
                    known.join(", ")
                ),
            };
            self.wrong(format!("{at}/secrets/{slot}"), detail);
        }
        let missing: Vec<_> = slots
            .iter()
            .filter(|slot| slot.required && !secrets.contains_key(&slot.name))
            .collect();
        for slot in missing {
            let detail = format!("the secret `{}` ({}) is needed", slot.name, slot.title);
            self.wrong(format!("{at}/secrets"), detail);
        }
        Ok(())
    }

    /// The secret of this name, if there is one.
    pub(super) async fn known_secret(
        &mut self,
        pointer: &str,
        name: &Name,
    ) -> Result<Option<Secret>, Problem> {
        let found = match self.secrets.get(name) {
            Some(secret) => Some(secret.clone()),
            None => self.app.store.secret(name.clone()).await?,
        };
        if found.is_none() {
            self.wrong(pointer, format!("there is no secret `{name}`"));
        }
        Ok(found)
    }

    /// How posts prove where they come from.
    pub(super) async fn source_auth(
        &mut self,
        at: &str,
        wanted: &SourceWanted,
    ) -> Result<(), Problem> {
        let secret = match wanted.auth.secret() {
            None => None,
            Some(name) => match self.known_secret(&format!("{at}/auth/secret"), name).await? {
                None => return Ok(()),
                found => found,
            },
        };
        match Proof::new(&wanted.auth, secret) {
            Ok(proof) => {
                if let Some(Err(detail)) =
                    proof.issuer().map(|issuer| self.app.issuers.may_ask(issuer))
                {
                    self.wrong(format!("{at}/auth/issuer"), detail);
                }
            }
            Err(mistake) => self.wrong(format!("{at}/auth/{}", mistake.field), mistake.detail),
        }
        Ok(())
    }

    pub(super) fn time_zone(&mut self, at: &str, name: Option<&str>) {
        if let Some(Err(error)) = name.map(TimeZone::named) {
            self.wrong(format!("{at}/time_zone"), error.to_string());
        }
    }

    /// Whether there is an address that can be confirmed, if one is to be.
    pub(super) fn verify(&mut self, at: &str, plugin: &Plugin, wanted: &SubscriptionWanted) {
        if !wanted.verify {
            return;
        }
        let schema = &plugin.descriptor().settings_schema;
        let annotation = Annotation::of(plugin.identity(), schema);
        match handshake::address_in(annotation, &wanted.settings) {
            Ok(_) => {}
            Err(Missing::Annotation) => {
                let name = &plugin.key().name;
                let detail = format!(
                    "the plugin `{name}` cannot ask whoever owns an address to confirm it; leave \
                     `verify` out"
                );
                self.wrong(format!("{at}/verify"), detail);
            }
            Err(Missing::Address(pointer)) => {
                let detail = "an address is needed here, to be confirmed by whoever owns it";
                self.wrong(format!("{at}/settings{pointer}"), detail);
            }
        }
    }

    /// Which events it takes.
    pub(super) fn routing(&mut self, at: &str, wanted: &SubscriptionWanted) {
        if wanted.events.is_empty() {
            let detail = "no events would be taken; use `*` for all";
            self.wrong(format!("{at}/events"), detail);
        }
        for (number, group) in wanted.groups.iter().enumerate() {
            if group.trim().is_empty() {
                let detail = "a group has a name; leave `groups` out to take those of all";
                self.wrong(format!("{at}/groups/{number}"), detail);
            }
        }
        // Each kind of event is looked up by what it is from, its type and its group at once.
        let places = [wanted.sources.len(), wanted.events.len(), wanted.groups.len()];
        let places = places.iter().fold(1_usize, |all, of| all.saturating_mul((*of).max(1)));
        if places > MAX_PLACES {
            let detail = format!(
                "sources x events x groups are {places} combinations, and can be {MAX_PLACES}; \
                 use patterns, or a condition"
            );
            self.wrong(at, detail);
        }
        if let Some(Err(mistake)) = wanted.condition.as_deref().map(Condition::compile) {
            self.wrong(format!("{at}/condition"), mistake.to_string());
        }
    }

    /// Whether a new subscription can have this name: it stands in addresses.
    pub(super) fn free_of_meaning(&mut self, at: &str, name: &Name) {
        if means_something_else(name.as_str()) {
            let detail = format!(
                "`/v1/subscriptions/{name}` is something else; use another name for a subscription"
            );
            self.wrong(format!("{at}/name"), detail);
        }
    }

    /// What it is for, and who is told of failures.
    pub(super) fn people(&mut self, at: &str, wanted: &SubscriptionWanted) {
        let longest = Subscription::MAX_DESCRIPTION;
        let length = wanted.description.as_ref().map_or(0, String::len);
        if length > longest {
            let detail = format!("a description has at most {longest} bytes; this has {length}");
            self.wrong(format!("{at}/description"), detail);
        }
        let most = Subscription::MAX_MAIL_ADDRESSES;
        if wanted.mail_exceptions_to.len() > most {
            let detail = format!("at most {most} addresses are told");
            self.wrong(format!("{at}/mail_exceptions_to"), detail);
        }
        let External { source, source_id } = &wanted.external;
        for (field, text, longest) in [
            ("source", source, External::MAX_SOURCE),
            ("source_id", source_id, External::MAX_SOURCE_ID),
        ] {
            let length = text.as_ref().map_or(0, |text| text.chars().count());
            if length > longest {
                let detail = format!("it has at most {longest} characters; this has {length}");
                self.wrong(format!("{at}/external/{field}"), detail);
            }
        }
        self.mail_addresses(&format!("{at}/mail_exceptions_to"), &wanted.mail_exceptions_to);
    }

    /// Retries, deadline, signatures and the rest of how it is delivered.
    pub(super) async fn sending(
        &mut self,
        at: &str,
        wanted: Sending<'_>,
        settings: &Value,
    ) -> Result<(), Problem> {
        self.answers(at, wanted);
        self.pace(at, wanted, settings);
        self.max_concurrent(at, wanted);
        self.reserve_hosts(at, wanted);
        self.access(at, wanted).await?;
        self.time_zone(at, wanted.time_zone);
        self.signing(at, wanted).await
    }
}

fn schema_problem(error: &dyn std::fmt::Display) -> String {
    format!("the plugin's settings schema cannot be used: {error}")
}
