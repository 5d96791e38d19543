//! Reads the webhooks of R-Service, which Xurrent and 4me are by other names.

mod convert;
mod events;
mod fields;
mod link;
mod table;
mod token;
mod verify;
mod webhook;

use hookwright_sdk::document::Text;
use hookwright_sdk::serde_json::{Map, Value};
use hookwright_sdk::ticket::SCHEMA;
use hookwright_sdk::{
    Descriptor, Host, Inbound, Level, ParsedEvent, Problem, Rejection, Source, document,
};
use serde::Deserialize;

use fields::Fields;
use link::Links;
use webhook::{Record, Webhook};

/// The plugin.
pub struct RService;

/// See `settings.schema.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    url: Option<String>,
}

/// A signed webhook is a token and nothing else.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Wrapper<'a> {
    #[serde(borrow, default)]
    jwt: Text<'a>,
}

/// What a token says of itself.
#[derive(Default)]
struct Stamp {
    id: Option<String>,
    issued_at: Option<u64>,
}

impl Source for RService {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: events::SOURCE,
            version: env!("CARGO_PKG_VERSION"),
            title: "R-Service, Xurrent, 4me",
            description: "Webhooks, plain or signed by a webhook policy. They carry no texts: \
                          neither subjects nor notes.",
            events: events::PATTERNS,
            settings_schema: include_str!("../settings.schema.json"),
            secrets: &[],
            origins: &[],
        }
    }

    fn parse(
        inbound: &Inbound,
        settings: &Settings,
        host: &dyn Host,
    ) -> Result<Vec<ParsedEvent>, Rejection> {
        let wrapper: Wrapper<'_> = document::read(&inbound.body).map_err(Rejection::Malformed)?;
        // Where there is a token, it alone is signed: whatever stands beside it is not read.
        let parsed = match &wrapper.jwt.0 {
            Some(token) => token::claims(token)
                .and_then(|claims| {
                    let stamp = Stamp { id: claims.id, issued_at: claims.issued_at };
                    event(claims.data, stamp, inbound, settings, host)
                })
                .map_err(in_token),
            None => document::read::<Map<String, Value>>(&inbound.body).and_then(|body| {
                event(Fields::new("", body), Stamp::default(), inbound, settings, host)
            }),
        };
        parsed.map(Vec::from_iter).map_err(Rejection::Malformed)
    }
}

/// The event in a webhook's body, if anything happened.
fn event(
    body: Fields,
    stamp: Stamp,
    inbound: &Inbound,
    settings: &Settings,
    host: &dyn Host,
) -> Result<Option<ParsedEvent>, Problem> {
    let mut webhook = Webhook::read(body)?;
    if webhook.event == events::VERIFY {
        return verify::event(webhook, settings).map(Some);
    }
    let (event_type, known) = events::event_type(&webhook.event);
    if !known {
        let shown: String = webhook.event.chars().take(80).collect();
        host.log(Level::Info, &format!("unknown event `{shown}` becomes {event_type}"));
    }
    let record = record(&mut webhook, known, host)?;
    let recorded_at = match event_type.rsplit('.').next() {
        Some("created") => record.created_at.as_ref(),
        Some("updated") => record.updated_at.as_ref(),
        _ => None,
    };
    let occurred_at = stamp.issued_at.or(recorded_at.map(|time| time.millis));
    let links = Links::of(inbound);
    let data = convert::ticket_event(webhook, record, &event_type, &links, settings);
    Ok(Some(ParsedEvent {
        event_type: event_type.into_owned(),
        occurred_at,
        data_schema: SCHEMA.to_owned(),
        data: data.to_json(),
        subject: data.ticket.id,
        upstream_name: data.origin.event,
        dedupe_key: stamp.id.or_else(|| delivery(inbound)),
    }))
}

/// What the payload says, as far as it may be read and passed on.
fn record(webhook: &mut Webhook, known: bool, host: &dyn Host) -> Result<Record, Problem> {
    let payload = webhook.payload.take();
    if webhook.event == events::AUTOMATION {
        return Ok(Record::unread(payload));
    }
    let secrets = events::carries_secrets(&webhook.event);
    let record = if known {
        Record::read(payload, &webhook.payload_at, host)?
    } else {
        // Nobody has said what the payload of an unknown event looks like.
        Record::read(payload.clone(), &webhook.payload_at, host)
            .unwrap_or_else(|_| Record::unread(payload))
    };
    if secrets {
        host.log(Level::Info, "what may be a password or a token is left out of the event");
        return Ok(record.without_secrets());
    }
    Ok(record)
}

/// The id of the post in current versions. What is sent again by hand has one of its own, so
/// that it arrives.
fn delivery(inbound: &Inbound) -> Option<String> {
    let is_id = |name: &str| name.eq_ignore_ascii_case("x-xurrent-delivery");
    let (_, value) = inbound.headers.iter().find(|(name, _)| is_id(name))?;
    Some(String::from_utf8_lossy(value).into_owned()).filter(|id| !id.is_empty())
}

/// A problem in a token, as a problem of the document that holds it.
fn in_token(problem: Problem) -> Problem {
    let message = match problem.at {
        Some(_) => format!("in the claims: {problem}"),
        None => problem.message,
    };
    Problem::at("/jwt", message)
}

hookwright_sdk::export_source!(RService);
