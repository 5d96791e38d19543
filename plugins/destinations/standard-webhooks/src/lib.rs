//! Calls a webhook with the payload that Standard Webhooks 1.0 recommends.
//!
//! Its headers (`webhook-id`, `webhook-timestamp`, `webhook-signature`) are the host's: it adds
//! them when the subscription's `signing` says so.

mod payload;

use std::collections::BTreeMap;

use hookwright_sdk::{
    CheckSettings, Decision, Descriptor, Destination, Encoding, Event, Failure, Host, Problem,
    Request, SecretSlot, secret, text, url,
};
use serde::Deserialize;

/// The plugin.
pub struct StandardWebhooks;

/// See `settings.schema.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

const SECRETS: &[SecretSlot] = &[SecretSlot::optional(
    "bearer_token",
    "Bearer token",
    "Sent as `Authorization: Bearer`, if the receiver wants one. The signature is no matter of \
     the plugin: set `signing` on the subscription.",
)];

/// Headers that the settings cannot set: those of the host, and those of this plugin.
const RESERVED: [&str; 17] = [
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];

impl Destination for StandardWebhooks {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "standard-webhooks",
            version: env!("CARGO_PKG_VERSION"),
            title: "Standard Webhooks",
            description: "Sends the event as Standard Webhooks recommends: its type, its time and \
                          its data. Set `signing` on the subscription to have it signed.",
            events: &["*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &[],
        }
    }

    fn transform(event: &Event, settings: &Settings, _: &dyn Host) -> Result<Decision, Failure> {
        let body = payload::of(event).map_err(Failure::Rejected)?;
        let mut request =
            Request::post(settings.url.as_str()).header("Content-Type", "application/json");
        for (name, value) in &settings.headers {
            request = request.header(name, one_line(value));
        }
        let request = request
            // Left out by the host where the secret is not set.
            .header("Authorization", [text("Bearer "), secret("bearer_token", Encoding::Raw)])
            .body(body);
        Ok(Decision::Deliver(vec![request]))
    }
}

impl CheckSettings for StandardWebhooks {
    fn check(settings: &Settings) -> Vec<Problem> {
        let reserved = settings
            .headers
            .keys()
            .filter(|name| RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)));
        let problem = |name: &String| {
            let at = format!("/headers/{}", name.replace('~', "~0").replace('/', "~1"));
            let message =
                format!("`{name}` is set by Hookwright itself; leave it out of `headers`");
            Problem::at(at, message)
        };
        url::check_address(&settings.url, None).into_iter().chain(reserved.map(problem)).collect()
    }
}

/// Settings can come around the schema; a line break in them must not end the header.
fn one_line(value: &str) -> String {
    value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

hookwright_sdk::export_destination!(StandardWebhooks, check);
