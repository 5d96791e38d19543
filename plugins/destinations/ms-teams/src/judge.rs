//! What the answers of workflows, and of the connectors before them, mean.

use chat_text::answer::{body, by_status, reason};
use hookwright_sdk::{Answer, Judgement, serde_json};
use serde::Deserialize;

/// An error of Power Automate.
#[derive(Deserialize)]
struct Failure {
    error: Error,
}

#[derive(Deserialize)]
struct Error {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

pub(crate) fn judge(answer: &Answer) -> Judgement {
    let text = body(answer);
    // Connectors answer 200 whatever happens, and name the status in words.
    let connector = text.split_once("returned HTTP error ");
    let named = connector.and_then(|(_, rest)| rest.get(..3)?.parse::<u16>().ok());
    if let (200..300, Some(status)) = (answer.status, named) {
        return by_status(&Answer { status, ..answer.clone() }, &text);
    }
    let Ok(Failure { error }) = serde_json::from_str(&text) else {
        return by_status(answer, &text);
    };
    let said = [error.code.as_str(), &error.message].join(" ");
    match error.code.as_str() {
        "WorkflowTriggerIsNotEnabled" => Judgement::failed(format!(
            "{}: switch the workflow on in Teams, or have its owner do it",
            reason(answer.status, &said)
        )),
        "DirectApiAuthorizationRequired" | "AuthorizationFailed" => Judgement::failed(format!(
            "{}: copy the address from the workflow again, all of it, and set the secret \
             `webhook_url`",
            reason(answer.status, &said)
        )),
        _ => by_status(answer, &said),
    }
}
