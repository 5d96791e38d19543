//! Bounds on what an instance may hold, and a note of what it ran into.

use hookwright_model::Limits;
use wasmtime::{Result, bail};

/// What a component of the known toolchains holds, with room: componentize-py makes 38 core
/// instances, QuickJS three memories and three tables.
const INSTANCES: usize = 64;
const MEMORIES: usize = 4;
const TABLES: usize = 8;

/// Counts memory over all memories of one call.
pub(crate) struct Limiter {
    memory_limit: usize,
    table_limit: usize,
    /// Bytes held by all memories.
    memory: usize,
    /// The first limit that was hit, in words.
    pub(crate) exceeded: Option<String>,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory_limit: usize::try_from(limits.memory_bytes).unwrap_or(usize::MAX),
            table_limit: usize::try_from(limits.table_elements).unwrap_or(usize::MAX),
            memory: 0,
            exceeded: None,
        }
    }

    /// The most memory it had. Memories never shrink, so this is what it has.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory as u64
    }
}

impl wasmtime::ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let total = self.memory.saturating_add(desired.saturating_sub(current));
        if total > self.memory_limit {
            let limit = self.memory_limit;
            let text = format!("asked for {total} bytes of memory; it may have {limit}");
            self.exceeded.get_or_insert(text);
            // A trap, so that this reads as itself and not as the guest's own abort.
            bail!("memory limit");
        }
        self.memory = total;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        if desired > self.table_limit {
            let limit = self.table_limit;
            let text = format!("asked for a table of {desired} elements; it may have {limit}");
            self.exceeded.get_or_insert(text);
            bail!("table limit");
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}
