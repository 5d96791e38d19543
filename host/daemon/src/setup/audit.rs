//! What the audit log says of a set-up.

use hookwright_model::{
    AuditEntry, AuditTarget, Connection, FieldChange, MailSettings, Policy, Source, Subscription,
};
use hookwright_store::{Changes, Configuration};
use serde_json::Value;

use super::diff::{Action, Change};
use crate::audit;
use crate::server::auth::Actor;

/// An entry for each thing that changes: with the whole of what is made or removed. Of secrets
/// there is nothing but their names.
pub(super) fn entries(
    changes: &[Change],
    store: &Changes,
    there: &Configuration,
    actor: &Actor,
) -> Vec<AuditEntry> {
    let after = Things {
        subscriptions: &store.subscriptions,
        sources: &store.sources,
        connections: &store.connections,
        policies: &store.policies,
        mail: store.mail.as_ref(),
    };
    let before = Things {
        subscriptions: &there.subscriptions,
        sources: &there.sources,
        connections: &there.connections,
        policies: &there.policies,
        mail: there.mail.as_ref(),
    };
    let changed = changes.iter().filter(|change| change.action != Action::Unchanged);
    let entries = changed.map(|change| {
        let fields = match change.action {
            Action::Create => after.document(change).iter().map(FieldChange::made).collect(),
            Action::Remove => before.document(change).iter().map(FieldChange::removed).collect(),
            Action::Update | Action::Unchanged => change.fields.clone(),
        };
        let action = format!("{}.{}", change.kind, change.action);
        audit::entry(actor, &action, AuditTarget::new(&change.kind, &change.name), fields)
    });
    entries.collect()
}

/// What was set up, or is to be.
struct Things<'a> {
    subscriptions: &'a [Subscription],
    sources: &'a [Source],
    connections: &'a [Connection],
    policies: &'a [Policy],
    mail: Option<&'a MailSettings>,
}

impl Things<'_> {
    /// What a change is about, if it is more than a name.
    fn document(&self, change: &Change) -> Option<Value> {
        let name = change.name.as_str();
        let document = match change.kind.as_str() {
            "subscription" => {
                self.subscriptions.iter().find(|one| one.name.as_str() == name).map(to_value)
            }
            "source" => self.sources.iter().find(|one| one.name.as_str() == name).map(to_value),
            "connection" => {
                self.connections.iter().find(|one| one.name.as_str() == name).map(to_value)
            }
            "policy" => self.policies.iter().find(|one| one.name.as_str() == name).map(to_value),
            "mail" => self.mail.map(to_value),
            _ => None,
        };
        document.flatten()
    }
}

fn to_value<T: serde::Serialize>(thing: &T) -> Option<Value> {
    serde_json::to_value(thing).ok()
}
