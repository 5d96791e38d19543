//! Setting up sources and subscriptions: what is asked for is checked as a whole, compared with
//! what is there, and changed in one commit.

mod access;
mod answers;
mod audit;
mod check;
mod connection;
mod current;
mod diff;
mod journal;
mod mail;
mod naming;
mod pace;
mod policy;
mod rehearsal;
mod removal;
mod shown;
mod signing;
mod turn;
mod uses;
mod wanted;
mod write_back;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use hookwright_model::{
    Digest, Name, PluginKey, Role, Secret, Source, SourceId, Subscription, SubscriptionId,
    Timestamp,
};
use hookwright_sandbox::Plugin;
use hookwright_store::Changes;
use serde_json::Value;

use connection::Connections;
pub use current::{Current, PluginUsed};
pub use diff::{Action, Change, fields};
pub use naming::{free_secret, is_own_alone, new_secret};
pub use policy::rotate;
pub use turn::{Turn, turn};
pub use uses::{MAIL, User, users_of_plugin, users_of_secrets};
pub use wanted::{
    ConnectionWanted, PluginWanted, PolicyWanted, Removals, SecretWanted, Setup, SourceWanted,
    SubscriptionWanted,
};

use crate::app::App;
use crate::control::{self, Own};
use crate::handshake;
use crate::operations;
use crate::registry::{Snapshot, newest};
use crate::server::auth::Actor;
use crate::server::problem::{FieldProblem, Problem};

/// Changes that were found to be right, not made yet.
pub struct Plan {
    /// For people.
    pub changes: Vec<Change>,
    store: Changes,
    keys: Vec<policy::NewKey>,
    /// So that nobody else changes what was looked at.
    turn: Turn,
}

/// The plugin that something is to be done with.
#[derive(Clone, Copy)]
struct Asked<'a> {
    plugin: &'a Name,
    digest: Option<Digest>,
    settings: &'a Value,
    secrets: &'a BTreeMap<String, Name>,
}

/// What is being set up, while it is checked.
struct Planner<'a> {
    app: &'a App,
    snapshot: Arc<Snapshot>,
    now: Timestamp,
    /// Secrets of this set-up by name; others may be in the store.
    secrets: HashMap<Name, Secret>,
    /// Policies of this set-up; others may be in the snapshot.
    policies: HashSet<Name>,
    /// As they will be.
    connections: Connections,
    errors: Vec<FieldProblem>,
    plan: Plan,
}

impl Setup {
    /// Checks everything and finds what would change.
    ///
    /// # Errors
    /// Names every mistake with its place in the document.
    pub async fn plan(self, app: &App) -> Result<Plan, Problem> {
        let turn = turn(app).await;
        self.plan_in(turn, app).await
    }

    /// The same in a turn that has begun. It lasts until the changes are made.
    ///
    /// # Errors
    /// As above.
    pub async fn plan_in(self, turn: Turn, app: &App) -> Result<Plan, Problem> {
        let plan = Plan { changes: Vec::new(), store: Changes::default(), keys: Vec::new(), turn };
        let mut planner = Planner {
            app,
            snapshot: app.registry.snapshot(),
            now: Timestamp::now(),
            secrets: HashMap::new(),
            policies: HashSet::new(),
            connections: Connections::default(),
            errors: Vec::new(),
            plan,
        };
        planner.all(self).await?;
        if planner.errors.is_empty() {
            Ok(planner.plan)
        } else {
            Err(Problem::invalid(planner.errors))
        }
    }
}

impl Plan {
    /// Subscriptions that are made or changed, as they will be. What is said of one here is not
    /// checked any more.
    pub(crate) fn subscriptions_mut(&mut self) -> &mut [Subscription] {
        &mut self.store.subscriptions
    }

