use std::sync::Arc;

use hookwright_model::{Digest, EventId, Subscription, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::condition::OnDemand;
use crate::delivery::target::Target;
use crate::delivery::write_back::WriteBacks;
use crate::handshake::Address;

/// A subscription with nothing but what routing looks at.
fn entry(name: &str, sources: &[&str], events: &[&str]) -> SubscriptionEntry {
    let subscription = Subscription {
        sources: sources.iter().map(|source| source.parse().unwrap()).collect(),
        events: events.iter().map(|event| event.parse().unwrap()).collect(),
        groups: Vec::new(),
        ..Subscription::new(name.parse().unwrap(), "x".parse().unwrap(), Digest::of(b""))
    };
    SubscriptionEntry {
        subscription,
        target: Arc::new(Target::idle("none")),
        condition: None,
        address: None,
        write_backs: WriteBacks::default(),
    }
}

fn of_groups(mut entry: SubscriptionEntry, groups: &[&str]) -> SubscriptionEntry {
    entry.subscription.groups = groups.iter().map(|&group| group.to_owned()).collect();
    entry
}

fn if_holds(mut entry: SubscriptionEntry, condition: &str) -> SubscriptionEntry {
    entry.subscription.condition = Some(condition.into());
    entry.condition = Some(Arc::new(OnDemand::new(condition.into())));
    entry
}

fn routes(entries: impl IntoIterator<Item = SubscriptionEntry>) -> Routes {
    let mut routes = Routes::default();
    for entry in entries {
        routes.add(&Arc::new(entry));
    }
    routes
}

fn event(source: &str, event_type: &str, group: Option<&str>) -> Event {
    let ticket = group.map_or_else(|| json!({}), |group| json!({"group": group}));
    Event {
        id: EventId::new(),
        source: source.parse().unwrap(),
        event_type: event_type.parse().unwrap(),
        subject: None,
        occurred_at: Timestamp::default(),
        received_at: Timestamp::default(),
        data_schema: "ticket/1".into(),
        data: json!({ "ticket": ticket }).to_string().into(),
        upstream_name: None,
        dedupe_key: None,
    }
}

fn names(matched: &Matched) -> Vec<&str> {
    matched.takers.iter().map(|entry| entry.subscription.name.as_str()).collect()
}

#[test]
fn events_find_their_subscriptions_once() {
    let mut off = entry("off", &[], &["*"]);
    off.subscription.enabled = false;
    let waits = |confirmed: bool| Some(Address { digest: Digest::of(b""), confirmed });
    let unconfirmed = SubscriptionEntry { address: waits(false), ..entry("waits", &[], &["*"]) };
    let confirmed = SubscriptionEntry { address: waits(true), ..entry("asked", &["d"], &["*"]) };
    let routes = routes([
        entry("all", &[], &["*"]),
        entry("tickets", &[], &["ticket.*"]),
        entry("created", &[], &["ticket.created"]),
        entry("thrice", &[], &["ticket.created", "ticket.*", "*"]),
        entry("from-a", &["a"], &["*"]),
        entry("from-a-or-b", &["a", "b"], &["ticket.*"]),
        off,
        unconfirmed,
        confirmed,
        entry("deep", &[], &["com.example.*"]),
    ]);
    let takers = |source: &str, event_type: &str| {
        let matched = routes.matching(&event(source, event_type, None));
        names(&matched).iter().map(|&name| name.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        takers("a", "ticket.created"),
        ["all", "tickets", "created", "thrice", "from-a", "from-a-or-b"]
    );
    assert_eq!(takers("b", "ticket.closed"), ["all", "tickets", "thrice", "from-a-or-b"]);
    assert_eq!(takers("c", "person.created"), ["all", "thrice"]);
    assert_eq!(takers("c", "com.example.ticket"), ["all", "thrice", "deep"]);
    assert_eq!(takers("c", "com.examples"), ["all", "thrice"]);
    assert_eq!(takers("d", "a.b"), ["asked", "all", "thrice"]);
    // The host's own go nowhere by themselves.
    assert!(takers("a", "subscription.test").is_empty());
    assert!(takers("hookwright", "connection.lost").is_empty());
}

#[test]
fn what_the_daemon_tells_of_itself_goes_to_those_who_ask_for_it() {
    let routes = routes([
        entry("all", &[], &["*"]),
        entry("all-of-a", &["a"], &["*"]),
        entry("own", &["hookwright"], &["*"]),
        entry("own-and-a", &["a", "hookwright"], &["*"]),
        entry("plugins", &[], &["plugin.*"]),
        entry("suspended", &[], &["plugin.suspended", "*"]),
        entry("suspended-of-a", &["a"], &["plugin.suspended"]),
    ]);
    let takers = |source: &str, event_type: &str| {
        let matched = routes.matching(&event(source, event_type, None));
        names(&matched).iter().map(|&name| name.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        takers("hookwright", "plugin.suspended"),
        ["own", "own-and-a", "plugins", "suspended"]
    );
    assert_eq!(takers("hookwright", "delivery.exhausted"), ["own", "own-and-a"]);
    // A test is for one subscription, and what others say is not the daemon's word.
    assert!(takers("hookwright", "subscription.test").is_empty());
    assert!(takers("a", "plugin.suspended").is_empty());
}

#[test]
fn groups_are_the_same_in_any_case() {
    let routes = routes([
        entry("all", &[], &["*"]),
        of_groups(entry("desk", &[], &["ticket.*"]), &["Service Desk", "  SERVICE desk "]),
        of_groups(entry("cyrillic", &[], &["*"]), &["ПОДДЕРЖКА"]),
    ]);
    let takers = |group: Option<&str>| {
        let matched = routes.matching(&event("a", "ticket.created", group));
        names(&matched).iter().map(|&name| name.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(takers(Some(" service DESK\n")), ["all", "desk"]);
    assert_eq!(takers(Some("поддержка")), ["all", "cyrillic"]);
    assert_eq!(takers(Some("Service Desk 2")), ["all"]);
    assert_eq!(takers(None), ["all"]);
}

#[test]
fn a_condition_that_cannot_be_evaluated_takes_nothing_and_is_told() {
    let routes = routes([
        if_holds(entry("holds", &[], &["*"]), "event.ticket.group == 'Desk'"),
        if_holds(entry("does-not", &[], &["*"]), "event.ticket.group == 'Sales'"),
        if_holds(entry("fails", &[], &["*"]), "int(event.ticket.group) == 1"),
        if_holds(entry("broken", &[], &["*"]), "event.no.more"),
        if_holds(entry("elsewhere", &["b"], &["*"]), "int(event.ticket.group) == 1"),
    ]);
    let matched = routes.matching(&event("a", "ticket.created", Some("Desk")));
    assert_eq!(names(&matched), ["holds"]);
    let failures: Vec<_> = matched.failures.iter().map(|f| f.subscription.as_str()).collect();
    assert_eq!(failures, ["fails", "broken"]);
    assert!(
        matched.failures[0].mistake.one_line().contains("line 1, column 1: `event.ticket.group`")
    );

    // A body that is no JSON, which no source plugin can make, takes nothing either.
    let odd = Event { data: "{".into(), ..event("a", "ticket.created", None) };
    let matched = routes.matching(&odd);
    assert_eq!((names(&matched).len(), matched.failures.len()), (0, 4));
}

/// Bodies that nobody looks at are not read; if they were, this would be told.
#[test]
fn the_body_is_read_only_if_a_candidate_looks_at_it() {
    let routes = routes([
        entry("all", &[], &["*"]),
        of_groups(entry("other-type", &[], &["person.*"]), &["Desk"]),
        if_holds(entry("other-source", &["b"], &["*"]), "event.comment.internal"),
    ]);
    let view_made = Event { data: "{".into(), ..event("a", "ticket.created", None) };
    let matched = routes.matching(&view_made);
    assert_eq!((names(&matched), matched.failures.len()), (vec!["all"], 0));
}

fn some<T: Clone + std::fmt::Debug + 'static>(
    of: &'static [T],
    range: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(prop::sample::select(of), range)
}

const SOURCES: &[&str] = &["a", "b", "c"];
const PATTERNS: &[&str] =
    &["*", "ticket.*", "ticket.created", "ticket.sub.*", "ticket.sub.x", "person.*", "x"];
const TYPES: &[&str] = &["ticket.created", "ticket.sub.x", "person.created", "x", "ticket"];
const GROUPS: &[&str] = &["Desk", "desk ", "Sales"];
const CONDITIONS: &[&str] = &[
    "true",
    "event.ticket.group == 'Desk'",
    "int(event.ticket.group) == 1",
    "event.source == 'a'",
];

proptest! {
    /// The index finds what is found by asking each subscription.
    #[test]
    fn the_index_and_the_reasons_agree(
        wanted in prop::collection::vec((
            some(SOURCES, 0..3), some(PATTERNS, 1..4), some(GROUPS, 0..3), some(CONDITIONS, 0..2),
            any::<bool>(),
        ), 0..12),
        source in prop::sample::select(SOURCES),
        event_type in prop::sample::select(TYPES),
        group in prop::option::of(prop::sample::select(GROUPS)),
    ) {
        let entries: Vec<_> = wanted.iter().enumerate().map(|(number, wanted)| {
            let (sources, patterns, groups, conditions, enabled) = wanted;
            let mut entry = of_groups(entry(&format!("s{number}"), sources, patterns), groups);
            if let Some(condition) = conditions.first() {
                entry = if_holds(entry, condition);
            }
            entry.subscription.enabled = *enabled;
            Arc::new(entry)
        }).collect();
        let mut routes = Routes::default();
        for entry in &entries {
            routes.add(entry);
        }
        let event = event(source, event_type, group);
        let view = EventView::new(&event);
        let answers: Vec<_> = entries.iter().map(|entry| explain(entry, &event, &view)).collect();
        let of = |reason: Reason| {
            let told = answers.iter().filter(move |answer| answer.reason == reason);
            told.map(|answer| answer.subscription.as_str()).collect::<Vec<_>>()
        };
        let matched = routes.matching(&event);
        prop_assert_eq!(names(&matched), of(Reason::Taken));
        let failures: Vec<_> = matched.failures.iter().map(|f| f.subscription.as_str()).collect();
        prop_assert_eq!(failures, of(Reason::ConditionError));
    }
}
