//! What requests are made and sent with: a subscription's plugin, settings, secrets and policy,
//! ready for use.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hookwright_model::{Limits, RetryPolicy};
use hookwright_sandbox::{Plugin, TimeZone};
use uuid::Uuid;

use super::fill::Bound;
use super::policy::{Judging, Policy};
use super::scrub::Scrubber;

/// What requests are made and sent with.
pub struct Target {
    /// Whose turn it is when its plugin runs.
    pub id: Uuid,
    /// What makes its requests, or why nothing does.
    pub plugin: Result<Plugin, String>,
    /// For the plugin, as JSON text.
    pub settings: Arc<str>,
    /// The plugin's bounds.
    pub limits: Limits,
    /// That the plugin shows times in.
    pub time_zone: TimeZone,
    /// Its secrets.
    pub bound: Bound,
    /// What answers mean.
    pub judging: Judging,
    /// When failed requests are sent again.
    pub retry: RetryPolicy,
    /// Whether a request is sent again that the receiver may have acted on.
    pub retry_unknown: bool,
    /// How long an attempt may take in all.
    pub timeout: Duration,
}

impl Target {
    /// One that makes no requests, for this reason.
    #[must_use]
    pub fn idle(reason: &str) -> Self {
        let Policy { judging, retry, retry_unknown, timeout } = Policy::default();
        Self {
            id: Uuid::nil(),
            plugin: Err(reason.to_owned()),
            settings: "{}".into(),
            limits: Limits::default(),
            time_zone: TimeZone::UTC,
            bound: Bound {
                slots: HashMap::new(),
                signing: Vec::new(),
                scrubber: Arc::new(Scrubber::new([])),
            },
            judging,
            retry,
            retry_unknown,
            timeout,
        }
    }
}
