//! What an answer means where a receiver says it with the HTTP status.

use serde_json::Value;

use crate::{Answer, Judgement, Postponement, Verdict, clean};

/// The longest part of an answer that is quoted, in characters.
const MAX_QUOTED: usize = 300;

/// A header as text.
#[must_use]
pub fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let found = answer.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.and_then(|(_, value)| std::str::from_utf8(value).ok()).map(str::trim)
}

/// The seconds of `Retry-After`. Its other form, a date, is for the host, which has a clock.
#[must_use]
pub fn retry_after(answer: &Answer) -> Option<u64> {
    header(answer, "retry-after").and_then(|value| value.parse().ok())
}

/// Whether `Retry-After` says when to come back, in seconds or as a date. The host waits so long
/// whatever the verdict says.
#[must_use]
pub fn names_a_time(answer: &Answer) -> bool {
    // Every date of HTTP ends so.
    let is_date = |value: &str| value.len() > 20 && value.ends_with(" GMT");
    retry_after(answer).is_some() || header(answer, "retry-after").is_some_and(is_date)
}

/// The status and what the receiver says about it.
#[must_use]
pub fn reason(status: u16, text: &str) -> String {
    match clean::line(text, MAX_QUOTED) {
        text if text.is_empty() => format!("status {status}"),
        text => format!("{status} {text}"),
    }
}

/// The body of an answer as text.
#[must_use]
pub fn body(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).trim().to_owned()
}

/// Being too fast: tried again when `Retry-After` says, and then not counted; else as the policy
/// says.
#[must_use]
pub fn too_fast(answer: &Answer, reason: String) -> Judgement {
    let postponement = Postponement {
        reason,
        not_before: retry_after(answer).map(|seconds| seconds.saturating_mul(1_000)),
        counted: !names_a_time(answer),
    };
    Judgement { verdict: Verdict::Retry(postponement), follow_ups: Vec::new() }
}

/// Success is delivered; being too fast, slow or busy is temporary; all else that is the
/// sender's doing will not change by itself.
#[must_use]
pub fn by_status(answer: &Answer, text: &str) -> Judgement {
    let reason = reason(answer.status, text);
    let wait = retry_after(answer).map(|seconds| seconds.saturating_mul(1_000));
    match (answer.status, wait) {
        (200..300, _) => Judgement::delivered(None, None),
        (429, _) => too_fast(answer, reason),
        (503, Some(wait)) => {
            let postponement = Postponement { reason, not_before: Some(wait), counted: true };
            Judgement { verdict: Verdict::Retry(postponement), follow_ups: Vec::new() }
        }
        (300..400, _) => Judgement::failed(format!(
            "{reason}: the receiver is at another address; set the one it has now"
        )),
        (408 | 425, _) | (500.., _) => Judgement::retry(reason),
        _ => Judgement::failed(reason),
    }
}

/// Whether the host cut an answer that begins as the JSON of an API does. A page for people that
/// is longer than what is read of an answer does not.
#[must_use]
pub fn is_cut_json(answer: &Answer) -> bool {
    let first = answer.body.iter().find(|byte| !byte.is_ascii_whitespace());
    !answer.complete && matches!(first, Some(b'{' | b'['))
}

/// What the answer of an API in JSON means, by its status. On success the id is taken from where
/// the pointer points; `words` finds what the API says went wrong.
///
/// What is no JSON does not come from the API. It is final, since what was written may be there:
/// sending it again could write it twice.
#[must_use]
pub fn of_api(answer: &Answer, id: &str, words: impl FnOnce(&Value) -> String) -> Judgement {
    let read = serde_json::from_slice::<Value>(&answer.body);
    match (answer.status, read) {
        (200..300, Ok(body)) => Judgement::delivered(body.pointer(id).and_then(id_text), None),
        // An empty answer to a success, or one that the host cut.
        (200..300, Err(_)) if answer.body.is_empty() || is_cut_json(answer) => {
            Judgement::delivered(None, None)
        }
        (200..300, Err(_)) => Judgement::failed(format!(
            "{}: not an answer of the API; check `base_url`",
            reason(answer.status, &body(answer))
        )),
        (_, Ok(read)) => match words(&read) {
            said if said.is_empty() => by_status(answer, &body(answer)),
            said => by_status(answer, &said),
        },
        (_, Err(_)) => by_status(answer, &body(answer)),
    }
}

