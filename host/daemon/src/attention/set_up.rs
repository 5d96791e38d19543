//! What was set up and cannot be used: something that it needs is gone.

use std::collections::BTreeSet;

use hookwright_model::Name;

use super::{About, Item, Kind};
use crate::app::App;
use crate::delivery::target::Target;
use crate::registry::{Held, Snapshot};

const SET_AGAIN: &str = "set it again with `hookwright apply`, or take it out of what uses it";

pub(super) fn items(app: &App) -> Vec<Item> {
    let snapshot = app.registry.snapshot();
    let secrets = snapshot.configuration.secrets.iter().collect();
    let mut items = Vec::new();
    sources(&snapshot, &mut items);
    subscriptions(&snapshot, &secrets, &mut items);
    connections(&snapshot, &secrets, &mut items);
    policies(&snapshot, &mut items);
    items
}

fn sources(snapshot: &Snapshot, items: &mut Vec<Item>) {
    for entry in snapshot.sources.values() {
        let plugin = entry.plugin.as_ref().err().cloned();
        let proof = entry.proof.as_ref().err().map(|mistake| mistake.detail.clone());
        if let Some(detail) = plugin.or(proof) {
            let about = About::named("source", &entry.source.name).with_id(&entry.source.id);
            let item = Kind::SourceUnusable.item(about, detail, SET_AGAIN);
            items.push(item.at(format!("/v1/sources/{}", entry.source.name)));
        }
    }
}

fn subscriptions(snapshot: &Snapshot, secrets: &BTreeSet<&Name>, items: &mut Vec<Item>) {
    for entry in snapshot.subscriptions.values() {
        let subscription = &entry.subscription;
        let about = || About::named("subscription", &subscription.name).with_id(&subscription.id);
        match entry.held() {
            // Whoever disabled it knows.
            Some(Held::Disabled) => continue,
            Some(held @ Held::Unconfirmed) => {
                let advice = "have whoever owns the address confirm it; `hookwright subscription \
                              verify` asks once more";
                let item = Kind::SubscriptionUnconfirmed.item(about(), held.reason(), advice);
                items.push(item.at(format!("/v1/subscriptions/{}", subscription.name)));
            }
            None => {}
        }
        let condition = entry.condition.as_ref().and_then(|condition| condition.get().err());
        let condition = condition.map(|mistake| mistake.one_line());
        let missing = missing(subscription.secrets.values(), secrets);
        if let Some(detail) = unusable(&entry.target).or(missing).or(condition) {
            let item = Kind::SubscriptionUnusable.item(about(), detail, SET_AGAIN);
            items.push(item.at(format!("/v1/subscriptions/{}", subscription.name)));
        }
    }
}

fn connections(snapshot: &Snapshot, secrets: &BTreeSet<&Name>, items: &mut Vec<Item>) {
    for entry in snapshot.connections.values().filter(|entry| entry.connection.enabled) {
        let connection = &entry.connection;
        let missing = missing(connection.secrets.values(), secrets);
        if let Some(detail) = unusable(&entry.target).or(missing) {
            let about = About::named("connection", &connection.name).with_id(&connection.id);
            let item = Kind::ConnectionUnusable.item(about, detail, SET_AGAIN);
            items.push(item.at(format!("/v1/connections/{}", connection.name)));
        }
    }
}

fn policies(snapshot: &Snapshot, items: &mut Vec<Item>) {
    for entry in snapshot.policies.values().filter(|entry| !entry.policy.disabled) {
        if let Err(detail) = &entry.maker {
            let about = About::named("policy", &entry.policy.name);
            let item = Kind::PolicyUnusable.item(about, detail.clone(), SET_AGAIN);
            items.push(item.at(format!("/v1/policies/{}", entry.policy.name)));
        }
    }
}

/// Why no requests are made or sent.
fn unusable(target: &Target) -> Option<String> {
    let plugin = target.plugin.as_ref().err();
    let signing = target.bound.signing.as_ref().err();
    plugin.or(signing).or(target.access.as_ref().err()).cloned()
}

fn missing<'a>(
    mut used: impl Iterator<Item = &'a Name>,
    secrets: &BTreeSet<&Name>,
) -> Option<String> {
    let name = used.find(|name| !secrets.contains(name))?;
    Some(format!("the secret `{name}` is not set"))
}
