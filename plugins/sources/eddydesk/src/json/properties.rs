//! What holds for all documents: those that are JSON are read as they are, and those that are
//! mended have the values that were put into them.

use hookwright_sdk::serde_json::{Value, json};
use proptest::prelude::*;

use super::read;

/// Templates with tags in them.
const TEMPLATES: [&str; 8] = [
    r#"{"a":"{1}","b":"{2}"}"#,
    r#"{"a": "{1}", "b": "{2}", "c": 5}"#,
    "{\n  \"c\": null,\n  \"a\": \"{1}\",\n  \"b\": \"{2}\"\n}\n",
    r#"{"t":{"a":"{1}","n":[{"b":"{2}"},{"c":true}]},"z":"z"}"#,
    r#"{"a":"<{1}: {2}>"}"#,
    r#"{"t":{"t":{"a":"{1}"}},"b":"{2}"}"#,
    r#"{"text":"{1}: {2}","parent_id":,"c":{}}"#,
    r#"{"l":["{1}","{2}"],"c":[]}"#,
];

/// Pieces of which texts are made that break documents.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "\"",
        "\"",
        "\"",
        ",",
        ":",
        "}",
        "]",
        "{",
        "[",
        " ",
        "\n",
        "\t",
        "\\",
        "\\n",
        "\\\"",
        "x",
        "слово",
        "5",
        "true",
        "\", \"",
        "\": ",
        "\"}",
        "\",",
        "\"a\":",
        "b",
        "\u{1}",
    ])
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..10).prop_map(|pieces| pieces.concat())
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|object| object.into_iter().collect()),
        ]
    })
}

fn fill(template: &str, first: &str, second: &str) -> String {
    // The texts have no tags in them.
    template.replace("{1}", first).replace("{2}", second)
}

/// What the template means where a tag without quotes is empty.
fn with_null(template: &str) -> String {
    template.replace(":,", ":null,")
}

fn escaped(text: &str) -> String {
    let quoted = json!(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Whether a text contains the end of a string and another member or item, which no reader can
/// tell from the template's. Takes more texts for such than there are.
fn has_end(text: &str, in_list: bool) -> bool {
    text.match_indices('"').any(|(quote, _)| {
        let rest = text[quote + 1..].trim_start_matches([' ', '\n', '\t', '}', ']']);
        let Some(rest) = rest.strip_prefix(',') else { return false };
        let another = || rest.trim_start().strip_prefix('"').is_some_and(has_name_end);
        in_list || another()
    })
}

fn has_name_end(text: &str) -> bool {
    text.match_indices('"').any(|(quote, _)| text[quote + 1..].trim_start().starts_with(':'))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_is_read_as_it_is(
        object in prop::collection::btree_map(any::<String>(), json_value(), 0..6),
        pretty in any::<bool>(),
    ) {
        let value: Value = object.into_iter().collect();
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        let document = read(&text, false).unwrap();
        prop_assert_eq!(document.value, value);
        prop_assert!(document.mended.is_empty());
    }

}

proptest! {
    // These are cheap, and what they look for is rare.
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_mended_is_what_was_put_in(
        template in prop::sample::select(TEMPLATES.to_vec()),
        first in text(),
        second in text(),
    ) {
        let broken = fill(template, &first, &second);
        let right = fill(&with_null(template), &escaped(&first), &escaped(&second));
        let right: Value = hookwright_sdk::serde_json::from_str(&right).unwrap();
        match read(&broken, false) {
            Ok(document) if document.mended.is_empty() => {
                // Nothing shows that it is broken.
                let strict: Value = hookwright_sdk::serde_json::from_str(&broken).unwrap();
                prop_assert_eq!(document.value, strict);
            }
            // Nothing shows that texts are put in as they are.
            Ok(document) if document.mended.iter().all(|what| what.ends_with("null")) => {}
            Ok(document) => {
                let in_list = template.contains('[');
                let as_one = template.contains("{1}: {2}");
                let joined = format!("{first}: {second}");
                let texts = if as_one { vec![joined] } else { vec![first, second] };
                if !texts.iter().any(|text| has_end(text, in_list)) {
                    prop_assert_eq!(document.value, right, "{}", broken);
                }
            }
            Err(_) => {}
        }
    }

    #[test]
    fn line_breaks_and_quoted_words_are_always_mended(
        template in prop::sample::select(TEMPLATES.to_vec()),
        words in prop::collection::vec("[a-zа-яїє0-9.!?()-]{1,8}", 1..8),
        breaks in prop::collection::vec(any::<bool>(), 8),
        quoted in any::<prop::sample::Index>(),
    ) {
        let quoted = quoted.index(words.len());
        let words = words.iter().zip(breaks).enumerate().map(|(number, (word, is_end))| {
            let end = if is_end { "\n" } else { " " };
            if number == quoted { format!("\"{word}\"{end}") } else { format!("{word}{end}") }
        });
        let text = words.collect::<String>();
        let broken = fill(template, &text, "ok");
        let right = fill(&with_null(template), &escaped(&text), "ok");
        let right: Value = hookwright_sdk::serde_json::from_str(&right).unwrap();
        let document = read(&broken, false).unwrap();
        prop_assert_eq!(document.value, right, "{}", broken);
        prop_assert!(!document.mended.is_empty());
    }
}
