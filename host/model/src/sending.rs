//! How requests are sent: what subscriptions and connections have in common.

use std::collections::BTreeMap;

use crate::{AnswerRule, Auth, Name, Pace, Preset, Proxy, RetryPolicy, Signing, Tls};

/// How requests are sent, whoever wants it. A new way to send is a field of
/// [`Subscription`](crate::Subscription) and [`Connection`](crate::Connection), and here, from
/// where it is checked and used.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    /// The plugin's slots and the names of the secrets bound to them.
    pub secrets: &'a BTreeMap<String, Name>,
    /// Signatures that the host adds.
    pub signing: &'a [Signing],
    /// How requests prove where they come from; by what the plugin puts into them, if absent.
    pub auth: Option<&'a Auth>,
    /// Whom the host trusts, and who it is, in TLS.
    pub tls: &'a Tls,
    /// What requests go through; straight to the receiver, if absent.
    pub proxy: Option<&'a Proxy>,
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
    /// How quickly the receiver may be called; as the preset says if absent.
    pub pace: Option<&'a [Pace]>,
    /// How many requests may be under way to the receiver at once; the usual if absent.
    pub max_concurrent: Option<u32>,
    /// Hosts that take the place of the URL's when a try has failed; those of the preset if
    /// absent.
    pub reserve_hosts: Option<&'a [String]>,
    /// IANA name of the zone that the plugin shows times in.
    pub time_zone: Option<&'a str>,
}

impl Sending<'_> {
    /// How many requests may be under way to one receiver at once, if it is not said otherwise.
    pub const DEFAULT_MAX_CONCURRENT: u32 = 64;
    /// The most that can be asked for.
    pub const MAX_CONCURRENT: u32 = 256;
}
