//! What is set up, ready for use: sources and subscriptions with their plugins loaded, their
//! secrets at hand, and the index by which events find their subscriptions.
//!
//! Readers take a snapshot that never changes; a change makes a new one.

mod conditions;
mod rehearsal;
mod secrets;
mod target;

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use hookwright_model::{
    Connection, Digest, Limits, Name, PluginKey, Role, Source, Subscription, SubscriptionId,
};
use hookwright_sandbox::{Plugin, TimeZone};
use hookwright_store::{Configuration, Store, StoreError};
use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;

use self::conditions::Conditions;
pub(crate) use self::secrets::KnownSecrets;
use self::target::Sender;
use crate::access::Pool;
use crate::annotation::Annotation;
use crate::condition::OnDemand;
use crate::delivery::target::Target;
use crate::delivery::write_back::WriteBacks;
use crate::handshake::{self, Address};
use crate::plugins::PluginHost;
use crate::policy::PolicyEntry;
use crate::proof::{self, Proof};
use crate::public_url::PublicUrl;
use crate::redaction::Redaction;
use crate::routing::Routes;

/// Keeps the newest snapshot.
pub struct Registry {
    snapshot: ArcSwap<Snapshot>,
    /// One change at a time.
    changing: Mutex<()>,
    /// Whose turn it is to change what is set up.
    turns: Arc<Mutex<()>>,
    store: Arc<dyn Store>,
    plugins: PluginHost,
    access: Pool,
    url: PublicUrl,
}

/// What is set up, at one moment.
#[derive(Default)]
pub struct Snapshot {
    /// As an admin has set it up.
    pub configuration: Configuration,
    /// By name.
    pub sources: HashMap<Name, Arc<SourceEntry>>,
    /// By name.
    pub connections: HashMap<Name, Arc<ConnectionEntry>>,
    /// By id.
    pub subscriptions: HashMap<SubscriptionId, Arc<SubscriptionEntry>>,
    /// By name.
    pub policies: HashMap<Name, Arc<PolicyEntry>>,
    /// By what they take.
    pub routes: Routes,
    /// Loaded plugins.
    pub plugins: HashMap<Digest, Plugin>,
    /// Those that do not load, and why: tried once for each snapshot.
    pub unloadable: HashMap<Digest, String>,
    /// What they say beside their contract.
    pub annotations: HashMap<Digest, Arc<Annotation>>,
    /// What is taken out of the journal.
    pub redaction: Arc<Redaction>,
}

/// A source, ready to take posts.
pub struct SourceEntry {
    /// As it is set up.
    pub source: Source,
    /// What reads its posts, or why nothing does.
    pub plugin: Result<Plugin, String>,
    /// The plugin's bounds.
    pub limits: Limits,
    /// Of times that carry no zone.
    pub time_zone: TimeZone,
    /// What its posts are checked with; a mistake if it was changed behind our back since it
    /// was set up, as when its secret is gone.
    pub proof: Result<Proof, proof::Mistake>,
}

/// A connection, ready to write through.
pub struct ConnectionEntry {
    /// As it is set up.
    pub connection: Connection,
    /// What its requests are made and sent with.
    pub target: Arc<Target>,
}

/// A subscription, ready to deliver.
pub struct SubscriptionEntry {
    /// As it is set up.
    pub subscription: Subscription,
    /// What its requests are made and sent with.
    pub target: Arc<Target>,
    /// Its condition.
    pub condition: Option<Arc<OnDemand>>,
    /// What of its answers is written to the event's ticket.
    pub write_backs: WriteBacks,
    /// The address that needs confirming, if one does.
    pub address: Option<Address>,
}

/// Why a subscription takes no events, and its deliveries wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It is disabled.
    Disabled,
    /// Whoever owns its address has not confirmed it.
    Unconfirmed,
}

impl Held {
    /// In words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Disabled => "the subscription is disabled",
            Self::Unconfirmed => "the subscription waits for its address to be confirmed",
        }
    }
}

impl Snapshot {
    /// The name of the subscription or connection with this id.
    #[must_use]
    pub fn target_name(&self, target: Uuid) -> Option<Name> {
        let mut subscriptions = self.configuration.subscriptions.iter();
        let found = subscriptions.find(|one| one.id.uuid() == target).map(|one| &one.name);
        let mut connections = self.configuration.connections.iter();
        let found =
            found.or_else(|| connections.find(|one| one.id.uuid() == target).map(|one| &one.name));
        found.cloned()
    }
}

impl SubscriptionEntry {
    /// Why it takes no events, if it takes none.
    #[must_use]
    pub fn held(&self) -> Option<Held> {
        if !self.subscription.enabled {
            return Some(Held::Disabled);
        }
        self.address.filter(|address| !address.confirmed).map(|_| Held::Unconfirmed)
    }
}

