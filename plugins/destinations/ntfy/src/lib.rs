//! Publishes to a topic of ntfy, as Zammad's predefined webhook for ntfy does.

mod judge;
mod publish;

use chat_text::{InternalComments, Notice, Syntax};
use hookwright_sdk::ticket::TicketEvent;
use hookwright_sdk::{
    BasicCredentials, CheckSettings, Credential, Decision, Descriptor, Destination, Encoding,
    Event, Exchange, Failure, Host, Judge, Judgement, Part, Problem, Request, SecretSlot, secret,
    text,
};
use serde::Deserialize;

/// The plugin.
pub struct Ntfy;

/// See `settings.schema.json`.
#[derive(Debug, Deserialize)]
pub struct Settings {
    #[serde(default = "default_server_url")]
    server_url: String,
    topic: String,
    priority: Option<u8>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    internal_comments: InternalComments,
}

fn default_server_url() -> String {
    "https://ntfy.sh".to_owned()
}

const SECRETS: &[SecretSlot] = &[
    SecretSlot::optional(
        "token",
        "Access token",
        "From the account's page, such as tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2. Set this or a user \
         name and password.",
    ),
    SecretSlot::optional("username", "User name", "Sent with the password, if both are set."),
    SecretSlot::optional("password", "Password", "Sent with the user name, if both are set."),
];

impl Destination for Ntfy {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "ntfy",
            version: env!("CARGO_PKG_VERSION"),
            title: "ntfy",
            description: "Sends a notification to a topic of ntfy, as Zammad does.",
            events: &["*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &["https://ntfy.sh"],
        }
    }

    fn transform(event: &Event, settings: &Settings, host: &dyn Host) -> Result<Decision, Failure> {
        let body = TicketEvent::read(&event.data).map_err(Failure::Rejected)?;
        if let Some(reason) = settings.internal_comments.leave_out(&body) {
            return Ok(Decision::Skip(reason));
        }
        let notice = Notice::new(event, &body, host, Syntax::Plain);
        // JSON is published to the server, not to the topic: there it would be the message.
        let request = Request::post(format!("{}/", settings.server_url.trim_end_matches('/')))
            .header("Content-Type", "application/json")
            // These are left out by the host where the secrets are not set.
            .header("Authorization", [text("Bearer "), secret("token", Encoding::Raw)])
            .header("Authorization", [text("Basic "), basic()])
            .body(publish::body(&notice, settings));
        Ok(Decision::Deliver(vec![request]))
    }
}

fn basic() -> Part {
    Part::Basic(BasicCredentials {
        username: Credential::Secret("username".to_owned()),
        password: Credential::Secret("password".to_owned()),
    })
}

impl Judge for Ntfy {
    fn judge(exchange: &Exchange, _: &Settings, _: &dyn Host) -> Judgement {
        judge::judge(&exchange.answer)
    }
}

/// Names that an ntfy server keeps for its own pages.
const RESERVED: [&str; 12] = [
    "account",
    "app",
    "docs",
    "file",
    "login",
    "metrics",
    "reset-password",
    "settings",
    "signup",
    "static",
    "v1",
    "matrix",
];

impl CheckSettings for Ntfy {
    fn check(settings: &Settings) -> Vec<Problem> {
        let mut problems = Vec::new();
        let server = settings.server_url.trim_end_matches('/');
        let after_scheme = server.split_once("://").map_or(server, |(_, rest)| rest);
        if let Some((_, path)) = after_scheme.split_once('/') {
            let message = format!(
                "`{path}` is too much: enter the server's address alone, and its topic as `topic`"
            );
            problems.push(Problem::at("/server_url", message));
        }
        if RESERVED.contains(&settings.topic.as_str()) {
            let topic = &settings.topic;
            let message = format!("ntfy has a page of its own at `{topic}`; take another name");
            problems.push(Problem::at("/topic", message));
        }
        for (number, tag) in settings.tags.iter().enumerate() {
            if tag.contains(',') || tag.contains(char::is_whitespace) {
                let message = format!("`{tag}` looks like several tags; enter each as its own");
                problems.push(Problem::at(format!("/tags/{number}"), message));
            }
        }
        problems
    }
}

hookwright_sdk::export_destination!(Ntfy, judge, check);