/// An id, which APIs write as a number or as text.
#[must_use]
pub fn id_text(id: &Value) -> Option<String> {
    match id {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&str>) -> Answer {
        let headers =
            retry_after.map(|value| ("Retry-After".to_owned(), value.as_bytes().to_vec()));
        Answer { status, headers: headers.into_iter().collect(), body: Vec::new(), complete: true }
    }

    #[test]
    fn statuses_without_a_word() {
        let verdict = |status, after| by_status(&answer(status, after), "x").verdict;
        assert!(matches!(verdict(204, None), Verdict::Delivered(_)));
        assert!(matches!(verdict(404, None), Verdict::Failed(text) if text == "404 x"));
        assert!(matches!(verdict(302, None), Verdict::Failed(_)));
        assert!(matches!(verdict(502, None), Verdict::Retry(wait) if wait.counted));
        assert!(matches!(verdict(429, Some("30")), Verdict::Retry(wait)
            if wait.not_before == Some(30_000) && !wait.counted));
        assert!(matches!(verdict(429, Some("soon")), Verdict::Retry(wait) if wait.counted));
        assert!(matches!(verdict(503, Some("5")), Verdict::Retry(wait)
            if wait.not_before == Some(5_000) && wait.counted));
    }

    #[test]
    fn a_date_is_for_the_host() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(matches!(by_status(&answer(429, date), "x").verdict, Verdict::Retry(wait)
            if wait.not_before.is_none() && !wait.counted));
        assert!(!names_a_time(&answer(429, Some("GMT"))));
        assert!(!names_a_time(&answer(429, Some("-1"))));
        assert!(!names_a_time(&answer(429, None)));
    }

    #[test]
    fn answers_of_apis() {
        let of = |status, body: &str, complete| {
            let answer = Answer { body: body.into(), complete, ..answer(status, None) };
            of_api(&answer, "/data/id", |body| body["error"].as_str().unwrap_or("").to_owned())
        };
        let id = |body| match of(201, body, true).verdict {
            Verdict::Delivered(receipt) => receipt.remote_id,
            other => panic!("{other:?}"),
        };
        assert_eq!(id(r#"{"data":{"id":7}}"#).as_deref(), Some("7"));
        assert_eq!(id(r#"{"data":{"id":"a-7"}}"#).as_deref(), Some("a-7"));
        for body in [r#"{"data":{"id":""}}"#, r#"{"data":{"id":[]}}"#, "{}", "[]", ""] {
            assert_eq!(id(body), None, "{body}");
        }
        for cut in ["{\"data\":", "\r\n [{"] {
            assert!(matches!(of(200, cut, false).verdict, Verdict::Delivered(_)), "{cut}");
        }
        for cut in ["<html>", "ok", " "] {
            assert!(matches!(of(200, cut, false).verdict, Verdict::Failed(_)), "{cut}");
        }
        assert!(matches!(of(200, "<html>", true).verdict, Verdict::Failed(reason)
            if reason == "200 <html>: not an answer of the API; check `base_url`"));
        assert!(matches!(of(422, r#"{"error":"no"}"#, true).verdict, Verdict::Failed(reason)
            if reason == "422 no"));
        assert!(matches!(of(400, r#"{"why":"no"}"#, true).verdict, Verdict::Failed(reason)
            if reason == r#"400 {"why":"no"}"#));
        assert!(matches!(of(502, "<html>", true).verdict, Verdict::Retry(wait)
            if wait.reason == "502 <html>"));
    }
}
