//! What is read, what is mended and what is refused.

use hookwright_sdk::Rejection;
use hookwright_sdk::serde_json::{Value, json};

use super::read;

fn mended(text: &str) -> Value {
    let document = read(text, false).unwrap();
    assert!(!document.mended.is_empty(), "not mended: {text}");
    document.value
}

/// Where and why it is refused.
fn refused(text: &str) -> (String, String) {
    match read(text, false) {
        Err(Rejection::BrokenTemplate(problem)) => {
            assert!(problem.message.starts_with("unescaped value: "), "{}", problem.message);
            (problem.at.unwrap_or_default(), problem.message)
        }
        other => panic!("{text}: {other:?}"),
    }
}

fn malformed(text: &str) -> String {
    match read(text, false) {
        Err(Rejection::Malformed(problem)) => problem.to_string(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn line_breaks_are_the_texts_own() {
    assert_eq!(
        mended("{\"a\":\"one\ntwo\r\n\tthree\u{1}\"}"),
        json!({"a": "one\ntwo\r\n\tthree\u{1}"})
    );
    assert_eq!(mended("{\n \"a\": [\"x\ny\"]\n}"), json!({"a": ["x\ny"]}));
}

#[test]
fn quotes_are_the_texts_own_where_the_string_cannot_end() {
    for text in [
        "ООО \"Ромашка\"",
        "\"Ромашка\", ООО",
        "\"Ромашка\"",
        "\"",
        "\"\"",
        "24\" монитор",
        "see \"x\", \"y\" and z",
        "[Проект \"Альфа\"] не работает",
        "use {\"x\"}",
        "a\"}",
        "a\"}, b",
        "\"Нет сети\": не могу войти",
        "\",",
        "\"a\" \"b\" \"c\"",
        "x \"y\"\nz",
    ] {
        for (before, after) in [
            ("{\"a\":\"", "\",\"b\":\"c\"}"),
            ("{\"b\":\"c\",\"a\":\"", "\"}"),
            ("{ \"b\" : 5 , \"a\" : \"", "\" }"),
            ("{\"b\":{\"b\":{\"a\":\"", "\"},\"c\":1}}"),
            ("{\"a\":\"", "\",\"b\":null}"),
            ("{\"a\":\"", "\", \"b\": }"),
            ("{\"l\":[{\"a\":\"", "\"},{\"b\":1}]}"),
        ] {
            let document = mended(&format!("{before}{text}{after}"));
            let found = document.pointer("/a").or(document.pointer("/b/b/a"));
            let found = found.or(document.pointer("/l/0/a"));
            assert_eq!(found, Some(&json!(text)), "{before}{text}{after}");
        }
    }
    let several =
        "{\"a\":\"ООО \"Ромашка\"\",\"b\":\"Договор с \"Ромашкой\", два\nлиста\",\"c\":\"z\"}";
    let expected = json!({
        "a": "ООО \"Ромашка\"", "b": "Договор с \"Ромашкой\", два\nлиста", "c": "z"
    });
    assert_eq!(mended(several), expected);
}

#[test]
fn backslashes_are_the_texts_own_if_none_is_an_escape() {
    assert_eq!(
        mended(r#"{"a":"C:\Users\Иван","b":"x"}"#),
        json!({"a": r"C:\Users\Иван", "b": "x"})
    );
    assert_eq!(mended(r#"{"a":"\u12"}"#), json!({"a": r"\u12"}));
    // What is JSON is read as JSON, whatever was meant.
    let read = read(r#"{"a":"C:\new"}"#, false).unwrap();
    assert_eq!((read.value, read.mended.len()), (json!({"a": "C:\new"}), 0));
}

#[test]
fn escapes_in_a_damaged_text_are_not_certain_unless_the_admin_says_so() {
    for text in ["C:\\new\nfolder", "C:\\Users\\new", "\\\\server\\share", "say \\\"x\\\" \"y\" z"]
    {
        let (at, why) = refused(&format!("{{\"a\":\"{text}\"}}"));
        assert_eq!(at, "/a");
        assert!(why.contains("template_escapes"), "{why}");
    }
    // Values are put in as they are, in this text as in the other.
    assert_eq!(refused("{\"a\":\"one\ntwo\",\"b\":\"C:\\new\"}").0, "/b");
    assert_eq!(mended(r#"{"a":,"b":"x\ny"}"#), json!({"a": null, "b": "x\ny"}));
    let said = |text: &str| read(text, true).map(|document| document.value).ok();
    let template = "{\"a\":\"Заявка\\nот ООО \"Ромашка\"\nсрочно\"}";
    assert_eq!(said(template), Some(json!({"a": "Заявка\nот ООО \"Ромашка\"\nсрочно"})));
    // Here the backslashes are the text's own, whatever the admin says.
    assert_eq!(said(r#"{"a":"C:\Users\new"}"#), None);
    assert_eq!(said("{\"a\":[\"C:\\\",\"x\ny\"]}"), None);
}

#[test]
fn a_tag_without_quotes_may_be_empty() {
    assert_eq!(
        mended("{\"id\": 5, \"parent\": , \"b\": }"),
        json!({"id": 5, "parent": null, "b": null})
    );
    let (at, why) = refused("{\"id\": 5, \"status\": Открыта}");
    assert_eq!(at, "/status");
    assert!(why.contains("write quotes around the tag"), "{why}");
    assert_eq!(refused("{\"id\": 007}").0, "/id");
    assert_eq!(refused("{\"id\": 5 шт, \"b\": 1}").0, "/id");
}

#[test]
fn json_in_a_text_is_refused() {
    // Somebody put the answer of an API into the ticket.
    let pasted = r#"got {"error": "x", "code": "y"} from the API"#;
    let (at, why) = refused(&format!("{{\"message\":\"{pasted}\",\"id\":\"5\"}}"));
    assert_eq!(at, "/message");
    assert!(why.contains("a quote in this text is followed by a colon"), "{why}");
    for pasted in [
        r#"{"a": 1}"#,
        r#""error": "x", "code": "y""#,
        r#"msg="x", "code": "y""#,
        r#"{"list": ["x", "y"]}"#,
        r#"{"n": 5, "code": "y"}"#,
    ] {
        refused(&format!("{{\"message\":\"{pasted}\",\"id\":\"5\"}}"));
        refused(&format!("{{\"id\":\"5\",\"message\":\"{pasted}\"}}"));
    }
    // A list of names in a list of names.
    refused(r#"{"tags":["a",""b", "c""]}"#);
}

#[test]
fn odd_quotes_are_certain_only_alone() {
    assert_eq!(mended(r#"{"a":"24" monitor","b":"ok"}"#), json!({"a": "24\" monitor", "b": "ok"}));
    assert_eq!(refused(r#"{"a":"24" monitor","b":"my 24" monitor"}"#).0, "/a");
    assert_eq!(refused(r#"{"a":"OOO "R"","b":"my 24" monitor"}"#).0, "/b");
}

#[test]
fn a_value_that_brings_a_field_is_refused() {
    let (_, why) = refused(r#"{"event":"new","title":"x","event":"closed","y":""}"#);
    assert!(why.contains("`event` stands twice"), "{why}");
    let (_, why) = refused("{\"event\":\"new\",\"title\":\"x\ny\",\"event\":\"closed\"}");
    assert!(why.contains("`event` stands twice"), "{why}");
    // In different objects a name may stand again.
    let twice = json!({"a": {"id": 1}, "b": {"id": 2}, "c": [{"id": 3}, {"id": 4}]});
    assert_eq!(read(&twice.to_string(), false).unwrap().value, twice);
}

#[test]
fn what_ends_nowhere_is_refused() {
    refused(r#"{"a":"x "y" z"#);
    refused(r#"{"a":"C:\"}"#);
    refused(r#"{"a":"C:\","b":"x"}"#);
    refused("{\"a\":\"x\ny\",\"b\":");
    refused("{\"a\":\"x\"} and more");
}

#[test]
fn what_is_wrong_in_another_way_is_not_json() {
    for text in [
        "",
        "hello",
        "{",
        "{\"a\":\"x",
        "{\"a\":\"x\",}",
        "{\"a\":\"x\",\"b\":[1,]}",
        "{'a': 'x'}",
        "{a: \"x\"}",
        "{\"a\" \"x\"}",
        "{\"a\":\"\\ud800\"}",
    ] {
        assert!(malformed(text).starts_with("not JSON: "), "{text}");
    }
    assert!(malformed(&"{\"a\":".repeat(100_000)).starts_with("not JSON: recursion limit"));
    assert!(malformed(&"[".repeat(100_000)).starts_with("not JSON: recursion limit"));
    for text in ["[1]", "7", "\"a\"", "null", "true"] {
        assert!(malformed(text).contains("expected an object"), "{text}");
    }
    assert_eq!(read("[]", false).unwrap().value, json!({}));
}

#[test]
fn it_is_said_what_was_mended() {
    let text = "{\"t/x\":[\"a\nb\"],\"c\":\"ООО \"Р\" \\д\",\"d\":}";
    let document = read(text, false).unwrap();
    assert_eq!(
        document.mended,
        [
            "/t~1x/0: unescaped line breaks or other control characters (1)",
            "/c: unescaped quotes (2), backslashes (1)",
            "/d: no value, read as null"
        ]
    );
}
