//! What is wrong with a document, in words of the document: the library that reads it speaks of
//! types of Rust.

/// What the library found, by how it begins.
const FOUND: [(&str, &str); 8] = [
    ("string ", "a text"),
    ("character ", "a text"),
    ("integer ", "a whole number"),
    ("floating point ", "a number"),
    ("sequence", "a list"),
    ("map", "an object"),
    ("null", "null"),
    ("unit value", "null"),
];
/// What it expected.
const EXPECTED: [(&str, &str); 22] = [
    ("f32", "a number"),
    ("f64", "a number"),
    ("u8", "a whole number from 0 to 255"),
    ("u16", "a whole number from 0 to 65535"),
    ("u32", "a whole number from 0 to 4294967295"),
    ("u64", "a whole number that is not negative"),
    ("usize", "a whole number that is not negative"),
    ("i8", "a whole number from -128 to 127"),
    ("i16", "a whole number from -32768 to 32767"),
    ("i32", "a whole number from -2147483648 to 2147483647"),
    ("i64", "a whole number"),
    ("isize", "a whole number"),
    ("a string", "a text"),
    ("a borrowed string", "a text"),
    ("string or map", "a text or an object"),
    ("a boolean", "true or false"),
    ("a sequence", "a list"),
    ("a map", "an object"),
    ("unit", "null"),
    ("option", "a value or null"),
    ("variant identifier", "a text"),
    ("field identifier", "the name of a field"),
];
/// What it expected, by how that begins.
const KINDS: [(&str, &str); 6] = [
    ("struct ", "an object"),
    ("internally tagged enum ", "an object"),
    ("adjacently tagged enum ", "an object"),
    ("enum ", "one of the texts or objects that are known here"),
    ("tuple struct ", "a list"),
    ("a tuple of size ", "a list"),
];

/// A mistake that the library found, in words. What was found is named by its kind only: it may be
/// a secret in the wrong place.
#[must_use]
pub fn in_words(text: &str) -> String {
    let text = without_position(text);
    if text.starts_with("data did not match any variant of untagged enum ") {
        return "it has none of the forms that are possible here".to_owned();
    }
    // What was found comes first, and may hold these words itself.
    let Some((found, expected)) = text.rsplit_once(", expected ") else {
        return text.to_owned();
    };
    let found = match found.strip_prefix("invalid type: ") {
        Some(found) => format!("invalid type: {}", kind_of(found)),
        None => found.to_owned(),
    };
    let known = EXPECTED.iter().find(|(word, _)| *word == expected);
    let known = known.or_else(|| KINDS.iter().find(|(start, _)| expected.starts_with(start)));
    let words = known.map_or(expected, |(_, words)| words);
    format!("{found}, expected {words}")
}

fn kind_of(found: &str) -> String {
    let known = FOUND.iter().find(|(start, _)| found.starts_with(start));
    match found.strip_prefix("boolean ") {
        Some(value) => value.trim_matches('`').to_owned(),
        None => known.map_or_else(|| found.to_owned(), |(_, words)| (*words).to_owned()),
    }
}

/// Where it is, is said by a pointer.
fn without_position(text: &str) -> &str {
    let Some((rest, place)) = text.rsplit_once(" at line ") else { return text };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match place.split_once(" column ") {
        Some((line, column)) if is_number(line) && is_number(column) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::setup::{SecretWanted, Setup};

    fn mistake<T: DeserializeOwned>(document: &str) -> String {
        in_words(&serde_json::from_str::<T>(document).err().unwrap().to_string())
    }

    /// As the library says it now: other words of a later version would be seen here.
    #[test]
    fn types_have_words() {
        #[derive(Deserialize)]
        #[serde(untagged)]
        #[allow(dead_code)]
        enum Either {
            Number(u8),
            Flag(bool),
        }
        for (said, words) in [
            (mistake::<f64>("\"a, expected f64\""), "invalid type: a text, expected a number"),
            (
                mistake::<u16>("-1"),
                "invalid value: integer `-1`, expected a whole number from 0 to 65535",
            ),
            (
                mistake::<u64>("1.5"),
                "invalid type: a number, expected a whole number that is not negative",
            ),
            (mistake::<String>("true"), "invalid type: true, expected a text"),
            (mistake::<bool>("[]"), "invalid type: a list, expected true or false"),
            (mistake::<Vec<u8>>("{}"), "invalid type: an object, expected a list"),
            (mistake::<SecretWanted>("5"), "invalid type: a whole number, expected an object"),
            (mistake::<Setup>("null"), "invalid type: null, expected an object"),
            (mistake::<Either>("\"x\""), "it has none of the forms that are possible here"),
        ] {
            assert_eq!(said, words);
        }
        let typo = mistake::<SecretWanted>(r#"{"nam": "x"}"#);
        assert_eq!(typo, "unknown field `nam`, expected `name` or `value`");
        let secret = mistake::<SecretWanted>(r#"{"name": "x", "value": 12345678}"#);
        assert_eq!(secret, "invalid type: a whole number, expected a text");
    }
}
