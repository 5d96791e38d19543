//! Writes fields and notes to requests through the REST API v1 of R-Service, which is that of
//! Xurrent and 4me.

mod record;

use hookwright_sdk::answer::of_api;
use hookwright_sdk::serde_json::{Value, json};
use hookwright_sdk::write::{self, Change, Field, Visibility};
use hookwright_sdk::{
    CheckSettings, Decision, Descriptor, Destination, Encoding, Event, Exchange, Failure, Host,
    Judge, Judgement, Problem, Request, SecretSlot, secret, text, url,
};
use serde::Deserialize;

/// The plugin.
pub struct XurrentApi;

/// See `settings.schema.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    #[serde(default = "default_base_url")]
    base_url: String,
    account: String,
    #[serde(default)]
    account_header: AccountHeader,
}

fn default_base_url() -> String {
    "https://api.xurrent.com".to_owned()
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
enum AccountHeader {
    #[default]
    #[serde(rename = "X-Xurrent-Account")]
    Xurrent,
    #[serde(rename = "X-4me-Account")]
    FourMe,
}

const API: &str = "/v1";

/// How the field of a connection names a custom field.
const CUSTOM: &str = "custom_fields.";

const SECRETS: &[SecretSlot] = &[SecretSlot::required(
    "token",
    "Access token",
    "A personal access token, or one of an OAuth application, with a scope that may update \
     requests.",
)];

impl Destination for XurrentApi {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "xurrent-api",
            version: env!("CARGO_PKG_VERSION"),
            title: "R-Service, Xurrent, 4me, API",
            description: "Writes fields and notes to requests of R-Service, Xurrent and 4me.",
            events: write::EVENTS,
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &["https://api.xurrent.com"],
        }
    }

    fn transform(event: &Event, settings: &Settings, _: &dyn Host) -> Result<Decision, Failure> {
        write::decide(event, |write| {
            record::must_be_a_request(write).map_err(Failure::Rejected)?;
            let body = match &write.change {
                Change::SetField(field) => set(field),
                Change::AddComment(comment) => match comment.visibility {
                    Visibility::Internal => json!({ "internal_note": comment.text }),
                    Visibility::Public => json!({ "note": comment.text }),
                },
            };
            let path = format!("{API}/requests/{}", write.ticket_id);
            let header = match settings.account_header {
                AccountHeader::Xurrent => "X-Xurrent-Account",
                AccountHeader::FourMe => "X-4me-Account",
            };
            Ok(Request::new("PATCH", url::below(&settings.base_url, &path))
                .header("Accept", "application/json")
                .header("Content-Type", "application/json")
                .header("Authorization", [text("Bearer "), secret("token", Encoding::Raw)])
                .header(header, settings.account.as_str())
                .body(body.to_string()))
        })
    }
}

impl Judge for XurrentApi {
    fn judge(exchange: &Exchange, _: &Settings, _: &dyn Host) -> Judgement {
        of_api(&exchange.answer, "/id", words)
    }
}

impl CheckSettings for XurrentApi {
    fn check(settings: &Settings) -> Vec<Problem> {
        url::check_base(&settings.base_url, API).into_iter().collect()
    }
}

fn set(field: &Field) -> Value {
    match field.name.strip_prefix(CUSTOM).filter(|id| !id.is_empty()) {
        Some(id) => json!({ "custom_fields": [{ "id": id, "value": field.value }] }),
        None => json!({ &field.name: field.value }),
    }
}

/// `message`, and the single faults beside it.
fn words(body: &Value) -> String {
    let faults = body["errors"].as_array().into_iter().flatten();
    let said = std::iter::once(&body["message"]).chain(faults);
    said.filter_map(Value::as_str).collect::<Vec<_>>().join(": ")
}

hookwright_sdk::export_destination!(XurrentApi, judge, check);
