//! What the API's answers mean: `{"data": …}`, or errors that say more than the status.

use chat_text::answer::{body, reason, retry_after};
use hookwright_sdk::serde_json::{self, Value};
use hookwright_sdk::{Answer, Judgement};
use serde::Deserialize;

/// How long the whole system is locked out after more than 300 requests in a minute, in
/// milliseconds, if the answer does not say.
const BAN: u64 = 20 * MINUTE;

const MINUTE: u64 = 60_000;

/// Longer ones than this are no bans of the product, in milliseconds: older versions have 48
/// hours.
const LONGEST_BAN: u64 = 48 * 60 * MINUTE;

#[derive(Deserialize)]
struct Done {
    data: Value,
}

#[derive(Deserialize)]
struct Refused {
    errors: Vec<Error>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Error {
    title: String,
    details: String,
}

impl Error {
    fn words(&self) -> String {
        let words = [self.title.trim(), self.details.trim()].into_iter();
        words.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(": ")
    }
}

pub(crate) fn judge(answer: &Answer) -> Judgement {
    let text = body(answer);
    if (200..300).contains(&answer.status) {
        return done(answer, &text);
    }
    let errors = serde_json::from_str::<Refused>(&text).map_or_else(|_| Vec::new(), |it| it.errors);
    let error = errors.into_iter().next();
    let said = error.as_ref().map_or(text, Error::words);
    let reason = reason(answer.status, &said);
    match answer.status {
        401 | 403 => match error {
            // Not a wrong key, though it looks like one: wait, and it is let in again.
            Some(error) if error.title.trim().eq_ignore_ascii_case("ban") => {
                Judgement::slow_down(reason, ban(&error.details))
            }
            _ => Judgement::failed(format!(
                "{reason}: check the secrets `email` and `api_key`, and that this user may write \
                 to the parent"
            )),
        },
        404 => Judgement::failed(format!("{reason}: there is no such parent at `base_url`")),
        300..=399 => Judgement::retry(format!(
            "{reason}: redirects are not followed; set the new address as `base_url`"
        )),
        429 => match retry_after(answer) {
            Some(seconds) => Judgement::slow_down(reason, seconds.saturating_mul(1_000)),
            None => Judgement::retry(reason),
        },
        _ => Judgement::retry(reason),
    }
}

fn done(answer: &Answer, text: &str) -> Judgement {
    match serde_json::from_str::<Done>(text) {
        Ok(done) => Judgement::delivered(id(&done.data), None),
        // It repeats the comment, which can be longer than what is read of an answer.
        Err(_) if !answer.complete && text.starts_with('{') => Judgement::delivered(None, None),
        Err(_) => Judgement::retry(format!(
            "{}: not an answer of the API; check `base_url`",
            reason(answer.status, text)
        )),
    }
}

/// The id of the comment.
fn id(data: &Value) -> Option<String> {
    match data.get("id")? {
        Value::String(id) => Some(id.clone()).filter(|id| !id.is_empty()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// How long a ban lasts, in milliseconds, by words such as `Ban for 20 min.`
fn ban(details: &str) -> u64 {
    let mut words = details.split_whitespace();
    let is_number = |word: &&str| word.bytes().all(|b| b.is_ascii_digit());
    let number = words.find(is_number).and_then(|number| number.parse::<u64>().ok());
    let unit = words.next().map(str::to_ascii_lowercase).unwrap_or_default();
    let unit = match unit.as_str() {
        unit if unit.starts_with("sec") => 1_000,
        unit if unit.starts_with("min") => MINUTE,
        unit if unit.starts_with('h') => 60 * MINUTE,
        _ => return BAN,
    };
    number.map_or(BAN, |number| number.saturating_mul(unit)).min(LONGEST_BAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bans_are_as_long_as_they_say() {
        for (details, minutes) in [
            ("Ban for 20 min. API limit reached (300 request per minute).", 20),
            ("Ban for 5 minutes", 5),
            ("Ban for 48 h.", 48 * 60),
            ("Ban for 2 hours", 120),
            ("Ban for 90 seconds", 1),
            ("API limit reached (300 request per minute).", 20),
            ("Ban for ever", 20),
            ("", 20),
            ("Ban for 99999999999999999999 min", 20),
            ("Ban for 9999999999999999999 min", 48 * 60),
            ("Ban for 20min", 20),
        ] {
            assert_eq!(ban(details) / MINUTE, minutes, "{details}");
        }
    }
}
