//! What the answers of API v2 mean, as the product's pages and public clients have them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use eddy_api::{Asked, judge};
use hookwright_sdk::serde_json::{Value, json};
use hookwright_sdk::{Answer, Postponement, Receipt, Verdict};

const BOTH: [Asked; 2] = [Asked::Write, Asked::Read];

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, headers: Vec::new(), body: body.into(), complete: true }
}

fn with_header(answer: Answer, name: &str, value: &str) -> Answer {
    Answer { headers: vec![(name.to_owned(), value.as_bytes().to_vec())], ..answer }
}

fn error(status: u16, title: &str, details: &str) -> Answer {
    let error = json!({"code": format!("e-{status}"), "title": title, "details": details});
    answer(status, &json!({ "errors": [error] }).to_string())
}

fn verdict(asked: Asked, answer: &Answer) -> Verdict {
    let judgement = judge(asked, answer);
    assert!(judgement.follow_ups.is_empty());
    judgement.verdict
}

fn delivered(asked: Asked, answer: &Answer) -> Receipt {
    match verdict(asked, answer) {
        Verdict::Delivered(receipt) => receipt,
        other => panic!("{asked:?} {answer:?}: {other:?}"),
    }
}

fn failed(asked: Asked, answer: &Answer) -> String {
    match verdict(asked, answer) {
        Verdict::Failed(reason) => reason,
        other => panic!("{asked:?} {answer:?}: {other:?}"),
    }
}

fn retried(asked: Asked, answer: &Answer) -> Postponement {
    match verdict(asked, answer) {
        Verdict::Retry(wait) => wait,
        other => panic!("{asked:?} {answer:?}: {other:?}"),
    }
}

#[test]
fn data_is_success() {
    let id = |body: &Value| delivered(Asked::Write, &answer(200, &body.to_string())).remote_id;
    let comment = json!({
        "ticket_id": 1200, "id": 9002, "user_id": 5, "text": "Готово",
        "date_created": "12:30:00 01.03.2024", "visible": "1", "files": []
    });
    assert_eq!(id(&json!({ "data": comment })).as_deref(), Some("9002"));
    assert_eq!(id(&json!({"data": {"id": "9002"}})).as_deref(), Some("9002"));
    for data in [json!([]), json!({}), json!({"id": null}), json!({"id": ""}), json!("ok")] {
        assert_eq!(id(&json!({ "data": data })), None);
    }
    // A public bot's test has an answer of nothing.
    for nothing in ["{}", "", r#"{"errors":[]}"#] {
        assert_eq!(delivered(Asked::Write, &answer(201, nothing)).remote_id, None);
    }
}

/// EddyDesk's page of API v2: the list of departments.
#[test]
fn what_was_asked_for_is_shown_as_data() {
    for data in [json!([]), json!({}), json!([{"id": 1, "name": {"en": "Support Department"}}])] {
        let receipt = delivered(Asked::Read, &answer(200, &json!({ "data": data }).to_string()));
        assert_eq!((receipt.remote_id, receipt.note), (None, None));
    }
    for nothing in ["{}", "", "[]", "7", r#"{"errors":[]}"#] {
        let reason = failed(Asked::Read, &answer(200, nothing));
        assert!(reason.ends_with("not an answer of the API; check `base_url`"), "{reason}");
    }
}

