//! Puts a child ticket's answer on its parent as a comment, through the API of HelpDeskEddy and
//! EddyDesk, which are one product under two names.

mod author;
mod check;
mod parent;
mod template;
mod trial;
mod words;

use eddy_api::Asked;
use hookwright_sdk::control::TEST;
use hookwright_sdk::ticket::{TicketEvent, Visibility};
use hookwright_sdk::{
    BasicCredentials, CheckSettings, Credential, Decision, Descriptor, Destination, Event,
    Exchange, Failure, Host, Judge, Judgement, Part, Problem, Request, SecretSlot, text, url,
};
use serde::Deserialize;

/// The plugin.
pub struct ParentComment;

/// See `settings.schema.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    base_url: String,
    #[serde(default)]
    visibility: Audience,
    #[serde(default)]
    only_customer: bool,
    parent_field: Option<String>,
    user_id: Option<u64>,
    template: Option<String>,
}

/// Who can see the comment at the parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Audience {
    /// Agents.
    #[default]
    Internal,
    /// The customer too.
    Public,
}

const SECRETS: &[SecretSlot] = &[
    SecretSlot::required(
        "email",
        "E-mail address",
        "What stands before the colon in \"Global settings\", field \"API key\"; or the address of \
         another user.",
    ),
    SecretSlot::required(
        "api_key",
        "API key",
        "What stands behind the colon; other users' keys are on their cards.",
    ),
];

impl Destination for ParentComment {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "parent-comment",
            version: env!("CARGO_PKG_VERSION"),
            title: "Comment on the parent ticket (HelpDeskEddy, EddyDesk)",
            description: "When a child ticket gets an answer, puts it on the parent as a comment.",
            events: &["ticket.*"],
            settings_schema: include_str!("../settings.schema.json"),
            secrets: SECRETS,
            origins: &[],
        }
    }

    fn transform(event: &Event, settings: &Settings, _: &dyn Host) -> Result<Decision, Failure> {
        if let Some(reason) = hookwright_sdk::operation::skip(event) {
            return Ok(Decision::Skip(reason));
        }
        if event.event_type == TEST {
            return Ok(Decision::Deliver(vec![trial::ask(settings)]));
        }
        let body = TicketEvent::read(&event.data).map_err(Failure::Rejected)?;
        let parent = match parent::id(event, &body, settings.parent_field.as_deref()) {
            Ok(parent) => parent,
            Err(parent::Missing::None(reason)) => return Ok(Decision::Skip(reason)),
            Err(parent::Missing::Broken(reason)) => return Err(Failure::Rejected(reason)),
        };
        let Some(comment) = &body.comment else {
            let reason = format!("there is no answer or comment in this `{}`", event.event_type);
            return Ok(Decision::Skip(reason));
        };
        if settings.only_customer
            && let Some(reason) = author::is_not_the_customer(&body)
        {
            return Ok(Decision::Skip(reason));
        }
        if settings.visibility == Audience::Public && comment.visibility == Visibility::Internal {
            let reason = "the comment is internal, and customers would see it at the parent: it \
                          is sent where `visibility` is `internal`";
            return Ok(Decision::Skip(reason.to_owned()));
        }
        let words = words::Words::of(&body, comment);
        if words.says_nothing() {
            let reason = "the comment has neither a text nor files";
            return Ok(Decision::Skip(reason.to_owned()));
        }
        let message = match &settings.template {
            Some(template) => template::fill(template, &words).map_err(Failure::Misconfigured)?,
            None => words.plain(),
        };
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("text", &message);
        if let Some(user_id) = settings.user_id {
            form.append_pair("user_id", &user_id.to_string());
        }
        let list = match settings.visibility {
            Audience::Internal => "comments",
            Audience::Public => "posts",
        };
        let request = request("POST", &format!("tickets/{parent}/{list}/"), settings)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form.finish());
        Ok(Decision::Deliver(vec![request]))
    }
}

/// A request to the API, by the secrets' user. The path is below the API's own.
fn request(method: &str, path: &str, settings: &Settings) -> Request {
    let basic = Part::Basic(BasicCredentials {
        username: Credential::Secret("email".to_owned()),
        password: Credential::Secret("api_key".to_owned()),
    });
    Request::new(method, url::below(&settings.base_url, &format!("/api/v2/{path}")))
        .header("Authorization", [text("Basic "), basic])
}

impl Judge for ParentComment {
    fn judge(exchange: &Exchange, _: &Settings, _: &dyn Host) -> Judgement {
        if exchange.event.event_type == TEST {
            return trial::judge(&exchange.answer);
        }
        eddy_api::judge(Asked::Write, &exchange.answer)
    }
}

impl CheckSettings for ParentComment {
    fn check(settings: &Settings) -> Vec<Problem> {
        check::problems(settings)
    }
}

hookwright_sdk::export_destination!(ParentComment, judge, check);
