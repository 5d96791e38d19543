//! What Rocket.Chat's answers mean: JSON with `success`, and what is wrong in `error`.

use chat_text::answer::{body, by_status, reason, retry_after};
use hookwright_sdk::{Answer, Judgement, serde_json};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reply {
    success: bool,
    #[serde(default)]
    error: serde_json::Value,
}

pub(crate) fn judge(answer: &Answer) -> Judgement {
    let text = body(answer);
    let Ok(reply) = serde_json::from_str::<Reply>(&text) else {
        return match answer.status {
            200..300 => Judgement::retry(format!(
                "{}: not an answer of Rocket.Chat; check the secret `webhook_url`",
                reason(answer.status, &text)
            )),
            _ => by_status(answer, &text),
        };
    };
    let error = match reply.error {
        serde_json::Value::String(error) => error,
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    if answer.status == 429 && retry_after(answer).is_none() {
        // Rocket.Chat says how long in words only.
        if let Some(seconds) = seconds(&error) {
            let wait = seconds.saturating_mul(1_000);
            return Judgement::slow_down(reason(answer.status, &error), wait);
        }
    }
    match (answer.status, reply.success) {
        (200..300, false) => Judgement::failed(reason(answer.status, &error)),
        _ => by_status(answer, &error),
    }
}

/// From `You must wait 46 seconds before trying this endpoint again.`
fn seconds(error: &str) -> Option<u64> {
    let (_, rest) = error.split_once("must wait ")?;
    rest.split(' ').next()?.parse().ok()
}
