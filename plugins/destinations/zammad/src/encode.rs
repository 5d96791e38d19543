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

/// Where the next byte stands that means something inside a string: its end, an escape, or what
/// ActiveSupport escapes. It looks at eight bytes at once; most mean nothing.
fn meaning(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let found = marks(u64::from_le_bytes(*word));
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += size_of::<u64>();
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let means = |&byte: &u8| matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&' | FIRST_OF_2028);
    at + rest.iter().position(means).unwrap_or(rest.len())
}

/// The first byte of U+2028 and U+2029.
const FIRST_OF_2028: u8 = 0xe2;

/// Sets the highest bit of bytes that mean something. Above the first of them, in the order of
/// the text, more may be set.
const fn marks(word: u64) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = LOW << 7;
    const fn zeros(word: u64) -> u64 {
        word.wrapping_sub(LOW) & !word
    }
    const fn all(byte: u8) -> u64 {
        LOW * byte as u64
    }
    // Two that differ in one bit are one when it is set.
    let quote_or_and = zeros((word | all(b'"' ^ b'&')) ^ all(b'"' | b'&'));
    let angle = zeros((word | all(b'<' ^ b'>')) ^ all(b'<' | b'>'));
    let backslash = zeros(word ^ all(b'\\'));
    (quote_or_and | angle | backslash | zeros(word ^ all(FIRST_OF_2028))) & HIGH
}

/// Where the string that starts here ends, and how it is written if not as it is.
fn string(json: &str, start: usize) -> (usize, Option<String>) {
    let bytes = json.as_bytes();
    let mut special = false;
    let mut at = start + 1;
    loop {
        at = meaning(bytes, at);
        match bytes.get(at) {
            Some(b'"') => break,
            Some(b'\\') => {
                special = true;
                at += 2;
            }
            Some(_) => {
                special = true;
                at += 1;
            }
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
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            '\0'..='\u{1f}' => {
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

    /// Byte by byte, as a person would write it.
    fn slowly(bytes: &[u8], from: usize) -> usize {
        let means = |byte: &u8| b"\"\\<>&\xe2".contains(byte);
        bytes.iter().skip(from).position(means).map_or(bytes.len(), |at| from + at)
    }

    #[test]
    fn every_byte_means_the_same_wherever_it_stands() {
        for byte in 0..=255_u8 {
            for at in 0..20 {
                for (filler, before) in [b'a', b'#', b'\'', b'=', 0xe3, 0, 0xff].iter().zip(0..3) {
                    let mut bytes = vec![*filler; 20];
                    bytes[at] = byte;
                    assert_eq!(meaning(&bytes, before), slowly(&bytes, before), "{bytes:?}");
                }
            }
        }
        for end in 0..20 {
            let bytes = vec![b'a'; end];
            assert_eq!(meaning(&bytes, end), end);
            assert_eq!(meaning(&bytes, end + 1), end + 1, "beyond the end");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_means_something_is_found(bytes in "[\"\\\\<>&a-c!#%'=…é]{0,40}", from in 0..40_usize) {
            let bytes = bytes.as_bytes();
            let from = from.min(bytes.len());
            proptest::prop_assert_eq!(meaning(bytes, from), slowly(bytes, from));
        }
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
