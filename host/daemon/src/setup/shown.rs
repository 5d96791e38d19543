//! What there is, as it would be asked for: everything of it that an admin can change.

use hookwright_model::{Connection, Policy, Source, Subscription};
use serde_json::Value;

use super::{ConnectionWanted, PolicyWanted, SourceWanted, SubscriptionWanted};

/// Settings are kept as JSON text, and were JSON when they were set.
fn settings(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

impl From<&Subscription> for SubscriptionWanted {
    fn from(subscription: &Subscription) -> Self {
        let Subscription {
            id: _,
            name,
            description,
            enabled,
            sources,
            events,
            groups,
            condition,
            plugin,
            digest,
            settings: text,
            verify,
            secrets,
            signing,
            preset,
            answers,
            retry,
            retry_unknown,
            auth,
            tls,
            proxy,
            timeout_s,
            pace,
            max_concurrent,
            reserve_hosts,
            time_zone,
            order,
            after_failure,
            write_back,
            disable_on_failure,
            mail_exceptions_to,
            external,
            created_at: _,
            updated_at: _,
        } = subscription.clone();
        Self {
            name,
            description,
            sources,
            events,
            groups,
            condition: condition.map(|text| text.to_string()),
            plugin,
            digest: Some(digest),
            settings: settings(&text),
            verify,
            secrets,
            signing,
            preset,
            answers,
            auth,
            tls,
            proxy,
            retry,
            retry_unknown,
            timeout_s,
            pace,
            max_concurrent,
            reserve_hosts,
            time_zone,
            order,
            // Said where it says something: it is a mistake without an order.
            after_failure: (!after_failure.is_skip()).then_some(after_failure),
            write_back,
            disable_on_failure,
            mail_exceptions_to,
            external,
            enabled,
        }
    }
}

impl From<&Connection> for ConnectionWanted {
    fn from(connection: &Connection) -> Self {
        let Connection {
            id: _,
            name,
            enabled,
            plugin,
            digest,
            settings: text,
            secrets,
            auth,
            tls,
            proxy,
            preset,
            answers,
            retry,
            retry_unknown,
            timeout_s,
            pace,
            max_concurrent,
            reserve_hosts,
            time_zone,
            writes_per_ticket_per_hour,
            updated_at: _,
        } = connection.clone();
        Self {
            name,
            plugin,
            digest: Some(digest),
            settings: settings(&text),
            secrets,
            auth,
            tls,
            proxy,
            preset,
            answers,
            retry,
            retry_unknown,
            timeout_s,
            pace,
            max_concurrent,
            reserve_hosts,
            time_zone,
            writes_per_ticket_per_hour,
            enabled,
        }
    }
}

impl From<&Source> for SourceWanted {
    fn from(source: &Source) -> Self {
        let Source {
            id: _,
            name,
            enabled,
            plugin,
            settings: text,
            auth,
            time_zone,
            repeat_window_s,
            track_changes,
            connection,
            updated_at: _,
        } = source.clone();
        Self {
            name,
            plugin,
            auth,
            settings: settings(&text),
            time_zone,
            repeat_window_s,
            track_changes,
            connection,
            enabled,
        }
    }
}

impl From<&Policy> for PolicyWanted {
    fn from(policy: &Policy) -> Self {
        let Policy {
            name,
            algorithm,
            audience,
            expires_in_s,
            secret,
            disabled,
            created_at: _,
            updated_at: _,
            keys: _,
        } = policy.clone();
        Self { name, algorithm, audience, expires_in_s, secret, disabled }
    }
}
