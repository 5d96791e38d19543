//! The wasmtime engine, set up for plugins. One per process.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hookwright_model::{Digest, Limits};
use wasmtime::{Config, Enabled, Engine, PoolingAllocationConfig};

use crate::compile::Code;
use crate::plugin::{LoadError, Plugin};
use crate::{precompiled, v1};

/// How often the clock that deadlines are measured by ticks. A deadline is kept to within
/// two ticks.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// Runs plugins. Cheap to clone; the last clone stops the clock.
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<Clock>,
    linker: Arc<v1::Linker>,
    compatibility: u64,
}

/// The machine cannot run plugins.
#[derive(Debug, thiserror::Error)]
#[error("plugins cannot run on this machine: {0}")]
pub struct SandboxError(String);

impl Sandbox {
    /// A sandbox in which so many calls can run at once.
    ///
    /// # Errors
    /// When the address space for the instances cannot be reserved, as under a limit on
    /// virtual memory, or when the processor is not supported.
    pub fn new(concurrent_calls: NonZeroUsize) -> Result<Self, SandboxError> {
        let failed = |error: wasmtime::Error| SandboxError(format!("{error:#}"));
        let engine = Engine::new(&run_config(concurrent_calls.get())).map_err(failed)?;
        let clock = Arc::new(Clock::start(&engine)?);
        let linker = Arc::new(v1::linker(&engine).map_err(failed)?);
        let compatibility = compatibility(&engine);
        Ok(Self { engine, clock, linker, compatibility })
    }

    /// Names the compiled code that this sandbox can load: it changes with the version of
    /// the runtime, its settings and the processor.
    #[must_use]
    pub fn compatibility(&self) -> u64 {
        self.compatibility
    }

    /// Loads compiled code and asks the plugin to describe itself.
    ///
    /// # Errors
    /// When the code is not a plugin that this host can run; the error says what to do.
    pub fn load(&self, code: &Code, digest: Digest, limits: &Limits) -> Result<Plugin, LoadError> {
        let component = precompiled::load(&self.engine, code).map_err(LoadError::code)?;
        Plugin::new(self.clone(), &self.linker, &component, digest, limits)
    }
}

/// Settings that decide what code is compiled: the same for compiling and running.
fn code_config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .consume_fuel(true)
        // With this and no clock or randomness, the same call gives the same bytes anywhere.
        .cranelift_nan_canonicalization(true)
        // Host calls cost 300 ns instead of 800; guests of the component model's async are
        // refused.
        .concurrency_support(false)
        .memory_init_cow(true);
    config
}

/// For the child that compiles: no pools, whose address space its limits would not allow.
pub(crate) fn compile_config() -> Config {
    code_config()
}

fn run_config(slots: usize) -> Config {
    // A component is made of several core instances, memories and tables.
    let per_slot = |count: usize| u32::try_from(slots * count).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(per_slot(1))
        // One by componentize-py holds 38 core instances.
        .total_core_instances(per_slot(64))
        .max_core_instances_per_component(64)
        // QuickJS needs 3 memories and 3 tables.
        .total_memories(per_slot(4))
        .max_memories_per_component(4)
        .max_memories_per_module(1)
        .total_tables(per_slot(8))
        .max_tables_per_component(8)
        .max_tables_per_module(2)
        .table_elements(usize::try_from(Limits::MAX_TABLE_ELEMENTS).unwrap_or(usize::MAX))
        .max_memory_size(usize::try_from(Limits::MAX_MEMORY_BYTES).unwrap_or(usize::MAX))
        // What the runtime keeps per instance: large for CPython's many functions.
        .max_component_instance_size(4 << 20)
        .max_core_instance_size(2 << 20)
        // Pages that the last call used are reset by copying instead of being given back and
        // faulted in again: this halves the time of a call. Covers the working set of Rust
        // (64 KiB), QuickJS (256 KiB) and most of SpiderMonkey (2 MiB).
        .linear_memory_keep_resident(4 << 20)
        .table_keep_resident(128 << 10)
        // Finds the pages to reset by asking the kernel (Linux 6.7 and later).
        .pagemap_scan(Enabled::Auto)
        // Slots stay with their plugin, its initial memory mapped.
        .max_unused_warm_slots(per_slot(1));
    let mut config = code_config();
    config
        .allocation_strategy(pool)
        // Threads that run guests have stacks of four times that.
        .max_wasm_stack(512 << 10)
        .wasm_backtrace_max_frames(NonZeroUsize::new(32));
    config
}

/// Stack of a thread that runs guests, in bytes. Overflowing it would end the process, so it
/// is far above what the guest may use.
pub(crate) const THREAD_STACK: usize = 2 << 20;

pub(crate) fn compatibility(engine: &Engine) -> u64 {
    BuildHasherDefault::<DefaultHasher>::new().hash_one(HashOf(engine))
}

struct HashOf<'a>(&'a Engine);

impl std::hash::Hash for HashOf<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.precompile_compatibility_hash().hash(state);
    }
}

/// Advances the engine's epoch, by which deadlines are measured. An operating system thread,
/// because a task would stand still with the runtime that a guest holds up.
pub(crate) struct Clock {
    shared: Arc<ClockState>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct ClockState {
    /// Calls under way: with none, the clock stands.
    calls: AtomicUsize,
    stop: AtomicBool,
}

/// Keeps the clock going while it lives.
pub(crate) struct Running<'a>(&'a ClockState);

impl Clock {
    fn start(engine: &Engine) -> Result<Self, SandboxError> {
        let shared = Arc::new(ClockState::default());
        let engine = engine.weak();
        let state = Arc::clone(&shared);
        let tick = move || {
            while !state.stop.load(Ordering::Relaxed) {
                if state.calls.load(Ordering::SeqCst) == 0 {
                    thread::park();
                    continue;
                }
                thread::sleep(TICK);
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => return,
                }
            }
        };
        let thread = thread::Builder::new()
            .name("sandbox-clock".into())
            .spawn(tick)
            .map_err(|error| SandboxError(format!("no thread for the clock: {error}")))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    pub(crate) fn run(&self) -> Running<'_> {
        if self.shared.calls.fetch_add(1, Ordering::SeqCst) == 0 {
            self.unpark();
        }
        Running(&self.shared)
    }

    fn unpark(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.unpark();
        if let Some(thread) = self.thread.take() {
            // A panic of the clock thread has nowhere to go.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_child_compiles_the_daemon_can_run() {
        let child = Engine::new(&compile_config()).unwrap();
        let daemon = Sandbox::new(NonZeroUsize::MIN).unwrap();
        assert_eq!(compatibility(&child), daemon.compatibility());
    }

    #[test]
    fn the_clock_ticks_while_a_call_runs_and_stands_otherwise() {
        // An epoch cannot be read; that deadlines hold is shown in tests/faults.rs. Here: a
        // clock with nothing to do ends at once.
        let sandbox = Sandbox::new(NonZeroUsize::MIN).unwrap();
        drop(sandbox.clock.run());
        let started = std::time::Instant::now();
        drop(sandbox);
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}
