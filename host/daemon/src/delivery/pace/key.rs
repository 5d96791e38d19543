//! Which buckets a request needs room in.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use hookwright_model::{Name, Pace, PaceKey};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::meter::Limit;

/// What the requests of one bucket have in common. Never holds a secret, only its name.
pub(super) type Key = Arc<[Shared]>;

/// One thing that requests have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Shared {
    Subscription(Uuid),
    Host(String),
    /// None when nothing is bound to the slot.
    Secret(Option<Name>),
    /// The pointer and the value.
    Setting(String, String),
}

/// A bucket that a request needs room in, and the limits it holds it to.
#[derive(Clone, Debug)]
pub(in crate::delivery) struct Need {
    pub(super) key: Key,
    /// None if the bucket can only be closed.
    pub(super) limits: Arc<[Limit]>,
}

/// The paces of a subscription, ready for use.
#[derive(Clone, Debug)]
pub struct Paces {
    needs: Vec<Need>,
    /// Whether a key holds a host, which is known only when the request is filled in.
    by_host: bool,
}

impl Paces {
    /// `id` is the subscription's; `secrets` are its slots and the names of the secrets bound
    /// to them.
    #[must_use]
    pub fn new(
        id: Uuid,
        paces: &[Pace],
        secrets: &BTreeMap<String, Name>,
        settings: &Value,
    ) -> Self {
        let shared = |key: &PaceKey| match key {
            PaceKey::Subscription => Shared::Subscription(id),
            PaceKey::Host => Shared::Host(String::new()),
            PaceKey::Secret(slot) => Shared::Secret(secrets.get(slot).cloned()),
            PaceKey::Setting(pointer) => {
                Shared::Setting(pointer.clone(), setting(settings, pointer))
            }
        };
        // Paces with the same keys are limits of the same bucket.
        let mut buckets: BTreeMap<Vec<Shared>, Vec<Limit>> = BTreeMap::new();
        for pace in paces {
            let mut key: Vec<Shared> = pace.by.iter().map(shared).collect();
            key.sort();
            key.dedup();
            buckets.entry(key).or_default().push(Limit::new(pace));
        }
        if buckets.is_empty() {
            // What a receiver asks for by `Retry-After` holds for the subscription.
            buckets.insert(vec![Shared::Subscription(id)], Vec::new());
        }
        let by_host = buckets.keys().flatten().any(|shared| matches!(shared, Shared::Host(_)));
        let needs = buckets.into_iter();
        let mut needs: Vec<Need> =
            needs.map(|(key, limits)| Need { key: key.into(), limits: limits.into() }).collect();
        in_order(&mut needs);
        Self { needs, by_host }
    }

    /// The buckets of a request to this URL, the most specific first.
    pub(in crate::delivery) fn needs(&self, url: &Url) -> Vec<Need> {
        let mut needs = self.needs.clone();
        if self.by_host {
            let host = host(url);
            for need in &mut needs {
                let shared = need.key.iter().map(|shared| match shared {
                    Shared::Host(_) => Shared::Host(host.clone()),
                    other => other.clone(),
                });
                need.key = shared.collect();
            }
            in_order(&mut needs);
        }
        needs
    }
}

/// The most specific first. Everybody queues in this order, so that no two can wait for each
/// other.
fn in_order(needs: &mut [Need]) {
    needs.sort_by(|a, b| (Reverse(a.key.len()), &a.key).cmp(&(Reverse(b.key.len()), &b.key)));
}

/// Services on other ports are other services.
fn host(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}:{port}", url.host_str().unwrap_or_default())
}

/// `5` and `"5"` name the same chat.
fn setting(settings: &Value, pointer: &str) -> String {
    match settings.pointer(pointer) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(paces: &[Pace], settings: &Value, url: &str) -> Vec<Key> {
        let secrets = BTreeMap::from([("token".to_owned(), "bot".parse().unwrap())]);
        let paces = Paces::new(Uuid::nil(), paces, &secrets, settings);
        paces.needs(&url.parse().unwrap()).into_iter().map(|need| need.key).collect()
    }

    fn secret() -> Shared {
        Shared::Secret(Some("bot".parse().unwrap()))
    }

    #[test]
    fn the_most_specific_comes_first_and_equal_keys_are_one_bucket() {
        let token = || PaceKey::Secret("token".into());
        let chat = || PaceKey::Setting("/chat".into());
        let paces = [
            Pace::new(30, 1.0, vec![token()]),
            Pace::new(1, 1.0, vec![token(), chat()]),
            Pace::new(20, 60.0, vec![chat(), token()]),
        ];
        let found = keys(&paces, &json!({"chat": -5}), "https://a.example/");
        let of_chat = Shared::Setting("/chat".into(), "-5".into());
        assert_eq!(found, [vec![secret(), of_chat].into(), Key::from(vec![secret()])]);
        let as_text = keys(&paces, &json!({"chat": " -5"}), "https://b.example/");
        assert_eq!(found, as_text);
        let needs = Paces::new(Uuid::nil(), &paces, &BTreeMap::new(), &json!({}));
        assert_eq!(needs.needs[0].limits.len(), 2);
        assert_eq!(needs.needs[1].key[0], Shared::Secret(None));
    }

    #[test]
    fn hosts_are_told_apart_by_their_ports() {
        let paces = [Pace::new(1, 1.0, vec![PaceKey::Host])];
        let key = |url| keys(&paces, &json!({}), url);
        assert_eq!(key("https://A.example/x"), key("https://a.example:443/y?z"));
        assert_ne!(key("https://a.example/"), key("http://a.example/"));
        assert_ne!(key("https://a.example/"), key("https://b.example/"));
    }

    #[test]
    fn without_paces_there_is_the_subscription() {
        let found = keys(&[], &json!({}), "https://a.example/");
        assert_eq!(found, [Key::from(vec![Shared::Subscription(Uuid::nil())])]);
    }
}
