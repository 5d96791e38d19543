//! Calls a URL as HelpDeskEddy's outgoing channel does.
//!
//! Its page documents one thing of the body: that `event_type` says what happened. What its
//! values are called, and where everything else stands, is data, shared with the source plugin
//! as far as can be, and most of it guesses that the settings can correct.

mod convert;
mod fields;
mod kind;
mod time;

use std::collections::BTreeMap;

use hookwright_sdk::serde_json::{self, Map, Value};
use hookwright_sdk::ticket::{Origin, TicketEvent};
use hookwright_sdk::{
    CheckSettings, Decision, Descriptor, Destination, Event, Failure, Host, Level, Problem,
    Request, SecretSlot, url,
};
use serde::Deserialize;

use fields::Places;

/// The plugin.
pub struct HelpDeskEddyChannel;

/// See `settings.schema.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    url: String,
    #[serde(default)]
    event_types: BTreeMap<String, String>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

const SECRETS: &[SecretSlot] = &[SecretSlot::optional(
    "token",
    "Token in the address",
    "An outgoing channel signs nothing and sends no headers of one's own, so that receivers know \
     it by a secret in the address. Needed if the address has `{token}` in it.",
)];

/// All that there is to know when the original is passed on.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WithOrigin {
    origin: Origin,
}

impl Destination for HelpDeskEddyChannel {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "helpdeskeddy-channel",
            version: env!("CARGO_PKG_VERSION"),
            title: "HelpDeskEddy-style outgoing channel",
            description: "Calls a URL as an outgoing channel (\"Исходящий канал\") of HelpDeskEddy \
                          does, whichever helpdesk the event comes from.",
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
        // What a channel said is passed on whole, whatever is in it.
        let from_channel = origin.kind == "helpdeskeddy-channel";
        let body = match if from_channel { original(host) } else { None } {
            Some(original) => original,
            None => {
                let body = TicketEvent::read(&event.data).map_err(Failure::Rejected)?;
                let name = match kind::name(&event.event_type, &body, &settings.event_types) {
                    Ok(name) => name,
                    Err(kind::Nameless::Unknown(reason)) => return Ok(Decision::Skip(reason)),
                    Err(kind::Nameless::Broken(problem)) => {
                        return Err(Failure::Misconfigured(problem));
                    }
                };
                let misconfigured = |problem: Problem| Failure::Misconfigured(problem.to_string());
                let places = Places::read(&settings.fields).map_err(misconfigured)?;
                let values = convert::values(event, &body, &name, &settings.fields, host);
                let object = kind::object(&event.event_type, &body);
                places.document(values, object).map_err(misconfigured)?.to_string()
            }
        };
        let request = Request::post(url::with_secret(&settings.url, "token"))
            .header("Content-Type", "application/json")
            .body(body);
        Ok(Decision::Deliver(vec![request]))
    }
}

impl CheckSettings for HelpDeskEddyChannel {
    fn check(settings: &Settings) -> Vec<Problem> {
        let all = settings.fields.keys().map(|field| (field.clone(), Value::Null)).collect();
        let tried =
            Places::read(&settings.fields).and_then(|places| places.document(all, "answer"));
        let address = url::check_address(&settings.url, Some("token"));
        tried.err().into_iter().chain(address).collect()
    }
}

/// What the channel posted, byte for byte; nothing if it is not there any more.
fn original(host: &dyn Host) -> Option<String> {
    let original = String::from_utf8(host.original_body()).ok();
    let is_post = |body: &String| {
        serde_json::from_str::<Map<String, Value>>(body).is_ok_and(|object| !object.is_empty())
    };
    let original = original.filter(is_post);
    if original.is_none() {
        let message = "the post of the channel is not there: it is made anew from the event";
        host.log(Level::Warn, message);
    }
    original
}

hookwright_sdk::export_destination!(HelpDeskEddyChannel, check);
