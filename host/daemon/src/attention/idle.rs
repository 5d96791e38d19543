//! Subscriptions to what cannot come: a name in them is misspelt, or what had it is gone. They may
//! be there before what they are for, so nobody refuses them.

use std::sync::LazyLock;

use hookwright_model::{EventType, Name, TypePattern, catalogue};
use hookwright_store::{About as Sought, EventFilter, Page, StoreError};

use super::{About, Item, Kind};
use crate::app::App;
use crate::control;
use crate::registry::{Held, Snapshot, SubscriptionEntry};

pub(super) async fn items(app: &App) -> Result<Vec<Item>, StoreError> {
    let snapshot = app.registry.snapshot();
    let mut items = Vec::new();
    for entry in snapshot.subscriptions.values() {
        // Whoever disabled it knows.
        if entry.held() == Some(Held::Disabled) {
            continue;
        }
        let mut wrong = unknown_sources(&snapshot, entry);
        wrong.extend(unknown_types(app, entry).await?);
        if wrong.is_empty() {
            continue;
        }
        let one = &entry.subscription;
        let about = About::named("subscription", &one.name).with_id(&one.id);
        let advice = "write it as it is called, or set up what is missing";
        let item = Kind::SubscriptionIdle.item(about, wrong.join("; "), advice);
        items.push(item.at(format!("/v1/subscriptions/{}", one.name)));
    }
    Ok(items)
}

fn unknown_sources(snapshot: &Snapshot, entry: &SubscriptionEntry) -> Vec<String> {
    let is_known =
        |name: &Name| name.as_str() == control::SOURCE || snapshot.sources.contains_key(name);
    let named = entry.subscription.sources.iter();
    let unknown = named.filter(|name| !is_known(name));
    unknown.map(|name| format!("there is no source `{name}`")).collect()
}

/// Types that neither the catalogue nor the journal has: other programs post what they like.
async fn unknown_types(app: &App, entry: &SubscriptionEntry) -> Result<Vec<String>, StoreError> {
    let mut wrong = Vec::new();
    for pattern in entry.subscription.events.iter().filter(|pattern| !is_known(pattern)) {
        let about = Sought { event_type: Some(pattern.clone()), ..Sought::default() };
        let filter = EventFilter { about, ..EventFilter::default() };
        let found = app.store.find_events(filter, Page { before: None, limit: 1 }).await?;
        // There may be one further back than was looked.
        if found.items.is_empty() && found.next.is_none() {
            wrong.push(format!("no event `{pattern}` is known, and none has come"));
        }
    }
    Ok(wrong)
}

/// Whether there is such a type, also of the host's own.
fn is_known(pattern: &TypePattern) -> bool {
    static TYPES: LazyLock<Vec<EventType>> = LazyLock::new(|| {
        catalogue::types().iter().filter_map(|known| known.event_type.parse().ok()).collect()
    });
    TYPES.iter().any(|event_type| pattern.matches(event_type))
}
