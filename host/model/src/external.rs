//! What something set up here is known by elsewhere.

use serde::{Deserialize, Serialize};

/// What something is known by in the system that had it set up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct External {
    /// The system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Its id there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
}

impl External {
    /// The longest name of a system, in characters: R-Service's.
    pub const MAX_SOURCE: usize = 30;
    /// The longest id, in characters: R-Service's.
    pub const MAX_SOURCE_ID: usize = 128;

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
