//! Whether whoever owns an address wants what a subscription sends there: the daemon asks by an
//! event of its own, and the answer is a call of the address in it. Until then the subscription
//! is not routed to.

mod code;

use std::time::Duration;

use hookwright_model::{Digest, Event, Subscription, SubscriptionId, Timestamp};
use hookwright_store::Configuration;
use serde_json::{Value, json};

pub use code::BadCode;
use code::Claim;

use crate::annotation::Annotation;
use crate::app::App;
use crate::control::{self, VERIFY_REQUESTED};
use crate::registry::Snapshot;
use crate::server::problem::Problem;

/// How long a code can be used: as long as R-Service's.
pub const VALID: Duration = Duration::from_secs(24 * 60 * 60);

/// What the key that codes are made with is for.
pub const KEY: &str = "codes that confirm addresses";

/// The address of a subscription, which needs confirming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// Of the setting's value; the address itself may hold a password.
    pub digest: Digest,
    /// Whether its owner has confirmed it, for whichever subscription.
    pub confirmed: bool,
}

/// The address that a setting holds, if the plugin says which setting that is.
///
/// # Errors
/// Says what is missing, and whether in the plugin or in the settings at this JSON Pointer.
pub fn address_in(annotation: Annotation, settings: &Value) -> Result<Digest, Missing> {
    let pointer = annotation.verify.ok_or(Missing::Annotation)?;
    let address = settings.pointer(&pointer).and_then(Value::as_str);
    match address.filter(|address| !address.is_empty()) {
        Some(address) => Ok(Digest::of(address.as_bytes())),
        None => Err(Missing::Address(pointer)),
    }
}

/// Why there is no address to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The plugin does not say which setting is one.
    Annotation,
    /// The setting that the plugin names holds none.
    Address(String),
}

/// The address of a subscription that asks for its address to be confirmed.
#[must_use]
pub fn address(subscription: &Subscription, configuration: &Configuration) -> Option<Address> {
    if !subscription.verify {
        return None;
    }
    let mut versions = configuration.plugins.iter();
    let version = versions.find(|version| version.digest == subscription.digest);
    let schema = version.map_or("", |version| &*version.descriptor.settings_schema);
    let settings = serde_json::from_str(&subscription.settings).unwrap_or_default();
    // It was there when the subscription was set up. One that is not there is not confirmed.
    let annotation = Annotation::of(subscription.plugin.as_str(), schema);
    let digest = address_in(annotation, &settings).unwrap_or(Digest::of(b""));
    Some(Address { digest, confirmed: configuration.confirmed.contains(&digest) })
}

/// What asks the owner of an address to confirm it.
///
/// # Errors
/// When there cannot be such an event, which a test rules out.
pub fn request(
    app: &App,
    subscription: SubscriptionId,
    address: Digest,
    now: Timestamp,
) -> Result<Event, Problem> {
    let expires_at = now.after(VALID).seconds();
    let code = Claim { subscription, address, expires_at }.code(&app.handshake_key);
    let callback = format!(
        "{}/webhooks/{subscription}/verify?code={code}&expires_at={expires_at}",
        app.public_url
    );
    let data = json!({ "callback": callback });
    let subject = subscription.to_string();
    let event = control::event(VERIFY_REQUESTED, &subject, "verify/1", &data, now)?;
    // By this it is seen whether the subscription still has the address.
    Ok(Event { dedupe_key: Some(address.to_string().into()), ..event })
}

/// What asks the owners of the addresses that come with a change: those that were neither
/// confirmed nor asked about before.
///
/// # Errors
/// As [`request`].
pub fn requests(
    app: &App,
    snapshot: &Snapshot,
    changed: &[Subscription],
) -> Result<Vec<(Event, SubscriptionId)>, Problem> {
    let now = Timestamp::now();
    let new = changed.iter().filter_map(|subscription| {
        let address = address(subscription, &snapshot.configuration)?;
        let before = snapshot.subscriptions.get(&subscription.id).and_then(|old| old.address);
        let asked = before.is_some_and(|before| before.digest == address.digest);
        (!asked && !address.confirmed).then_some((subscription.id, address.digest))
    });
    new.map(|(id, address)| Ok((request(app, id, address, now)?, id))).collect()
}

/// The address that a code confirms.
///
/// # Errors
/// When it confirms none.
pub fn confirmed_by(
    app: &App,
    subscription: SubscriptionId,
    code: &str,
    expires_at: i64,
    now: Timestamp,
) -> Result<Digest, BadCode> {
    let snapshot = app.registry.snapshot();
    let entry = snapshot.subscriptions.get(&subscription).ok_or(BadCode::Wrong)?;
    let address = entry.address.ok_or(BadCode::Wrong)?.digest;
    let claim = Claim { subscription, address, expires_at };
    claim.check(&app.handshake_key, code, now).map(|()| address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_where_the_plugin_says() {
        let at = |verify: Option<&str>, settings: Value| {
            let annotation =
                Annotation { verify: verify.map(str::to_owned), ..Annotation::default() };
            address_in(annotation, &settings)
        };
        let settings = json!({"to": {"uri": "https://a.example/"}, "uri": "https://b.example/"});
        assert_eq!(at(Some("/to/uri"), settings), Ok(Digest::of(b"https://a.example/")));
        for none in
            [json!({}), json!({"to": 7}), json!({"to": {"uri": 7}}), json!({"to": {"uri": ""}})]
        {
            assert_eq!(at(Some("/to/uri"), none), Err(Missing::Address("/to/uri".into())));
        }
        assert_eq!(at(None, json!({"uri": "https://b.example/"})), Err(Missing::Annotation));
    }
}
