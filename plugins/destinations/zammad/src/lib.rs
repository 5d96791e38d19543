//! Calls a webhook as Zammad does: the same headers, the same default payload, byte for byte
//! the same encoding, so that receivers made for Zammad need no change.

mod encode;
mod payload;

use hookwright_sdk::ticket::{Origin, TicketEvent};
use hookwright_sdk::{
    BasicCredentials, CheckSettings, Credential, Decision, Descriptor, Destination, Digest,
    DigestEncoding, Encoding, Event, Failure, Host, Part, Problem, Request, SecretSlot, Signature,
    SignedPart, delivery_id, secret, text, url,
};
use serde::Deserialize;

/// The plugin.
pub struct Zammad;

/// See `settings.schema.json`.
#[derive(Debug, Deserialize)]
pub struct Settings {
    url: String,
    trigger: Option<String>,
}

const SECRETS: &[SecretSlot] = &[
    SecretSlot::optional(
        "signature_token",
        "HMAC SHA1 signature token",
        "Any text; the receiver checks `X-Hub-Signature` with it. Without it the header is not \
         sent.",
    ),
    SecretSlot::optional(
        "username",
        "Basic authentication: user name",
        "Sent with the password, if both are set.",
    ),
    SecretSlot::optional(
        "password",
        "Basic authentication: password",
        "Sent with the user name, if both are set.",
    ),
    SecretSlot::optional(
        "bearer_token",
        "Bearer token",
        "Sent as `Authorization: Bearer`. Set this or a user name and password.",
    ),
];

/// All that there is to know when the original is passed on.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WithOrigin {
    origin: Origin,
}

impl Destination for Zammad {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "zammad",
            version: env!("CARGO_PKG_VERSION"),
            title: "Zammad-style webhook",
            description: "Calls a webhook exactly as Zammad does, whichever helpdesk the event \
                          comes from.",
            events: &["*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &[],
        }
    }

    fn transform(event: &Event, settings: &Settings, host: &dyn Host) -> Result<Decision, Failure> {
        if let Some(reason) = hookwright_sdk::operation::skip(event) {
            return Ok(Decision::Skip(reason));
        }
        let WithOrigin { origin } = hookwright_sdk::serde_json::from_str(&event.data)
            .map_err(|error| Failure::Rejected(format!("the event has no origin: {error}")))?;
        let from_zammad = origin.kind == "zammad";
        // What Zammad said is passed on whole, with all its fields and in their order.
        let as_it_came =
            if from_zammad { encode::default_payload(host.original_body()) } else { None };
        let body = match as_it_came {
            Some(body) => body,
            None => {
                let ticket = TicketEvent::read(&event.data).map_err(Failure::Rejected)?;
                encode::compact(payload::of(&ticket))
            }
        };
        let trigger = match (from_zammad, &origin.event, &settings.trigger) {
            (true, Some(trigger), _) => trigger,
            (_, _, Some(trigger)) => trigger,
            (_, _, None) => &event.event_type,
        };
        let request = Request::post(settings.url.as_str())
            .header("Content-Type", "application/json; charset=utf-8")
            .header("User-Agent", "Zammad User Agent")
            // As Zammad sends it: not encoded, whatever characters it has.
            .header("X-Zammad-Trigger", one_line(trigger))
            .header("X-Zammad-Delivery", delivery_id())
            // These are left out by the host where the secrets are not set.
            .header("X-Hub-Signature", [text("sha1="), signature()])
            .header("Authorization", [text("Basic "), basic()])
            .header("Authorization", [text("Bearer "), secret("bearer_token", Encoding::Raw)])
            .body(body);
        Ok(Decision::Deliver(vec![request]))
    }
}

fn signature() -> Part {
    Part::Signature(Signature {
        slot: "signature_token".to_owned(),
        digest: Digest::Sha1,
        encoding: DigestEncoding::Hex,
        message: vec![SignedPart::Body],
    })
}

fn basic() -> Part {
    Part::Basic(BasicCredentials {
        username: Credential::Secret("username".to_owned()),
        password: Credential::Secret("password".to_owned()),
    })
}

/// A trigger's name comes from outside; a line break in it must not end the header.
fn one_line(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

impl CheckSettings for Zammad {
    fn check(settings: &Settings) -> Vec<Problem> {
        url::check_address(&settings.url, None)
    }
}

hookwright_sdk::export_destination!(Zammad, check);
