//! Removing what was set up: only what nothing that stays needs.

use std::collections::HashSet;

use hookwright_model::Name;

use super::diff::{Action, Change};
use super::uses::{self, MAIL, Needed};
use super::{Planner, Removals, Setup};

impl Planner<'_> {
    /// After everything else is planned, so that what is changed here counts as it will be.
    pub(super) fn removals(&mut self, remove: &Removals) {
        let snapshot = std::sync::Arc::clone(&self.snapshot);
        let there = &snapshot.configuration;
        for (number, name) in remove.subscriptions.iter().enumerate() {
            let found = there.subscriptions.iter().find(|one| one.name == *name);
            if self.found("subscription", number, name, found.is_some()) {
                self.plan.store.removed_subscriptions.extend(found.map(|one| one.id));
            }
        }
        for (number, name) in remove.sources.iter().enumerate() {
            let found = there.sources.iter().find(|one| one.name == *name);
            if self.found("source", number, name, found.is_some()) {
                self.plan.store.removed_sources.extend(found.map(|one| one.id));
            }
        }
        for (number, name) in remove.connections.iter().enumerate() {
            let found = there.connections.iter().find(|one| one.name == *name);
            if self.found("connection", number, name, found.is_some()) {
                self.plan.store.removed_connections.extend(found.map(|one| one.id));
            }
        }
        for (number, name) in remove.policies.iter().enumerate() {
            if self.found(
                "policy",
                number,
                name,
                there.policies.iter().any(|one| one.name == *name),
            ) {
                self.plan.store.removed_policies.push(name.clone());
            }
        }
        for (number, name) in remove.secrets.iter().enumerate() {
            if self.found("secret", number, name, there.secrets.contains(name)) {
                self.plan.store.removed_secrets.push(name.clone());
            }
        }
        if remove.mail {
            if there.mail.is_some() {
                self.plan.changes.push(Change::new("mail", &MAIL, Action::Remove, Vec::new()));
                self.plan.store.removed_mail = true;
            } else {
                self.wrong("/remove/mail", "mail is not set up");
            }
        }
        for (pointer, detail) in self.still_used(remove) {
            self.wrong(pointer, detail);
        }
    }

    fn found(&mut self, kind: &str, number: usize, name: &Name, is_there: bool) -> bool {
        if is_there {
            self.plan.changes.push(Change::new(kind, name, Action::Remove, Vec::new()));
        } else {
            let list = list(kind);
            let detail = format!("there is no {kind} `{name}` that could be removed");
            self.wrong(format!("/remove/{list}/{number}"), detail);
        }
        is_there
    }

    /// What is to be removed and is needed by what stays.
    fn still_used(&self, remove: &Removals) -> Vec<(String, String)> {
        let there = &self.snapshot.configuration;
        let store = &self.plan.store;
        // As it will be.
        let subscriptions = {
            let changed: HashSet<_> = store.subscriptions.iter().map(|one| one.id).collect();
            let old = there.subscriptions.iter().filter(move |one| !changed.contains(&one.id));
            let all = old.chain(&store.subscriptions);
            all.filter(|one| !store.removed_subscriptions.contains(&one.id)).collect::<Vec<_>>()
        };
        let connections = {
            let changed: HashSet<_> = store.connections.iter().map(|one| one.id).collect();
            let old = there.connections.iter().filter(move |one| !changed.contains(&one.id));
            let all = old.chain(&store.connections);
            all.filter(|one| !store.removed_connections.contains(&one.id)).collect::<Vec<_>>()
        };
        let sources = {
            let changed: HashSet<_> = store.sources.iter().map(|one| one.id).collect();
            let old = there.sources.iter().filter(move |one| !changed.contains(&one.id));
            let all = old.chain(&store.sources);
            all.filter(|one| !store.removed_sources.contains(&one.id)).collect::<Vec<_>>()
        };
        let policies = {
            let changed: HashSet<_> = store.policies.iter().map(|one| &one.name).collect();
            let old = there.policies.iter().filter(move |one| !changed.contains(&one.name));
            let all = old.chain(&store.policies);
            all.filter(|one| !store.removed_policies.contains(&one.name)).collect::<Vec<_>>()
        };
        let mut found = Vec::new();
        let mail = store.mail.as_ref().or(there.mail.as_ref()).filter(|_| !remove.mail);
        uses::walk(subscriptions, connections, sources, policies, mail, |needed, name, who| {
            let (kind, removed) = match needed {
                Needed::Connection => ("connection", &remove.connections),
                Needed::Policy => ("policy", &remove.policies),
                Needed::Secret => ("secret", &remove.secrets),
            };
            if let Some(number) = removed.iter().position(|removed| removed == name) {
                let pointer = format!("/remove/{}/{number}", list(kind));
                found.push((pointer, format!("{who} uses the {kind} `{name}`")));
            }
        });
        found
    }

    /// What is set and removed at once.
    pub(super) fn both(&mut self, setup: &Setup) {
        let remove = &setup.remove;
        if remove.mail && setup.mail.is_some() {
            self.wrong("/remove/mail", "mail is set up in the same document");
        }
        let subscriptions: Vec<_> = setup.subscriptions.iter().map(|one| &one.name).collect();
        let sources: Vec<_> = setup.sources.iter().map(|one| &one.name).collect();
        let connections: Vec<_> = setup.connections.iter().map(|one| &one.name).collect();
        let policies: Vec<_> = setup.policies.iter().map(|one| &one.name).collect();
        let secrets: Vec<_> = setup.secrets.iter().map(|one| &one.name).collect();
        for (kind, set, removed) in [
            ("subscription", subscriptions, &remove.subscriptions),
            ("source", sources, &remove.sources),
            ("connection", connections, &remove.connections),
            ("policy", policies, &remove.policies),
            ("secret", secrets, &remove.secrets),
        ] {
            let list = list(kind);
            self.unique(&format!("remove/{list}"), removed.iter());
            for (number, name) in removed.iter().enumerate().filter(|(_, name)| set.contains(name))
            {
                let detail = format!("the {kind} `{name}` is set up in the same document");
                self.wrong(format!("/remove/{list}/{number}"), detail);
            }
        }
    }
}

/// What a document calls all things of a kind.
fn list(kind: &str) -> &'static str {
    match kind {
        "subscription" => "subscriptions",
        "source" => "sources",
        "connection" => "connections",
        "policy" => "policies",
        _ => "secrets",
    }
}
