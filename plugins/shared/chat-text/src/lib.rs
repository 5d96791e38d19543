//! What destinations for chats have in common: the notification that Zammad's predefined
//! webhooks send, the escapes of the chats' syntaxes, and their lengths. What their answers have
//! in common with others' is in the SDK.

pub mod fit;
pub mod link;
pub mod markdown;
mod message;
mod mood;
pub mod mrkdwn;
pub mod neutral;
mod notice;
mod settings;
mod words;

use hookwright_sdk::{Encoding, Request, SecretSlot, secret};
pub use hookwright_sdk::{answer, clean};

pub use message::{Attachment, Message};
pub use mood::Mood;
pub use notice::{Notice, Syntax};
pub use settings::InternalComments;

/// The address of a chat's webhook. Whoever knows it can write into the channel, so all of it is
/// a secret.
#[must_use]
pub const fn webhook_url(description: &'static str) -> SecretSlot {
    SecretSlot::required("webhook_url", "Webhook URL", description)
}

/// A request with a JSON body to the secret `webhook_url`.
#[must_use]
pub fn post_to_webhook(body: String) -> Request {
    Request::post(secret("webhook_url", Encoding::Raw))
        // Without the character set Teams counts every character as two bytes.
        .header("Content-Type", "application/json; charset=utf-8")
        .body(body)
}
