//! What the API's answers mean: `data` on success, else `errors`, each with a code, a title and
//! details.

use hookwright_sdk::answer::{header, of_api, reason};
use hookwright_sdk::serde_json::{self, Value};
use hookwright_sdk::{Answer, Judgement, Verdict};

/// How long a ban takes that does not say how long.
const USUAL_BAN: u64 = 20 * 60;
/// The longest that there ever was: 48 hours, in older versions.
const LONGEST_BAN: u64 = 48 * 60 * 60;

pub(crate) fn judge(answer: &Answer) -> Judgement {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let error = &body["errors"][0];
    // The limit of requests is for the system as a whole, so that others can use it up; going
    // on would only prolong it. It looks like a wrong password.
    if error["title"].as_str().is_some_and(|title| title.eq_ignore_ascii_case("ban")) {
        let details = error["details"].as_str().unwrap_or_default();
        let wait = seconds(details).unwrap_or(USUAL_BAN).min(LONGEST_BAN);
        return Judgement::slow_down(reason(answer.status, &words(&body)), wait * 1_000);
    }
    if (200..300).contains(&answer.status) && error.is_object() {
        return Judgement::failed(reason(answer.status, &words(&body)));
    }
    let mut judgement = of_api(answer, "/data/id", words);
    if let Verdict::Delivered(receipt) = &mut judgement.verdict
        && header(answer, "x-rate-limit-remaining") == Some("0")
    {
        receipt.note = Some("the API takes no more requests in this minute".to_owned());
    }
    judgement
}

/// `Ban: Ban for 20 min. …`, of the first error.
fn words(body: &Value) -> String {
    let error = &body["errors"][0];
    let said = [&error["title"], &error["details"]];
    let said = said.into_iter().filter_map(Value::as_str).filter(|text| !text.is_empty());
    said.collect::<Vec<_>>().join(": ")
}

/// From `Ban for 20 min.`
fn seconds(details: &str) -> Option<u64> {
    let (_, rest) = details.split_once("for ")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = rest.split_at(digits);
    let unit = match rest.trim_start().bytes().next()?.to_ascii_lowercase() {
        b's' => 1,
        b'm' => 60,
        b'h' => 60 * 60,
        b'd' => 24 * 60 * 60,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bans_say_how_long() {
        for (details, expected) in [
            ("Ban for 20 min. API limit reached (300 request per minute).", Some(1_200)),
            ("Ban for 48 hours.", Some(172_800)),
            ("Ban for 90s", Some(90)),
            ("Ban for 1 day", Some(86_400)),
            ("Ban for a while", None),
            ("Ban for 20", None),
            ("Ban for 99999999999999999999 min.", None),
            ("Ban for 9999999999999999999 min.", None),
            ("for №", None),
            ("", None),
        ] {
            assert_eq!(seconds(details), expected, "{details}");
        }
    }
}
