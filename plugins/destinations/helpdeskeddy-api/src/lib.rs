//! Writes fields and comments to tickets through the API v2 of HelpDeskEddy and EddyDesk.

mod fields;

use eddy_api::Asked;
use hookwright_sdk::serde_json::Value;
use hookwright_sdk::write::{self, Change, Comment, Visibility, Write};
use hookwright_sdk::{
    BasicCredentials, CheckSettings, Credential, Decision, Descriptor, Destination, Event,
    Exchange, Failure, Host, Judge, Judgement, Part, Problem, Request, SecretSlot, text, url,
};
use serde::Deserialize;

/// The plugin.
pub struct HelpDeskEddyApi;

/// See `settings.schema.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    base_url: String,
    user_id: Option<u64>,
    #[serde(default)]
    more_fields: Vec<String>,
}

const API: &str = "/api/v2";

const SECRETS: &[SecretSlot] = &[
    SecretSlot::required("email", "E-mail", "Of the user whose key is used."),
    SecretSlot::required(
        "api_key",
        "API key",
        "Shown to the main administrator on the user's card; the administrator's own is in the \
         global settings, under \"System\".",
    ),
];

impl Destination for HelpDeskEddyApi {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "helpdeskeddy-api",
            version: env!("CARGO_PKG_VERSION"),
            title: "HelpDeskEddy and EddyDesk, API",
            description: "Writes fields and comments to tickets of HelpDeskEddy and EddyDesk.",
            events: write::EVENTS,
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &[],
        }
    }

    fn transform(event: &Event, settings: &Settings, _: &dyn Host) -> Result<Decision, Failure> {
        write::decide(event, |write| match &write.change {
            Change::SetField(field) => {
                let body = fields::body(field, &settings.more_fields).map_err(Failure::Rejected)?;
                Ok(set_field(write, &body, settings))
            }
            Change::AddComment(comment) => Ok(add_comment(write, comment, settings)),
        })
    }
}

impl Judge for HelpDeskEddyApi {
    fn judge(exchange: &Exchange, _: &Settings, _: &dyn Host) -> Judgement {
        eddy_api::judge(Asked::Write, &exchange.answer)
    }
}

impl CheckSettings for HelpDeskEddyApi {
    fn check(settings: &Settings) -> Vec<Problem> {
        url::check_base(&settings.base_url, API).into_iter().collect()
    }
}

fn set_field(write: &Write, body: &Value, settings: &Settings) -> Request {
    let path = format!("{API}/tickets/{}", write.ticket_id);
    request("PUT", &path, settings)
        .header("Content-Type", "application/json")
        .body(body.to_string())
}

fn add_comment(write: &Write, comment: &Comment, settings: &Settings) -> Request {
    // What the customer sees is an answer, a "post"; comments are notes among agents.
    let kind = match comment.visibility {
        Visibility::Internal => "comments",
        Visibility::Public => "posts",
    };
    let path = format!("{API}/tickets/{}/{kind}/", write.ticket_id);
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("text", &comment.text);
    if let Some(user) = settings.user_id {
        form.append_pair("user_id", &user.to_string());
    }
    request("POST", &path, settings)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form.finish())
}

fn request(method: &str, path: &str, settings: &Settings) -> Request {
    let basic = Part::Basic(BasicCredentials {
        username: Credential::Secret("email".to_owned()),
        password: Credential::Secret("api_key".to_owned()),
    });
    Request::new(method, url::below(&settings.base_url, path))
        .header("Accept", "application/json")
        .header("Authorization", [text("Basic "), basic])
}

hookwright_sdk::export_destination!(HelpDeskEddyApi, judge, check);
