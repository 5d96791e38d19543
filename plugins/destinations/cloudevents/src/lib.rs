//! Sends events as CloudEvents 1.0 over HTTP, in structured or binary mode.

mod attributes;
mod encode;

use hookwright_sdk::serde_json::{self, Value};
use hookwright_sdk::{
    CheckSettings, Decision, Descriptor, Destination, Encoding, Event, Failure, Host, Level,
    Problem, Request, SecretSlot, secret, text, url,
};
use serde::Deserialize;
use serde::de::IgnoredAny;

use attributes::{Attribute, DATA_CONTENT_TYPE, JSON, attributes};

/// The plugin.
pub struct CloudEvents;

/// See `settings.schema.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    url: String,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    source_base: String,
    #[serde(default)]
    type_prefix: String,
    #[serde(default = "default_schema_base")]
    schema_base: String,
}

/// The type of `dataschema` is an absolute URI, which `ticket/1` is not.
fn default_schema_base() -> String {
    "urn:hookwright:schema:".to_owned()
}

/// Where the attributes stand.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// In the body, beside the data.
    #[default]
    Structured,
    /// In headers.
    Binary,
}

const SECRETS: &[SecretSlot] = &[SecretSlot::optional(
    "bearer_token",
    "Bearer token",
    "Sent as `Authorization: Bearer`, if the receiver wants one.",
)];

/// The longest value of a header, in bytes: servers commonly take 8 KiB of headers in all.
const MAX_HEADER: usize = 4_000;

impl Destination for CloudEvents {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "cloudevents",
            version: env!("CARGO_PKG_VERSION"),
            title: "CloudEvents",
            description: "Sends the event as CloudEvents 1.0 over HTTP, to brokers and everything \
                          else that takes them.",
            events: &["*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &[],
        }
    }

    fn transform(event: &Event, settings: &Settings, host: &dyn Host) -> Result<Decision, Failure> {
        serde_json::from_str::<IgnoredAny>(&event.data).map_err(|error| {
            Failure::Rejected(format!("the data of the event is not JSON: {error}"))
        })?;
        let attributes = attributes(event, settings).map_err(Failure::Rejected)?;
        let request = Request::post(settings.url.as_str());
        let request = match settings.mode {
            Mode::Structured => structured(request, &attributes, &event.data),
            Mode::Binary => binary(request, &attributes, &event.data, host),
        };
        // Left out by the host where the secret is not set.
        let bearer = [text("Bearer "), secret("bearer_token", Encoding::Raw)];
        Ok(Decision::Deliver(vec![request.header("Authorization", bearer)]))
    }
}

/// The JSON format of CloudEvents. The data is spliced in as it is, so that its keys stay in
/// order and its numbers keep all their digits.
fn structured(request: Request, attributes: &[Attribute], data: &str) -> Request {
    let mut body = String::with_capacity(data.len() + 500);
    for (name, value) in attributes {
        body.push(if body.is_empty() { '{' } else { ',' });
        body.push_str(&format!("\"{name}\":{}", Value::from(value.as_str())));
    }
    body.push_str(",\"data\":");
    body.push_str(data);
    body.push('}');
    request.header("Content-Type", "application/cloudevents+json; charset=utf-8").body(body)
}

fn binary(mut request: Request, attributes: &[Attribute], data: &str, host: &dyn Host) -> Request {
    // The header `Content-Type` is the attribute `datacontenttype`, which has no other.
    request = request.header("Content-Type", JSON);
    for (name, value) in attributes.iter().filter(|(name, _)| *name != DATA_CONTENT_TYPE) {
        let value = encode::header_value(value);
        if value.len() > MAX_HEADER && attributes::is_optional(name) {
            let (length, limit) = (value.len(), MAX_HEADER);
            let message = format!(
                "`{name}` is left out: {length} bytes, and a header has room for {limit}; use the \
                 mode `structured` if it is needed"
            );
            host.log(Level::Warn, &message);
            continue;
        }
        request = request.header(&format!("ce-{name}"), value);
    }
    request.body(data)
}

impl CheckSettings for CloudEvents {
    fn check(settings: &Settings) -> Vec<Problem> {
        url::check_address(&settings.url, None)
    }
}

hookwright_sdk::export_destination!(CloudEvents, check);
