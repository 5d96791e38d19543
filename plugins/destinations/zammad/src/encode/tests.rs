//! What is accepted is held against `serde_json`, what is written against a writer that goes token
//! by token.

use super::*;
use proptest::prelude::*;
use serde::de::IgnoredAny;

const WIRE: &str = include_str!("../../../../../tests/data/seeds/001-zammad.wire.json");
const SAMPLES: [&str; 4] = [
    WIRE,
    include_str!("../../../../../tests/data/seeds/001-zammad.json"),
    include_str!("../../../../../tests/data/seeds/000-zenlix.json"),
    include_str!("../../../../../tests/data/r-service-webhooks-api.json"),
];

fn compact(json: &str) -> String {
    super::compact(json.to_owned())
}

/// What ActiveSupport would write instead of valid JSON.
fn token_by_token(json: &str) -> String {
    let mut out = String::new();
    let mut rest = json;
    while let Some(first) = rest.chars().next() {
        let is_number = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
        let length = match first {
            '"' => {
                let mut escaped = false;
                let is_end = |c: char| {
                    let is_end = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    is_end
                };
                1 + rest[1..].find(is_end).unwrap() + 1
            }
            '-' | '0'..='9' => rest.find(|c| !is_number(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        match first {
            '"' => out.push_str(&string(token).unwrap_or_else(|| token.to_owned())),
            ' ' | '\t' | '\n' | '\r' => {}
            _ if token == "-0" => out.push('0'),
            '-' | '0'..='9' if token.contains(['.', 'e', 'E']) => out.push_str(&fraction(token)),
            _ => out.push_str(token),
        }
    }
    out
}

/// Both ways of reading, and both ways of writing what is read.
fn check(text: &str) -> Result<bool, TestCaseError> {
    #[derive(serde::Deserialize)]
    struct Payload {
        #[allow(dead_code)]
        ticket: IgnoredAny,
        #[allow(dead_code)]
        article: IgnoredAny,
    }
    let expected = serde_json::from_str::<IgnoredAny>(text).is_ok().then(|| token_by_token(text));
    let found = walk::walk(text, |_| Some(()));
    let found = found.map(|anew| anew.unwrap_or_else(|| text.to_owned()));
    prop_assert_eq!(&found, &expected, "{}", text);
    // serde takes a list for a struct, field by field.
    let is_payload =
        serde_json::from_str::<Payload>(text).is_ok() && !text.trim_start().starts_with('[');
    let payload = default_payload(text.as_bytes().to_vec());
    prop_assert_eq!(payload, expected.clone().filter(|_| is_payload), "{}", text);
    Ok(expected.is_some())
}

/// JSON in any writing, with what is nearly JSON here and there.
fn any_text() -> impl Strategy<Value = String> {
    let literal = r#""([ a-z#'=^|~<>&é…\u{2028}\u{2029}😀]|\\["\\/bfnrt]|\\u(00[0-9a-fA-F]{2}|20(28|29)|d83d\\ude00|d8[0-9]{2})){0,12}""#;
    let name = r#"("ticket"|"article"|"\\u0074icket"|"a"|"\\ud800"|"\\n")"#;
    let space = "[ \t\r\n]{0,2}";
    let leaf = prop_oneof![
        literal,
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?",
        "(true|false|null|\\{\\}|\\[\\]|\\{ \\}|\\[\n\\])",
        "([-+.0-9eE]{1,4}|tru|nulll|\"|\"\\\\|\"\u{1}\"|\"\\\\u00g0\"|,|\\}|)",
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        let member = (space, name, space, inner.clone(), space);
        let member = member.prop_map(|(a, name, b, value, c)| format!("{a}{name}{b}:{value}{c}"));
        prop_oneof![
            1 => prop::collection::vec((space, inner), 1..6).prop_map(|items| {
                let items: Vec<_> = items.iter().map(|(space, item)| space.clone() + item).collect();
                format!("[{}]", items.join(","))
            }),
            2 => prop::collection::vec(member, 1..6)
                .prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

/// The text with a character in the place of some that stand somewhere.
fn changed(text: &str, somewhere: prop::sample::Index, length: usize, with: &str) -> String {
    let boundaries: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
    let start = somewhere.index(boundaries.len() + 1);
    let at = |nth: usize| boundaries.get(nth).copied().unwrap_or(text.len());
    format!("{}{with}{}", &text[..at(start)], &text[at(start + length)..])
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 2_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_is_read_and_written_the_same(text in any_text()) {
        check(&text)?;
    }

    #[test]
    fn a_slip_is_seen(
        text in any_text(),
        somewhere in any::<prop::sample::Index>(),
        length in 0..3_usize,
        with in r#"[\[\]{}",:0-9eE.+\- \\ua-f<\u{0}\n…]?"#,
    ) {
        check(&changed(&text, somewhere, length, &with))?;
    }

    #[test]
    fn a_slip_in_a_sample_is_seen(
        sample in prop::sample::select(&SAMPLES),
        somewhere in any::<prop::sample::Index>(),
        length in 0..3_usize,
        with in r#"[\[\]{}",:0-9eE.+\- \\ua-f<\u{0}\n…]?"#,
    ) {
        check(&changed(sample, somewhere, length, &with))?;
    }
}

#[test]
fn samples_are_read() {
    for sample in SAMPLES {
        assert!(check(sample).unwrap());
    }
    assert_eq!(compact(SAMPLES[1]), WIRE);
}

#[test]
fn what_serde_json_refuses_is_refused() {
    let bad = [
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "{\"a\":1,}",
        "{,}",
        "[,]",
        "{\"a\"}",
        "{\"a\":}",
        "{1:2}",
        "[1 2]",
        "[1}",
        "{\"a\":1]",
        "01",
        "-",
        "+1",
        "1.",
        ".1",
        "1e",
        "1e+",
        "1.e1",
        "0x1",
        "--1",
        "-a",
        "tru",
        "truee",
        "nul",
        "True",
        "'a'",
        "\"",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u123g\"",
        "\"a\nb\"",
        "\"\u{1f}\"",
        "1 1",
        "{} {}",
        "[] ,",
        "[]]",
        "\u{feff}{}",
        "\u{a0}[]",
        "[\u{c}1]",
    ];
    for text in bad {
        assert!(!check(text).unwrap(), "{text:?}");
    }
    let good = [
        "0",
        "-0",
        " 1 ",
        "1e400",
        "-0.0",
        "\"\"",
        "\"\u{7f}\u{80}\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "[[[]],{}]",
        "{\"\":{\"\":[]}}",
        "\t\r\n null",
        "\"\\u00AF\"",
        "{\"a\":1,\"a\":2}",
    ];
    for text in good {
        assert!(check(text).unwrap(), "{text:?}");
    }
}

#[test]
fn nesting_has_no_limit() {
    let deep = format!("{}0{}", "[{\"a\":".repeat(100_000), "}]".repeat(100_000));
    assert!(check(&deep).unwrap());
    assert!(!check(&deep[..deep.len() - 1]).unwrap());
}

#[test]
fn escapes_are_active_supports() {
    let input = "{\"a\":\"<b>&\\\"\\\\/ \\u2028\\u2029 \u{e9} \\ud83d\\ude00 \\u0000\\u001f\"}";
    let expected = "{\"a\":\"\\u003cb\\u003e\\u0026\\\"\\\\/ \\u2028\\u2029 é 😀 \\u0000\\u001f\"}";
    assert_eq!(compact(input), expected);
    assert_eq!(compact("{\"a\":\"\u{2028}\u{2029}…\"}"), "{\"a\":\"\\u2028\\u2029…\"}");
    assert_eq!(compact(r#"["\n\r\t\b\f\u007f\/"]"#), "[\"\\n\\r\\t\\b\\f\u{7f}/\"]");
    assert_eq!(compact(r#"["\ud800"]"#), r#"["\ud800"]"#);
}

#[test]
fn numbers_are_rubys() {
    for (input, expected) in [
        ("3.0", "3.0"),
        ("3.33", "3.33"),
        ("1e20", "1.0e+20"),
        ("100000000000000000000", "100000000000000000000"),
        ("-0", "0"),
        ("-0.0", "-0.0"),
        ("1E2", "100.0"),
        ("1e15", "1000000000000000.0"),
        ("1e16", "1.0e+16"),
        ("0.0001", "0.0001"),
        ("0.00001", "1.0e-05"),
        ("1.5e-7", "1.5e-07"),
        ("1e400", "null"),
        ("123456789.125", "123456789.125"),
    ] {
        assert_eq!(compact(input), expected, "{input}");
    }
}

#[test]
fn white_space_goes_and_order_stays() {
    let input = "{ \"b\" : [ 1 , true , null ] ,\r\n\t\"a\" : { } }";
    assert_eq!(compact(input), r#"{"b":[1,true,null],"a":{}}"#);
    assert_eq!(compact(r#"{"a b":" c "}"#), r#"{"a b":" c "}"#);
}

#[test]
fn only_a_default_payload_is_one() {
    assert!(default_payload(br#"{"ticket":{},"article":{}}"#.to_vec()).is_some());
    for other in [
        &b"{}"[..],
        b"",
        b"\xff",
        br#"{"ticket":{}}"#,
        b"[1]",
        b"[1,2]",
        br#"{"ticket":{},"article":"#,
    ] {
        assert!(default_payload(other.to_vec()).is_none());
    }
}
