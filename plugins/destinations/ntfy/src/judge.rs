//! What ntfy's answers mean: the message with its id, or an error as JSON.

use chat_text::answer::{body, by_status, reason};
use hookwright_sdk::{Answer, Judgement, serde_json};
use serde::Deserialize;

#[derive(Deserialize)]
struct Published {
    id: String,
}

#[derive(Deserialize)]
struct Error {
    code: u32,
    error: String,
}

pub(crate) fn judge(answer: &Answer) -> Judgement {
    let text = body(answer);
    if (200..300).contains(&answer.status) {
        return match serde_json::from_str::<Published>(&text) {
            Ok(published) => Judgement::delivered(Some(published.id), None),
            Err(_) => Judgement::retry(format!(
                "{}: not an answer of ntfy; check `server_url`",
                reason(answer.status, &text)
            )),
        };
    }
    let said = serde_json::from_str::<Error>(&text);
    let said = said.map_or(text, |error| format!("{} (ntfy error {})", error.error, error.code));
    match answer.status {
        401 | 403 => Judgement::failed(format!(
            "{}: the topic needs a `token`, or a `username` and `password`, that may write to it",
            reason(answer.status, &said)
        )),
        _ => by_status(answer, &said),
    }
}