    /// Makes the changes.
    ///
    /// # Errors
    /// When they cannot be kept; then nothing has changed.
    pub async fn make(self, app: &App, actor: &Actor) -> Result<Vec<Change>, Problem> {
        let Self { changes, keys, mut store, turn: _until_done } = self;
        policy::make_keys(keys, &mut store).await?;
        let snapshot = app.registry.snapshot();
        store.audit = audit::entries(&changes, &store, &snapshot.configuration, actor);
        let requests = handshake::requests(app, &snapshot, &store.subscriptions)?;
        let enabled = newly_enabled(&snapshot, &store.subscriptions);
        let own = Own::reserve(app, requests);
        store.events = own.post();
        let switched = operations::switched(&snapshot, &store.subscriptions);
        app.operations.join(&snapshot, switched, &mut store);
        if let Err(error) = app.store.change(store).await {
            own.release(app);
            return Err(error.into());
        }
        if let Err(error) = app.registry.reload().await {
            own.release(app);
            return Err(error.into());
        }
        enabled.into_iter().for_each(|id| app.health.enabled(id));
        own.work(app);
        // What waited for one that failed may go on now.
        app.scheduler.due(Timestamp::now());
        app.keep_anew.notify_one();
        app.operations.mail_due.notify_one();
        // Another version of a suspended plugin may be pinned now.
        app.wake(app.breaker.waiting_for_plugins()).await?;
        Ok(changes)
    }
}

/// Those that were disabled.
fn newly_enabled(snapshot: &Snapshot, changed: &[Subscription]) -> Vec<SubscriptionId> {
    let was_disabled =
        |id| snapshot.subscriptions.get(&id).is_some_and(|entry| !entry.subscription.enabled);
    let enabled = changed.iter().filter(|changed| changed.enabled);
    enabled.map(|changed| changed.id).filter(|&id| was_disabled(id)).collect()
}

