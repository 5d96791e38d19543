//! Every page that links lead to.

use std::collections::BTreeSet;

use crate::chromium::Chromium;

/// Pages that no link leads to: those for people who have not logged in come elsewhere.
const MORE: [&str; 4] = [
    "/console/deliveries?state=failed&status=4xx&since=1h",
    "/console/deliveries?since=nonsense",
    "/console/replays?state=ready",
    "/console/there-is-none",
];

/// Pages that have to be among those that are found.
const KNOWN: [&str; 9] = [
    "/console/deliveries",
    "/console/deliveries/{}",
    "/console/events/{}",
    "/console/rejects/{}",
    "/console/replays/{}",
    "/console/replays/new",
    "/console/destinations",
    "/console/journal",
    "/console/audit",
];

const LINKS: &str = "return Array.from(document.querySelectorAll('a[href]:not([download])'))\
    .filter(a => a.origin === location.origin).map(a => a.pathname + a.search);";

/// Visits each kind of page once, from the overview on, and has `look` look at it. Pages are of a
/// kind that differ in ids, and in what is looked for, only.
pub(crate) fn every_page(chromium: &Chromium, mut look: impl FnMut(&str)) {
    let (mut seen, mut left) = (BTreeSet::new(), vec!["/console".to_owned()]);
    left.extend(MORE.map(ToOwned::to_owned));
    while let Some(address) = left.pop() {
        if !address.starts_with("/console") || !seen.insert(kind(&address)) {
            continue;
        }
        assert!(seen.len() < 200, "links lead on and on: {seen:#?}");
        chromium.open(&address);
        look(&address);
        let links = chromium.ask(LINKS);
        let links = links.as_array().unwrap().iter().rev();
        left.extend(links.map(|link| link.as_str().unwrap().to_owned()));
    }
    for known in KNOWN {
        assert!(seen.contains(known), "no link leads to {known}: {seen:#?}");
    }
}

/// The address with `{}` for ids, and the names of what is asked for.
fn kind(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let is_id = |part: &str| part.len() > 20 && part.bytes().any(|byte| byte.is_ascii_digit());
    let path = path.split('/').map(|part| if is_id(part) { "{}" } else { part });
    let mut names: Vec<_> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    let path = path.collect::<Vec<_>>().join("/");
    if names.is_empty() { path } else { format!("{path}?{}", names.join("&")) }
}
