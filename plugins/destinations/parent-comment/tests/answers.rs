//! That answers are judged as those to a comment. What they mean is tested where the judge is,
//! in `plugins/shared/eddy-api`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{child, event, judged, sent};
use hookwright_sdk::Verdict;
use hookwright_sdk::serde_json::json;

fn verdict(status: u16, body: &str) -> Verdict {
    let data = child(&json!({}));
    judged(event(&data), sent(&data, &json!({})), status, body)
}

#[test]
fn answers_are_those_to_a_comment() {
    match verdict(200, r#"{"data":{"id":9002,"ticket_id":1200}}"#) {
        Verdict::Delivered(receipt) => {
            assert_eq!((receipt.remote_id.as_deref(), receipt.note), (Some("9002"), None));
        }
        other => panic!("{other:?}"),
    }
    // The comment may be there.
    assert!(matches!(verdict(200, ""), Verdict::Delivered(_)));
    assert!(matches!(verdict(200, "<html>"), Verdict::Failed(reason)
        if reason.ends_with("check `base_url`")));
    let ban = r#"{"errors":[{"code":"e-401","title":"Ban","details":"Ban for 20 min."}]}"#;
    assert!(matches!(verdict(401, ban), Verdict::Retry(wait)
        if wait.not_before == Some(1_200_000) && !wait.counted));
    assert!(matches!(verdict(404, "{}"), Verdict::Failed(reason) if reason.contains("ticket")));
}
