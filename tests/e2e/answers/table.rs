//! What each preset makes of each case.

use super::Expected::{self, Anyway, Delivered, Failed, Retry, Unknown};
use super::LATER;

/// For each case: by presets in their order, then by plugins.
pub(super) fn expectations() -> Vec<(&'static str, [Expected; 9])> {
    const SENT: &str = "the outcome is unknown: the request was sent";
    let anyway = |words| {
        let later = |wait| Anyway(wait, words);
        [later(10.0), later(1800.0), later(LATER), later(LATER), later(LATER)]
    };
    let unanswered = |words: &'static str| {
        let [a, b, c, d, e] = anyway(words);
        let once = || Unknown(words);
        [a, b, c, d, e, once(), once(), once(), once()]
    };
    vec![
        (
            "ok",
            [
                Delivered("rule 1 of the preset zammad: 200 OK"),
                Delivered("rule 1 of the preset eddydesk: 200 OK"),
                Delivered("rule 1 of the preset helpdeskeddy: 200 OK"),
                Delivered(""),
                Delivered("rule 1 of the preset xurrent: 200 OK"),
                Delivered("rule 1 of the preset telegram: /ok is true"),
                Delivered("rule 1 of the preset sms-traffic: reply/result is OK"),
                Delivered(""),
                Delivered(""),
            ],
        ),
        (
            "error-in-200",
            [
                Delivered("200 OK"),
                Delivered("200 OK"),
                Delivered("200 OK"),
                Delivered(""),
                Delivered("200 OK"),
                Failed(
                    "rule 6 of the preset telegram: /error_code is 400: Bad Request: chat not found",
                ),
                Failed("rule 3 of the preset sms-traffic: reply/code is 411: wrong password"),
                Failed("400 Bad Request: chat not found"),
                Failed("error 411: wrong password"),
            ],
        ),
        (
            "temporary-in-200",
            [
                Delivered("200 OK"),
                Delivered("200 OK"),
                Delivered("200 OK"),
                Delivered(""),
                Delivered("200 OK"),
                Retry(LATER, "rule 7 of the preset telegram: 200 OK: try later"),
                Retry(LATER, "rule 2 of the preset sms-traffic: reply/code is 1000: try later"),
                Retry(LATER, "1000 try later"),
                Retry(LATER, "error 1000: try later"),
            ],
        ),
        (
            "too-many",
            [
                Retry(10.0, "rule 2 of the preset zammad: 429 Too Many Requests"),
                Retry(1800.0, "rule 2 of the preset eddydesk: 429 Too Many Requests"),
                Retry(LATER, "rule 2 of the preset helpdeskeddy: 429 Too Many Requests"),
                Retry(LATER, "429 Too Many Requests"),
                Retry(LATER, "rule 2 of the preset xurrent: 429 Too Many Requests"),
                Retry(LATER, "rule 3 of the preset telegram: 429 Too Many Requests"),
                Failed("rule 3 of the preset sms-traffic: reply/code is 429"),
                Retry(LATER, "429 Too Many Requests"),
                Failed("error 429: Too Many Requests"),
            ],
        ),
        (
            "too-many-after",
            [
                Retry(3000.0, "rule 2 of the preset zammad: 429 Too Many Requests"),
                Retry(3000.0, "429 Too Many Requests"),
                Retry(3000.0, "429 Too Many Requests"),
                Retry(3000.0, "429 Too Many Requests"),
                Retry(3000.0, "429 Too Many Requests"),
                Retry(3000.0, "rule 2 of the preset telegram: /parameters/retry_after is 3000"),
                Retry(3000.0, "rule 5 of the preset sms-traffic: 429 Too Many Requests"),
                Retry(3000.0, "429 Too Many Requests"),
                Retry(3000.0, "status 429"),
            ],
        ),
        // The date has whole seconds.
        ("too-many-until", std::array::from_fn(|_| Retry(2998.0, "429"))),
        (
            "moved",
            [
                Retry(10.0, "302 Found: redirects are not followed; set the new address"),
                Delivered("rule 1 of the preset eddydesk: 302 Found"),
                Delivered("rule 1 of the preset helpdeskeddy: 302 Found"),
                Retry(LATER, "302 Found: redirects are not followed"),
                Retry(LATER, "rule 2 of the preset xurrent: 302 Found: redirects are not followed"),
                Retry(LATER, "rule 7 of the preset telegram: 302 Found"),
                Retry(LATER, "rule 5 of the preset sms-traffic: 302 Found"),
                Retry(LATER, "status 302, and not an answer of the Bot API"),
                Retry(LATER, "status 302, and not a reply of SMS Traffic"),
            ],
        ),
        (
            "gone",
            [
                Retry(10.0, "410 Gone"),
                Retry(1800.0, "410 Gone"),
                Retry(LATER, "410 Gone"),
                Failed("410 Gone: the receiver wants no more"),
                Retry(LATER, "410 Gone"),
                Failed("rule 5 of the preset telegram: 410 Gone"),
                Retry(LATER, "rule 5 of the preset sms-traffic: 410 Gone"),
                Retry(LATER, "status 410, and not an answer of the Bot API"),
                Retry(LATER, "status 410, and not a reply of SMS Traffic"),
            ],
        ),
        (
            "bad",
            [
                Retry(10.0, "400 Bad Request"),
                Retry(1800.0, "400 Bad Request"),
                // By the letter of HelpDeskEddy's page.
                Delivered("rule 1 of the preset helpdeskeddy: 400 Bad Request"),
                Retry(LATER, "400 Bad Request"),
                Retry(LATER, "400 Bad Request"),
                Failed(
                    "rule 5 of the preset telegram: 400 Bad Request: Bad Request: message is too long",
                ),
                Failed("rule 3 of the preset sms-traffic: reply/code is 400"),
                Failed("400 Bad Request: message is too long"),
                Failed("error 400"),
            ],
        ),
        (
            "ban",
            [
                Retry(10.0, "401 Unauthorized"),
                Retry(1800.0, "401 Unauthorized"),
                Retry(LATER, "401 Unauthorized"),
                Retry(
                    1200.0,
                    "rule 1 of the preset helpdeskeddy-api: 401 Unauthorized, /errors/0/title is \
                     Ban: Ban for 20 min.",
                ),
                Retry(LATER, "401 Unauthorized"),
                Failed("rule 5 of the preset telegram: 401 Unauthorized: Unauthorized"),
                Retry(LATER, "rule 5 of the preset sms-traffic: 401 Unauthorized"),
                Failed("401 Unauthorized"),
                Retry(LATER, "status 401"),
            ],
        ),
        (
            "unavailable",
            [
                Retry(10.0, "503 Service Unavailable"),
                Retry(1800.0, "503 Service Unavailable"),
                Retry(LATER, "503 Service Unavailable"),
                Retry(LATER, "503 Service Unavailable"),
                Retry(LATER, "503 Service Unavailable"),
                Retry(LATER, "rule 7 of the preset telegram: 503 Service Unavailable"),
                Retry(LATER, "rule 5 of the preset sms-traffic: 503 Service Unavailable"),
                Retry(LATER, "status 503"),
                Retry(LATER, "status 503"),
            ],
        ),
        (
            "endless",
            [
                Delivered("200 OK"),
                Delivered("200 OK"),
                Delivered("200 OK"),
                Delivered(""),
                Delivered("200 OK"),
                Retry(LATER, "rule 7 of the preset telegram: 200 OK"),
                Retry(LATER, "rule 5 of the preset sms-traffic: 200 OK"),
                Retry(LATER, "status 200, and not an answer of the Bot API"),
                Retry(LATER, "status 200, and not a reply of SMS Traffic"),
            ],
        ),
        ("slow-head", unanswered("there was no answer within 1 s; the outcome is unknown")),
        (
            "slow-body",
            unanswered(
                "the body of the answer (200) was not complete within 1 s; the outcome is unknown",
            ),
        ),
        ("reset", unanswered("the connection was lost before an answer")),
        ("cut", unanswered(SENT)),
    ]
}