impl Planner<'_> {
    fn wrong(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.errors.push(FieldProblem { pointer: pointer.into(), detail: detail.into() });
    }

    async fn all(&mut self, setup: Setup) -> Result<(), Problem> {
        self.unique("secrets", setup.secrets.iter().map(|secret| &secret.name));
        self.unique("connections", setup.connections.iter().map(|wanted| &wanted.name));
        self.unique("sources", setup.sources.iter().map(|source| &source.name));
        self.unique("policies", setup.policies.iter().map(|policy| &policy.name));
        self.unique("subscriptions", setup.subscriptions.iter().map(|wanted| &wanted.name));
        self.both(&setup);
        self.connections = Connections::of(self, &setup);
        self.still_connected(&setup);
        self.journal(&setup);
        let secrets: Vec<_> = setup.secrets.iter().map(|secret| secret.name.clone()).collect();
        let wanted = access::Named::of(&setup);
        for (number, secret) in setup.secrets.into_iter().enumerate() {
            self.secret(number, secret).await?;
        }
        self.users_of_secrets(&secrets, &wanted).await?;
        self.mail(setup.mail.as_ref()).await?;
        let mut pins = HashMap::new();
        for (number, plugin) in setup.plugins.into_iter().enumerate() {
            self.plugin(number, &plugin, &mut pins);
        }
        for (number, policy) in setup.policies.into_iter().enumerate() {
            self.policy(number, policy).await?;
        }
        for (number, connection) in setup.connections.into_iter().enumerate() {
            self.connection(number, connection, &pins).await?;
        }
        for (number, source) in setup.sources.into_iter().enumerate() {
            self.source(number, source).await?;
        }
        for (number, subscription) in setup.subscriptions.into_iter().enumerate() {
            self.subscription(number, subscription, &pins).await?;
        }
        self.removals(&setup.remove);
        Ok(())
    }

    fn unique<'n>(&mut self, list: &str, names: impl Iterator<Item = &'n Name>) {
        let mut seen = HashMap::new();
        for (number, name) in names.enumerate() {
            if let Some(first) = seen.insert(name.clone(), number) {
                let pointer = format!("/{list}/{number}/name");
                self.wrong(pointer, format!("`{name}` is the name of number {first} too"));
            }
        }
    }

    async fn secret(&mut self, number: usize, wanted: SecretWanted) -> Result<(), Problem> {
        let SecretWanted { name, value } = wanted;
        let secret = Secret::from(value);
        let shortest = crate::delivery::scrub::MIN_SECRET;
        if secret.expose().len() < shortest {
            let detail = format!("a secret has at least {shortest} bytes");
            self.wrong(format!("/secrets/{number}/value"), detail);
        }
        let old = self.app.store.secret(name.clone()).await?;
        let action = Action::of(old.as_ref(), &secret);
        self.plan.changes.push(Change::new("secret", &name, action, Vec::new()));
        if action != Action::Unchanged {
            self.plan.store.secrets.push((name.clone(), secret.clone()));
        }
        self.secrets.insert(name, secret);
        Ok(())
    }

    /// A plugin that is part of the set-up is installed already, and named by its digest;
    /// subscriptions to it are pinned to this version.
    fn plugin(
        &mut self,
        number: usize,
        wanted: &PluginWanted,
        pins: &mut HashMap<PluginKey, Digest>,
    ) {
        let snapshot = Arc::clone(&self.snapshot);
        let installed = &snapshot.configuration.plugins;
        let Some(version) = installed.iter().find(|version| version.digest == wanted.digest) else {
            let detail = format!("no plugin with the digest {} is installed", wanted.digest);
            return self.wrong(format!("/plugins/{number}/digest"), detail);
        };
        pins.insert(version.key.clone(), version.digest);
        let limits = wanted.limits.clone().unwrap_or_default();
        if let Err(error) = limits.check() {
            let pointer = format!("/plugins/{number}/limits/{}", error.name);
            return self.wrong(pointer, error.to_string());
        }
        let old = snapshot.configuration.limits.get(&version.key).cloned().unwrap_or_default();
        let fields = diff::fields(&old, &limits);
        let action = if fields.is_empty() { Action::Unchanged } else { Action::Update };
        self.plan.changes.push(Change::new("plugin", &version.key, action, fields));
        if action != Action::Unchanged {
            self.plan.store.limits.push((version.key.clone(), limits));
        }
    }

    async fn source(&mut self, number: usize, wanted: SourceWanted) -> Result<(), Problem> {
        let at = format!("/sources/{number}");
        if wanted.name.as_str() == control::SOURCE {
            let detail =
                "events of the daemon itself are from the source of this name; use another";
            self.wrong(format!("{at}/name"), detail);
        }
        let old = self.snapshot.sources.get(&wanted.name).map(|entry| entry.source.clone());
        let plugin = newest(&self.snapshot.configuration, Role::Source, &wanted.plugin);
        match plugin.and_then(|digest| self.snapshot.plugins.get(&digest).cloned()) {
            Some(plugin) => self.settings(&at, &plugin, &wanted.settings, &BTreeMap::new()).await?,
            // Installed, and not loaded because no source uses it yet.
            None => match self.load(plugin).await {
                Ok(plugin) => {
                    self.settings(&at, &plugin, &wanted.settings, &BTreeMap::new()).await?;
                }
                Err(detail) => {
                    let detail = detail.unwrap_or_else(|| {
                        format!("the source plugin `{}` is not installed", wanted.plugin)
                    });
                    self.wrong(format!("{at}/plugin"), detail);
                }
            },
        }
        self.source_auth(&at, &wanted).await?;
        self.time_zone(&at, wanted.time_zone.as_deref());
        self.known_connection(format!("{at}/connection"), wanted.connection.as_ref());
        let source = Source {
            id: old.as_ref().map_or_else(SourceId::new, |old| old.id),
            name: wanted.name,
            enabled: wanted.enabled,
            plugin: wanted.plugin,
            settings: wanted.settings.to_string().into(),
            auth: wanted.auth,
            time_zone: wanted.time_zone,
            repeat_window_s: wanted.repeat_window_s,
            track_changes: wanted.track_changes,
            connection: wanted.connection,
            updated_at: old.as_ref().map_or(self.now, |old| old.updated_at),
        };
        let (action, fields) = diff::compare(old.as_ref(), &source);
        self.plan.changes.push(Change::new("source", &source.name, action, fields));
        if action != Action::Unchanged {
            self.plan.store.sources.push(Source { updated_at: self.now, ..source });
        }
        Ok(())
    }

    async fn subscription(
        &mut self,
        number: usize,
        wanted: SubscriptionWanted,
        pins: &HashMap<PluginKey, Digest>,
    ) -> Result<(), Problem> {
        let at = format!("/subscriptions/{number}");
        let snapshot = Arc::clone(&self.snapshot);
        let mut all = snapshot.configuration.subscriptions.iter();
        let old = all.find(|old| old.name == wanted.name);
        let as_it_was = old.filter(|old| old.plugin == wanted.plugin).map(|old| old.digest);
        let asked = Asked {
            plugin: &wanted.plugin,
            digest: wanted.digest,
            settings: &wanted.settings,
            secrets: &wanted.secrets,
        };
        let version = self.version(&at, asked, as_it_was, pins).await?;
        if let Some((_, Some(plugin))) = &version {
            self.verify(&at, plugin, &wanted);
        }
        self.routing(&at, &wanted);
        self.sending(&at, wanted.sending(), &wanted.settings).await?;
        self.write_backs(&at, &wanted);
        self.order(&at, &wanted);
        self.people(&at, &wanted);
        let Some((digest, _)) = version else { return Ok(()) };
        let subscription = Subscription {
            id: old.map_or_else(SubscriptionId::new, |old| old.id),
            name: wanted.name,
            description: wanted.description,
            enabled: wanted.enabled,
            sources: wanted.sources,
            events: wanted.events,
            groups: wanted.groups,
            condition: wanted.condition.map(Into::into),
            plugin: wanted.plugin,
            digest,
            settings: wanted.settings.to_string().into(),
            verify: wanted.verify,
            secrets: wanted.secrets,
            signing: wanted.signing,
            preset: wanted.preset,
            answers: wanted.answers,
            auth: wanted.auth,
            tls: wanted.tls,
            proxy: wanted.proxy,
            retry: wanted.retry,
            retry_unknown: wanted.retry_unknown,
            timeout_s: wanted.timeout_s,
            pace: wanted.pace,
            max_concurrent: wanted.max_concurrent,
            reserve_hosts: wanted.reserve_hosts,
            time_zone: wanted.time_zone,
            order: wanted.order,
            after_failure: wanted.after_failure.unwrap_or_default(),
            write_back: wanted.write_back,
            disable_on_failure: wanted.disable_on_failure,
            mail_exceptions_to: wanted.mail_exceptions_to,
            external: wanted.external,
            created_at: old.map_or(Some(self.now), |old| old.created_at),
            updated_at: old.map_or(self.now, |old| old.updated_at),
        };
        let (action, fields) = diff::compare(old, &subscription);
        self.plan.changes.push(Change::new("subscription", &subscription.name, action, fields));
        if action != Action::Unchanged {
            self.plan
                .store
                .subscriptions
                .push(Subscription { updated_at: self.now, ..subscription });
        }
        Ok(())
    }

    /// The version of a destination plugin that is meant, held against its settings and secrets;
    /// none if there is none. The plugin is there if it is one that can be used.
    async fn version(
        &mut self,
        at: &str,
        asked: Asked<'_>,
        as_it_was: Option<Digest>,
        pins: &HashMap<PluginKey, Digest>,
    ) -> Result<Option<(Digest, Option<Plugin>)>, Problem> {
        let key = PluginKey { role: Role::Destination, name: asked.plugin.clone() };
        // Pinned by this set-up, or by itself, or as it was, or to what was installed last.
        let newest = newest(&self.snapshot.configuration, Role::Destination, asked.plugin);
        let digest = asked.digest.or_else(|| pins.get(&key).copied()).or(as_it_was).or(newest);
        let loaded = digest.and_then(|digest| self.snapshot.plugins.get(&digest).cloned());
        let plugin = match loaded {
            Some(plugin) => Ok(plugin),
            None => self.load(digest).await,
        };
        let usable = match plugin {
            Ok(plugin) if plugin.key() != key => {
                let detail = format!("the version is one of {}, not of {key}", plugin.key());
                self.wrong(format!("{at}/digest"), detail);
                None
            }
            Ok(plugin) => {
                self.settings(at, &plugin, asked.settings, asked.secrets).await?;
                Some(plugin)
            }
            Err(detail) => {
                let detail = detail
                    .unwrap_or_else(|| format!("the plugin `{}` is not installed", asked.plugin));
                self.wrong(format!("{at}/plugin"), detail);
                None
            }
        };
        Ok(digest.map(|digest| (digest, usable)))
    }

    /// The error is empty when there is nothing to load.
    async fn load(&self, digest: Option<Digest>) -> Result<Plugin, Option<String>> {
        let digest = digest.ok_or(None)?;
        self.app.plugins.load(digest).await.map_err(|error| Some(error.to_string()))
    }
}
