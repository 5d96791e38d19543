//! What the daemon is made of, put together.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hookwright_model::{Secret, Timestamp};
use hookwright_sandbox::Compiler;
use hookwright_store::{SqliteStore, Store, StoreError, Vault};
use tokio::sync::{Notify, watch};

use crate::access::Pool;
use crate::care::{self, Claim};
use crate::crash;
use crate::delivery::breaker::{Breaker, Wake};
use crate::delivery::client::Sender;
use crate::delivery::clock::catch_up;
use crate::delivery::connect::Connector;
use crate::delivery::gone::Gone;
use crate::delivery::guard::Guard;
use crate::delivery::health::{self, Healths};
use crate::delivery::network::Internet;
use crate::delivery::pace::Pacer;
use crate::delivery::run::Runner;
use crate::delivery::scheduler::Scheduler;
use crate::handshake;
use crate::keeping;
use crate::listener::listen;
use crate::live::Live;
use crate::mail::{self, Mailer};
use crate::operations::Operations;
use crate::people::{self, People};
use crate::plugins::PluginHost;
use crate::proof::issuer::Issuers;
use crate::public_url::PublicUrl;
use crate::registry::Registry;
use crate::replay;
use crate::server;
use crate::server::auth::Tokens;
use crate::server::client_address::TrustedProxies;
use crate::server::idempotency::UnderWay;
use crate::statistics::{self, Statistics};

/// How the daemon is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it keeps everything.
    pub data: PathBuf,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Networks that may be called beside the public internet.
    pub guard: Guard,
    /// What resolves names; this host's own name servers if there are none.
    pub name_servers: Vec<SocketAddr>,
    /// The key of the vault in base64, if it is not in a file.
    pub key: Option<String>,
    /// Where others reach it; where it listens if not given.
    pub public_url: Option<PublicUrl>,
    /// Whose word is taken for where a request came from.
    pub trusted_proxies: TrustedProxies,
    /// Threads that run plugins; as many as fit the machine if not given.
    pub plugin_threads: Option<NonZeroUsize>,
    /// How long deliveries under way have to end when the daemon is asked to.
    pub shutdown_timeout: Duration,
}

/// Everything that requests are handled with.
pub struct App {
    /// What must not be lost.
    pub store: Arc<dyn Store>,
    /// What is set up.
    pub registry: Arc<Registry>,
    /// Where plugins run.
    pub plugins: PluginHost,
    /// What delivers.
    pub scheduler: Scheduler,
    /// What sends.
    pub sender: Sender,
    /// What is not tried for now.
    pub breaker: Breaker,
    /// Subscriptions whose deliveries fail.
    pub health: Arc<Healths>,
    /// Where everything is kept.
    pub data: PathBuf,
    /// What is counted of all that happens.
    pub statistics: Arc<Statistics>,
    /// What is told of what happens, by events and by mail.
    pub operations: Arc<Operations>,
    /// What sends mails.
    pub mailer: Mailer,
    /// Whose keys prove posts.
    pub issuers: Issuers,
    /// Programs that may do something.
    pub tokens: Tokens,
    /// People who may.
    pub people: People,
    /// Whose word is taken for where a request came from.
    pub trusted_proxies: TrustedProxies,
    /// Where others reach this daemon.
    pub public_url: PublicUrl,
    /// What the codes are made with that confirm addresses.
    pub handshake_key: Secret,
    /// Told when there may be something to do for a replay.
    pub replays: Notify,
    /// What is not to be delivered any more.
    pub gone: Arc<Gone>,
    /// Requests that are done once, while they are worked on.
    pub under_way: UnderWay,
    /// Told when the journal is to be kept differently.
    pub keep_anew: Notify,
    /// Told what happens, for whoever watches.
    pub live: Live,
    /// False from the moment it is asked to end.
    pub ready: watch::Sender<bool>,
}

/// The vault and the store in a data directory.
///
/// # Errors
/// When either cannot be opened.
pub fn open_store(data: &Path, key: Option<&str>) -> anyhow::Result<SqliteStore> {
    make_directory(data)?;
    let vault = match key {
        Some(key) => Vault::from_text(key, "HOOKWRIGHT_KEY")?,
        None => Vault::from_file(&care::key_file(data))?,
    };
    let file = care::store_file(data);
    SqliteStore::open(&file, vault).with_context(|| format!("cannot open {}", file.display()))
}

