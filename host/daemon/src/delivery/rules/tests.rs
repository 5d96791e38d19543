use hookwright_model::{Received, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Rules as an admin writes them.
fn rules(toml: &str) -> Result<Rules, Vec<Mistake>> {
    #[derive(serde::Deserialize)]
    struct Document {
        answers: Vec<AnswerRule>,
    }
    let document: Document = toml::from_str(toml).unwrap();
    Rules::new(Origin::Subscription, &document.answers)
}

fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Received {
    let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
    let body = body.into().into();
    Received { status, headers: headers.collect(), body, complete: true }
}

fn judge(rules: &Rules, received: &Received) -> Option<Verdict> {
    let now = Timestamp::from_millis(784_111_777_000);
    rules.judge(&Reading::new(received), now)
}

fn failed(reason: &str) -> Option<Verdict> {
    Some(Verdict::Failed { reason: reason.to_owned() })
}

fn delivered(note: &str) -> Option<Verdict> {
    Some(Verdict::Delivered { remote_id: None, note: Some(note.to_owned()) })
}

#[test]
fn the_first_rule_that_fits_decides() {
    let rules = rules(
        r#"answers = [
            { status = "2xx", json = { at = "/state", one_of = ["queued", "sent"] }, verdict = "delivered" },
            { status = 200, verdict = "retry" },
            { header = { name = "X-Error", regex = "^E[0-9]+$" }, text = { regex = "quota|limit" }, verdict = "failed", detail = { body = true } },
            { json = { at = "/error", exists = false }, status = "5xx", verdict = "failed" },
        ]"#,
    )
    .unwrap();
    let sent = answer(200, &[], r#"{"state":"sent"}"#);
    assert_eq!(
        judge(&rules, &sent),
        delivered("rule 1 of the subscription: 200 OK, /state is sent")
    );
    let lost = answer(200, &[], r#"{"state":"lost"}"#);
    let reason = "rule 2 of the subscription: 200 OK".to_owned();
    let retry = Verdict::Retry { reason, not_before: None, counted: true };
    assert_eq!(judge(&rules, &lost), Some(retry));
    let over = answer(403, &[("x-error", "E17")], "over\n the quota ");
    assert_eq!(
        judge(&rules, &over),
        failed(
            "rule 3 of the subscription: the header X-Error is E17, the body has quota: over the \
             quota"
        )
    );
    let page = answer(502, &[], "<html>");
    assert_eq!(
        judge(&rules, &page),
        failed("rule 4 of the subscription: 502 Bad Gateway, /error is not there")
    );
    for fits_none in [
        answer(502, &[], r#"{"error":null}"#),
        answer(403, &[("x-error", "17")], "quota"),
        answer(201, &[], r#"{"state":"lost"}"#),
        answer(403, &[], "quota"),
    ] {
        assert_eq!(judge(&rules, &fits_none), None, "{fits_none:?}");
    }
}

#[test]
fn values_of_json_have_types_and_others_are_text() {
    let fits = |matcher: &str, received: &Received| {
        let rules = rules(&format!("answers = [{{ {matcher}, verdict = \"delivered\" }}]"));
        judge(&rules.unwrap(), received).is_some()
    };
    let body = json!({
        "yes": true, "one": 1, "whole": 1.0, "text": "1", "null": null, "list": [1],
        "large": 9_007_199_254_740_993_u64,
    });
    let json = answer(200, &[], body.to_string());
    for (matcher, expected) in [
        (r#"{ at = "/yes", equals = true }"#, true),
        (r#"{ at = "/yes", equals = "true" }"#, false),
        (r#"{ at = "/one", equals = 1 }"#, true),
        (r#"{ at = "/one", equals = 1.0 }"#, true),
        (r#"{ at = "/whole", equals = 1 }"#, true),
        (r#"{ at = "/large", equals = 9007199254740992 }"#, false),
        (r#"{ at = "/one", equals = "1" }"#, false),
        (r#"{ at = "/text", equals = 1 }"#, false),
        (r#"{ at = "/text", one_of = [1, "1"] }"#, true),
        (r#"{ at = "/null", exists = true }"#, true),
        (r#"{ at = "/null", equals = false }"#, false),
        (r#"{ at = "/none", exists = false }"#, true),
        (r#"{ at = "/one", regex = "^1$" }"#, true),
        (r#"{ at = "/list", regex = "1" }"#, false),
    ] {
        assert_eq!(fits(&format!("json = {matcher}"), &json), expected, "{matcher}");
    }
    let xml = answer(200, &[("x-n", "7")], "<r><code> 1000 </code><ok>true</ok></r>");
    for (matcher, expected) in [
        (r#"xml = { at = "r/code", equals = 1000 }"#, true),
        (r#"xml = { at = "r/code", one_of = ["1", "1000"] }"#, true),
        (r#"xml = { at = "r/ok", equals = true }"#, true),
        (r#"xml = { at = "r/none", exists = true }"#, false),
        (r#"header = { name = "X-N", equals = 7 }"#, true),
        (r#"text = { regex = "(?s)^<r>.*</r>$" }"#, true),
        (r#"text = { equals = "ok" }"#, false),
        (r#"json = { at = "", exists = true }"#, false),
    ] {
        assert_eq!(fits(matcher, &xml), expected, "{matcher}");
    }
}

#[test]
fn waits_are_read_where_the_rule_says() {
    let wait = |source: &str, received: &Received| {
        let toml =
            format!("answers = [{{ verdict = \"retry\", counted = false, wait = {source} }}]");
        match judge(&rules(&toml).unwrap(), received) {
            Some(Verdict::Retry { not_before, counted: false, .. }) => {
                not_before.map(|wait| wait.as_secs_f64())
            }
            other => panic!("{other:?}"),
        }
    };
    let headers =
        [("x-wait", " 17 "), ("x-until", "Sun, 06 Nov 1994 08:49:47 GMT"), ("x-odd", "soon")];
    let received = answer(429, &headers, r#"{"s":2.5,"t":"4","bad":-1,"huge":1e300}"#);
    for (source, expected) in [
        ("1200", Some(1200.0)),
        ("0.5", Some(0.5)),
        (r#"{ json = "/s" }"#, Some(2.5)),
        (r#"{ json = "/t" }"#, Some(4.0)),
        (r#"{ json = "/bad" }"#, None),
        (r#"{ json = "/huge" }"#, None),
        (r#"{ json = "/none" }"#, None),
        (r#"{ header = "X-Wait" }"#, Some(17.0)),
        (r#"{ header = "X-Until" }"#, Some(10.0)),
        (r#"{ header = "X-Odd" }"#, None),
        (r#"{ regex = '"t":"(\d+)"' }"#, Some(4.0)),
    ] {
        assert_eq!(wait(source, &received), expected, "{source}");
    }
}

#[test]
fn what_is_seen_is_cut_and_in_one_line() {
    let rules =
        rules(r#"answers = [{ text = { regex = "(?s).+" }, verdict = "failed" }]"#).unwrap();
    let Some(Verdict::Failed { reason }) = judge(&rules, &answer(200, &[], "é\r\n\0".repeat(500)))
    else {
        panic!()
    };
    assert!(reason.ends_with('…') && !reason.contains('\n'), "{reason}");
    assert!(reason.chars().count() < 260, "{reason}");
    let moved = self::rules(r#"answers = [{ verdict = "retry" }]"#).unwrap();
    let Some(Verdict::Retry { reason, .. }) = judge(&moved, &answer(301, &[], "")) else {
        panic!()
    };
    let words = "rule 1 of the subscription: 301 Moved Permanently: redirects are not followed; \
                 set the new address";
    assert_eq!(reason, words);
}

#[test]
fn all_mistakes_are_named_with_their_places() {
    let mistakes = rules(
        r#"answers = [
            { json = { at = "ok", equals = true }, verdict = "delivered" },
            { verdict = "failed" },
            { header = { name = "X Y", exists = true }, verdict = "failed" },
            { text = { regex = "(" }, verdict = "failed" },
            { xml = { at = "a", one_of = [] }, verdict = "failed" },
            { wait = { json = "a" }, verdict = "retry" },
            { detail = { xml = "" }, verdict = "failed" },
        ]"#,
    )
    .unwrap_err();
    let pointers: Vec<_> = mistakes.iter().map(|mistake| mistake.pointer.as_str()).collect();
    let expected =
        ["/0/json/at", "/2/header/name", "/3/text/regex", "/4/xml/one_of", "/5/wait", "/6/detail"];
    assert_eq!(pointers, expected);
    let many = "{ verdict = \"failed\" },".repeat(51);
    let mistakes = rules(&format!("answers = [{many}]")).unwrap_err();
    assert_eq!(mistakes[0].detail, "these are 51 rules; there can be 50");
}

proptest! {
    #[test]
    fn no_answer_makes_rules_panic(
        status in 100_u16..1000,
        name in "(content-type|x-a)",
        value in "[ -~]{0,40}",
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            "[{}\\[\\]\"/:,a0-9<>&;é-]{0,60}".prop_map(String::into_bytes),
        ],
        complete: bool,
    ) {
        let rules = rules(
            r#"answers = [
                { json = { at = "/a", regex = "a+" }, verdict = "delivered" },
                { xml = { at = "a/a", equals = "a" }, verdict = "failed", detail = { xml = "a/@a" } },
                { header = { name = "x-a", regex = "[0-9]" }, verdict = "retry", wait = { header = "x-a" } },
                { text = { regex = "(?i)\\p{L}{2}" }, verdict = "retry", wait = { regex = "([0-9]+)" } },
                { verdict = "retry", wait = { json = "/0" }, detail = { json = "" } },
            ]"#,
        )
        .unwrap();
        let received = Received { complete, ..answer(status, &[(&name, &value)], body) };
        prop_assert!(judge(&rules, &received).is_some(), "the last rule fits everything");
    }
}
