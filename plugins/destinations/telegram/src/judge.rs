//! What Telegram's answers mean. The HTTP status repeats `error_code`; the rest is in the
//! body.

use hookwright_sdk::serde_json::{self, Value};
use hookwright_sdk::{Exchange, Judgement, Part, Request};
use serde::Deserialize;

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    result: Option<Message>,
    error_code: Option<i64>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Deserialize)]
struct Message {
    message_id: Option<i64>,
}

#[derive(Default, Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

pub(crate) fn judge(exchange: &Exchange) -> Judgement {
    let status = exchange.answer.status;
    let Ok(answer) = serde_json::from_slice::<Answer>(&exchange.answer.body) else {
        // A proxy in between, or a gateway's error page.
        return Judgement::retry(format!("status {status}, and not an answer of the Bot API"));
    };
    if answer.ok {
        let id = answer.result.and_then(|message| message.message_id);
        return Judgement::delivered(id.map(|id| id.to_string()), None);
    }
    let code = answer.error_code.unwrap_or_else(|| status.into());
    let reason = match answer.description.as_str() {
        "" => format!("error {code}"),
        description => format!("{code} {description}"),
    };
    if let Some(seconds) = answer.parameters.retry_after {
        return Judgement::slow_down(reason, seconds.saturating_mul(1_000));
    }
    if let Some(chat_id) = answer.parameters.migrate_to_chat_id {
        let moved = change(&exchange.request, |body| {
            body["chat_id"] = Value::String(chat_id.to_string());
        });
        return match moved {
            Some(request) => {
                let reason = format!("{reason}; set chat_id to {chat_id} in the settings");
                Judgement::resend(reason, request)
            }
            None => Judgement::failed(reason),
        };
    }
    match code {
        429 => Judgement::retry(reason),
        400..500 => Judgement::failed(reason),
        _ => Judgement::retry(reason),
    }
}

/// The same request with a change in its body.
fn change(request: &Request, change: impl FnOnce(&mut Value)) -> Option<Request> {
    let [Part::Text(body)] = request.body.as_slice() else { return None };
    let mut body: Value = serde_json::from_str(body).ok()?;
    change(&mut body);
    Some(request.clone().body(body.to_string()))
}
