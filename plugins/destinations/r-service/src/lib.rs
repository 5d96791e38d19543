//! Calls a webhook as R-Service does, which Xurrent and 4me are by other names.

mod check;
mod envelope;
mod name;
mod order;
mod payload;
#[path = "../../../sources/r-service/src/table.rs"]
mod table;

use std::collections::BTreeMap;

use hookwright_sdk::control::{TEST, VERIFY_REQUESTED};
use hookwright_sdk::serde_json;
use hookwright_sdk::ticket::TicketEvent;
use hookwright_sdk::{
    BasicCredentials, CheckSettings, Credential, Decision, Descriptor, Destination, Event, Failure,
    Host, Part, Problem, Request, SecretSlot, delivery_id, text,
};
use serde::Deserialize;

use order::InOrder;

/// The plugin.
pub struct RService;

/// See `settings.schema.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    uri: String,
    webhook_id: Option<u64>,
    account: Option<String>,
    custom_url: Option<String>,
    name: Option<String>,
    instance_name: Option<String>,
    #[serde(default)]
    events: BTreeMap<String, String>,
    #[serde(default = "default_test_event")]
    test_event: String,
    #[serde(default = "default_user_agent")]
    user_agent: String,
}

fn default_test_event() -> String {
    "request.create".to_owned()
}

/// As current versions have it.
fn default_user_agent() -> String {
    "xurrent/1.0 (https://developer.xurrent.com/v1/webhooks)".to_owned()
}

const SECRETS: &[SecretSlot] = &[
    SecretSlot::optional(
        "username",
        "User name in the address",
        "What stands before the colon in `https://user:password@example.com/`. Sent with the \
         password as `Authorization: Basic`, if both are set.",
    ),
    SecretSlot::optional(
        "password",
        "Password in the address",
        "What stands behind the colon. Sent with the user name, if both are set.",
    ),
];

impl Destination for RService {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "r-service",
            version: env!("CARGO_PKG_VERSION"),
            title: "R-Service-style webhook (Xurrent, 4me)",
            description: "Calls a webhook as R-Service, Xurrent and 4me do, whichever helpdesk \
                          the event comes from. It carries no texts: neither subjects nor notes.",
            events: &["*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &[],
        }
    }

    fn transform(event: &Event, settings: &Settings, _: &dyn Host) -> Result<Decision, Failure> {
        if let Some(reason) = hookwright_sdk::operation::skip(event) {
            return Ok(Decision::Skip(reason));
        }
        let (body, page) = if event.event_type == VERIFY_REQUESTED {
            (envelope::verification(event, settings).map_err(Failure::Rejected)?, None)
        } else {
            let mut body = TicketEvent::read(&event.data).map_err(Failure::Rejected)?;
            let name = match event.event_type.as_str() {
                TEST => settings.test_event.clone(),
                event_type => match name::name(event_type, &body.origin, &settings.events) {
                    Ok(name) => name,
                    Err(reason) => return Ok(Decision::Skip(reason)),
                },
            };
            let page = body.ticket.url.take().filter(|page| is_clean(page));
            (envelope::of(event, body, &name, settings), page)
        };
        let body = serde_json::to_string(&InOrder::envelope(&body))
            .map_err(|error| Failure::Rejected(format!("the body cannot be written: {error}")))?;
        let mut request = Request::post(settings.uri.as_str())
            .header("Content-Type", "application/json; charset=utf-8")
            .header("User-Agent", settings.user_agent.as_str())
            .header("X-Xurrent-Delivery", delivery_id())
            // This is left out by the host where the secrets are not set.
            .header("Authorization", [text("Basic "), basic()])
            .body(body);
        if let Some(page) = page {
            request = request.header("Link", format!("<{page}>; rel=\"canonical\""));
        }
        Ok(Decision::Deliver(vec![request]))
    }
}

impl CheckSettings for RService {
    fn check(settings: &Settings) -> Vec<Problem> {
        check::problems(settings)
    }
}

fn basic() -> Part {
    Part::Basic(BasicCredentials {
        username: Credential::Secret("username".to_owned()),
        password: Credential::Secret("password".to_owned()),
    })
}

/// Whether an address can stand in a `Link` header (RFC 8288): it comes from the event, and must
/// end neither the header nor the link.
fn is_clean(page: &str) -> bool {
    let is_web = page.starts_with("https://") || page.starts_with("http://");
    let fits = |b: u8| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"' | b',' | b'\\');
    is_web && page.len() <= 2_000 && page.bytes().all(fits)
}

hookwright_sdk::export_destination!(RService, check);