/// What was written may be there: sent again it would be there twice.
#[test]
fn a_success_that_is_no_json_is_final() {
    for asked in BOTH {
        for body in ["ok", "<html>Login</html>", r#"{"data":"#, " "] {
            let reason = failed(asked, &answer(200, body));
            assert!(reason.ends_with("not an answer of the API; check `base_url`"), "{reason}");
        }
        // The API repeats a long comment, and the host reads 64 KiB of an answer.
        let cut = |body| Answer { complete: false, ..answer(200, body) };
        delivered(asked, &cut(r#"{"data":{"text":"aaaaaaaa"#));
        failed(asked, &cut("<!DOCTYPE html>"));
    }
}

#[test]
fn errors_are_no_success() {
    for asked in BOTH {
        assert_eq!(failed(asked, &error(200, "Error", "No text")), "200 Error: No text");
        for errors in [json!({"title": "x"}), json!("x"), json!(["x"])] {
            let body = json!({"data": {"id": 1}, "errors": errors}).to_string();
            assert!(failed(asked, &answer(201, &body)).starts_with("201 {"), "{body}");
        }
    }
}

/// EddyDesk's page of API v2: more than 300 requests in a minute, and "access will be
/// automatically blocked for 20 minutes".
#[test]
fn a_ban_is_waited_for() {
    let usual = "Ban for 20 min. API limit reached (300 request per minute).";
    for asked in BOTH {
        for (status, title, details, minutes) in [
            (401, "Ban", usual, 20),
            (403, "ban", usual, 20),
            (400, "BAN ", usual, 20),
            (401, "Ban", "Ban for 5 min.", 5),
            (401, "Ban", "Ban for 9999999999999999999 min.", 48 * 60),
            (401, "Ban", "", 20),
        ] {
            let wait = retried(asked, &error(status, title, details));
            assert_eq!(wait.not_before, Some(minutes * 60_000), "{details}");
            assert!(!wait.counted);
            let words = format!("{status} {}", title.trim());
            assert!(wait.reason.starts_with(&words), "{}", wait.reason);
            assert!(wait.reason.contains(details), "{}", wait.reason);
        }
    }
}

#[test]
fn a_wrong_key_or_address_is_final() {
    for asked in BOTH {
        for wrong in [
            error(401, "Unauthorized", "Wrong API key"),
            error(403, "Access denied", ""),
            answer(401, "<html>"),
            answer(403, ""),
            answer(401, r#"{"errors":[]}"#),
            answer(401, r#"{"errors":{"title":"Ban"}}"#),
            answer(401, r#"{"errors":[{"title":"Banned"}]}"#),
        ] {
            let reason = failed(asked, &wrong);
            assert!(reason.contains(&wrong.status.to_string()), "{reason}");
            assert!(reason.contains("`email` and `api_key`"), "{reason}");
        }
    }
    let missing = error(404, "Not Found", "Ticket not found");
    for (asked, what) in [(Asked::Write, "such ticket"), (Asked::Read, "API v2")] {
        assert_eq!(
            failed(asked, &missing),
            format!("404 Not Found: Ticket not found: there is no {what} at `base_url`")
        );
    }
}

#[test]
fn the_status_says_the_rest() {
    for asked in BOTH {
        for status in [301, 302, 400, 405, 409, 410, 422] {
            assert!(failed(asked, &error(status, "x", "y")).contains(": y"), "{status}");
            failed(asked, &answer(status, "<html>"));
        }
        for status in [408, 429, 500, 502, 503, 504] {
            for body in ["", "<html>", r#"{"errors":[{"title":"x"}]}"#, r#"{"data":{"id":1}}"#] {
                let wait = retried(asked, &answer(status, body));
                assert!(wait.counted && wait.not_before.is_none(), "{status}");
                assert!(wait.reason.contains(&status.to_string()), "{}", wait.reason);
            }
        }
        let wait = retried(asked, &with_header(answer(429, ""), "Retry-After", "30"));
        assert_eq!((wait.not_before, wait.counted), (Some(30_000), false));
    }
}

#[test]
fn what_is_left_of_the_minute_is_noted() {
    let note = |left| {
        let done = answer(200, r#"{"data":{"id":1}}"#);
        delivered(Asked::Write, &with_header(done, "X-Rate-Limit-Remaining", left)).note
    };
    assert_eq!(note("299"), None);
    assert_eq!(note("0").as_deref(), Some("the API takes no more requests in this minute"));
}
