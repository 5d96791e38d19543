//! Subscriptions as webhooks.

use hookwright_model::{External, Subscription, Timestamp};
use hookwright_sandbox::TimeZone;
use serde_json::{Value, json};

use super::filter::Kind;
use super::listing::Listing;
use super::record::Record;
use super::{PLUGIN, address, event};
use crate::app::App;
use crate::control::plain;
use crate::registry::Snapshot;

/// The fields of the document. A listing has fewer of them, as in its examples.
pub(super) const WEBHOOKS: Listing = Listing {
    fields: &[
        ("id", Kind::Integer),
        ("name", Kind::Text),
        ("event", Kind::Choice),
        ("uri", Kind::Text),
        ("disabled", Kind::Boolean),
        ("last_error", Kind::Text),
        ("description", Kind::Text),
        ("attachments", Kind::Other),
        ("mail_exceptions_to", Kind::Text),
        ("source", Kind::Text),
        ("sourceID", Kind::Text),
        ("webhook_policy", Kind::Reference),
        ("created_at", Kind::Time),
        ("updated_at", Kind::Time),
    ],
    shown: &["id", "name", "event", "uri", "disabled", "last_error", "created_at", "updated_at"],
    sortable: &["id", "name", "event", "source", "sourceID", "created_at", "updated_at"],
    // As the document's example, newest first.
    order: "-id",
};

/// All webhooks.
pub(super) fn all(app: &App, snapshot: &Snapshot) -> Vec<Record> {
    let subscriptions = snapshot.configuration.subscriptions.iter();
    let webhooks = subscriptions.filter_map(|one| webhook(app, snapshot, one));
    webhooks
        .map(|mut record| {
            // Nothing can be attached. It is shown to those only who ask for it.
            record.put("attachments", Some(json!([])));
            record
        })
        .collect()
}

/// A subscription as a webhook, if it is one.
pub(super) fn webhook(app: &App, snapshot: &Snapshot, one: &Subscription) -> Option<Record> {
    if one.plugin.as_str() != PLUGIN {
        return None;
    }
    let numbers = &snapshot.configuration.numbers;
    let settings: Value = serde_json::from_str(&one.settings).unwrap_or_default();
    let event = event::name_of(one, &settings);
    let name = settings.get("name").and_then(Value::as_str).unwrap_or(&event);
    let has_credentials = !one.secrets.is_empty();
    let uri = settings.get("uri").and_then(Value::as_str);
    let health = app.health.get(one.id);
    let last_error = health.and_then(|health| {
        let failed = health.last_error.filter(|_| health.consecutive_failures > 0);
        health.test_error.or(failed)
    });
    let policy = one.signing.iter().find_map(|signing| signing.policy());
    let policy = policy.map(|name| {
        let policies = &snapshot.policies;
        let disabled = policies.get(name).is_some_and(|entry| entry.policy.disabled);
        json!({ "id": numbers.policies.get(name), "name": name, "disabled": disabled })
    });
    let External { source, source_id } = one.external.clone();
    let mut record = Record::default();
    record.put("id", Some(*numbers.subscriptions.get(&one.id)?));
    record.put("name", Some(name));
    record.put("event", Some(event.as_str()));
    record.put("uri", uri.map(|uri| address::shown(uri, has_credentials)));
    // As the document's example has it: a text, and only of those that are.
    record.put("disabled", (!one.enabled).then_some("true"));
    record.put("last_error", last_error.as_deref().map(plain));
    record.put("description", one.description.clone());
    let people = &one.mail_exceptions_to;
    record.put("mail_exceptions_to", (!people.is_empty()).then(|| people.join(",")));
    record.put("source", source);
    record.put("sourceID", source_id);
    record.put("webhook_policy", policy);
    let zone = zone(one.time_zone.as_deref());
    // Of those that an older version made it is not known.
    let created_at = one.created_at.unwrap_or(one.updated_at);
    record.put("created_at", Some(time(&zone, created_at)));
    record.put("updated_at", Some(time(&zone, one.updated_at)));
    Some(record)
}

/// UTC, if none is said or it is gone.
fn zone(name: Option<&str>) -> TimeZone {
    name.and_then(|name| TimeZone::named(name).ok()).unwrap_or(TimeZone::UTC)
}

/// With its offset and without a fraction.
pub(super) fn time(zone: &TimeZone, time: Timestamp) -> String {
    zone.to_local(u64::try_from(time.millis()).unwrap_or_default())
}
