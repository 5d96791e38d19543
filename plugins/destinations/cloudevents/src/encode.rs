//! Percent-encoding: of header values as CloudEvents' HTTP binding says, and of URIs.

/// Writes a text; bytes that do not fit become `%XX`.
fn percent(text: &str, fits: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii() && fits(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The value of a header in binary mode: printable ASCII but for the quote and the percent
/// sign stays (HTTP binding 1.0.2, section 3.1.3.2).
pub(crate) fn header_value(text: &str) -> String {
    percent(text, |byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'%'))
}

/// A text as one segment of a URI's path. Without the colon it is a URI reference by itself.
pub(crate) fn segment(text: &str) -> String {
    percent(text, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// A URI with what no URI holds encoded. What is encoded already stays as it is.
pub(crate) fn uri(text: &str) -> String {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=".contains(&byte);
    let mut pieces = text.split('%');
    let mut out = percent(pieces.next().unwrap_or_default(), fits);
    for piece in pieces {
        let code = piece.as_bytes().get(..2);
        let is_encoded = code.is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
        out.push_str(if is_encoded { "%" } else { "%25" });
        out.push_str(&percent(piece, fits));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values() {
        // The binding's own example.
        assert_eq!(header_value("Euro € 😀"), "Euro%20%E2%82%AC%20%F0%9F%98%80");
        assert_eq!(header_value("\"50%\"\r\n"), "%2250%25%22%0D%0A");
        let plain: String = ('!'..='~').filter(|c| !matches!(c, '"' | '%')).collect();
        assert_eq!(header_value(&plain), plain);
    }

    #[test]
    fn uris() {
        assert_eq!(segment("helpdesk-2.a_b"), "helpdesk-2.a_b");
        assert_eq!(segment("a:b/c d"), "a%3Ab%2Fc%20d");
        assert_eq!(uri("https://example.com/a b?ü=1#x"), "https://example.com/a%20b?%C3%BC=1#x");
        assert_eq!(uri("a%20b%zz%ü%"), "a%20b%25zz%25%C3%BC%25");
    }
}