impl Registry {
    /// Reads what is set up and loads the plugins.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(
        store: Arc<dyn Store>,
        plugins: PluginHost,
        access: Pool,
        url: PublicUrl,
    ) -> Result<Self, StoreError> {
        let snapshot = ArcSwap::default();
        let (changing, turns) = (Mutex::new(()), Arc::default());
        let registry = Self { snapshot, changing, turns, store, plugins, access, url };
        registry.reload().await?;
        Ok(registry)
    }

    /// Connections and tokens that subscriptions share.
    #[must_use]
    pub fn access(&self) -> &Pool {
        &self.access
    }

    /// What is set up now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// The turn to change what is set up: from looking at it until it has been taken over.
    pub async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turns).lock_owned().await
    }

    /// Takes over what the store holds now.
    ///
    /// # Errors
    /// When the store cannot be read; then everything stays as it was.
    pub async fn reload(&self) -> Result<(), StoreError> {
        let _one = self.changing.lock().await;
        let old = self.snapshot();
        let configuration = self.store.configuration().await?;
        let secrets = KnownSecrets::read(&*self.store).await?;
        let mut new = Snapshot { plugins: HashMap::new(), ..Snapshot::default() };
        for source in &configuration.sources {
            let digest = newest(&configuration, Role::Source, &source.plugin);
            let plugin = match digest {
                Some(digest) => self.plugin(digest, &old, &mut new).await,
                None => Err(format!("the source plugin `{}` is not installed", source.plugin)),
            };
            let entry = self.source(source, plugin, &configuration, &secrets)?;
            new.sources.insert(source.name.clone(), Arc::new(entry));
        }
        for policy in &configuration.policies {
            let entry = PolicyEntry::new(policy, &self.url, &secrets, &*self.store).await?;
            if let (false, Err(problem)) = (policy.disabled, &entry.maker) {
                tracing::error!(policy = %policy.name, "{problem}");
            }
            new.policies.insert(policy.name.clone(), Arc::new(entry));
        }
        for connection in &configuration.connections {
            let with = (&configuration, &secrets);
            let target = self.target(Sender::from(connection), &old, &mut new, with);
            let entry = ConnectionEntry { target: target.await?, connection: connection.clone() };
            new.connections.insert(connection.name.clone(), Arc::new(entry));
        }
        let mut conditions = Conditions::of(&old);
        for subscription in &configuration.subscriptions {
            let with = (&configuration, &secrets);
            let target = self.target(Sender::from(subscription), &old, &mut new, with);
            let entry = Arc::new(SubscriptionEntry {
                target: target.await?,
                condition: conditions.get(subscription),
                write_backs: WriteBacks::new(&subscription.write_back),
                address: handshake::address(subscription, &configuration),
                subscription: subscription.clone(),
            });
            new.routes.add(&entry);
            new.subscriptions.insert(subscription.id, entry);
        }
        new.redaction = redaction(&configuration);
        new.configuration = configuration;
        self.snapshot.store(Arc::new(new));
        // Nobody waits for it.
        drop(tokio::task::spawn_blocking(move || conditions.compile()));
        Ok(())
    }

    /// Loaded already, or loaded now; a plugin that does not load stops its own subscriptions
    /// and nothing else.
    async fn plugin(
        &self,
        digest: Digest,
        old: &Snapshot,
        new: &mut Snapshot,
    ) -> Result<Plugin, String> {
        if let Some(plugin) = new.plugins.get(&digest).or_else(|| old.plugins.get(&digest)) {
            let plugin = plugin.clone();
            new.plugins.insert(digest, plugin.clone());
            return Ok(plugin);
        }
        if let Some(problem) = new.unloadable.get(&digest) {
            return Err(problem.clone());
        }
        match self.plugins.load(digest).await {
            Ok(plugin) => {
                new.plugins.insert(digest, plugin.clone());
                Ok(plugin)
            }
            Err(error) => {
                tracing::error!(%digest, %error, "a plugin does not load");
                let problem =
                    format!("the plugin with digest {} does not load: {error}", digest.short());
                new.unloadable.insert(digest, problem.clone());
                Err(problem)
            }
        }
    }

    fn source(
        &self,
        source: &Source,
        plugin: Result<Plugin, String>,
        configuration: &Configuration,
        secrets: &KnownSecrets,
    ) -> Result<SourceEntry, StoreError> {
        let secret = match source.auth.secret() {
            Some(name) => secrets.get(name)?,
            None => None,
        };
        Ok(SourceEntry {
            source: source.clone(),
            limits: limits(configuration, Role::Source, &source.plugin),
            time_zone: time_zone(source.time_zone.as_deref()),
            plugin,
            proof: Proof::new(&source.auth, secret),
        })
    }
}

/// Checked when it was set, by a version that may have known more.
fn redaction(configuration: &Configuration) -> Arc<Redaction> {
    let (redaction, mistakes) = Redaction::new(&configuration.journal);
    for mistake in mistakes {
        tracing::error!(pointer = mistake.pointer, "a rule is not usable: {}", mistake.detail);
    }
    Arc::new(redaction)
}

/// The version of a plugin that was installed last.
#[must_use]
pub fn newest(configuration: &Configuration, role: Role, name: &Name) -> Option<Digest> {
    let versions = configuration.plugins.iter().rev();
    let mut of_name =
        versions.filter(|version| version.key.role == role && version.key.name == *name);
    of_name.next().map(|version| version.digest)
}

fn limits(configuration: &Configuration, role: Role, name: &Name) -> Limits {
    let key = PluginKey { role, name: name.clone() };
    configuration.limits.get(&key).cloned().unwrap_or_default()
}

/// Checked when it was set; a zone that has left the database since becomes UTC.
fn time_zone(name: Option<&str>) -> TimeZone {
    name.and_then(|name| TimeZone::named(name).ok()).unwrap_or(TimeZone::UTC)
}
