//! What is set up, as it would be asked for: for changing some of it.

use hookwright_model::{Policy, Subscription};

use super::{PolicyWanted, SubscriptionWanted};

impl From<&Subscription> for SubscriptionWanted {
    /// The version of its plugin stays as it is.
    fn from(there: &Subscription) -> Self {
        let there = there.clone();
        Self {
            name: there.name,
            description: there.description,
            sources: there.sources,
            events: there.events,
            groups: there.groups,
            condition: there.condition.map(|condition| condition.to_string()),
            plugin: there.plugin,
            digest: None,
            // It was JSON when it was set up.
            settings: serde_json::from_str(&there.settings).unwrap_or_default(),
            verify: there.verify,
            secrets: there.secrets,
            signing: there.signing,
            preset: there.preset,
            answers: there.answers,
            auth: there.auth,
            tls: there.tls,
            proxy: there.proxy,
            retry: there.retry,
            retry_unknown: there.retry_unknown,
            timeout_s: there.timeout_s,
            pace: there.pace,
            max_concurrent: there.max_concurrent,
            reserve_hosts: there.reserve_hosts,
            time_zone: there.time_zone,
            after_failure: (!there.order.is_none()).then_some(there.after_failure),
            order: there.order,
            write_back: there.write_back,
            disable_on_failure: there.disable_on_failure,
            mail_exceptions_to: there.mail_exceptions_to,
            external: there.external,
            enabled: there.enabled,
        }
    }
}

impl From<&Policy> for PolicyWanted {
    fn from(there: &Policy) -> Self {
        let there = there.clone();
        Self {
            name: there.name,
            algorithm: there.algorithm,
            audience: there.audience,
            expires_in_s: there.expires_in_s,
            secret: there.secret,
            disabled: there.disabled,
        }
    }
}
