//! How deliveries of a subscription went.

use hookwright_model::{SubscriptionId, Timestamp};
use serde::Serialize;

/// How deliveries of a subscription went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SubscriptionHealth {
    /// Whose.
    #[serde(skip)]
    pub subscription: SubscriptionId,
    /// Attempts that failed, without one between that delivered.
    pub consecutive_failures: u32,
    /// When the first of these was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// Why the last attempt failed that did, also if others have delivered since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error_at: Option<Timestamp>,
    /// Why the last test failed, if nothing has been delivered since, and it was not enabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_error: Option<String>,
    /// When it was disabled because of this, and has not been enabled since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Timestamp>,
}

impl SubscriptionHealth {
    /// Nothing has failed.
    #[must_use]
    pub fn new(subscription: SubscriptionId) -> Self {
        Self {
            subscription,
            consecutive_failures: 0,
            failing_since: None,
            last_error: None,
            last_error_at: None,
            test_error: None,
            disabled_at: None,
        }
    }
}
