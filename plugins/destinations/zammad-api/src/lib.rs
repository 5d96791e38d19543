//! Writes fields and articles to tickets through Zammad's REST API.

use hookwright_sdk::answer::of_api;
use hookwright_sdk::serde_json::{Value, json};
use hookwright_sdk::write::{self, Change, Visibility};
use hookwright_sdk::{
    CheckSettings, Decision, Descriptor, Destination, Encoding, Event, Exchange, Failure, Host,
    Judge, Judgement, Problem, Request, SecretSlot, secret, text, url,
};
use serde::Deserialize;

/// The plugin.
pub struct ZammadApi;

/// See `settings.schema.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    base_url: String,
}

const API: &str = "/api/v1";

const SECRETS: &[SecretSlot] = &[SecretSlot::required(
    "token",
    "Access token",
    "From the profile of the agent who is to write, with the permission `ticket.agent`.",
)];

impl Destination for ZammadApi {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "zammad-api",
            version: env!("CARGO_PKG_VERSION"),
            title: "Zammad, API",
            description: "Writes fields and articles to tickets of Zammad.",
            events: write::EVENTS,
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &[],
        }
    }

    fn transform(event: &Event, settings: &Settings, _: &dyn Host) -> Result<Decision, Failure> {
        write::decide(event, |write| {
            let id = write.ticket_id.as_str();
            let (method, path, body) = match &write.change {
                Change::SetField(field) => {
                    ("PUT", format!("{API}/tickets/{id}"), json!({ &field.name: field.value }))
                }
                Change::AddComment(comment) => {
                    // Zammad's ids are numbers; what is none, it can best say itself.
                    let number = id.parse::<u64>().map_or_else(|_| json!(id), |id| json!(id));
                    let article = json!({
                        "ticket_id": number,
                        "body": comment.text,
                        "type": "note",
                        "internal": comment.visibility == Visibility::Internal,
                        "content_type": "text/plain",
                    });
                    ("POST", format!("{API}/ticket_articles"), article)
                }
            };
            Ok(Request::new(method, url::below(&settings.base_url, &path))
                .header("Accept", "application/json")
                .header("Content-Type", "application/json")
                .header("Authorization", [text("Token token="), secret("token", Encoding::Raw)])
                .body(body.to_string()))
        })
    }
}

impl Judge for ZammadApi {
    fn judge(exchange: &Exchange, _: &Settings, _: &dyn Host) -> Judgement {
        of_api(&exchange.answer, "/id", words)
    }
}

impl CheckSettings for ZammadApi {
    fn check(settings: &Settings) -> Vec<Problem> {
        url::check_base(&settings.base_url, API).into_iter().collect()
    }
}

/// What went wrong, for people if Zammad says so.
fn words(body: &Value) -> String {
    let said = [&body["error_human"], &body["error"]];
    said.into_iter().find_map(Value::as_str).unwrap_or_default().to_owned()
}

hookwright_sdk::export_destination!(ZammadApi, judge, check);
