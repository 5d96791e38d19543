//! What a subscription takes: sources, and types of events by what they are about.

use hookwright_model::catalogue;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::forms::Entries;

const SOURCES: &str = "/sources";
const EVENTS: &str = "/events";
/// Patterns, one in each line.
const PATTERNS: &str = "/events.more";

/// What can be chosen of one kind of record.
#[derive(Debug, Serialize)]
pub(super) struct Noun {
    name: String,
    types: Vec<Type>,
    /// Whether one of them is chosen.
    open: bool,
}

#[derive(Debug, Serialize)]
struct Type {
    name: &'static str,
    /// What the key of its words ends with.
    key: String,
    description: &'static str,
    chosen: bool,
}

fn texts<'a>(document: &'a Value, name: &str) -> Vec<&'a str> {
    let all = document.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    all.iter().filter_map(Value::as_str).collect()
}

fn is_known(event_type: &str) -> bool {
    catalogue::types().iter().any(|known| known.event_type == event_type)
}

pub(super) fn enter(document: &Value, entries: &mut Entries) {
    texts(document, "sources").into_iter().for_each(|name| entries.put(SOURCES, name));
    let (known, patterns): (Vec<_>, Vec<_>) =
        texts(document, "events").into_iter().partition(|one| is_known(one));
    known.into_iter().for_each(|one| entries.put(EVENTS, one));
    if !patterns.is_empty() {
        entries.put(PATTERNS, patterns.join("\n"));
    }
}

pub(super) fn read(entries: &Entries, old: Option<&Value>, document: &mut Map<String, Value>) {
    let sources: Vec<&str> = entries.all(SOURCES).iter().map(String::as_str).collect();
    let mut events: Vec<&str> = entries.all(EVENTS).iter().map(String::as_str).collect();
    let patterns = entries.text(PATTERNS).split(['\n', ',', ' ']).map(str::trim);
    events.extend(patterns.filter(|one| !one.is_empty()));
    for (name, mut items) in [("sources", sources), ("events", events)] {
        let mut seen = std::collections::HashSet::new();
        items.retain(|one| seen.insert(*one));
        // Ones that were there before keep their order: only what differs is a change.
        let before = old.map(|old| texts(old, name)).unwrap_or_default();
        items.sort_by_key(|one| before.iter().position(|known| known == one).unwrap_or(usize::MAX));
        document.insert(name.into(), items.into());
    }
}

/// The types that there are, by what they are about. Those that are asked for elsewhere are left
/// out, and then all others that are not chosen, too: there is nothing more to ask for.
pub(super) fn nouns(entries: &Entries, except: &[&str]) -> Vec<Noun> {
    let chosen = entries.all(EVENTS);
    let mut nouns: Vec<Noun> = Vec::new();
    for known in catalogue::types() {
        let name = known.event_type.split('.').next().unwrap_or_default();
        if matches!(name, "subscription" | "connection" | "source")
            || except.contains(&known.event_type.as_str())
        {
            continue;
        }
        let is_chosen = chosen.contains(&known.event_type);
        if !except.is_empty() && !is_chosen {
            continue;
        }
        let one = Type {
            name: &known.event_type,
            key: known.event_type.replace('.', "-"),
            description: &known.description,
            chosen: is_chosen,
        };
        match nouns.iter_mut().find(|noun| noun.name == name) {
            Some(noun) => {
                noun.open |= is_chosen;
                noun.types.push(one);
            }
            None => nouns.push(Noun { name: name.to_owned(), types: vec![one], open: is_chosen }),
        }
    }
    // Most are about tickets.
    nouns.sort_by_key(|noun| noun.name != "ticket");
    nouns
}
