//! What the answers of API v2 mean, as the product's pages and public clients have them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{child, event, sent, settings};
use destination_parent_comment::ParentComment;
use hookwright_sdk::serde_json::{Value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{Answer, Exchange, Judge, Postponement, Verdict};

fn verdict_of(answer: Answer) -> Verdict {
    let data = child(&json!({}));
    let request = sent(&data, &json!({}));
    let exchange = Exchange { event: event(&data), request, position: 0, resends: 0, answer };
    let judgement = ParentComment::judge(&exchange, &settings(&json!({})), &FakeHost::default());
    assert!(judgement.follow_ups.is_empty());
    judgement.verdict
}

fn verdict(status: u16, body: &str) -> Verdict {
    let body = body.as_bytes().to_vec();
    verdict_of(Answer { status, headers: Vec::new(), body, complete: true })
}

fn error(status: u16, title: &str, details: &str) -> Verdict {
    let error = json!({"code": format!("e-{status}"), "title": title, "details": details});
    verdict(status, &json!({ "errors": [error] }).to_string())
}

fn remote_id(body: &Value) -> Option<String> {
    match verdict(200, &body.to_string()) {
        Verdict::Delivered(receipt) => receipt.remote_id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn data_is_success() {
    let comment = json!({
        "ticket_id": 1200, "id": 9002, "user_id": 5, "text": "Готово",
        "date_created": "12:30:00 01.03.2024", "visible": "1", "files": []
    });
    assert_eq!(remote_id(&json!({ "data": comment })).as_deref(), Some("9002"));
    assert_eq!(remote_id(&json!({"data": {"id": "9002"}})).as_deref(), Some("9002"));
    for data in [json!([]), json!({}), json!({"id": null}), json!({"id": ""}), json!("ok")] {
        assert_eq!(remote_id(&json!({ "data": data })), None);
    }
    // A long comment is repeated in an answer that is cut.
    let body = br#"{"data":{"text":"aaaaaaaa"#.to_vec();
    let cut = Answer { status: 200, headers: Vec::new(), body, complete: false };
    assert!(matches!(verdict_of(cut), Verdict::Delivered(_)));
}

#[test]
fn success_that_is_not_the_apis_is_none() {
    for body in ["", "ok", "<html>Login</html>", "{}", r#"{"errors":[]}"#, r#"{"data":"#] {
        match verdict(200, body) {
            Verdict::Retry(wait) => {
                assert!(wait.counted && wait.reason.contains("`base_url`"), "{}", wait.reason);
            }
            other => panic!("{body}: {other:?}"),
        }
    }
}

/// EddyDesk's page of API v2: more than 300 requests in a minute, and "access will be
/// automatically blocked for 20 minutes".
#[test]
fn a_ban_is_waited_for() {
    let details = "Ban for 20 min. API limit reached (300 request per minute).";
    for (status, title, details, minutes) in [
        (401, "Ban", details, 20),
        (403, "ban", details, 20),
        (401, "Ban", "Ban for 5 min.", 5),
        (401, "Ban", "", 20),
    ] {
        match error(status, title, details) {
            Verdict::Retry(Postponement { reason, not_before, counted }) => {
                assert_eq!(not_before, Some(minutes * 60_000), "{details}");
                assert!(!counted);
                assert!(reason.starts_with(&format!("{status} {title}")), "{reason}");
                assert!(reason.contains(details), "{reason}");
            }
            other => panic!("{details}: {other:?}"),
        }
    }
    // The word alone, without the status, is none.
    assert!(matches!(error(400, "Ban", details), Verdict::Retry(wait) if wait.counted));
}

#[test]
fn a_wrong_key_or_ticket_is_final() {
    for verdict in [
        error(401, "Unauthorized", "Wrong API key"),
        error(403, "Access denied", ""),
        verdict(401, "<html>"),
        verdict(403, ""),
        verdict(401, r#"{"errors":[]}"#),
        verdict(401, r#"{"errors":{"title":"Ban"}}"#),
    ] {
        let Verdict::Failed(reason) = verdict else { panic!("{verdict:?}") };
        assert!(reason.contains("`email` and `api_key`"), "{reason}");
    }
    match error(404, "Not Found", "Ticket not found") {
        Verdict::Failed(reason) => assert!(
            reason.starts_with("404 Not Found: Ticket not found: there is no such parent"),
            "{reason}"
        ),
        other => panic!("{other:?}"),
    }
}

#[test]
fn everything_else_is_tried_again() {
    for status in [301, 302, 400, 405, 408, 409, 410, 422, 429, 500, 502, 503, 504] {
        for body in ["", "<html>", r#"{"errors":[{"title":"x"}]}"#, r#"{"data":{"id":1}}"#] {
            match verdict(status, body) {
                Verdict::Retry(wait) => {
                    assert!(wait.counted && wait.not_before.is_none(), "{status}");
                    assert!(wait.reason.contains(&status.to_string()), "{}", wait.reason);
                }
                other => panic!("{status}: {other:?}"),
            }
        }
    }
    let headers = vec![("Retry-After".to_owned(), b"30".to_vec())];
    let slow = Answer { status: 429, headers, body: Vec::new(), complete: true };
    assert!(matches!(verdict_of(slow), Verdict::Retry(wait)
        if wait.not_before == Some(30_000) && !wait.counted));
}
