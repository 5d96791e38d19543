//! Who uses something, with the pages that they are found on.

use minijinja::context;
use minijinja::value::Value;

use crate::setup::{MAIL, User};

/// The page of what is of this kind and has this name. Names need no escaping in addresses.
pub(super) fn page_of(kind: &str, name: &str) -> Option<String> {
    Some(match kind {
        "subscription" => format!("/console/subscriptions/{name}"),
        "connection" => format!("/console/connections/{name}"),
        "source" => format!("/console/sources/{name}"),
        "policy" => format!("/console/policies/{name}"),
        MAIL => "/console/settings/mail".to_owned(),
        _ => return None,
    })
}

/// Users as a template draws them.
pub(super) fn shown(users: &[User]) -> Vec<Value> {
    let one = |user: &User| {
        let href = page_of(&user.kind, user.name.as_str());
        context! { kind => user.kind.as_str(), name => user.name.to_string(), href }
    };
    users.iter().map(one).collect()
}
