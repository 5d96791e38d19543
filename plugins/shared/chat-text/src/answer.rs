//! What an answer means where a chat says it with the HTTP status.

use hookwright_sdk::{Answer, Judgement, Postponement, Verdict};

use crate::clean;

/// The longest part of an answer that is quoted, in characters.
const MAX_QUOTED: usize = 300;

/// A header as text.
#[must_use]
pub fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let found = answer.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.and_then(|(_, value)| std::str::from_utf8(value).ok()).map(str::trim)
}

/// The seconds of `Retry-After`. Its other form, a date, is not used by chats.
#[must_use]
pub fn retry_after(answer: &Answer) -> Option<u64> {
    header(answer, "retry-after").and_then(|value| value.parse().ok())
}

/// The status and what the chat says about it.
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

/// Success is delivered; being too fast, slow or busy is temporary; all else that is the
/// sender's doing will not change by itself.
#[must_use]
pub fn by_status(answer: &Answer, text: &str) -> Judgement {
    let reason = reason(answer.status, text);
    let wait = retry_after(answer).map(|seconds| seconds.saturating_mul(1_000));
    match (answer.status, wait) {
        (200..300, _) => Judgement::delivered(None, None),
        (429, Some(wait)) => Judgement::slow_down(reason, wait),
        (503, Some(wait)) => {
            let postponement = Postponement { reason, not_before: Some(wait), counted: true };
            Judgement { verdict: Verdict::Retry(postponement), follow_ups: Vec::new() }
        }
        (300..400, _) => Judgement::failed(format!(
            "{reason}: the webhook is at another address; set the one it has now"
        )),
        (408 | 425 | 429, _) | (500.., _) => Judgement::retry(reason),
        _ => Judgement::failed(reason),
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
}
