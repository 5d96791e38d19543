//! What a subscription's or a connection's requests are made and sent with.

use std::sync::Arc;

use hookwright_model::{Connection, Digest, Name, Pace, Role, Sending, Subscription};
use hookwright_sandbox::Plugin;
use hookwright_store::{Configuration, StoreError};
use uuid::Uuid;

use super::{KnownSecrets, Registry, Snapshot, limits, time_zone};
use crate::access::Wanted;
use crate::annotation::Annotation;
use crate::delivery::bind::bind;
use crate::delivery::pace::{Paces, preset};
use crate::delivery::policy::Policy;
use crate::delivery::reserve::ReserveHost;
use crate::delivery::rules::Origin;
use crate::delivery::target::Target;

/// Whoever has requests made and sent.
pub(super) struct Sender<'a> {
    origin: Origin,
    id: Uuid,
    name: &'a Name,
    plugin: &'a Name,
    digest: Digest,
    settings: &'a Arc<str>,
    sending: Sending<'a>,
}

impl<'a> From<&'a Connection> for Sender<'a> {
    fn from(connection: &'a Connection) -> Self {
        let Connection { id, name, plugin, digest, settings, .. } = connection;
        Self {
            origin: Origin::Connection,
            id: id.uuid(),
            name,
            plugin,
            digest: *digest,
            settings,
            sending: connection.sending(),
        }
    }
}

impl<'a> From<&'a Subscription> for Sender<'a> {
    fn from(subscription: &'a Subscription) -> Self {
        let Subscription { id, name, plugin, digest, settings, .. } = subscription;
        Self {
            origin: Origin::Subscription,
            id: id.uuid(),
            name,
            plugin,
            digest: *digest,
            settings,
            sending: subscription.sending(),
        }
    }
}

impl Registry {
    pub(super) async fn target(
        &self,
        sender: Sender<'_>,
        old: &Snapshot,
        new: &mut Snapshot,
        (configuration, secrets): (&Configuration, &KnownSecrets),
    ) -> Result<Arc<Target>, StoreError> {
        let Sender { id, name, digest, settings, sending, .. } = sender;
        let plugin = self.plugin(digest, old, new).await;
        let annotation = annotation(digest, plugin.as_ref().ok(), old, new);
        let (plugin, policy) = policy(&sender, plugin, &annotation);
        let paces = paces(&sender, &policy);
        Ok(Arc::new(Target {
            id,
            plugin,
            settings: Arc::clone(settings),
            limits: limits(configuration, Role::Destination, sender.plugin),
            time_zone: time_zone(sending.time_zone),
            bound: bind(name, sending, &new.policies, secrets)?,
            judging: policy.judging,
            retry: policy.retry,
            retry_unknown: policy.retry_unknown,
            timeout: policy.timeout,
            paces,
            reserve: sending.reserve_hosts.map(reserve),
            preset: policy.preset,
            access: self.access.of(Wanted::of(sending), secrets)?,
        }))
    }
}

/// Read already, or read now.
fn annotation(
    digest: Digest,
    plugin: Option<&Plugin>,
    old: &Snapshot,
    new: &mut Snapshot,
) -> Arc<Annotation> {
    let known = new.annotations.get(&digest).or_else(|| old.annotations.get(&digest));
    let annotation = known.cloned().unwrap_or_else(|| {
        let read = |plugin: &Plugin| {
            Annotation::of(plugin.identity(), &plugin.descriptor().settings_schema)
        };
        Arc::new(plugin.map(read).unwrap_or_default())
    });
    if plugin.is_some() {
        new.annotations.insert(digest, Arc::clone(&annotation));
    }
    annotation
}

/// Checked when it was set, by a version that may have known more. Without its rules answers
/// would be misunderstood, so it waits.
fn policy(
    sender: &Sender<'_>,
    plugin: Result<Plugin, String>,
    annotation: &Annotation,
) -> (Result<Plugin, String>, Policy) {
    let Sender { origin, name, sending, .. } = sender;
    match Policy::of(*origin, *sending, annotation.preset) {
        Ok(policy) => (plugin, policy),
        Err(mistakes) => {
            let mistakes: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            let mistakes = mistakes.join("; ");
            let problem = format!("the rules for answers of {origin} are not usable: {mistakes}");
            tracing::error!(%name, "{problem}");
            (plugin.and(Err(problem)), Policy::default())
        }
    }
}

/// As the subscription or connection says, or else as the preset does.
fn paces(sender: &Sender<'_>, policy: &Policy) -> Paces {
    let settings = serde_json::from_str(sender.settings).unwrap_or_default();
    let of_preset =
        || policy.preset.map(|preset| preset::paces_of(preset, &settings)).unwrap_or_default();
    let paces = sender.sending.pace.map_or_else(of_preset, <[Pace]>::to_vec);
    Paces::new(sender.id, &paces, sender.sending.secrets, &settings)
}

/// Checked when they were set.
fn reserve(hosts: &[String]) -> Vec<ReserveHost> {
    hosts.iter().filter_map(|host| host.parse().ok()).collect()
}
