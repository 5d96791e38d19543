//! Looking at what would change where plugins are not installed yet: a dry run installs none, so
//! what uses them is told and not checked.

use std::collections::HashSet;

use hookwright_model::{Digest, Name, PluginVersion, Role};

use crate::setup::{Action, Change, Current, Removals, Setup};

/// What cannot be checked, as it would change.
#[derive(Default)]
pub(super) struct Withheld {
    /// The plugins, and what uses them.
    pub(super) changes: Vec<Change>,
    /// What is not checked, for people.
    pub(super) names: Vec<String>,
}

impl Withheld {
    /// Takes what uses these plugins out of a set-up, and whatever needs that.
    pub(super) fn of(missing: &[PluginVersion], setup: &mut Setup, current: &Current) -> Self {
        let mut withheld = Self::default();
        if missing.is_empty() {
            return withheld;
        }
        for version in missing {
            withheld.changes.push(change("plugin", &version.key, Action::Create));
        }
        let destination = |plugin: &Name, digest: Option<Digest>| {
            let mut missing = missing.iter().filter(|one| one.key.role == Role::Destination);
            missing.any(|one| one.key.name == *plugin && digest.is_none_or(|it| it == one.digest))
        };
        let mut made = HashSet::new();
        setup.connections.retain(|one| {
            let is_there = current.connections.iter().any(|there| there.name == one.name);
            let stays = !destination(&one.plugin, one.digest);
            if !stays && !is_there {
                made.insert(one.name.clone());
            }
            stays || withheld.takes("connection", &one.name, is_there)
        });
        let needs = |connection: Option<&Name>| connection.is_some_and(|name| made.contains(name));
        let mut gone = HashSet::new();
        setup.sources.retain(|one| {
            let mut missing = missing.iter().filter(|one| one.key.role == Role::Source);
            let stays = !missing.any(|plugin| plugin.key.name == one.plugin)
                && !needs(one.connection.as_ref());
            let is_there = current.sources.iter().any(|there| there.name == one.name);
            if !stays && !is_there {
                gone.insert(one.name.clone());
            }
            stays || withheld.takes("source", &one.name, is_there)
        });
        setup.subscriptions.retain(|one| {
            let stays = !destination(&one.plugin, one.digest)
                && !one.write_back.iter().any(|back| needs(back.connection.as_ref()));
            let is_there = current.subscriptions.iter().any(|there| there.name == one.name);
            if !stays && !is_there {
                gone.insert(one.name.clone());
            }
            stays || withheld.takes("subscription", &one.name, is_there)
        });
        let is_gone = |name: &Option<Name>| name.as_ref().is_some_and(|name| gone.contains(name));
        let of_gone = setup.journal.as_ref().is_some_and(|journal| {
            journal.redact.iter().any(|rule| is_gone(&rule.source) || is_gone(&rule.subscription))
        });
        if of_gone {
            setup.journal = None;
            withheld.takes("journal", &"journal", true);
        }
        withheld.removals(&std::mem::take(&mut setup.remove));
        withheld
    }

    /// Notes that one is not checked. It does not stay.
    fn takes(&mut self, kind: &str, name: &impl ToString, is_there: bool) -> bool {
        let action = if is_there { Action::Update } else { Action::Create };
        self.changes.push(change(kind, name, action));
        let name = name.to_string();
        self.names.push(if kind == name { name } else { format!("{kind} {name}") });
        false
    }

    /// Whether something needs what goes is not known without those that are not checked.
    fn removals(&mut self, remove: &Removals) {
        let Removals { subscriptions, sources, connections, policies, secrets, mail } = remove;
        for (kind, names) in [
            ("subscription", subscriptions),
            ("source", sources),
            ("connection", connections),
            ("policy", policies),
            ("secret", secrets),
        ] {
            self.changes.extend(names.iter().map(|name| change(kind, name, Action::Remove)));
        }
        self.changes.extend(mail.then(|| change("mail", &"mail", Action::Remove)));
    }
}

fn change(kind: &str, name: &impl ToString, action: Action) -> Change {
    Change { kind: kind.to_owned(), name: name.to_string(), action, fields: Vec::new() }
}
