//! What is in the daemon and not in the files.

use std::collections::HashSet;

use hookwright_model::Name;
use serde::Deserialize;

use super::super::client::Client;
use super::super::search;
use crate::setup::{Change, Current, Removals, Setup};

/// The most deliveries that are counted.
const COUNTED: usize = 500;

/// What would have to go for the daemon to have only what the set-up names. `kept` are secrets
/// that are named without their values. Plugins, people,
/// tokens, the journal and mail stay.
pub(super) fn removals(current: &Current, setup: &Setup, kept: &[Name]) -> Removals {
    let secrets = setup.secrets.iter().map(|one| &one.name).chain(kept);
    // Mail stays as it is if the files say nothing of it.
    let mail = current.mail.iter().filter(|_| setup.mail.is_none());
    let mail = mail.flat_map(|mail| mail.secrets().map(|(_, name)| name));
    let secrets = secrets.chain(mail);
    Removals {
        subscriptions: others(
            current.subscriptions.iter().map(|one| &one.name),
            setup.subscriptions.iter().map(|one| &one.name),
        ),
        sources: others(
            current.sources.iter().map(|one| &one.name),
            setup.sources.iter().map(|one| &one.name),
        ),
        connections: others(
            current.connections.iter().map(|one| &one.name),
            setup.connections.iter().map(|one| &one.name),
        ),
        policies: others(
            current.policies.iter().map(|one| &one.name),
            setup.policies.iter().map(|one| &one.name),
        ),
        secrets: others(current.secrets.iter(), secrets),
        mail: false,
    }
}

fn others<'a>(
    there: impl Iterator<Item = &'a Name>,
    named: impl Iterator<Item = &'a Name>,
) -> Vec<Name> {
    let named: HashSet<_> = named.collect();
    there.filter(|name| !named.contains(name)).cloned().collect()
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<serde::de::IgnoredAny>,
}

/// What becomes of others when something is removed, for people.
pub(in crate::cli) async fn consequence(
    client: &Client,
    kind: &str,
    name: &str,
) -> anyhow::Result<Option<String>> {
    Ok(match kind {
        "subscription" => {
            let pairs = vec![
                ("subscription", name.to_owned()),
                ("state", "pending,running".to_owned()),
                ("limit", COUNTED.to_string()),
            ];
            let path = search::address("/v1/deliveries", &pairs);
            match client.get::<Listing>(&path).await?.items.len() {
                0 => None,
                COUNTED => Some(format!("{COUNTED} deliveries or more are canceled")),
                1 => Some("1 delivery is canceled".to_owned()),
                count => Some(format!("{count} deliveries are canceled")),
            }
        }
        "source" => Some(format!("posts to /in/{name} are refused from then on")),
        "connection" => Some("what is to be written through it fails".to_owned()),
        "policy" => Some("its keys are gone for good".to_owned()),
        "secret" => Some("its value is gone for good".to_owned()),
        _ => None,
    })
}

/// The consequences of all that is removed, by place in the list of changes.
pub(super) async fn consequences(
    client: &Client,
    changes: &[Change],
) -> anyhow::Result<Vec<((String, String), String)>> {
    let mut found = Vec::new();
    for change in changes.iter().filter(|change| change.action == crate::setup::Action::Remove) {
        if let Some(text) = consequence(client, &change.kind, &change.name).await? {
            found.push(((change.kind.clone(), change.name.clone()), text));
        }
    }
    Ok(found)
}
