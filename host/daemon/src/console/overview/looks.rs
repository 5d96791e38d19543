//! What needs somebody to look, and the page on which they can.

use hookwright_model::Timestamp;
use serde::Serialize;

use crate::attention::{Item, Severity};

/// What has a page of its own, by where the API has it.
const PAGES: [&str; 10] = [
    "/v1/connections",
    "/v1/deliveries",
    "/v1/destinations",
    "/v1/journal",
    "/v1/plugins",
    "/v1/policies",
    "/v1/rejects",
    "/v1/replays",
    "/v1/sources",
    "/v1/subscriptions",
];

/// An item as it is drawn.
#[derive(Debug, Serialize)]
pub(super) struct Look {
    /// What keys of texts end with.
    key: String,
    /// The sign before it.
    sign: &'static str,
    name: String,
    since: Option<Timestamp>,
    /// In English, as it holds what receivers and plugins said.
    detail: String,
    href: Option<String>,
}

impl Look {
    pub(super) fn new(item: &Item) -> Self {
        let kind = serde_json::to_value(item.kind).unwrap_or_default();
        Self {
            key: kind.as_str().unwrap_or_default().replace('_', "-"),
            sign: match item.severity {
                Severity::Error => "bad",
                Severity::Warning => "wait",
            },
            name: item.about.name.clone().or(item.about.id.clone()).unwrap_or_default(),
            since: item.since,
            detail: item.detail.clone(),
            href: page(&item.path),
        }
    }
}

/// The console's page for a path of the API: they have the same names, and are asked in the same
/// way.
fn page(path: &str) -> Option<String> {
    // This one stands among other settings.
    if path == "/v1/mail" {
        return Some("/console/settings/mail".to_owned());
    }
    let rest = path.strip_prefix("/v1")?;
    let is_there = PAGES.iter().any(|page| {
        let rest = path.strip_prefix(page);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    });
    is_there.then(|| format!("/console{rest}"))
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn what_has_a_page_leads_to_it() {
        for (path, leads) in [
            ("/v1/deliveries/dlv_1", Some("/console/deliveries/dlv_1")),
            ("/v1/deliveries?state=failed", Some("/console/deliveries?state=failed")),
            ("/v1/destinations", Some("/console/destinations")),
            ("/v1/subscriptions/desk", Some("/console/subscriptions/desk")),
            ("/v1/mail", Some("/console/settings/mail")),
            ("/v1/tokens", None),
            ("/v1/journals", None),
        ] {
            assert_eq!(page(path).as_deref(), leads);
        }
    }
}
