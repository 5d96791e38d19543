//! Sends text messages through SMS Traffic (API 1.85).

mod codes;
mod compose;
mod encoding;
mod reply;
pub mod segments;

use hookwright_sdk::operation::Operation;
use hookwright_sdk::ticket::TicketEvent;
use hookwright_sdk::{
    CheckSettings, Decision, Descriptor, Destination, Encoding, Event, Exchange, Failure, Host,
    Judge, Judgement, Problem, Request, SecretSlot, secret, text,
};
use serde::Deserialize;

/// The plugin.
pub struct SmsTraffic;

/// See `settings.schema.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    phones: Vec<String>,
    originator: Option<String>,
    #[serde(default = "default_max_parts")]
    max_parts: usize,
    #[serde(default)]
    flash: bool,
    #[serde(default = "default_url")]
    url: String,
}

fn default_max_parts() -> usize {
    3
}

fn default_url() -> String {
    "https://api.smstraffic.ru/multi.php".to_owned()
}

const SECRETS: &[SecretSlot] = &[
    SecretSlot::required("login", "Login", "As given by SMS Traffic."),
    SecretSlot::required("password", "Password", "As given by SMS Traffic."),
];

impl Destination for SmsTraffic {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "sms-traffic",
            version: env!("CARGO_PKG_VERSION"),
            title: "SMS Traffic",
            description: "Sends a text message about the event to one or more phones.",
            events: &["*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &["https://api.smstraffic.ru"],
        }
    }

    fn transform(event: &Event, settings: &Settings, _: &dyn Host) -> Result<Decision, Failure> {
        let phones: Result<Vec<_>, _> =
            settings.phones.iter().map(|phone| international(phone)).collect();
        let phones = phones.map_err(Failure::Misconfigured)?;
        let operation = Operation::of(event).map_err(Failure::Rejected)?;
        let message = if let Some(operation) = operation {
            compose::operation(&operation, settings.max_parts)
        } else {
            let ticket = TicketEvent::read(&event.data).map_err(Failure::Rejected)?;
            compose::message(&event.event_type, &ticket, settings.max_parts)
        };
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("phones", &phones.join(","))
            .append_pair("message", &message)
            // The message is UTF-8.
            .append_pair("rus", "5")
            .append_pair("want_sms_ids", "1")
            .append_pair("max_parts", &settings.max_parts.to_string());
        if let Some(originator) = &settings.originator {
            form.append_pair("originator", originator);
        }
        if settings.flash {
            form.append_pair("flash", "1");
        }
        let request = Request::post(settings.url.as_str())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body([
                text("login="),
                secret("login", Encoding::Form),
                text("&password="),
                secret("password", Encoding::Form),
                text(format!("&{}", form.finish())),
            ]);
        Ok(Decision::Deliver(vec![request]))
    }
}

impl Judge for SmsTraffic {
    fn judge(exchange: &Exchange, _: &Settings, _: &dyn Host) -> Judgement {
        reply::judge(&exchange.answer)
    }
}

impl CheckSettings for SmsTraffic {
    fn check(settings: &Settings) -> Vec<Problem> {
        let phones = settings.phones.iter().enumerate();
        let problems = phones.filter_map(|(number, phone)| {
            let problem = international(phone).err()?;
            Some(Problem::at(format!("/phones/{number}"), problem))
        });
        problems.collect()
    }
}

/// Digits only, as the API takes them. E.164 allows fifteen; no country has numbers of fewer
/// than eight with its code.
fn international(phone: &str) -> Result<String, String> {
    let digits: String =
        phone.chars().filter(|c| !matches!(c, '+' | ' ' | '-' | '(' | ')' | '\u{a0}')).collect();
    let good = (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if good {
        Ok(digits)
    } else {
        Err(format!("`{phone}` is not an international phone number of 8 to 15 digits"))
    }
}

hookwright_sdk::export_destination!(SmsTraffic, judge, check);
