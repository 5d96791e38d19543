//! The form that subscriptions and connections are made and changed with: what they have
//! themselves, what they take, their plugin's settings, and its secrets. A form becomes the
//! document that the API takes, and is planned as that is.

mod channel;
mod page;
mod secrets;
mod takes;

use std::sync::LazyLock;

use hookwright_model::{Digest, Name, PluginVersion, Role};
use hookwright_store::Configuration;
use serde_json::{Map, Value, json};

pub(super) use channel::is_channel;
pub(super) use page::{Shown, note, page, told};

use super::forms::{Entries, Field, Kind as FieldKind, Mistakes, enter, fields, read};
use crate::app::App;
use crate::registry::newest;
use crate::server::for_console_setup::Kind;
use crate::server::problem::Problem;
use crate::setup::{ConnectionWanted, SecretWanted, SubscriptionWanted, User};

/// What subscriptions and connections have themselves and a field can express.
const OWN: &str = include_str!("own.schema.json");

/// What is only for subscriptions.
const OF_SUBSCRIPTIONS: [&str; 11] = [
    "description",
    "groups",
    "condition",
    "verify",
    "signing",
    "order",
    "after_failure",
    "write_back",
    "disable_on_failure",
    "mail_exceptions_to",
    "sources",
];
/// What is only for connections.
const OF_CONNECTIONS: [&str; 1] = ["writes_per_ticket_per_hour"];

/// In the order in which they are asked for.
const ORDER: [&str; 25] = [
    "name",
    "description",
    "enabled",
    "groups",
    "condition",
    "signing",
    "auth",
    "verify",
    "retry",
    "preset",
    "retry_unknown",
    "timeout_s",
    "max_concurrent",
    "order",
    "after_failure",
    "disable_on_failure",
    "writes_per_ticket_per_hour",
    "time_zone",
    "mail_exceptions_to",
    "tls",
    "proxy",
    "reserve_hosts",
    "pace",
    "answers",
    "write_back",
];

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let schema = serde_json::from_str(OWN);
    // It is part of the program, and a test reads it.
    debug_assert!(schema.is_ok(), "own.schema.json cannot be read: {schema:?}");
    schema.unwrap_or_default()
});

/// A form.
pub(super) struct Form {
    pub(super) kind: Kind,
    pub(super) plugin: PluginVersion,
    /// What it has itself.
    own: Field,
    /// What its plugin wants.
    settings: Field,
    /// As it is; none if it is made.
    pub(super) old: Option<Value>,
}

/// What was entered, as the API takes it.
pub(super) struct Entered {
    pub(super) document: Value,
    pub(super) secrets: Vec<SecretWanted>,
}

impl Form {
    /// For a plugin: its version with this digest, or the newest.
    ///
    /// # Errors
    /// When there is no such destination plugin.
    pub(super) fn new(
        app: &App,
        kind: Kind,
        plugin: &str,
        digest: Option<Digest>,
    ) -> Result<Self, Problem> {
        let missing = || {
            let shown: String = plugin.chars().take(80).collect();
            Problem::not_found(format!("the destination plugin `{shown}` is not installed"))
        };
        let there = app.registry.snapshot();
        let name: Name = plugin.parse().map_err(|_| missing())?;
        let newest = newest(&there.configuration, Role::Destination, &name);
        let digest = digest.or(newest).ok_or_else(missing)?;
        let mut versions = there.configuration.plugins.iter();
        let fits = |one: &&PluginVersion| one.digest == digest && one.key.name == name;
        let plugin = versions.find(fits).ok_or_else(missing)?.clone();
        Ok(Self::of(kind, plugin))
    }

    fn of(kind: Kind, plugin: PluginVersion) -> Self {
        let settings = settings(&plugin.descriptor.settings_schema);
        Self { kind, own: own(kind), settings, plugin, old: None }
    }

    /// What stands in the form of one that there is.
    pub(super) fn entries(&self, document: &Value) -> Entries {
        let mut entries = Entries::default();
        enter(&self.own, Some(&bare(document)), &mut entries);
        enter(&self.settings, document.get("settings"), &mut entries);
        if self.kind == Kind::Subscription {
            takes::enter(document, &mut entries);
        }
        secrets::enter(document, &mut entries);
        if let Some(digest) = document.get("digest").and_then(Value::as_str) {
            entries.put("/digest", digest);
        }
        channel::enter(self, document, &mut entries);
        entries
    }

