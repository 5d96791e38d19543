//! How requests are sent: what subscriptions and connections have in common.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::{Name, RetryPolicy, Signing};

/// How requests are sent, whoever wants it. A new way to send is a field of
/// [`Subscription`](crate::Subscription) and [`Connection`](crate::Connection), and here, from
/// where it is checked and used.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    /// The plugin's slots and the names of the secrets bound to them.
    pub secrets: &'a BTreeMap<String, Name>,
    /// Signatures that the host adds.
    pub signing: &'a [Signing],
    /// When failed requests are sent again.
    pub retry: &'a RetryPolicy,
    /// How long an attempt may take in all, in seconds.
    pub timeout_s: f64,
    /// IANA name of the zone that the plugin shows times in.
    pub time_zone: Option<&'a str>,
}

impl Sending<'_> {
    /// How long an attempt may take in all.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::try_from_secs_f64(self.timeout_s).unwrap_or(Duration::from_secs(30))
    }
}
