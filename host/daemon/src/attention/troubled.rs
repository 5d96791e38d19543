//! What fails: subscriptions, plugins, destinations.

use super::{About, Item, Kind};
use crate::app::App;
use crate::delivery::breaker::{Call, CircuitState};
use crate::registry::Snapshot;

/// So many attempts in a row that failed are more than one receiver's bad moment.
const FAILING: u32 = 3;

pub(super) fn items(app: &App) -> Vec<Item> {
    let snapshot = app.registry.snapshot();
    let mut items = Vec::new();
    subscriptions(app, &snapshot, &mut items);
    plugins(app, &snapshot, &mut items);
    destinations(app, &mut items);
    items
}

fn subscriptions(app: &App, snapshot: &Snapshot, items: &mut Vec<Item>) {
    for (id, entry) in &snapshot.subscriptions {
        let Some(health) = app.health.get(*id) else { continue };
        let name = &entry.subscription.name;
        let about = || About::named("subscription", name).with_id(&id);
        let failures = u64::from(health.consecutive_failures);
        let last = health.last_error.as_deref().unwrap_or("its words are not kept");
        let detail = format!("{failures} attempts in a row failed, the last with: {last}");
        let failed = format!("/v1/deliveries?subscription={name}&state=failed");
        if !entry.subscription.enabled {
            if health.disabled_at.is_some() {
                let advice = format!(
                    "mend the receiver or the settings, then `hookwright subscription enable {name}`: \
                     what waits is delivered"
                );
                let item = Kind::SubscriptionDisabled.item(about(), detail, advice).count(failures);
                items.push(item.since(health.disabled_at).at(failed));
            }
        } else if health.consecutive_failures >= FAILING {
            let advice = "look at what the receiver answers, and mend it or the settings: what was \
                          given up can be delivered again with `hookwright replay create redeliver`";
            let item = Kind::SubscriptionFailing.item(about(), detail, advice).count(failures);
            let pending = format!("/v1/deliveries?subscription={name}");
            items.push(item.since(health.failing_since).at(pending));
        }
    }
}

fn plugins(app: &App, snapshot: &Snapshot, items: &mut Vec<Item>) {
    for suspended in app.breaker.suspended() {
        let mut versions = snapshot.configuration.plugins.iter();
        let version = versions.find(|version| version.digest == suspended.digest);
        let name = version
            .map_or_else(|| suspended.digest.short(), |version| version.key.name.to_string());
        let mut subscriptions = snapshot.configuration.subscriptions.iter();
        let subscription = subscriptions.find(|one| Some(one.id.uuid()) == suspended.target);
        let mut connections = snapshot.configuration.connections.iter();
        let connection = connections.find(|one| Some(one.id.uuid()) == suspended.target);
        let target = match (subscription, connection) {
            (Some(one), _) => format!(" for the subscription `{}`", one.name),
            (None, Some(one)) => format!(" for the connection `{}`", one.name),
            (None, None) => String::new(),
        };
        let to = match suspended.call {
            Call::Transform => "make requests",
            Call::Judge => "read answers",
        };
        let detail = format!("it is not called to {to}{target}, since: {}", suspended.last_error);
        let advice = format!(
            "install a version that is mended, or, when what it failed on is gone, `hookwright \
             plugin resume {}`",
            suspended.digest
        );
        let about = About::named("plugin", &name).with_id(&suspended.digest);
        let item = Kind::PluginSuspended.item(about, detail, advice);
        let path = format!("/v1/plugins/{}", suspended.digest);
        items.push(item.since(Some(suspended.since)).at(path));
    }
}

fn destinations(app: &App, items: &mut Vec<Item>) {
    let all = app.breaker.destinations().into_iter();
    for destination in all.filter(|destination| destination.state != CircuitState::Closed) {
        let through = destination.through.as_ref();
        let through = through.map(|proxy| format!(" through {proxy}")).unwrap_or_default();
        let last = destination.last_error.as_deref().unwrap_or("nothing is known");
        let detail = format!(
            "{} of {} requests{through} failed, the last with: {last}",
            destination.failed, destination.tries
        );
        let advice = match destination.next_probe_at {
            Some(next) => format!("what is for it waits; one request is tried at {next}"),
            None => "what is for it waits; one request is tried now".to_owned(),
        };
        let about = About::named("destination", &destination.origin);
        let item = Kind::CircuitOpen.item(about, detail, advice).since(destination.since);
        items.push(item.count(destination.failed.into()).at("/v1/destinations"));
    }
}
