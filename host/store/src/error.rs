//! What can go wrong with a store.

/// Why an operation did not happen.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing.
    #[error("there is no {0}")]
    NotFound(String),
    /// Something is in the way.
    #[error("{0}")]
    Conflict(String),
    /// There is no room left, or nothing may be written. Nothing was changed.
    #[error("the store cannot be written ({0}): make room, or mend the file system")]
    Unwritable(String),
    /// What is stored cannot be read.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// Something else.
    #[error("the store failed: {0}")]
    Other(String),
}

impl StoreError {
    /// Something stored that this version cannot read.
    pub(crate) fn damaged(what: &str, error: impl std::fmt::Display) -> Self {
        Self::Damaged(format!("{what}: {error}"))
    }
}
