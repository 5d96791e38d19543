//! `data` on success, else `errors`, each with a code, a title and details.

use hookwright_sdk::answer::{body, by_status, header, is_cut_json, of_api, reason};
use hookwright_sdk::serde_json::{self, Value};
use hookwright_sdk::{Answer, Judgement, Verdict};

use crate::ban;

/// What the API was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To write to a ticket. A success may be an answer of nothing; one that is no JSON is final,
    /// since sending the same again could write it twice.
    Write,
    /// To show something. There is no success without `data`.
    Read,
}

/// What an answer means. Only the first of several errors is looked at.
#[must_use]
pub fn judge(asked: Asked, answer: &Answer) -> Judgement {
    let read: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let error = &read["errors"][0];
    let said = Some(words(error)).filter(|words| !words.is_empty()).unwrap_or_else(|| body(answer));
    let reason = reason(answer.status, &said);
    // The limit of requests is for the system as a whole, so that others can use it up; going
    // on would only prolong it. It looks like a wrong password.
    if error["title"].as_str().is_some_and(|title| title.trim().eq_ignore_ascii_case("ban")) {
        let details = error["details"].as_str().unwrap_or_default();
        return Judgement::slow_down(reason, ban::milliseconds(details));
    }
    let mut judgement = match answer.status {
        200..300 if has_errors(&read) => Judgement::failed(reason),
        200..300 if asked == Asked::Write => of_api(answer, "/data/id", |_| String::new()),
        200..300 if read.get("data").is_some() || is_cut_json(answer) => {
            Judgement::delivered(None, None)
        }
        200..300 => {
            Judgement::failed(format!("{reason}: not an answer of the API; check `base_url`"))
        }
        401 | 403 => Judgement::failed(format!(
            "{reason}: check the secrets `email` and `api_key`, and what their user may do"
        )),
        404 if asked == Asked::Write => {
            Judgement::failed(format!("{reason}: there is no such ticket at `base_url`"))
        }
        404 => Judgement::failed(format!("{reason}: there is no API v2 at `base_url`")),
        _ => by_status(answer, &said),
    };
    if let Verdict::Delivered(receipt) = &mut judgement.verdict
        && header(answer, "x-rate-limit-remaining") == Some("0")
    {
        receipt.note = Some("the API takes no more requests in this minute".to_owned());
    }
    judgement
}

fn has_errors(read: &Value) -> bool {
    match &read["errors"] {
        Value::Array(errors) => !errors.is_empty(),
        Value::Object(errors) => !errors.is_empty(),
        Value::String(error) => !error.is_empty(),
        _ => false,
    }
}

/// `Ban: Ban for 20 min. …`
fn words(error: &Value) -> String {
    let words = [&error["title"], &error["details"]].into_iter().filter_map(Value::as_str);
    words.map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ")
}
