//! Which subscriptions take an event.

use std::collections::HashMap;
use std::sync::Arc;

use hookwright_model::{Event, EventType, SubscriptionId, TypePattern};

use crate::registry::SubscriptionEntry;

/// Subscriptions by the types they take, so that an event is held against those that could
/// take it and not against all.
#[derive(Default)]
pub struct Routes {
    exact: HashMap<EventType, Vec<Arc<SubscriptionEntry>>>,
    /// By prefix with its dot: `ticket.`
    prefix: HashMap<Arc<str>, Vec<Arc<SubscriptionEntry>>>,
    any: Vec<Arc<SubscriptionEntry>>,
}

impl Routes {
    /// Adds a subscription; one that is disabled takes nothing.
    pub fn add(&mut self, entry: &Arc<SubscriptionEntry>) {
        if !entry.subscription.enabled {
            return;
        }
        for pattern in &entry.subscription.events {
            let takers = match pattern {
                TypePattern::Any => &mut self.any,
                TypePattern::Prefix(prefix) => self.prefix.entry(Arc::clone(prefix)).or_default(),
                TypePattern::Exact(exact) => self.exact.entry(exact.clone()).or_default(),
            };
            takers.push(Arc::clone(entry));
        }
    }

    /// The subscriptions that take an event, each once, in the order of their ids.
    #[must_use]
    pub fn matching(&self, event: &Event) -> Vec<Arc<SubscriptionEntry>> {
        let name = event.event_type.as_str();
        let prefixes = name.match_indices('.').map(|(dot, _)| &name[..=dot]);
        let by_prefix = prefixes.filter_map(|prefix| self.prefix.get(prefix)).flatten();
        let by_type = self.exact.get(&event.event_type).into_iter().flatten();
        let mut takers: Vec<_> = by_type
            .chain(by_prefix)
            .chain(&self.any)
            .filter(|entry| takes_source(entry, event))
            .cloned()
            .collect();
        let id = |entry: &Arc<SubscriptionEntry>| -> SubscriptionId { entry.subscription.id };
        takers.sort_by_key(id);
        takers.dedup_by_key(|entry| entry.subscription.id);
        takers
    }
}

fn takes_source(entry: &SubscriptionEntry, event: &Event) -> bool {
    let sources = &entry.subscription.sources;
    sources.is_empty() || sources.contains(&event.source)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hookwright_model::{Digest, EventId, Limits, RetryPolicy, Subscription, Timestamp};
    use hookwright_sandbox::TimeZone;

    use super::*;
    use crate::delivery::fill::Bound;
    use crate::delivery::scrub::Scrubber;

    fn entry(
        name: &str,
        sources: &[&str],
        events: &[&str],
        enabled: bool,
    ) -> Arc<SubscriptionEntry> {
        let subscription = Subscription {
            id: SubscriptionId::new(),
            name: name.parse().unwrap(),
            enabled,
            sources: sources.iter().map(|source| source.parse().unwrap()).collect(),
            events: events.iter().map(|event| event.parse().unwrap()).collect(),
            plugin: "x".parse().unwrap(),
            digest: Digest::of(b""),
            settings: "{}".into(),
            secrets: BTreeMap::new(),
            signing: Vec::new(),
            retry: RetryPolicy::default(),
            timeout_s: 1.0,
            time_zone: None,
            updated_at: Timestamp::default(),
        };
        Arc::new(SubscriptionEntry {
            subscription,
            plugin: Err("none".into()),
            limits: Limits::default(),
            time_zone: TimeZone::UTC,
            bound: Bound {
                slots: HashMap::new(),
                signing: Vec::new(),
                scrubber: Arc::new(Scrubber::new([])),
            },
        })
    }

    fn event(source: &str, event_type: &str) -> Event {
        Event {
            id: EventId::new(),
            source: source.parse().unwrap(),
            event_type: event_type.parse().unwrap(),
            subject: None,
            occurred_at: Timestamp::default(),
            received_at: Timestamp::default(),
            data_schema: "".into(),
            data: "{}".into(),
            upstream_name: None,
            dedupe_key: None,
        }
    }

    #[test]
    fn events_find_their_subscriptions_once() {
        let mut routes = Routes::default();
        for entry in [
            entry("all", &[], &["*"], true),
            entry("tickets", &[], &["ticket.*"], true),
            entry("created", &[], &["ticket.created"], true),
            entry("thrice", &[], &["ticket.created", "ticket.*", "*"], true),
            entry("from-a", &["a"], &["*"], true),
            entry("from-a-or-b", &["a", "b"], &["ticket.*"], true),
            entry("off", &[], &["*"], false),
            entry("deep", &[], &["com.example.*"], true),
        ] {
            routes.add(&entry);
        }
        let takers = |source: &str, event_type: &str| {
            let found = routes.matching(&event(source, event_type));
            found.iter().map(|entry| entry.subscription.name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(
            takers("a", "ticket.created"),
            ["all", "tickets", "created", "thrice", "from-a", "from-a-or-b"]
        );
        assert_eq!(takers("b", "ticket.closed"), ["all", "tickets", "thrice", "from-a-or-b"]);
        assert_eq!(takers("c", "person.created"), ["all", "thrice"]);
        assert_eq!(takers("c", "com.example.ticket"), ["all", "thrice", "deep"]);
        assert_eq!(takers("c", "com.examples"), ["all", "thrice"]);
    }
}
