//! What Slack's answers mean: `ok`, or one word that says what is wrong.

use chat_text::answer::{body, by_status, reason};
use hookwright_sdk::{Answer, Judgement};

pub(crate) fn judge(answer: &Answer) -> Judgement {
    let word = body(answer);
    if (200..300).contains(&answer.status) {
        // `{"ok":true}` is what the webhooks of Slack's workflows say.
        return match word.as_str() {
            "ok" | r#"{"ok":true}"# => Judgement::delivered(None, None),
            other => Judgement::retry(format!(
                "{}: not an answer of Slack; check the secret `webhook_url`",
                reason(answer.status, other)
            )),
        };
    }
    match hint(&word) {
        // These are final whatever the status is.
        Some(hint) => Judgement::failed(format!("{}: {hint}", reason(answer.status, &word))),
        None => by_status(answer, &word),
    }
}

/// What to do about an error of Slack's documentation that no later try can mend.
fn hint(word: &str) -> Option<&'static str> {
    Some(match word {
        "no_service" | "no_service_id" | "no_active_hooks" => {
            "the webhook is switched off or removed; make a new one and set the secret \
             `webhook_url`"
        }
        "no_team" | "team_disabled" => "the workspace does not exist or is switched off",
        "invalid_token" => "the secret `webhook_url` is not complete; copy it from Slack again",
        "channel_not_found" => "the webhook's channel is gone; make a new webhook",
        "channel_is_archived" => "the webhook's channel is archived; unarchive it",
        "action_prohibited" | "posting_to_general_channel_denied" => {
            "an administrator of the workspace does not allow it"
        }
        "user_not_found" => "the webhook's user is gone; make a new webhook",
        "invalid_payload" | "no_text" | "too_many_attachments" => "please report this as a bug",
        _ => return None,
    })
}
