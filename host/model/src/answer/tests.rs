use serde_json::{Value, from_value, json, to_value};

use super::*;

fn read(document: Value) -> Result<AnswerRule, String> {
    from_value(document).map_err(|error| error.to_string())
}

#[test]
fn rules_are_written_as_they_are_read() {
    for document in [
        json!({"verdict": "failed"}),
        json!({"status": "2xx", "verdict": "delivered"}),
        json!({
            "status": ["429", "5xx"], "verdict": "retry", "counted": false,
            "wait": {"json": "/parameters/retry_after"}, "detail": {"json": "/description"},
        }),
        json!({"json": {"at": "/ok", "equals": true}, "verdict": "delivered"}),
        json!({"xml": {"at": "reply/code", "one_of": ["1000", 7]}, "verdict": "retry", "wait": 1.5}),
        json!({"text": {"regex": "^OK"}, "verdict": "delivered"}),
        json!({
            "header": {"name": "X-Error", "exists": false}, "text": {"equals": "ok"},
            "verdict": "delivered",
        }),
    ] {
        let rule = read(document.clone()).unwrap();
        assert_eq!(to_value(&rule).unwrap(), document);
    }
}

#[test]
fn what_a_rule_says_is_kept_apart() {
    let rule = read(json!({
        "header": {"name": "X-Kind", "equals": "error"},
        "json": {"at": "/errors/0/title", "equals": "Ban"}, "verdict": "retry", "wait": 1200,
    }))
    .unwrap();
    let header = Extract::Header("X-Kind".into());
    let test = Test::Equals(Scalar::Text("error".into()));
    assert_eq!(rule.header, Some(Match { at: header, test }));
    assert_eq!(rule.body.unwrap().at, Extract::Json("/errors/0/title".into()));
    assert_eq!(rule.wait, Some(Wait::Seconds(1200.0)));
    assert!(rule.counted && rule.status.is_none() && rule.detail.is_none());
}

#[test]
fn mistakes_say_what_to_do() {
    let ok = json!({"at": "/ok", "equals": true});
    for (document, words) in [
        (json!({}), "missing field `verdict`"),
        (json!({"verdict": "ok"}), "expected one of `delivered`, `retry`, `failed`"),
        (json!({"verdict": "retry", "code": 1}), "unknown field `code`"),
        (
            json!({"json": ok, "xml": ok, "verdict": "failed"}),
            "a rule looks at one of `json`, `xml` and `text`; use several rules",
        ),
        (json!({"json": {"equals": 1}, "verdict": "failed"}), "`json` needs `at`"),
        (json!({"header": {"at": "/x", "equals": 1}, "verdict": "failed"}), "needs a `name`"),
        (json!({"text": {"at": "/x", "equals": 1}, "verdict": "failed"}), "all of the body"),
        (
            json!({"json": {"at": "/a"}, "verdict": "failed"}),
            "needs one of `equals`, `one_of`, `regex` and `exists`",
        ),
        (
            json!({"json": {"at": "/a", "equals": 1, "regex": "1"}, "verdict": "failed"}),
            "needs one of",
        ),
        (json!({"json": {"at": "/a", "equals": [1]}, "verdict": "failed"}), "a text, a number"),
        (json!({"wait": 5, "verdict": "failed"}), "belong to the verdict `retry`"),
        (json!({"counted": false, "verdict": "delivered"}), "belong to the verdict `retry`"),
        (json!({"wait": -1, "verdict": "retry"}), "between 0 and 604800 seconds"),
        (json!({"wait": 604_801, "verdict": "retry"}), "between 0 and 604800 seconds"),
        (json!({"wait": u64::MAX, "verdict": "retry"}), "between 0 and 604800 seconds"),
        (json!({"wait": "5", "verdict": "retry"}), "seconds, or where the answer says them"),
        (json!({"wait": {"jsn": "/a"}, "verdict": "retry"}), "unknown variant `jsn`"),
    ] {
        let told = read(document.clone()).unwrap_err();
        assert!(told.contains(words), "{document}: {told}");
    }
}
