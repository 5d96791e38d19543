//! Bodies of requests and answers as a page shows them: JSON with line breaks, text as it is, and
//! of what is long a beginning.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use serde::Serialize;
use serde::de::IgnoredAny;

/// What is shown of a body, in bytes; the whole of it can be downloaded.
const SHOWN: usize = 16 << 10;
/// The longest JSON that is given line breaks, in bytes.
const PRETTY: usize = 256 << 10;

/// A body, or the beginning of one.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// What is seen of it.
    pub text: String,
    /// All of its bytes.
    pub bytes: usize,
    /// Whether there is more of it.
    pub is_cut: bool,
    /// Whether it holds bytes that are no text.
    pub is_binary: bool,
}

impl Shown {
    /// Of these bytes.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        let is_json = body.len() <= PRETTY && serde_json::from_slice::<IgnoredAny>(body).is_ok();
        let pretty = match (is_json, std::str::from_utf8(body)) {
            (true, Ok(text)) => Some(indented(text)),
            _ => None,
        };
        let shown = pretty.as_deref().map_or(body, str::as_bytes);
        let is_cut = shown.len() > SHOWN;
        let beginning = shown.get(..SHOWN).unwrap_or(shown);
        Self {
            text: beginning_of(beginning, is_cut),
            bytes: body.len(),
            is_cut,
            is_binary: std::str::from_utf8(body).is_err(),
        }
    }
}

/// As text. A character that was cut in two is left out.
fn beginning_of(bytes: &[u8], is_cut: bool) -> String {
    let whole = match std::str::from_utf8(bytes) {
        Err(error) if is_cut && error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    };
    String::from_utf8_lossy(whole).into_owned()
}

/// JSON with line breaks. What stands in it is left as it is: numbers, escapes, the order of keys.
#[must_use]
pub fn indented(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    let mut rest = json.trim().chars().peekable();
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(character) = rest.next() {
        if in_string {
            text.push(character);
            in_string = is_escaped || character != '"';
            is_escaped = character == '\\' && !is_escaped;
            continue;
        }
        match character {
            '"' => {
                in_string = true;
                text.push('"');
            }
            '{' | '[' => {
                text.push(character);
                while rest.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                if let Some(end) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    text.push(end);
                } else {
                    depth += 1;
                    line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut text, depth);
                text.push(character);
            }
            ',' => {
                text.push(',');
                line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            blank if blank.is_ascii_whitespace() => {}
            other => text.push(other),
        }
    }
    text
}

/// A body as a file. Never as something that a browser shows.
#[must_use]
pub fn download(name: &str, body: Bytes) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, kind);
    let disposition = format!("attachment; filename=\"{name}.txt\"");
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn json_keeps_what_stands_in_it() {
        let json = r#"{"b":1.0000000000000000001,"a":[ ],"c":{"\u0041\"":"x,y:{"},"d":[1, {}]}"#;
        let shown = "{\n  \"b\": 1.0000000000000000001,\n  \"a\": [],\n  \"c\": {\n    \
                     \"\\u0041\\\"\": \"x,y:{\"\n  },\n  \"d\": [\n    1,\n    {}\n  ]\n}";
        assert_eq!(Shown::of(json.as_bytes()).text, shown);
        for text in ["plain", "{\"not\": json}", ""] {
            assert_eq!(Shown::of(text.as_bytes()).text, text);
        }
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        let long = "ü".repeat(SHOWN);
        let shown = Shown::of(format!("a{long}").as_bytes());
        assert!(shown.is_cut && !shown.is_binary && shown.bytes == SHOWN * 2 + 1);
        assert_eq!(shown.text, format!("a{}", "ü".repeat(SHOWN / 2 - 1)));
        let binary = Shown::of(b"a\xff\0b");
        assert!(binary.is_binary && !binary.is_cut);
        assert_eq!(binary.text, "a\u{fffd}\0b");
    }

    proptest! {
        #[test]
        fn indented_json_is_the_same_json(text in "\\PC{0,30}", number in any::<i64>()) {
            let json = serde_json::json!({"list": [text, [], {}, null, true], "n": number});
            for written in [json.to_string(), serde_json::to_string_pretty(&json).unwrap()] {
                let shown = indented(&written);
                prop_assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), json.clone());
            }
        }
    }
}
