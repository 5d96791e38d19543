//! JSON as ActiveSupport writes it: compact, with `<`, `>`, `&`, U+2028 and U+2029 escaped.
//!
//! A document is copied token by token instead of being read into values and written again, so
//! that its keys stay in order and its numbers keep all their digits.

use hookwright_sdk::serde_json;

/// Zammad's own default payload, encoded as Zammad sent it; nothing if the document is not
/// one.
pub(crate) fn default_payload(document: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(document).ok()?;
    #[derive(serde::Deserialize)]
    struct Shape {
        #[allow(dead_code)]
        ticket: serde::de::IgnoredAny,
        #[allow(dead_code)]
        article: serde::de::IgnoredAny,
    }
    serde_json::from_str::<Shape>(text).ok()?;
    Some(compact(text))
}

/// Writes valid JSON anew, as ActiveSupport would.
pub(crate) fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(first) = rest.bytes().next() {
        rest = match first {
            b' ' | b'\t' | b'\n' | b'\r' => &rest[1..],
            b'"' => {
                let (literal, after) = rest.split_at(string_end(rest));
                string(literal, &mut out);
                after
            }
            b'-' | b'0'..=b'9' => {
                let is_number = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
                let end = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
                number(&rest[..end], &mut out);
                &rest[end..]
            }
            // Brackets, commas, colons and the letters of true, false and null.
            _ => {
                out.push(char::from(first));
                &rest[1..]
            }
        };
    }
    out
}

/// Where a string literal ends, its quotes included.
fn string_end(literal: &str) -> usize {
    let bytes = literal.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn string(literal: &str, out: &mut String) {
    let inner = &literal[1..literal.len() - 1];
    // Most strings hold nothing that is written in another way.
    let plain = |b: u8| b >= 0x20 && !matches!(b, b'\\' | b'<' | b'>' | b'&' | 0xe2);
    if inner.bytes().all(plain) {
        out.push_str(literal);
        return;
    }
    let text = match serde_json::from_str::<String>(literal) {
        Ok(text) => text,
        // A lone surrogate has no character; it is passed on as it came.
        Err(_) => {
            out.push_str(literal);
            return;
        }
    };
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Whole numbers keep their digits; others are written as Ruby writes floating point numbers.
fn number(literal: &str, out: &mut String) {
    if !literal.contains(['.', 'e', 'E']) {
        out.push_str(if literal == "-0" { "0" } else { literal });
        return;
    }
    match literal.parse::<f64>() {
        Ok(number) if number.is_finite() => out.push_str(&float(number)),
        // ActiveSupport has no other word for infinity.
        _ => out.push_str("null"),
    }
}

/// The shortest digits that give the number back: plain from 0.0001 to 10^16, with an exponent
/// of at least two digits beyond.
fn float(number: f64) -> String {
    let scientific = format!("{number:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number == 0.0 || (-4..16).contains(&exponent) {
        let plain = format!("{number}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}{point}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_active_supports() {
        let input = "{\"a\":\"<b>&\\\"\\\\/ \\u2028\\u2029 \u{e9} \\ud83d\\ude00 \\u0000\\u001f\"}";
        let expected =
            "{\"a\":\"\\u003cb\\u003e\\u0026\\\"\\\\/ \\u2028\\u2029 é 😀 \\u0000\\u001f\"}";
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
        assert!(default_payload(br#"{"ticket":{},"article":{}}"#).is_some());
        for other in
            [&b"{}"[..], b"", b"\xff", br#"{"ticket":{}}"#, b"[1]", br#"{"ticket":{},"article":"#]
        {
            assert!(default_payload(other).is_none());
        }
    }
}