/// The same for a command, beside which a daemon may work there. Then a store of an older version
/// stays as it is: the daemon, of that version too, could not go on with another.
///
/// # Errors
/// When either cannot be opened, or the store would have to be brought to this version's form while
/// a daemon works on it.
pub fn open_store_beside(data: &Path, key: Option<&str>) -> anyhow::Result<SqliteStore> {
    let file = care::store_file(data);
    // Without a version it is just being made.
    let older = match file.exists().then(|| SqliteStore::versions(&file)).transpose()? {
        Some((version, newest)) if version > 0 && version < newest => Some((version, newest)),
        _ => None,
    };
    let claimed = older.map(|(version, newest)| {
        Claim::take(data).with_context(|| {
            format!(
                "the store has version {version}, which this program would change to {newest}, and \
                 a daemon may not go on with it: end that, and start the newer one"
            )
        })
    });
    let _claim = claimed.transpose()?;
    open_store(data, key)
}

/// For this user only: it holds tickets.
fn make_directory(data: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder
        .recursive(true)
        .mode(0o700)
        .create(data)
        .with_context(|| format!("cannot make the data directory {}", data.display()))
}

impl App {
    /// Puts it together. It listens on this address.
    ///
    /// # Errors
    /// When the store cannot be opened or plugins cannot run.
    pub async fn open(options: &Options, public_url: PublicUrl) -> anyhow::Result<Arc<Self>> {
        let store = open_store(&options.data, options.key.as_deref())?;
        let store: Arc<dyn Store> = Arc::new(store.watched(crash::pass_in_store));
        let compiler = compiler()?;
        let threads = options.plugin_threads.unwrap_or_else(plugin_threads);
        let plugins = PluginHost::start(&options.data, threads, compiler, Arc::clone(&store))?;
        let network = Arc::new(Internet::new(&options.name_servers)?);
        let connector = Connector::over(network, options.guard.clone())?;
        let sender = Sender::new(connector.clone());
        let mailer = Mailer::new(Arc::clone(&store), connector.clone(), public_url.clone());
        let access = Pool::new(connector, sender.clone());
        let registry =
            Registry::open(Arc::clone(&store), plugins.clone(), access, public_url.clone());
        let registry = Arc::new(registry.await?);
        let issuers = Issuers::new(sender.clone(), options.guard.clone());
        let gone = Arc::<Gone>::default();
        let operations = Arc::new(Operations::open(&*store, public_url.clone()).await?);
        let (breaker, health) = (Breaker::default(), Arc::new(Healths::open(&*store).await?));
        let statistics = Arc::new(Statistics::open(&*store).await?);
        let live = Live::default();
        let runner = Runner {
            live: live.clone(),
            store: Arc::clone(&store),
            registry: Arc::clone(&registry),
            plugins: plugins.clone(),
            sender: sender.clone(),
            pacer: Pacer::default(),
            brake: Arc::default(),
            gone: Arc::clone(&gone),
            breaker: breaker.clone(),
            health: Arc::clone(&health),
            statistics: Arc::clone(&statistics),
            operations: Arc::clone(&operations),
        };
        let scheduler = Scheduler::new(runner, Arc::clone(&store));
        let tokens = Tokens::open(Arc::clone(&store)).await?;
        let people = People::new(Arc::clone(&store));
        let handshake_key = store.own_key(handshake::KEY).await?;
        let (ready, _) = watch::channel(true);
        Ok(Arc::new(Self {
            store,
            registry,
            plugins,
            scheduler,
            sender,
            breaker,
            health,
            data: options.data.clone(),
            statistics,
            operations,
            mailer,
            issuers,
            tokens,
            people,
            trusted_proxies: options.trusted_proxies.clone(),
            public_url,
            handshake_key,
            replays: Notify::new(),
            gone,
            under_way: UnderWay::default(),
            keep_anew: Notify::new(),
            live,
            ready,
        }))
    }
}

