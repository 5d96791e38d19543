//! What plugins decide: what to send, and what an answer means.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Request;

/// What to do with an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Send these, in order.
    Deliver(Vec<Request>),
    /// Send nothing, for this reason.
    Skip(String),
}

/// Why a plugin made no decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// This event can never become a request.
    Rejected(String),
    /// The settings are wrong.
    Misconfigured(String),
    /// Worth another try.
    Transient(String),
    /// Anything else; final.
    Other(String),
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Done.
    Delivered {
        /// The id of what was created on the other side.
        remote_id: Option<String>,
        /// What there is to say beside the status.
        note: Option<String>,
    },
    /// Try again.
    Retry {
        /// Why.
        reason: String,
        /// Not before this while has passed.
        not_before: Option<Duration>,
        /// Whether this try uses up one of the policy's attempts.
        counted: bool,
    },
    /// Give up.
    Failed {
        /// Why.
        reason: String,
    },
    /// Send a changed request at once.
    Resend {
        /// Why.
        reason: String,
        /// The changed request.
        request: Request,
    },
    /// The request was sent, and no answer came. Only the host says so.
    Unknown {
        /// What is known.
        reason: String,
    },
}

/// Something to do because of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FollowUp {
    /// Write a field of the event's ticket at the helpdesk.
    SetField {
        /// The field's name there.
        field: String,
        /// JSON text.
        value: String,
    },
    /// Add a comment to the event's ticket at the helpdesk.
    AddComment {
        /// Whether customers cannot see it.
        internal: bool,
        /// The comment.
        text: String,
    },
    /// Send a request.
    Send(Request),
}

impl FollowUp {
    /// Whether it goes through a connection, whose plugin makes its requests.
    #[must_use]
    pub fn writes_back(&self) -> bool {
        matches!(self, Self::SetField { .. } | Self::AddComment { .. })
    }
}

/// A verdict and what follows from the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// What the answer means.
    pub verdict: Verdict,
    /// What to do because of it.
    pub follow_ups: Vec<FollowUp>,
}
