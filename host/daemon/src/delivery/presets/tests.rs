use std::time::Duration;

use hookwright_model::{Received, Timestamp, Verdict};

use super::super::extract::Reading;
use super::*;

fn verdict(preset: Preset, status: u16, body: &str) -> Option<Verdict> {
    let body = body.to_owned().into();
    let received = Received { status, headers: Vec::new(), body, complete: true };
    customs(preset).unwrap().rules.judge(&Reading::new(&received), Timestamp::from_millis(0))
}

/// The verdict in a word, how long to wait, whether it counts.
fn meaning(preset: Preset, status: u16, body: &str) -> (&'static str, Option<u64>, bool) {
    match verdict(preset, status, body) {
        Some(Verdict::Delivered { .. }) => ("delivered", None, true),
        Some(Verdict::Failed { .. }) => ("failed", None, true),
        Some(Verdict::Retry { not_before, counted, .. }) => {
            ("retry", not_before.map(|wait| wait.as_secs()), counted)
        }
        None => ("by status", None, true),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_preset_can_be_read() {
    for preset in Preset::ALL {
        match document(preset) {
            Some(text) => drop(read(preset, text).unwrap()),
            None => assert_eq!(preset, Preset::None),
        }
    }
}

#[test]
fn helpdesks_judge_by_status() {
    use Preset::{Eddydesk, Helpdeskeddy, Xurrent, Zammad};
    for (preset, delivered) in [
        (Zammad, 200..=299),
        (Xurrent, 200..=299),
        (Eddydesk, 200..=399),
        (Helpdeskeddy, 200..=400),
    ] {
        for status in 100..=999 {
            let expected = if delivered.contains(&status) { "delivered" } else { "retry" };
            assert_eq!(meaning(preset, status, "").0, expected, "{preset} {status}");
        }
    }
    let zammad = customs(Zammad).unwrap();
    assert_eq!(zammad.retry, Some(RetryPolicy::Waits(vec![10.0, 20.0, 30.0, 40.0])));
    assert_eq!((zammad.timeout_s, zammad.retry_unknown), (Some(60.0), None));
    assert_eq!(customs(Xurrent).unwrap().timeout_s, Some(10.0));
    assert_eq!(customs(Xurrent).unwrap().retry, None);
    let half_an_hour = customs(Eddydesk).unwrap().retry.as_ref().unwrap();
    let tries = hookwright_model::retry::Tries {
        counted: 1,
        last_counted: true,
        ..hookwright_model::retry::Tries::default()
    };
    assert_eq!(half_an_hour.wait(tries, 1.0), Some(Duration::from_secs(1800)));
}

#[test]
fn telegram_says_it_in_json() {
    let telegram = |status, body: &str| meaning(Preset::Telegram, status, body);
    let slow = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 17","parameters":{"retry_after":17}}"#;
    let moved = r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded","parameters":{"migrate_to_chat_id":-1001}}"#;
    assert_eq!(telegram(200, r#"{"ok":true,"result":{}}"#), ("delivered", None, true));
    assert_eq!(telegram(429, slow), ("retry", Some(17), false));
    assert_eq!(telegram(200, slow), ("retry", Some(17), false));
    assert_eq!(telegram(429, r#"{"ok":false,"error_code":429}"#), ("retry", None, true));
    assert_eq!(telegram(429, "slow down"), ("retry", None, true));
    assert_eq!(telegram(200, r#"{"ok":false,"error_code":429}"#), ("retry", None, true));
    assert_eq!(telegram(400, moved), ("failed", None, true));
    assert_eq!(telegram(200, moved), ("failed", None, true));
    assert_eq!(telegram(403, "forbidden"), ("failed", None, true));
    assert_eq!(telegram(500, r#"{"ok":false,"error_code":500}"#), ("retry", None, true));
    for (status, body) in [(200, ""), (200, "<html>ok</html>"), (200, r#"{"ok":"true"}"#)] {
        assert_eq!(telegram(status, body), ("retry", None, true), "{body}");
    }
    let blocked =
        r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#;
    let reason = "rule 5 of the preset telegram: 403 Forbidden: Forbidden: bot was blocked by the \
                  user";
    let failed = Verdict::Failed { reason: reason.to_owned() };
    assert_eq!(verdict(Preset::Telegram, 403, blocked), Some(failed));
    assert_eq!(customs(Preset::Telegram).unwrap().retry_unknown, Some(false));
}

#[test]
fn sms_traffic_says_it_in_xml() {
    let sms = |status, body: &str| meaning(Preset::SmsTraffic, status, body);
    let error = |code: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"windows-1251\"?><reply><result>ERROR</result>\
             <code>{code}</code><description>login param is missing</description></reply>"
        )
    };
    let ok = "<?xml version=\"1.0\"?><reply><result>OK</result><code></code></reply>";
    assert_eq!(sms(200, ok), ("delivered", None, true));
    assert_eq!(sms(200, &error("1000")), ("retry", None, true));
    // Codes that look like statuses are none.
    for code in ["401", "404", "411", "429", "703"] {
        assert_eq!(sms(200, &error(code)), ("failed", None, true), "{code}");
    }
    assert_eq!(sms(200, &error("")), ("failed", None, true));
    for (status, body) in [(200, ""), (502, "<html><body>Bad Gateway</body></html>"), (200, "OK")] {
        assert_eq!(sms(status, body), ("retry", None, true), "{body}");
    }
    let reason = "rule 3 of the preset sms-traffic: reply/code is 401: login param is missing";
    let failed = Verdict::Failed { reason: reason.to_owned() };
    assert_eq!(verdict(Preset::SmsTraffic, 200, &error("401")), Some(failed));
    assert_eq!(customs(Preset::SmsTraffic).unwrap().retry_unknown, Some(false));
}

/// The body is from `HelpDeskEddy`'s documentation.
#[test]
fn a_ban_of_helpdeskeddy_is_no_wrong_password() {
    let eddy = |status, body: &str| meaning(Preset::HelpdeskeddyApi, status, body);
    let ban = r#"{"errors":[{"code":"e-401","title":"Ban","details":"Ban for 20 min. API limit reached (300 request per minute)."}]}"#;
    let wrong = r#"{"errors":[{"code":"e-401","title":"Unauthorized","details":"no"}]}"#;
    assert_eq!(eddy(401, ban), ("retry", Some(1200), false));
    assert_eq!(eddy(401, wrong), ("failed", None, true));
    assert_eq!(eddy(403, ""), ("failed", None, true));
    assert_eq!(eddy(404, ""), ("failed", None, true));
    for status in [200, 201, 400, 422, 500] {
        assert_eq!(eddy(status, "{}"), ("by status", None, true), "{status}");
    }
}
