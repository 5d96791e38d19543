//! What an answer means when no plugin says so: the rules of Standard Webhooks.

use std::time::Duration;

use hookwright_model::{Timestamp, Verdict};
use http::HeaderMap;

/// A status with its usual words.
#[must_use]
pub fn words(status: u16) -> String {
    let code = http::StatusCode::from_u16(status).ok();
    match code.and_then(|code| code.canonical_reason()) {
        Some(words) => format!("{status} {words}"),
        None => format!("status {status}"),
    }
}

/// What to do about a status that is not self-explanatory.
#[must_use]
pub fn advice(status: u16) -> Option<&'static str> {
    matches!(status, 300..400).then_some("redirects are not followed; set the new address")
}

/// 2xx is delivered, 410 is final, everything else is tried again.
#[must_use]
pub fn by_status(status: u16) -> Verdict {
    let mut reason = words(status);
    if let Some(advice) = advice(status) {
        reason = format!("{reason}: {advice}");
    }
    match status {
        200..300 => Verdict::Delivered { remote_id: None, note: None },
        410 => Verdict::Failed { reason: format!("{reason}: the receiver wants no more") },
        _ => Verdict::Retry { reason, not_before: None, counted: true },
    }
}

/// What it means that no answer came, for this reason. A request that was sent may have been
/// acted on.
#[must_use]
pub fn unanswered(reason: String, sent: bool) -> Verdict {
    if sent {
        let reason = format!(
            "{reason}; the outcome is unknown: the request was sent, and the receiver may have \
             acted on it"
        );
        return Verdict::Unknown { reason };
    }
    Verdict::Retry { reason, not_before: None, counted: true }
}

/// How long a receiver asks to wait, by `Retry-After`: seconds or a date.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    seconds_or_date(headers.get(http::header::RETRY_AFTER)?.to_str().ok()?, now)
}

/// The while that a text names: seconds, or up to a date as HTTP writes it.
#[must_use]
pub fn seconds_or_date(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    let date = Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?);
    Some(date.since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_webhooks_rules() {
        for status in [200, 201, 202, 204, 299] {
            assert!(matches!(by_status(status), Verdict::Delivered { .. }), "{status}");
        }
        for status in [100, 199, 300, 301, 307, 400, 401, 404, 429, 500, 503, 599, 999] {
            assert!(matches!(by_status(status), Verdict::Retry { counted: true, .. }), "{status}");
        }
        let gone = Verdict::Failed { reason: "410 Gone: the receiver wants no more".into() };
        assert_eq!(by_status(410), gone);
    }

    #[test]
    fn what_was_sent_may_have_been_acted_on() {
        let refused = unanswered("no connection".into(), false);
        let reason = "no connection".to_owned();
        assert_eq!(refused, Verdict::Retry { reason, not_before: None, counted: true });
        let Verdict::Unknown { reason } = unanswered("no answer".into(), true) else { panic!() };
        assert!(reason.starts_with("no answer; the outcome is unknown: the request was sent"));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Timestamp::from_millis(784_111_777_000);
        let wait = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", value.parse().unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(wait("120"), Some(Duration::from_secs(120)));
        assert_eq!(wait(" 0 "), Some(Duration::ZERO));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:47 GMT"), Some(Duration::from_secs(10)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:07 GMT"), Some(Duration::ZERO), "in the past");
        for bad in ["soon", "-1", "", "99999999999999999999999"] {
            assert_eq!(wait(bad), None, "{bad}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
