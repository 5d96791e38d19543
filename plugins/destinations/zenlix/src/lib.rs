//! Calls a web-hook as Zenlix does, so that receivers made for Zenlix need no change.

mod convert;
mod payload;
mod time;
mod words;

use std::collections::BTreeMap;

use hookwright_sdk::serde_json;
use hookwright_sdk::ticket::{Origin, TicketEvent};
use hookwright_sdk::{
    CheckSettings, Decision, Descriptor, Destination, Event, Failure, Host, Level, Problem,
    Request, SecretSlot, url,
};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The plugin.
pub struct Zenlix;

/// See `settings.schema.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    url: String,
    #[serde(default = "default_lang")]
    lang: String,
    #[serde(default)]
    actions: BTreeMap<String, String>,
    #[serde(default)]
    statuses: BTreeMap<String, String>,
    #[serde(default)]
    priorities: BTreeMap<String, String>,
}

/// As in the document's sample.
fn default_lang() -> String {
    "ru".to_owned()
}

const SECRETS: &[SecretSlot] = &[SecretSlot::optional(
    "token",
    "Token in the address",
    "Zenlix signs nothing and sends no headers of one's own, so that receivers know it by a secret \
     in the address. Needed if the address has `{token}` in it.",
)];

/// All that there is to know when the original is passed on.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WithOrigin {
    origin: Origin,
}

impl Destination for Zenlix {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "zenlix",
            version: env!("CARGO_PKG_VERSION"),
            title: "Zenlix-style web-hook",
            description: "Calls a web-hook as Zenlix does, whichever helpdesk the event comes \
                          from.",
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
        let WithOrigin { origin } = serde_json::from_str(&event.data)
            .map_err(|error| Failure::Rejected(format!("the event has no origin: {error}")))?;
        // What Zenlix said is passed on whole, with all that other helpdesks do not have.
        let original = if origin.kind == "zenlix" { original(host) } else { None };
        let body = match original {
            Some(original) => original,
            None => {
                let ticket = TicketEvent::read(&event.data).map_err(Failure::Rejected)?;
                let payload = convert::payload(event, &ticket, settings, host);
                serde_json::to_string(&payload).map_err(|error| {
                    Failure::Rejected(format!("the payload cannot be written: {error}"))
                })?
            }
        };
        let request = Request::post(url::with_secret(&settings.url, "token"))
            .header("Content-Type", "application/json")
            .body(body);
        Ok(Decision::Deliver(vec![request]))
    }
}

/// What Zenlix posted, byte for byte; nothing if it is not there any more, or no web-hook.
fn original(host: &dyn Host) -> Option<String> {
    #[derive(Deserialize)]
    struct Shape {
        #[allow(dead_code)]
        action: IgnoredAny,
    }
    let original = String::from_utf8(host.original_body()).ok();
    let original = original.filter(|body| serde_json::from_str::<Shape>(body).is_ok());
    if original.is_none() {
        let message = "the post of Zenlix is not there: its payload is made anew from the event, \
                       without the fields that only Zenlix has";
        host.log(Level::Warn, message);
    }
    original
}

impl CheckSettings for Zenlix {
    fn check(settings: &Settings) -> Vec<Problem> {
        url::check_address(&settings.url, Some("token"))
    }
}

hookwright_sdk::export_destination!(Zenlix, check);
