//! Posts that could not be read.

use serde::{Deserialize, Serialize};

use crate::{Name, RejectId, Timestamp};

/// A post that a source could not read. It is kept, so that it can be read again when what was
/// wrong has been mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reject {
    /// Its id.
    pub id: RejectId,
    /// Who posted it.
    pub source: Name,
    /// How often the same came.
    pub times: u32,
    /// When it came first.
    pub first_at: Timestamp,
    /// When it came last.
    pub last_at: Timestamp,
    /// Bytes of the body.
    pub size: u64,
    /// Why, and what it came with.
    #[serde(flatten)]
    pub detail: RejectDetail,
}

/// Why a post could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RejectDetail {
    /// The HTTP status of the answer that the helpdesk got.
    pub status: u16,
    /// What kind of thing is wrong.
    pub title: String,
    /// What is wrong.
    pub reason: String,
    /// Where in the body, as a JSON Pointer, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// The query, decoded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
}
