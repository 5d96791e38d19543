//! Conditions that are compiled when they are first asked for: a thousand of them take a fifth of
//! a second, which nobody shall wait for when the daemon starts.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{Condition, Mistake};

/// A condition as it was set, and compiled once somebody asks for it.
pub struct OnDemand {
    source: Arc<str>,
    compiled: OnceLock<Result<Condition, Mistake>>,
}

impl OnDemand {
    /// Not compiled yet.
    #[must_use]
    pub fn new(source: Arc<str>) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    /// The condition. Whoever asks while another compiles it waits for that.
    ///
    /// # Errors
    /// Why it cannot be evaluated: it was checked when it was set, by a version that may have
    /// known more.
    pub fn get(&self) -> Result<&Condition, &Mistake> {
        self.compiled.get_or_init(|| Condition::compile(&self.source)).as_ref()
    }
}

impl fmt::Debug for OnDemand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OnDemand({})", self.source)
    }
}
