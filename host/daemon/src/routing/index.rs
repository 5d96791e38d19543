//! Subscriptions by source, type and group.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use hookwright_model::{EventType, Name, Subscription, TypePattern};

/// The number of a subscription.
pub(super) type Number = u32;

/// Finds the subscriptions that could take an event in a time that grows with those, not with
/// all that there are: a few look-ups, whatever their number.
#[derive(Default)]
pub(super) struct Index {
    by_source: Choice<Name, ByType>,
}

/// Those that ask for one of something, and those that take all.
struct Choice<K, T> {
    any: T,
    one: HashMap<K, T>,
}

#[derive(Default)]
struct ByType {
    any: ByGroup,
    /// By prefix with its dot: `ticket.`
    prefix: HashMap<Arc<str>, ByGroup>,
    exact: HashMap<EventType, ByGroup>,
}

type ByGroup = Choice<Box<str>, Vec<Number>>;

impl<K, T: Default> Default for Choice<K, T> {
    fn default() -> Self {
        Self { any: T::default(), one: HashMap::new() }
    }
}

impl<K: Eq + Hash, T: Default> Choice<K, T> {
    /// The places of something that asks for these keys, or for all if there are none.
    fn each_mut(&mut self, keys: impl ExactSizeIterator<Item = K>, mut with: impl FnMut(&mut T)) {
        if keys.len() == 0 {
            with(&mut self.any);
        }
        for key in keys {
            with(self.one.entry(key).or_default());
        }
    }

    fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> impl Iterator<Item = &T>
    where
        K: Borrow<Q>,
    {
        [Some(&self.any), self.one.get(key)].into_iter().flatten()
    }
}

impl Index {
    /// Adds a subscription.
    pub(super) fn add(&mut self, number: Number, subscription: &Subscription) {
        let Subscription { sources, events, groups, .. } = subscription;
        self.by_source.each_mut(sources.iter().cloned(), |by_type| {
            for pattern in events {
                let by_group = match pattern {
                    TypePattern::Any => &mut by_type.any,
                    TypePattern::Prefix(prefix) => {
                        by_type.prefix.entry(Arc::clone(prefix)).or_default()
                    }
                    TypePattern::Exact(exact) => by_type.exact.entry(exact.clone()).or_default(),
                };
                let groups = groups.iter().map(|group| fold(group).into_boxed_str());
                by_group.each_mut(groups, |numbers| numbers.push(number));
            }
        });
    }

    /// The subscriptions that could take an event, each once, in the order of their numbers.
    /// The group is asked for only if one of them looks at it.
    pub(super) fn find<'g>(
        &self,
        source: &Name,
        event_type: &EventType,
        group: impl FnOnce() -> Option<&'g str>,
    ) -> Vec<Number> {
        let mut group = Lazy::Waiting(group);
        let mut found = Vec::new();
        for by_type in self.by_source.get(source) {
            by_type.visit(event_type, |by_group| {
                found.extend_from_slice(&by_group.any);
                if !by_group.one.is_empty()
                    && let Some(group) = group.get()
                    && let Some(numbers) = by_group.one.get(group)
                {
                    found.extend_from_slice(numbers);
                }
            });
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl ByType {
    fn visit(&self, event_type: &EventType, mut with: impl FnMut(&ByGroup)) {
        with(&self.any);
        let name = event_type.as_str();
        for (dot, _) in name.match_indices('.') {
            if let Some(by_group) = self.prefix.get(&name[..=dot]) {
                with(by_group);
            }
        }
        if let Some(by_group) = self.exact.get(event_type) {
            with(by_group);
        }
    }
}

/// The folded group of the event, once it is asked for.
enum Lazy<F> {
    Waiting(F),
    Known(Option<String>),
}

impl<'g, F: FnOnce() -> Option<&'g str>> Lazy<F> {
    fn get(&mut self) -> Option<&str> {
        if let Self::Waiting(_) = self
            && let Self::Waiting(group) = std::mem::replace(self, Self::Known(None))
        {
            *self = Self::Known(group().map(fold));
        }
        match self {
            Self::Known(group) => group.as_deref(),
            Self::Waiting(_) => None,
        }
    }
}

/// Groups are the same whatever the case of their letters and the spaces around them: people
/// write them by hand.
pub(super) fn fold(group: &str) -> String {
    group.trim().to_lowercase()
}
