//! Writing a secret into the text around it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hookwright_model::request::Encoding;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A value as it stands in a text of that kind.
#[must_use]
pub fn encode(value: &[u8], encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Raw => value.to_vec(),
        Encoding::Percent => percent_encode(value, RESERVED).to_string().into_bytes(),
        Encoding::Form => form_urlencoded::byte_serialize(value).collect::<String>().into_bytes(),
        Encoding::Base64 => BASE64_STANDARD.encode(value).into_bytes(),
        Encoding::Json => json(value),
        Encoding::Xml => xml(value),
    }
}

/// The inside of a JSON string.
fn json(value: &[u8]) -> Vec<u8> {
    let quoted = serde_json::to_string(&String::from_utf8_lossy(value)).unwrap_or_default();
    quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default().as_bytes().to_vec()
}

fn xml(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for &byte in value {
        match byte {
            b'<' => out.extend(b"&lt;"),
            b'>' => out.extend(b"&gt;"),
            b'&' => out.extend(b"&amp;"),
            b'"' => out.extend(b"&quot;"),
            b'\'' => out.extend(b"&apos;"),
            byte => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding() {
        let value = "a b/\"<&ä".as_bytes();
        let shown = |encoding| String::from_utf8(encode(value, encoding)).unwrap();
        assert_eq!(shown(Encoding::Raw), "a b/\"<&ä");
        assert_eq!(shown(Encoding::Percent), "a%20b%2F%22%3C%26%C3%A4");
        assert_eq!(shown(Encoding::Form), "a+b%2F%22%3C%26%C3%A4");
        assert_eq!(shown(Encoding::Json), "a b/\\\"<&ä");
        assert_eq!(shown(Encoding::Xml), "a b/&quot;&lt;&amp;ä");
        assert_eq!(shown(Encoding::Base64), "YSBiLyI8JsOk");
        assert_eq!(encode(b"\"\"", Encoding::Json), b"\\\"\\\"");
    }
}
