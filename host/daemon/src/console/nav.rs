//! What the console's pages are reached by.

use hookwright_model::AccessRole;
use serde::Serialize;

/// Everything is below it, and it is only itself.
const START: &str = "/console";

/// A page: the key of its name, its address, and who may see it.
const ENTRIES: &[(&str, &str, AccessRole)] = &[
    ("nav-overview", START, AccessRole::Reader),
    ("nav-deliveries", "/console/deliveries", AccessRole::Reader),
    ("nav-events", "/console/events", AccessRole::Reader),
    ("nav-subscriptions", "/console/subscriptions", AccessRole::Reader),
    ("nav-connections", "/console/connections", AccessRole::Reader),
    ("nav-rejects", "/console/rejects", AccessRole::Reader),
    ("nav-replays", "/console/replays", AccessRole::Reader),
    ("nav-destinations", "/console/destinations", AccessRole::Reader),
    ("nav-sources", "/console/sources", AccessRole::Reader),
    ("nav-plugins", "/console/plugins", AccessRole::Reader),
    ("nav-secrets", "/console/secrets", AccessRole::Reader),
    ("nav-people", "/console/people", AccessRole::Admin),
    ("nav-settings", "/console/settings", AccessRole::Reader),
    ("nav-audit", "/console/audit", AccessRole::Operator),
    ("nav-journal", "/console/journal", AccessRole::Reader),
];

/// An entry as it is drawn.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    key: &'static str,
    href: &'static str,
    /// The page itself, or one below it.
    current: bool,
}

/// What this role gets to see, on a page with this path.
pub(super) fn entries(role: AccessRole, path: &str) -> Vec<Entry> {
    let allowed = ENTRIES.iter().filter(|(_, _, needed)| role.allows(*needed));
    let entry = |&(key, href, _): &(&'static str, &'static str, AccessRole)| {
        let is_below =
            path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')) && href != START;
        Entry { key, href, current: path == href || is_below }
    };
    allowed.map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_page_is_marked_and_others_are_not() {
        let current = |role, path| {
            let entries = entries(role, path).into_iter();
            entries.filter(|entry| entry.current).map(|entry| entry.key).collect::<Vec<_>>()
        };
        assert_eq!(current(AccessRole::Reader, "/console/deliveries"), ["nav-deliveries"]);
        assert_eq!(current(AccessRole::Admin, "/console/deliveries/dlv_1"), ["nav-deliveries"]);
        assert_eq!(current(AccessRole::Reader, "/console"), ["nav-overview"]);
        assert!(current(AccessRole::Reader, "/console/deliveriesx").is_empty());
        assert!(entries(AccessRole::Poster, "/console").is_empty());
    }
}
