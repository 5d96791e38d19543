//! What Mattermost's answers mean: `ok`, or an error as JSON.

use chat_text::answer::{body, by_status, reason};
use hookwright_sdk::{Answer, Judgement, serde_json};
use serde::Deserialize;

#[derive(Deserialize)]
struct Error {
    #[serde(default)]
    id: String,
    message: String,
}

pub(crate) fn judge(answer: &Answer) -> Judgement {
    let text = body(answer);
    if (200..300).contains(&answer.status) {
        return match text.as_str() {
            "ok" => Judgement::delivered(None, None),
            other => Judgement::retry(format!(
                "{}: not an answer of Mattermost; check the secret `webhook_url`",
                reason(answer.status, other)
            )),
        };
    }
    let Ok(error) = serde_json::from_str::<Error>(&text) else {
        return by_status(answer, &text);
    };
    match error.id.as_str() {
        // Comes with status 501, which sounds like a fault that passes.
        "web.incoming_webhook.disabled.app_error" => Judgement::failed(format!(
            "{}: switch incoming webhooks on in System Console > Integrations",
            reason(answer.status, &error.message)
        )),
        "web.incoming_webhook.invalid.app_error" => Judgement::failed(format!(
            "{}: the webhook is removed; make a new one and set the secret `webhook_url`",
            reason(answer.status, &error.message)
        )),
        _ => by_status(answer, &error.message),
    }
}
