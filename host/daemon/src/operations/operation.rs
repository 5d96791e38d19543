//! What can happen to the daemon that is worth telling, and the body of the event that tells it.

use hookwright_model::{Delivery, Digest, Event, Name, Subscription};
use serde_json::{Map, Value, json};

use crate::delivery::breaker::{Call, DestinationShown};
use crate::public_url::PublicUrl;

/// The longest reason that is told, in characters.
const MAX_DETAIL: usize = 500;

/// Something that happened to the daemon.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(super) event_type: &'static str,
    /// What it happened to.
    pub(super) subject: String,
    /// What is counted together, beside its type.
    counted_by: String,
    /// For people, in one line.
    pub(super) summary: String,
    /// Why, in words that can be those of others, without secrets.
    pub(super) detail: Option<String>,
    /// The page of the console that shows more.
    pub(super) path: String,
    facts: Map<String, Value>,
    /// Whether admins are told of it by mail.
    pub(super) is_mailed: bool,
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Daemon,
    Admin,
}

/// What of a plugin is suspended.
#[derive(Clone, Debug)]
pub(crate) struct Suspension {
    pub(crate) plugin: Name,
    pub(crate) digest: Digest,
    pub(crate) call: Call,
    /// For which subscription or connection; for all if absent.
    pub(crate) only_for: Option<Name>,
}

impl Operation {
    fn new(event_type: &'static str, subject: &impl ToString, summary: String) -> Self {
        let subject = subject.to_string();
        Self {
            event_type,
            counted_by: subject.clone(),
            subject,
            summary,
            detail: None,
            path: "/console".to_owned(),
            facts: Map::new(),
            is_mailed: true,
        }
    }

    fn because(self, detail: Option<&str>) -> Self {
        let short = |detail: &str| detail.chars().take(MAX_DETAIL).collect();
        Self { detail: detail.map(short), ..self }
    }

    fn at(self, path: String) -> Self {
        Self { path, ..self }
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.facts.insert(name.to_owned(), value);
        self
    }

    /// A subscription takes nothing any more. What an admin did is not mailed to admins.
    pub(crate) fn subscription_disabled(
        subscription: &Subscription,
        reason: Option<&str>,
        by: By,
    ) -> Self {
        let name = &subscription.name;
        let (summary, who) = match by {
            By::Daemon => (
                format!("The subscription {name} is disabled, since its deliveries fail"),
                "daemon",
            ),
            By::Admin => (format!("The subscription {name} was disabled"), "admin"),
        };
        Self::new("subscription.disabled", name, summary)
            .because(reason)
            .at(format!("/console/subscriptions/{name}"))
            .with("subscription", json!({ "id": subscription.id, "name": name }))
            .with("by", who.into())
            .mailed(by == By::Daemon)
    }

    /// A subscription that was disabled takes events again.
    pub(crate) fn subscription_enabled(subscription: &Subscription) -> Self {
        let name = &subscription.name;
        Self::new("subscription.enabled", name, format!("The subscription {name} was enabled"))
            .at(format!("/console/subscriptions/{name}"))
            .with("subscription", json!({ "id": subscription.id, "name": name }))
            .with("by", "admin".into())
            .mailed(false)
    }

    /// A delivery has failed for good. The delivery as it may be kept. It is not mailed: outages
    /// are.
    pub(crate) fn delivery_exhausted(
        name: &Name,
        delivery: &Delivery,
        event: &Event,
        ticket: Value,
    ) -> Self {
        let is = &event.event_type;
        let summary = format!("A delivery of {is} to {name} has failed for good");
        let subscription = json!({ "id": delivery.subscription_id, "name": name });
        let about = json!({
            "id": delivery.id,
            "state": delivery.state,
            "attempts": delivery.attempts,
            "event": { "id": event.id, "type": is, "source": event.source },
        });
        let this = Self::new("delivery.exhausted", &delivery.id, summary)
            .because(delivery.reason.as_deref())
            .at(format!("/console/deliveries/{}", delivery.id))
            .with("subscription", subscription)
            .with("delivery", about)
            .mailed(false);
        let this = Self { counted_by: name.to_string(), ..this };
        // Under the names of other events, so that it is found by them, also when it is erased.
        if ticket.is_null() { this } else { this.with("ticket", ticket) }
    }

    /// A plugin is not called any more.
    pub(crate) fn plugin_suspended(of: &Suspension, last_error: &str) -> Self {
        let called_for = called_for(of);
        let summary = format!("The plugin {} is suspended: its calls {called_for} fail", of.plugin);
        Self::new("plugin.suspended", &of.plugin, summary).because(Some(last_error)).of_plugin(of)
    }

    /// A plugin is called again.
    pub(crate) fn plugin_resumed(of: &Suspension) -> Self {
        let summary = format!("The plugin {} is called again {}", of.plugin, called_for(of));
        Self::new("plugin.resumed", &of.plugin, summary).of_plugin(of)
    }

    fn of_plugin(self, of: &Suspension) -> Self {
        let mut plugin = json!({ "name": of.plugin, "digest": of.digest, "call": of.call });
        if let Some(name) = &of.only_for {
            plugin["only_for"] = json!(name);
        }
        let path = format!("/console/plugins/{}", of.digest);
        self.at(path).with("plugin", plugin)
    }

    /// Requests to a destination wait.
    pub(crate) fn destination_unavailable(shown: &DestinationShown) -> Self {
        let origin = &shown.origin;
        let summary = format!(
            "{origin} is not well: {} of {} requests failed, and others wait",
            shown.failed, shown.tries
        );
        Self::new("destination.unavailable", origin, summary)
            .because(shown.last_error.as_deref())
            .at("/console/destinations".to_owned())
            .with("destination", json!(shown))
    }

    /// They are sent again.
    pub(crate) fn destination_recovered(shown: &DestinationShown) -> Self {
        let origin = &shown.origin;
        let about = json!({ "origin": origin, "through": shown.through });
        let summary = format!("{origin} is well again: requests are sent there");
        Self::new("destination.recovered", origin, summary)
            .at("/console/destinations".to_owned())
            .with("destination", about)
    }

    /// Posts of a source cannot be read.
    pub(crate) fn source_rejecting(source: &Name, title: &str) -> Self {
        let summary = format!("A post to the source {source} cannot be read: {title}");
        Self::new("source.rejecting", source, summary)
            .at(format!("/console/sources/{source}"))
            .with("source", json!({ "name": source }))
    }

    fn mailed(self, is_mailed: bool) -> Self {
        Self { is_mailed, ..self }
    }

    /// What is counted together.
    pub(super) fn key(&self) -> String {
        format!("{} {}", self.event_type, self.counted_by)
    }

    /// The body of the event, `operation/1`.
    pub(super) fn data(&self, url: &PublicUrl, left_out: u64) -> Value {
        let mut data = self.facts.clone();
        data.insert("summary".to_owned(), self.summary.as_str().into());
        if let Some(detail) = &self.detail {
            data.insert("detail".to_owned(), detail.as_str().into());
        }
        data.insert("url".to_owned(), url.at(&self.path).into());
        if left_out > 0 {
            data.insert("left_out".to_owned(), left_out.into());
        }
        Value::Object(data)
    }
}

fn called_for(of: &Suspension) -> String {
    let what = match of.call {
        Call::Transform => "to make requests",
        Call::Judge => "to read answers",
    };
    of.only_for.as_ref().map_or_else(|| what.to_owned(), |name| format!("{what} for {name}"))
}