    /// The document that a form is about, and the secrets that were entered in it. Their names
    /// are free as long as `there` is what there is.
    pub(super) fn read(
        &self,
        there: &Configuration,
        entries: &Entries,
        mistakes: &mut Mistakes,
    ) -> Entered {
        let mut document = match read(&self.own, entries, mistakes) {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        };
        if let Some(signing) = document.remove("signing") {
            let all = if signing.is_array() { signing } else { json!([signing]) };
            document.insert("signing".into(), all);
        }
        forget_usual(&mut document);
        document.insert("plugin".into(), self.plugin.key.name.as_str().into());
        document.insert("digest".into(), self.plugin.digest.to_string().into());
        let settings = read(&self.settings, entries, mistakes);
        document.insert("settings".into(), settings.unwrap_or_else(|| json!({})));
        if self.kind == Kind::Subscription {
            takes::read(entries, self.old.as_ref(), &mut document);
        }
        channel::read(self, entries, &mut document);
        let name = document.get("name").and_then(Value::as_str).and_then(|name| name.parse().ok());
        let kind = match self.kind {
            Kind::Subscription => "subscription",
            Kind::Connection => "connection",
        };
        let who = name.map(|name| User { kind: kind.to_owned(), name });
        let (who, old) = (who.as_ref(), self.old.as_ref());
        let (bound, secrets) = secrets::read(&self.plugin, there, who, old, entries, mistakes);
        document.insert("secrets".into(), bound);
        Entered { document: document.into(), secrets }
    }

    /// The fields of a part of the form.
    fn section(&self, section: &str) -> Option<Field> {
        let FieldKind::Object { fields, .. } = &self.own.kind else { return None };
        let hides_retry = channel::has_switch(self);
        let fields: Vec<_> = fields
            .iter()
            .filter(|one| one.section.as_deref() == Some(section))
            .filter(|one| !(hides_retry && one.name == "retry"))
            .cloned()
            .collect();
        let kind = FieldKind::Object { fields, open: false };
        Some(Field { kind, ..self.own.clone() })
    }
}

/// The fields that a kind has itself.
fn own(kind: Kind) -> Field {
    let mut own = fields(&SCHEMA, "");
    if let FieldKind::Object { fields, .. } = &mut own.kind {
        let others: &[&str] = match kind {
            Kind::Subscription => &OF_CONNECTIONS,
            Kind::Connection => &OF_SUBSCRIPTIONS,
        };
        fields.retain(|field| !others.contains(&field.name.as_str()));
        fields.sort_by_key(|field| ORDER.iter().position(|name| *name == field.name));
    }
    own
}

/// The fields of a plugin's settings, in the order in which its schema names them.
fn settings(schema: &str) -> Field {
    let read: Value = serde_json::from_str(schema).unwrap_or(Value::Bool(true));
    let mut field = fields(&read, "/settings");
    if let FieldKind::Object { fields, .. } = &mut field.kind {
        fields.sort_by_key(|field| schema.find(&format!("\"{}\"", field.name)));
    }
    field
}

/// What of a document the console's own fields are about.
fn bare(document: &Value) -> Value {
    let mut bare = document.clone();
    if let Some(members) = bare.as_object_mut() {
        for name in ["plugin", "digest", "settings", "secrets", "sources", "events"] {
            members.remove(name);
        }
        // One signature is picked; several are JSON, and none is nothing.
        if let Some(Value::Array(all)) = members.remove("signing") {
            match all.as_slice() {
                [] => {}
                [one] => drop(members.insert("signing".into(), one.clone())),
                _ => drop(members.insert("signing".into(), all.into())),
            }
        }
        forget_usual(members);
        // An empty list of these says nothing.
        for name in ["groups", "write_back", "mail_exceptions_to", "answers"] {
            if members.get(name).and_then(Value::as_array).is_some_and(Vec::is_empty) {
                members.remove(name);
            }
        }
    }
    bare
}

/// That those behind a failure go on is usual, and may only be said where there is an order.
fn forget_usual(members: &mut Map<String, Value>) {
    if members.get("after_failure").is_some_and(|after| after == "skip") {
        members.remove("after_failure");
    }
}

/// One that there is, as the API takes it.
///
/// # Errors
/// When there is none of this name.
pub(super) fn document(app: &App, kind: Kind, name: &str) -> Result<Value, Problem> {
    let there = app.registry.snapshot();
    let configuration = &there.configuration;
    let document = match kind {
        Kind::Subscription => {
            let mut all = configuration.subscriptions.iter();
            let found = all.find(|one| one.name.as_str() == name || one.id.to_string() == name);
            found.and_then(|one| serde_json::to_value(SubscriptionWanted::from(one)).ok())
        }
        Kind::Connection => {
            let mut all = configuration.connections.iter();
            let found = all.find(|one| one.name.as_str() == name || one.id.to_string() == name);
            found.and_then(|one| serde_json::to_value(ConnectionWanted::from(one)).ok())
        }
    };
    let shown: String = name.chars().take(80).collect();
    document.ok_or_else(|| Problem::not_found(format!("there is nothing called `{shown}`")))
}

/// The plugin of a document, and its version.
pub(super) fn version(document: &Value) -> (String, Option<Digest>) {
    let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
    (text("plugin").to_owned(), text("digest").parse().ok())
}
