//! What Telegram's answers mean. The HTTP status repeats `error_code`; the rest is in the
//! body.

use hookwright_sdk::answer::too_fast;
use hookwright_sdk::serde_json::{self, Map, Value};
use hookwright_sdk::{Exchange, Judgement, Part, Request};
use serde::Deserialize;

use crate::{Format, Settings, parts};

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

pub(crate) fn judge(exchange: &Exchange, settings: &Settings) -> Judgement {
    let status = exchange.answer.status;
    let Ok(answer) = serde_json::from_slice::<Answer>(&exchange.answer.body) else {
        // A proxy in between, or a gateway's error page.
        let reason = format!("status {status}, and not an answer of the Bot API");
        return match status {
            429 => too_fast(&exchange.answer, reason),
            _ => Judgement::retry(reason),
        };
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
            body.insert("chat_id".to_owned(), Value::String(chat_id.to_string()));
        });
        return match moved {
            Some(request) => {
                let reason = format!("{reason}; set chat_id to {chat_id} in the settings");
                Judgement::resend(reason, request)
            }
            None => Judgement::failed(reason),
        };
    }
    if code == 400 && answer.description.to_lowercase().contains("can't parse entities") {
        return match as_plain_text(exchange, settings) {
            Some(request) => Judgement::resend(format!("{reason}; sent as plain text"), request),
            None => Judgement::failed(reason),
        };
    }
    match code {
        429 => too_fast(&exchange.answer, reason),
        400..500 => Judgement::failed(reason),
        _ => Judgement::retry(reason),
    }
}

/// The same message without styles, if it had any. What it says comes from the event again, and
/// the rest from the request that was sent, whose chat may not be that of the settings any more.
fn as_plain_text(exchange: &Exchange, settings: &Settings) -> Option<Request> {
    let parts = parts(&exchange.event, settings).ok()?;
    let part = parts.get(usize::try_from(exchange.position).ok()?)?;
    let mut had_styles = false;
    let plain = change(&exchange.request, |body| {
        had_styles = body.remove("parse_mode").is_some();
        body.insert("text".to_owned(), Value::String(part.render(Format::Plain)));
    });
    plain.filter(|_| had_styles)
}

/// The same request with a change in its body.
fn change(request: &Request, change: impl FnOnce(&mut Map<String, Value>)) -> Option<Request> {
    let [Part::Text(body)] = request.body.as_slice() else { return None };
    let mut body: Map<String, Value> = serde_json::from_str(body).ok()?;
    change(&mut body);
    Some(request.clone().body(Value::Object(body).to_string()))
}
