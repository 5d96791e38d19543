//! Who needs what: connections, policies and secrets, and those that name them.

use std::collections::BTreeMap;

use hookwright_model::{
    Connection, Digest, MailSettings, Name, Policy, Role, Sending, Source, Subscription,
};
use hookwright_store::Configuration;
use serde::{Deserialize, Serialize};

use crate::access::Wanted;
use crate::registry::newest;

/// What can be needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needed {
    Connection,
    Policy,
    Secret,
}

/// Who needs something.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[schema(as = UsedBy)]
pub struct User {
    /// `subscription`, `connection`, `source`, `policy` or `mail`.
    pub kind: String,
    /// Its name; that of the settings of mail, of which there is one, is `mail`.
    pub name: Name,
}

/// The kind of the settings of mail, and their name.
pub const MAIL: &str = "mail";

impl std::fmt::Display for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind.as_str() {
            MAIL => f.write_str(MAIL),
            kind => write!(f, "the {kind} `{}`", self.name),
        }
    }
}

fn user(kind: &str, name: &Name) -> User {
    User { kind: kind.to_owned(), name: name.clone() }
}

/// Goes through all that is named by these.
pub(super) fn walk<'a>(
    subscriptions: impl IntoIterator<Item = &'a Subscription>,
    connections: impl IntoIterator<Item = &'a Connection>,
    sources: impl IntoIterator<Item = &'a Source>,
    policies: impl IntoIterator<Item = &'a Policy>,
    mail: Option<&'a MailSettings>,
    mut add: impl FnMut(Needed, &Name, &User),
) {
    for one in subscriptions {
        let who = user("subscription", &one.name);
        let through = one.write_back.iter().filter_map(|write| write.connection.as_ref());
        through.for_each(|name| add(Needed::Connection, name, &who));
        let policies = one.signing.iter().filter_map(|signing| signing.policy());
        policies.for_each(|name| add(Needed::Policy, name, &who));
        sending(one.sending(), &who, &mut add);
    }
    for one in connections {
        sending(one.sending(), &user("connection", &one.name), &mut add);
    }
    for one in sources {
        let who = user("source", &one.name);
        one.connection.iter().for_each(|name| add(Needed::Connection, name, &who));
        one.auth.secret().into_iter().for_each(|name| add(Needed::Secret, name, &who));
    }
    for one in policies {
        let who = user("policy", &one.name);
        one.secret.iter().for_each(|name| add(Needed::Secret, name, &who));
    }
    // It is a name, as a test sees.
    if let (Some(mail), Ok(name)) = (mail, MAIL.parse()) {
        let who = user(MAIL, &name);
        mail.secrets().for_each(|(_, name)| add(Needed::Secret, name, &who));
    }
}

fn sending(sending: Sending<'_>, who: &User, add: &mut impl FnMut(Needed, &Name, &User)) {
    sending.secrets.values().for_each(|name| add(Needed::Secret, name, who));
    let signing = sending.signing.iter().flat_map(hookwright_model::Signing::secrets);
    signing.for_each(|(_, name)| add(Needed::Secret, name, who));
    Wanted::of(sending).secrets().iter().for_each(|(_, name)| add(Needed::Secret, name, who));
}

/// Goes through all places that name a secret: one user can have several.
pub(super) fn walk_secrets(there: &Configuration, mut add: impl FnMut(&Name, &User)) {
    walk(
        &there.subscriptions,
        &there.connections,
        &there.sources,
        &there.policies,
        there.mail.as_ref(),
        |needed, name, who| {
            if needed == Needed::Secret {
                add(name, who);
            }
        },
    );
}

/// Who uses each secret, also those that are not there.
#[must_use]
pub fn users_of_secrets(there: &Configuration) -> BTreeMap<Name, Vec<User>> {
    let mut users = BTreeMap::<Name, Vec<User>>::new();
    walk_secrets(there, |name, who| {
        let users = users.entry(name.clone()).or_default();
        if !users.contains(who) {
            users.push(who.clone());
        }
    });
    users
}

/// Who uses a version of a plugin: subscriptions and connections that are pinned to it, and
/// sources, which use the one that was installed last.
#[must_use]
pub fn users_of_plugin(there: &Configuration, digest: Digest) -> Vec<User> {
    let subscriptions = there.subscriptions.iter().filter(|one| one.digest == digest);
    let subscriptions = subscriptions.map(|one| user("subscription", &one.name));
    let connections = there.connections.iter().filter(|one| one.digest == digest);
    let connections = connections.map(|one| user("connection", &one.name));
    let newest = |one: &&Source| newest(there, Role::Source, &one.plugin) == Some(digest);
    let sources = there.sources.iter().filter(newest).map(|one| user("source", &one.name));
    subscriptions.chain(connections).chain(sources).collect()
}
