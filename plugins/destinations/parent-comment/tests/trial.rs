//! A test of the subscription: it shows that the connection works and writes nothing.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{BASE, child, event, judged, sent, settings, url};
use destination_parent_comment::ParentComment;
use hookwright_sdk::serde_json::{Value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{Decision, Destination, Event, Request, Verdict};

fn test_of(data: &Value) -> Event {
    let subject = Some("12345".to_owned());
    Event { event_type: "subscription.test".into(), subject, ..event(data) }
}

fn asked(data: &Value, more: &Value) -> Request {
    let host = FakeHost::default();
    match ParentComment::transform(&test_of(data), &settings(more), &host) {
        Ok(Decision::Deliver(mut requests)) if requests.len() == 1 => requests.remove(0),
        other => panic!("{other:?}"),
    }
}

/// EddyDesk's page of API v2: `GET /departments/`.
#[test]
fn a_test_asks_and_writes_nothing() {
    let sample = json!({
        "ticket": {"id": "12345", "title": "Test of the subscription parent"},
        "comment": {"text": "This is a test.", "visibility": "public"}
    });
    let authorization = sent(&child(&json!({})), &json!({})).headers.remove(0);
    // Whatever the settings ask of a comment, and even if there were a parent.
    for data in [&sample, &child(&json!({}))] {
        for more in [
            json!({}),
            json!({"visibility": "public", "only_customer": true, "user_id": 5}),
            json!({"base_url": format!("{BASE}/"), "template": "{text}"}),
        ] {
            let request = asked(data, &more);
            assert_eq!(request.method, "GET");
            assert_eq!(url(&request), format!("{BASE}/api/v2/departments/"));
            assert_eq!(request.headers, std::slice::from_ref(&authorization));
            assert!(request.body.is_empty());
        }
    }
}

#[test]
fn a_test_says_what_it_shows() {
    let data = json!({"ticket": {"id": "12345"}});
    let request = asked(&data, &json!({}));
    let verdict = |status, body: &str| judged(test_of(&data), request.clone(), status, body);
    let departments = r#"{"data":[{"id":1,"name":{"en":"Support Department"}}]}"#;
    match verdict(200, departments) {
        Verdict::Delivered(receipt) => {
            assert_eq!(receipt.remote_id, None);
            let note = receipt.note.unwrap();
            assert!(note.contains("takes the key") && note.contains("no comment was written"));
        }
        other => panic!("{other:?}"),
    }
    for (status, body, words) in [
        (401, r#"{"errors":[{"title":"Unauthorized"}]}"#, "`email` and `api_key`"),
        (404, "<html>", "there is no API v2 at `base_url`"),
        (200, "<html>", "not an answer of the API"),
        (200, "", "not an answer of the API"),
        (301, "", "another address"),
    ] {
        let verdict = verdict(status, body);
        assert!(
            matches!(&verdict, Verdict::Failed(reason) if reason.contains(words)),
            "{status} {body}: {verdict:?}"
        );
    }
    let ban = r#"{"errors":[{"title":"Ban","details":"Ban for 20 min."}]}"#;
    assert!(matches!(verdict(401, ban), Verdict::Retry(wait) if !wait.counted));
}
