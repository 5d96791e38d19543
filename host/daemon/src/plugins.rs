//! Installing, loading and calling plugins.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use hookwright_model::{
    CallRecord, Digest, Fault, FaultKind, Limits, PluginVersion, Role, Timestamp,
};
use hookwright_sandbox::compile::CodeCache;
use hookwright_sandbox::{
    Code, CompileError, Compiler, LoadError, Plugin, Report, Sandbox, Workers,
};
use hookwright_store::{Store, StoreError};
use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

/// Calls that may wait for a thread. Deliveries wait in their own queue before they get here;
/// this bounds what ingest can pile up.
const WAITING_CALLS: usize = 4_096;

/// Where plugins live: the sandbox, its threads, and the code they were compiled to.
#[derive(Clone)]
pub struct PluginHost {
    sandbox: Sandbox,
    workers: Arc<Workers>,
    compiler: Compiler,
    cache: CodeCache,
    store: Arc<dyn Store>,
    /// Compiling takes a whole processor and much memory: one at a time.
    compiling: Arc<Semaphore>,
}

/// Why a plugin was not installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The bytes do not compile.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// They compile, and are no plugin.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Its settings schema is none.
    #[error("the plugin's settings schema is not a JSON Schema: {0}")]
    Schema(String),
    /// It cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The host failed.
    #[error("{0}")]
    Host(String),
}

impl PluginHost {
    /// Starts the threads that run plugins.
    ///
    /// # Errors
    /// When the machine cannot run them.
    pub fn start(
        data: &Path,
        threads: NonZeroUsize,
        compiler: Compiler,
        store: Arc<dyn Store>,
    ) -> anyhow::Result<Self> {
        // One more than the threads, for what is described while all of them are busy.
        let sandbox = Sandbox::new(threads.saturating_add(1))?;
        let cache = CodeCache::open(&data.join("code"), sandbox.compatibility())?;
        let workers = Arc::new(Workers::start(threads, WAITING_CALLS)?);
        let compiling = Arc::new(Semaphore::new(1));
        Ok(Self { sandbox, workers, compiler, cache, store, compiling })
    }

    /// Compiles a plugin, asks it what it is, and keeps it. Returns also whether it is new; a
    /// version that is there already stays as it is.
    ///
    /// # Errors
    /// When it is no plugin, or cannot be kept.
    pub async fn install(&self, bytes: Arc<[u8]>) -> Result<(PluginVersion, bool), InstallError> {
        let digest = Digest::of(&bytes);
        let plugin = match self.load(digest).await {
            Ok(plugin) => plugin,
            Err(InstallError::Store(StoreError::NotFound(_))) => {
                let code = self.compile(Arc::clone(&bytes)).await?;
                let plugin = self.open(&code, digest).await?;
                self.keep_code(digest, &code).await?;
                plugin
            }
            Err(error) => return Err(error),
        };
        let version = version(&plugin, bytes.len());
        let schema = serde_json::from_str(&version.descriptor.settings_schema)
            .map_err(|error| InstallError::Schema(error.to_string()))?;
        jsonschema::validator_for(&schema)
            .map_err(|error| InstallError::Schema(error.to_string()))?;
        let is_new = self.store.install_plugin(version.clone(), bytes).await?;
        Ok((version, is_new))
    }

    /// Removes what a version was compiled to, after the version itself was removed. If that
    /// fails, only room is lost, and the log says so.
    pub async fn forget_code(&self, digest: Digest) {
        let cache = self.cache.clone();
        let removed = blocking(move || cache.remove(digest)).await;
        let removed = removed.map_err(|error| error.to_string());
        if let Err(error) = removed.and_then(|done| done.map_err(|error| error.to_string())) {
            tracing::warn!(%digest, %error, "the compiled code of a removed plugin cannot be removed");
        }
    }

