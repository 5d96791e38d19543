//! Whether a text is found in something, in whatever form it was written down there.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// How often something can be encoded within something: HTML in JSON in a form.
const DEPTH: u32 = 3;
/// Letters of base64 that are worth decoding.
const SHORTEST: usize = 16;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A text that is sought.
pub(in super::super) struct Needle {
    text: String,
    /// Whether upper and lower case are the same.
    is_folded: bool,
}

impl Needle {
    pub(in super::super) fn exact(text: &str) -> Self {
        Self { text: text.to_owned(), is_folded: false }
    }

    pub(in super::super) fn folded(text: &str) -> Self {
        Self { text: text.to_lowercase(), is_folded: true }
    }

    /// Also as JSON, forms, URLs, XML, HTML and base64 write it.
    pub(in super::super) fn is_in(&self, text: &[u8]) -> bool {
        self.is_within(text, DEPTH, true)
    }

    fn is_within(&self, text: &[u8], depth: u32, in_base64: bool) -> bool {
        if self.is_plainly_in(text) {
            return true;
        }
        let Some(depth) = depth.checked_sub(1) else { return false };
        let decoded = [unescape_json(text), decode_percent(text), decode_entities(text)];
        decoded.into_iter().flatten().any(|text| self.is_within(&text, depth, in_base64))
            || (in_base64 && words(text).any(|word| self.is_within(&word, depth, false)))
    }

    fn is_plainly_in(&self, text: &[u8]) -> bool {
        let text = String::from_utf8_lossy(text);
        let text = if self.is_folded { text.to_lowercase().into() } else { text };
        // Forms write a space as a plus.
        text.contains(&self.text)
            || (self.text.contains(' ') && text.replace('+', " ").contains(&self.text))
    }
}

/// None if nothing is escaped.
fn unescape_json(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        let (before, escape) = rest.split_at(at);
        decoded.extend_from_slice(before);
        let plain = match escape.get(1) {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'u') => {
                let (character, length) = unicode(escape);
                decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &escape[length..];
                continue;
            }
            Some(&byte) => byte,
            None => b'\\',
        };
        decoded.push(plain);
        rest = escape.get(2..).unwrap_or_default();
    }
    let is_changed = rest.len() < text.len();
    decoded.extend_from_slice(rest);
    is_changed.then_some(decoded)
}

/// The character that an escape stands for, which two can be needed for, and its length.
fn unicode(escape: &[u8]) -> (char, usize) {
    let unit = |at: usize| {
        let digits = escape.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let Some(first) = unit(0) else { return ('u', 2) };
    let mut both = char::decode_utf16([first].into_iter().chain(unit(6)));
    match both.next() {
        Some(Ok(character)) => (character, 6 * character.len_utf16()),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

/// None if nothing is encoded.
fn decode_percent(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| byte == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                rest = &after[2..];
            }
            None => {
                decoded.push(byte);
                rest = after;
            }
        }
    }
    (decoded.len() < text.len()).then_some(decoded)
}

/// None if there are no entities.
fn decode_entities(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| byte == b'&') {
        let (before, from) = rest.split_at(at);
        decoded.extend_from_slice(before);
        let end = from.iter().take(12).position(|&byte| byte == b';');
        let known = end.and_then(|end| Some((entity(&from[1..end])?, end)));
        rest = match known {
            Some((character, end)) => {
                decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                &from[end + 1..]
            }
            None => {
                decoded.push(b'&');
                &from[1..]
            }
        };
    }
    decoded.extend_from_slice(rest);
    (decoded.len() < text.len()).then_some(decoded)
}

fn entity(name: &[u8]) -> Option<char> {
    let name = std::str::from_utf8(name).ok()?;
    let Some(number) = name.strip_prefix('#') else {
        let known = [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\'')];
        let commat = [("commat", '@'), ("nbsp", ' ')];
        return known.into_iter().chain(commat).find(|(known, _)| *known == name).map(|it| it.1);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}

/// What long words are if they are base64, of either alphabet, or end with some.
fn words(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let is_letter =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let words = text.split(move |byte| !is_letter(byte)).filter(|word| word.len() >= SHORTEST);
    words.flat_map(|word| {
        let standard = |byte: &u8| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        };
        let word: Vec<u8> = word.iter().map(standard).collect();
        // Something else can come before it.
        (0..4).filter_map(move |start| {
            let letters = &word[start..];
            let whole = letters.len() - usize::from(letters.len() % 4 == 1);
            BASE64.decode(&letters[..whole]).ok()
        })
    })
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

    use super::*;

    const EMAIL: &str = "Jörg.O'Neil+desk@example.org";

    fn forms() -> Vec<String> {
        let token = BASE64_URL_SAFE_NO_PAD.encode(format!(r#"{{"sub":"{EMAIL}"}}"#));
        let json = r#"{"to":"J\u00f6rg.O\u0027Neil\u002bdesk\u0040example.org"}"#;
        vec![
            EMAIL.into(),
            json.into(),
            r#""{\"to\":\"J\\u00f6rg.O\\u0027Neil+desk\\u0040example.org\"}""#.into(),
            "to=J%C3%B6rg.O%27Neil%2Bdesk%40example.org&x=1".into(),
            "to=j%c3%b6rg.o%27neil%2bdesk%40example.org".into(),
            "<to>J&#xF6;rg.O&apos;Neil&#43;desk&#64;example.org</to>".into(),
            r#"{"html":"J\u00f6rg.O&#39;Neil+desk&commat;example.org"}"#.into(),
            format!("payload={}", json.replace('"', "%22").replace('\\', "%5C")),
            format!(r#"{{"jwt":"eyJhbGciOiJFUzI1NiJ9.{token}.c2lnbmF0dXJl"}}"#),
            format!("https://example.org/t/{token}"),
            BASE64_STANDARD.encode(format!("From: <{EMAIL}>\r\n")),
        ]
    }

    #[test]
    fn every_form_is_found() {
        for needle in [Needle::folded(EMAIL), Needle::folded(&EMAIL.to_uppercase())] {
            for form in forms() {
                assert!(needle.is_in(form.as_bytes()), "{form}");
            }
        }
        let none = Needle::folded("org.neil+desk@example.org");
        assert!(!forms().iter().any(|form| none.is_in(form.as_bytes())));
    }

    #[test]
    fn exact_is_exact() {
        assert!(Needle::exact("Anna Blom").is_in(b"name=Anna+Blom"));
        assert!(Needle::exact("Anna Blom").is_in(b"name=Anna%20Blom"));
        assert!(!Needle::exact("Anna Blom").is_in(b"anna blom"));
        assert!(Needle::exact("100 %").is_in(b"100 % of \\u0041"));
        assert!(Needle::exact(r"C:\temp").is_in(br#"{"path":"C:\\temp"}"#));
        assert!(Needle::exact("😀 ok").is_in(br#"{"text":"\ud83d\ude00 ok"}"#));
    }

    #[test]
    fn anything_can_be_searched() {
        for odd in [
            &b"\\"[..],
            b"\\u",
            b"\\u12",
            b"\\ud800\\u0041",
            b"%",
            b"%4",
            b"&",
            b"&#;",
            b"&#x110000;",
        ] {
            let text = [odd, b" needle ", odd].concat();
            assert!(Needle::exact("needle").is_in(&text));
            assert!(!Needle::exact("Needle").is_in(&text));
        }
    }
}
