//! JSON as ActiveSupport writes it: compact, with `<`, `>`, `&`, U+2028 and U+2029 escaped.
//!
//! A document is copied token by token instead of being read into values and written again, so
//! that its keys stay in order and its numbers keep all their digits.

use hookwright_sdk::serde_json;

/// Zammad's own default payload, encoded as Zammad sent it; nothing if the document is not
/// one.
pub(crate) fn default_payload(document: Vec<u8>) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Shape {
        #[allow(dead_code)]
        ticket: serde::de::IgnoredAny,
        #[allow(dead_code)]
        article: serde::de::IgnoredAny,
    }
    let text = String::from_utf8(document).ok()?;
    serde_json::from_str::<Shape>(&text).ok()?;
    Some(compact(&text))
}

/// Writes valid JSON anew, as ActiveSupport would. What is written so already, as all of it is
/// when it comes from Zammad, is copied in long runs.
pub(crate) fn compact(json: &str) -> String {
    let bytes = json.as_bytes();
    let mut out = String::with_capacity(json.len());
    // Where the run began that is yet to be copied, and how far it was read.
    let (mut run, mut at) = (0, 0);
    while let Some(&first) = bytes.get(at) {
        let (end, anew) = match first {
            b' ' | b'\t' | b'\n' | b'\r' => (at + 1, Some(String::new())),
            b'"' => string(json, at),
            b'-' | b'0'..=b'9' => number(json, at),
            // Brackets, commas, colons and the letters of true, false and null.
            _ => (at + 1, None),
        };
        if let Some(anew) = anew {
            out.push_str(json.get(run..at).unwrap_or_default());
            out.push_str(&anew);
            run = end;
        }
        at = end;
    }
    out.push_str(json.get(run..).unwrap_or_default());
    out
}

/// What a byte inside a string means for the writing.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    Plain,
    /// Ends the string.
    Quote,
    /// May be written in another way: an escape, or what ActiveSupport escapes.
    Special,
    Backslash,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Plain; 256];
    classes[b'"' as usize] = Class::Quote;
    classes[b'\\' as usize] = Class::Backslash;
    classes[b'<' as usize] = Class::Special;
    classes[b'>' as usize] = Class::Special;
    classes[b'&' as usize] = Class::Special;
    // The first byte of U+2028 and U+2029.
    classes[0xe2] = Class::Special;
    classes
};

/// Where the string that starts here ends, and how it is written if not as it is.
fn string(json: &str, start: usize) -> (usize, Option<String>) {
    let bytes = json.as_bytes();
    let mut special = false;
    let mut at = start + 1;
    loop {
        match bytes.get(at).map(|&byte| CLASSES[byte as usize]) {
            Some(Class::Plain) => at += 1,
            Some(Class::Special) => {
                special = true;
                at += 1;
            }
            Some(Class::Backslash) => {
                special = true;
                at += 2;
            }
            Some(Class::Quote) => break,
            // Not valid JSON; it is copied as it is.
            None => return (bytes.len(), None),
        }
    }
    let end = at + 1;
    let literal = json.get(start..end).unwrap_or_default();
    let anew = if special { escape(literal) } else { None };
    (end, anew.filter(|anew| anew != literal))
}

/// A string literal in ActiveSupport's writing; nothing for a lone surrogate, which has no
/// character and is passed on as it came.
fn escape(literal: &str) -> Option<String> {
    let text = serde_json::from_str::<String>(literal).ok()?;
    let mut out = String::with_capacity(literal.len());
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
    Some(out)
}

/// Where the number that starts here ends, and how it is written if not as it is: whole numbers
/// keep their digits, others are written as Ruby writes floating point numbers.
fn number(json: &str, start: usize) -> (usize, Option<String>) {
    let is_number = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let length = json.as_bytes()[start..].iter().take_while(|byte| is_number(byte)).count();
    let end = start + length;
    let literal = json.get(start..end).unwrap_or_default();
    let anew = if literal == "-0" {
        Some("0".to_owned())
    } else if literal.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        None
    } else {
        match literal.parse::<f64>() {
            Ok(number) if number.is_finite() => Some(float(number)),
            // ActiveSupport has no other word for infinity.
            _ => Some("null".to_owned()),
        }
    };
    (end, anew)
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
        assert!(default_payload(br#"{"ticket":{},"article":{}}"#.to_vec()).is_some());
        for other in
            [&b"{}"[..], b"", b"\xff", br#"{"ticket":{}}"#, b"[1]", br#"{"ticket":{},"article":"#]
        {
            assert!(default_payload(other.to_vec()).is_none());
        }
    }
}
