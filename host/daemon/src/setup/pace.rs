//! Whether the paces, the order and the hosts in reserve that are asked for make sense.

use hookwright_model::{Pace, PaceKey, Sending};
use serde_json::Value;

use super::Planner;
use super::wanted::SubscriptionWanted;
use crate::delivery::reserve::{MAX_HOSTS, ReserveHost};

impl Planner<'_> {
    /// Numbers in their ranges, and keys that the subscription has: with one that it has not,
    /// requests that have nothing in common would share a bucket.
    pub(super) fn pace(&mut self, at: &str, wanted: Sending<'_>, settings: &Value) {
        let Some(paces) = wanted.pace else { return };
        let (count, most) = (paces.len(), Pace::MAX_PACES);
        if count > most {
            let detail = format!("{count} paces are too many: there can be {most}");
            self.wrong(format!("{at}/pace"), detail);
        }
        for (number, pace) in paces.iter().enumerate().take(most) {
            let at = format!("{at}/pace/{number}");
            if let Err(bad) = pace.check() {
                self.wrong(format!("{at}{}", bad.pointer), bad.detail);
            }
            for (number, key) in pace.by.iter().enumerate().take(Pace::MAX_KEYS) {
                if let Some((field, detail)) = missing(key, wanted, settings) {
                    self.wrong(format!("{at}/by/{number}/{field}"), detail);
                }
            }
        }
    }

    pub(super) fn max_concurrent(&mut self, at: &str, wanted: Sending<'_>) {
        let (Some(asked), most) = (wanted.max_concurrent, Sending::MAX_CONCURRENT) else { return };
        if !(1..=most).contains(&asked) {
            let detail = format!("{asked} requests at once: it must be between 1 and {most}");
            self.wrong(format!("{at}/max_concurrent"), detail);
        }
    }

    /// What follows a failure is asked of those that follow each other.
    pub(super) fn order(&mut self, at: &str, wanted: &SubscriptionWanted) {
        if wanted.after_failure.is_some() && wanted.order.is_none() {
            let detail = "nothing waits for a delivery that fails while `order` is `none`: set \
                          `order` to `per_ticket` or `strict`, or leave `after_failure` out";
            self.wrong(format!("{at}/after_failure"), detail);
        }
    }

    pub(super) fn reserve_hosts(&mut self, at: &str, wanted: Sending<'_>) {
        let hosts = wanted.reserve_hosts.unwrap_or_default();
        if hosts.len() > MAX_HOSTS {
            let detail = format!("{} hosts are too many: there can be {MAX_HOSTS}", hosts.len());
            self.wrong(format!("{at}/reserve_hosts"), detail);
        }
        for (number, host) in hosts.iter().enumerate().take(MAX_HOSTS) {
            if let Err(bad) = host.parse::<ReserveHost>() {
                self.wrong(format!("{at}/reserve_hosts/{number}"), bad.to_string());
            }
        }
    }
}

/// The field of the key that names something that is not there, and what to do.
fn missing(key: &PaceKey, wanted: Sending<'_>, settings: &Value) -> Option<(&'static str, String)> {
    match key {
        PaceKey::Secret(slot) if !wanted.secrets.contains_key(slot) => {
            let detail = format!(
                "no secret is bound to `{slot}` in `secrets`: bind one, or pace by something else"
            );
            Some(("secret", detail))
        }
        PaceKey::Setting(pointer) if settings.pointer(pointer).is_none() => {
            let detail = format!(
                "there is nothing at `{pointer}` in `settings`: set it there, even if it has a \
                 default, or correct the JSON Pointer, such as `/chat_id`"
            );
            Some(("setting", detail))
        }
        PaceKey::Subscription | PaceKey::Host | PaceKey::Secret(_) | PaceKey::Setting(_) => None,
    }
}
