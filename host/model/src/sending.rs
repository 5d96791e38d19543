//! How requests are sent: what subscriptions and connections have in common.

use std::collections::BTreeMap;

use crate::{AnswerRule, Name, Preset, RetryPolicy, Signing};

/// How requests are sent, whoever wants it. A new way to send is a field of
/// [`Subscription`](crate::Subscription) and [`Connection`](crate::Connection), and here, from
/// where it is checked and used.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    /// The plugin's slots and the names of the secrets bound to them.
    pub secrets: &'a BTreeMap<String, Name>,
    /// Signatures that the host adds.
    pub signing: &'a [Signing],
    /// Whose customs it keeps to where it says nothing itself; the one that the plugin suggests
    /// if absent.
    pub preset: Option<Preset>,
    /// What answers mean, before the plugin or the preset is asked.
    pub answers: &'a [AnswerRule],
    /// When failed requests are sent again; the preset's or the usual if absent.
    pub retry: Option<&'a RetryPolicy>,
    /// Whether a request is sent again that the receiver may have acted on; as the preset says,
    /// or true, if absent.
    pub retry_unknown: Option<bool>,
    /// How long an attempt may take in all, in seconds; the preset's or the usual if absent.
    pub timeout_s: Option<f64>,
    /// IANA name of the zone that the plugin shows times in.
    pub time_zone: Option<&'a str>,
}
