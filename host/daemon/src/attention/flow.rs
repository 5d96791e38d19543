//! What does not go on: deliveries that wait, posts that could not be read, replays.

use std::collections::BTreeMap;
use std::time::Duration;

use hookwright_model::{
    DeliveryId, ReplayState, Step, Subject, SubjectKind, SubscriptionId, Timestamp,
};
use hookwright_store::{Page, ReplayFilter, Span, StoreError};

use super::{About, Item, Kind};
use crate::app::App;
use crate::registry::Snapshot;

/// A delivery that is older and yet waits is one that somebody should know of.
const LONG: Duration = Duration::from_secs(3_600);
/// Of so many deliveries that wait, or that others wait for, it is said whose they are. Of more,
/// those are counted.
const LOOKED_AT: usize = 1_000;
const REPLAYS: usize = 50;
const DAY: Duration = Duration::from_secs(86_400);

pub(super) async fn items(app: &App, now: Timestamp) -> Result<Vec<Item>, StoreError> {
    let snapshot = app.registry.snapshot();
    let mut items = Vec::new();
    in_order(app, &snapshot, &mut items).await?;
    waiting(app, &snapshot, now, &mut items).await?;
    rejects(app, now, &mut items).await?;
    replays(app, &mut items).await?;
    Ok(items)
}

fn about(snapshot: &Snapshot, id: SubscriptionId) -> About {
    let entry = snapshot.subscriptions.get(&id);
    let name = entry.map(|entry| entry.subscription.name.to_string());
    About { what: "subscription", name, id: Some(id.to_string()) }
}

/// How many there are of those looked at, and whether there may be more.
fn how_many(count: u64, is_all: bool) -> String {
    if is_all { count.to_string() } else { format!("at least {count}") }
}

async fn in_order(app: &App, snapshot: &Snapshot, items: &mut Vec<Item>) -> Result<(), StoreError> {
    let held = app.store.in_the_way(LOOKED_AT).await?;
    let is_all = held.len() < LOOKED_AT;
    let mut of: BTreeMap<SubscriptionId, (DeliveryId, u64)> = BTreeMap::new();
    for (subscription, delivery) in held {
        of.entry(subscription).or_insert((delivery, 0)).1 += 1;
    }
    for (subscription, (first, count)) in of {
        let (summary, since) = match app.store.delivery(first).await {
            Ok((delivery, summary)) => (summary.reason.unwrap_or_default(), delivery.finished_at),
            // It may have gone meanwhile.
            Err(StoreError::NotFound(_)) => continue,
            Err(error) => return Err(error),
        };
        let many = how_many(count, is_all);
        let detail = format!(
            "{many} failed, and those that follow wait for it, as the subscription's `order` says. \
             The oldest is {first}: {summary}"
        );
        let advice = format!(
            "mend what it failed on and `hookwright delivery retry {first}`, or let it go with \
             `hookwright delivery cancel {first}`"
        );
        let item = Kind::OrderHeld.item(about(snapshot, subscription), detail, advice);
        items.push(item.since(since).count(count).at(format!("/v1/deliveries/{first}")));
    }
    Ok(())
}

async fn waiting(
    app: &App,
    snapshot: &Snapshot,
    now: Timestamp,
    items: &mut Vec<Item>,
) -> Result<(), StoreError> {
    let waiting = app.store.waiting(now.before(LONG), LOOKED_AT).await?;
    let is_all = waiting.len() < LOOKED_AT;
    let mut of: BTreeMap<SubscriptionId, (Timestamp, u64)> = BTreeMap::new();
    for one in waiting {
        of.entry(one.subscription).or_insert((one.created_at, 0)).1 += 1;
    }
    for (subscription, (since, count)) in of {
        let entry = snapshot.subscriptions.get(&subscription);
        let held = entry.and_then(|entry| entry.held());
        let held = held.map(|held| format!(": {}", held.reason())).unwrap_or_default();
        let many = how_many(count, is_all);
        let detail = format!("{many} deliveries have waited for more than an hour{held}");
        let advice = "look at why they wait: at what the receiver answers, or at what the \
                      subscription lacks";
        let about = about(snapshot, subscription);
        let of = about.name.clone().unwrap_or_else(|| subscription.to_string());
        let item = Kind::DeliveriesWaiting.item(about, detail, advice);
        let path = format!("/v1/deliveries?subscription={of}&state=pending");
        items.push(item.since(Some(since)).count(count).at(path));
    }
    Ok(())
}

async fn rejects(app: &App, now: Timestamp, items: &mut Vec<Item>) -> Result<(), StoreError> {
    let day = Span::new(Step::Minute, now.before(DAY), now);
    for (subject, counts) in app.store.sums(SubjectKind::Source, day).await? {
        let Subject::Source(name) = subject else { continue };
        if counts.rejects == 0 {
            continue;
        }
        let detail = format!(
            "{} posts could not be read within the last day; {} events were taken in",
            counts.rejects, counts.events
        );
        let advice = "look at one with `hookwright reject show`, mend the template, the plugin or \
                      the settings, then `hookwright reject retry`";
        let item = Kind::Rejects.item(About::named("source", &name), detail, advice);
        items.push(item.count(counts.rejects).at(format!("/v1/rejects?source={name}")));
    }
    Ok(())
}

async fn replays(app: &App, items: &mut Vec<Item>) -> Result<(), StoreError> {
    for (state, kind) in
        [(ReplayState::Paused, Kind::ReplayPaused), (ReplayState::Failed, Kind::ReplayFailed)]
    {
        let filter = ReplayFilter { state: Some(state) };
        let page = Page { before: None, limit: REPLAYS };
        for replay in app.store.replays(filter, page).await? {
            let (id, done, found) = (replay.id, replay.done, replay.found);
            let why = replay.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            let detail = format!("{state} after {done} of {found} deliveries{why}");
            let advice = match kind {
                Kind::ReplayPaused => format!(
                    "`hookwright replay resume {id}`, or `hookwright replay cancel {id}` if it is \
                     not wanted any more"
                ),
                _ => format!("make another one, and `hookwright replay remove {id}`"),
            };
            let about = About { what: "replay", name: None, id: Some(id.to_string()) };
            let since = replay.finished_at.or(replay.started_at).unwrap_or(replay.created_at);
            let item = kind.item(about, detail, advice).since(Some(since));
            items.push(item.at(format!("/v1/replays/{id}")));
        }
    }
    Ok(())
}