    /// Loads an installed plugin: from the code cache, or compiled again if the code is not
    /// there, was changed, or is for another runtime.
    ///
    /// # Errors
    /// When it is not installed, or does not load.
    pub async fn load(&self, digest: Digest) -> Result<Plugin, InstallError> {
        let runtime = self.cache.compatibility();
        if let Some(checksum) = self.store.code_checksum(digest, runtime).await? {
            let cache = self.cache.clone();
            let cached = blocking(move || cache.get(digest, checksum)).await?;
            if let Some(code) = cached {
                return self.open(&code, digest).await;
            }
            tracing::warn!(%digest, "the compiled code of a plugin is gone or changed; compiling again");
        }
        let bytes = self.store.plugin_bytes(digest).await?;
        let code = self.compile(bytes.into()).await?;
        let plugin = self.open(&code, digest).await?;
        self.keep_code(digest, &code).await?;
        Ok(plugin)
    }

    async fn compile(&self, bytes: Arc<[u8]>) -> Result<Code, InstallError> {
        let _one = self.compiling.acquire().await.map_err(|error| host(&error))?;
        let started = Instant::now();
        let compiler = self.compiler.clone();
        let size = bytes.len();
        let code = blocking(move || compiler.compile(&bytes)).await??;
        tracing::info!(size, seconds = started.elapsed().as_secs_f64(), "compiled a plugin");
        Ok(code)
    }

    async fn open(&self, code: &Code, digest: Digest) -> Result<Plugin, InstallError> {
        let (sandbox, code) = (self.sandbox.clone(), code.clone());
        Ok(blocking(move || sandbox.load(&code, digest, &Limits::default())).await??)
    }

    async fn keep_code(&self, digest: Digest, code: &Code) -> Result<(), InstallError> {
        let (cache, code) = (self.cache.clone(), code.clone());
        match blocking(move || cache.put(digest, &code)).await? {
            Ok(checksum) => {
                Ok(self.store.note_code(digest, self.cache.compatibility(), checksum).await?)
            }
            // Without the cache it is compiled again at the next start; nothing is lost.
            Err(error) => {
                tracing::warn!(%error, "the compiled code of a plugin cannot be kept");
                Ok(())
            }
        }
    }

    /// Calls a plugin on one of the threads, in its lane's turn.
    pub async fn call<T: Send + 'static>(
        &self,
        lane: Uuid,
        plugin: &Plugin,
        subject: &str,
        call: impl FnOnce() -> Report<T> + Send + 'static,
    ) -> Report<T> {
        let (reply, report) = oneshot::channel();
        // Whoever waits for the report may have gone.
        let submitted = self.workers.submit(lane.as_u128(), move || drop(reply.send(call())));
        let problem = match submitted {
            Ok(()) => match report.await {
                Ok(report) => return report,
                Err(_) => "the call ended without a report".to_owned(),
            },
            Err(saturated) => saturated.to_string(),
        };
        let fault = Box::new(Fault {
            kind: FaultKind::Host,
            plugin: plugin.identity().to_owned(),
            subject: subject.to_owned(),
            message: problem,
            advice: "This is a fault of the host, not of the plugin. It is tried again.".into(),
            backtrace: Vec::new(),
            stderr: String::new(),
        });
        let record = CallRecord { fault: Some(fault.clone()), ..CallRecord::default() };
        Report { outcome: Err(fault), record }
    }
}

/// What is kept of a plugin beside its bytes.
#[must_use]
pub fn version(plugin: &Plugin, size: usize) -> PluginVersion {
    PluginVersion {
        key: plugin.key(),
        digest: plugin.digest(),
        size: size as u64,
        descriptor: plugin.descriptor().clone(),
        contract: plugin.contract().to_owned(),
        judges: plugin.key().role == Role::Destination && plugin.judges(),
        checks_settings: plugin.checks_settings(),
        wasi_imports: plugin.wasi_imports().to_vec(),
        installed_at: Timestamp::now(),
    }
}

fn host(error: &dyn std::fmt::Display) -> InstallError {
    InstallError::Host(error.to_string())
}

/// Runs what blocks where blocking does no harm.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, InstallError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| host(&error))
}