impl App {
    /// Has deliveries tried now that waited for something else.
    ///
    /// # Errors
    /// When that cannot be noted; then they are tried when they were told to.
    pub async fn wake(&self, wake: Vec<Wake>) -> Result<(), StoreError> {
        if wake.is_empty() {
            return Ok(());
        }
        let now = Timestamp::now();
        self.store.wake(wake, now).await?;
        self.scheduler.due(now);
        Ok(())
    }
}

/// Compiles in a child that is this program.
///
/// # Errors
/// When this program's file cannot be found.
pub fn compiler() -> anyhow::Result<Compiler> {
    let program = std::env::current_exe().context("cannot find this program's file")?;
    let limits = hookwright_sandbox::compile::CompileLimits::default();
    Ok(Compiler::new(program, vec![COMPILE_COMMAND.into()], limits))
}

/// The hidden command by which this program becomes its own compile child.
pub const COMPILE_COMMAND: &str = "__compile";

/// Two for each processor: slow plugins may have half of them, and the other half is then still
/// as many as there are processors.
fn plugin_threads() -> NonZeroUsize {
    let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    processors.saturating_mul(NonZeroUsize::MIN.saturating_add(1))
}

/// Runs the daemon until it is asked to end.
///
/// # Errors
/// When it cannot start.
pub async fn serve(options: Options) -> anyhow::Result<()> {
    let started = Instant::now();
    make_directory(&options.data)?;
    let _claim = Claim::take(&options.data)?;
    // Where it listens is what tokens name as their issuer if nothing else is said. Who connects
    // already waits.
    let listener =
        listen(options.listen).with_context(|| format!("cannot listen on {}", options.listen))?;
    let address = listener.local_addr()?;
    let public_url = options.public_url.clone().unwrap_or_else(|| PublicUrl::of(address));
    let app = App::open(&options, public_url).await?;
    let now = Timestamp::now();
    let released = app.store.release_all(now).await?;
    catch_up(&*app.store, now).await?;
    let working = {
        let scheduler = app.scheduler.clone();
        tokio::spawn(async move { scheduler.run().await })
    };
    tokio::spawn(keeping::retain(Arc::clone(&app)));
    tokio::spawn(keeping::redact(Arc::clone(&app)));
    tokio::spawn(people::keep(Arc::clone(&app)));
    tokio::spawn(health::keep(Arc::clone(&app.health), Arc::clone(&app.store)));
    tokio::spawn(statistics::keep(Arc::clone(&app.statistics), Arc::clone(&app.store)));
    tokio::spawn(mail::run(Arc::clone(&app)));
    let replaying = tokio::spawn(replay::run(Arc::clone(&app)));
    check(care::store_file(&options.data));
    let snapshot = app.registry.snapshot();
    tracing::info!(
        %address,
        sources = snapshot.sources.len(),
        subscriptions = snapshot.subscriptions.len(),
        resumed = released,
        milliseconds = started.elapsed().as_millis(),
        "hookwright is ready"
    );
    server::run(listener, Arc::clone(&app), asked_to_end()).await;
    tracing::info!("ending: finishing what is under way");
    replaying.await.context("replaying failed")?;
    app.scheduler.stop(options.shutdown_timeout).await;
    working.await.context("the scheduler failed")?;
    app.health.keep(&*app.store).await?;
    app.statistics.keep(&*app.store).await?;
    app.people.tidy(Timestamp::now(), true).await?;
    Ok(())
}

/// Reads the whole store, in a thread of its own that nobody waits for: a large one takes
/// minutes. What is damaged is said loudly; what is whole goes on working.
fn check(file: PathBuf) {
    let check = move || {
        let started = Instant::now();
        match SqliteStore::faults(&file) {
            Ok(faults) if faults.is_empty() => {
                let seconds = started.elapsed().as_secs_f64();
                tracing::debug!(seconds, "the store is whole");
            }
            Ok(faults) => tracing::error!(
                ?faults,
                "the store is damaged: stop, run `hookwright doctor`, and bring back a copy"
            ),
            Err(error) => tracing::error!(%error, "the store could not be checked"),
        }
    };
    if let Err(error) = std::thread::Builder::new().name("store-check".into()).spawn(check) {
        tracing::warn!(%error, "the store is not checked");
    }
}

/// Resolves when the operating system asks this process to end.
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = async |kind| match signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(error) => {
            tracing::error!(%error, "signals cannot be received");
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::interrupt()) => {}
    }
}
