//! Checks what a plugin asks for, before it goes any further.

use hookwright_model::request::{Part, Request, Template};
use hookwright_model::{EventType, FaultKind, FollowUp, SecretSlot};
use url::Url;

/// Header names that a plugin cannot set: the connection's own, and those the host signs
/// with. In lower case.
pub const RESERVED_HEADERS: [&str; 16] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];

/// Methods a plugin can use. `CONNECT` and `TRACE` are not for it.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The longest URL, in bytes: what servers commonly take.
const MAX_URL: usize = 8_000;
/// The most headers and the longest of them, in bytes: what servers commonly take.
const MAX_HEADERS: usize = 100;
const MAX_HEADER: usize = 16_000;

/// What is wrong with a request.
pub(crate) type Refusal = (FaultKind, String);

fn bad(message: String) -> Refusal {
    (FaultKind::BadOutput, message)
}

/// Text of a guest, cut and with control characters made visible, for a message.
fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

pub(crate) fn request(request: &Request, slots: &[SecretSlot]) -> Result<(), Refusal> {
    if !METHODS.contains(&request.method.as_str()) {
        let method = shown(&request.method);
        let message = format!("the method `{method}` is not one of {}", METHODS.join(", "));
        return Err(bad(message));
    }
    url(&request.url)?;
    if request.headers.len() > MAX_HEADERS {
        let count = request.headers.len();
        return Err(bad(format!("{count} headers; a request can have {MAX_HEADERS}")));
    }
    for (name, value) in &request.headers {
        header(name, value)?;
    }
    if request.body.slots_of_body_signatures().next().is_some() {
        return Err(bad("the body holds a signature of the body".into()));
    }
    for slot in request.slots() {
        if !slots.iter().any(|known| known.name == slot) {
            let message = format!("uses the secret `{}`, which it has not declared", shown(slot));
            return Err((FaultKind::UndeclaredSecret, message));
        }
    }
    Ok(())
}

pub(crate) fn follow_up(follow_up: &FollowUp, slots: &[SecretSlot]) -> Result<(), Refusal> {
    match follow_up {
        FollowUp::Send(wanted) => request(wanted, slots),
        FollowUp::AddComment { .. } => Ok(()),
        FollowUp::SetField { field, value } => json(value)
            .map_err(|error| bad(format!("the value of the field `{}` {error}", shown(field)))),
    }
}

/// Checks the type and body of an event that a source plugin read.
pub(crate) fn event(event_type: &str, data: &str) -> Result<EventType, Refusal> {
    let event_type: EventType = event_type.parse().map_err(|error| bad(format!("{error}")))?;
    json(data).map_err(|error| bad(format!("the data of `{event_type}` {error}")))?;
    Ok(event_type)
}

fn json(text: &str) -> Result<(), String> {
    let read = serde_json::from_str::<serde::de::IgnoredAny>(text);
    read.map(drop).map_err(|error| format!("is not JSON: {error}"))
}

/// Checks a URL with something harmless in the place of what is filled in later. A URL whose
/// origin is itself a secret can be checked only when it is sent.
fn url(template: &Template) -> Result<(), Refusal> {
    let mut text = String::new();
    for part in &template.0 {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(part) if part.is_ascii() => text.push_str(part),
                _ => return Err(bad("the URL holds bytes that are not ASCII".into())),
            },
            Part::Secret { .. } if text.is_empty() => text.push_str("https://secret.invalid/"),
            Part::Secret { .. } | Part::DeliveryId | Part::SentAt => text.push('0'),
            Part::Basic { .. } | Part::Signature(_) => {
                // Base64 may hold `/` and `+`, which mean something in a URL.
                return Err(bad("the URL holds a signature or a user name and password; put \
                                these into a header"
                    .into()));
            }
        }
    }
    if text.len() > MAX_URL {
        return Err(bad(format!("the URL has {} bytes; it can have {MAX_URL}", text.len())));
    }
    check_url(&text)
        .map(drop)
        .map_err(|problem| bad(format!("the URL `{}` {problem}", shown(&text))))
}

/// What every URL that is called must be, also when its secrets are filled in.
///
/// # Errors
/// Says what is wrong, without quoting the URL.
pub fn check_url(text: &str) -> Result<Url, String> {
    // The parser would drop some of these in silence.
    if let Some(odd) = text.chars().find(|c| c.is_control() || c.is_whitespace() || *c == '\\') {
        return Err(format!("holds {odd:?}: percent-encode it"));
    }
    let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("has the scheme `{}`; use http or https", shown(url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or password; use the `Authorization` header".into());
    }
    if url.fragment().is_some() {
        return Err("has a fragment (`#…`), which is never sent".into());
    }
    Ok(url)
}

fn header(name: &str, value: &Template) -> Result<(), Refusal> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || name.len() > 100 || !name.bytes().all(token) {
        return Err(bad(format!("`{}` cannot be the name of a header", shown(name))));
    }
    if RESERVED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(bad(format!("the header `{name}` is set by the host")));
    }
    let mut length = 0;
    for part in &value.0 {
        let bytes = match part {
            Part::Text(text) => text.as_bytes(),
            Part::Bytes(bytes) => bytes,
            _ => continue,
        };
        length += bytes.len();
        if let Some(odd) = bytes.iter().find(|&&b| (b < 0x20 && b != b'\t') || b == 0x7f) {
            let what = match odd {
                b'\r' | b'\n' => "a line break".to_owned(),
                odd => format!("the control character {odd:#04x}"),
            };
            return Err(bad(format!("the value of the header `{name}` holds {what}")));
        }
    }
    if length > MAX_HEADER {
        let message = format!("the header `{name}` has {length} bytes; it can have {MAX_HEADER}");
        return Err(bad(message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use hookwright_model::request::{
        Credential, DigestEncoding, Encoding, HmacDigest, Signature, SignedPart,
    };

    use super::*;

    fn good() -> Request {
        Request {
            method: "POST".into(),
            url: Template::text("https://example.com/a?b=c"),
            headers: vec![("X-Title".into(), Template::text("Привет"))],
            body: Template::text("x"),
        }
    }

    fn secret(slot: &str) -> Part {
        Part::Secret { slot: slot.into(), encoding: Encoding::Raw }
    }

    fn slots() -> [SecretSlot; 1] {
        [SecretSlot {
            name: "token".into(),
            title: String::new(),
            description: String::new(),
            required: true,
        }]
    }

    fn message(request: &Request) -> String {
        super::request(request, &slots()).unwrap_err().1
    }

    #[test]
    fn good_requests_pass() {
        assert_eq!(request(&good(), &slots()), Ok(()));
        let bot = Template(vec![
            Part::Text("https://api.telegram.org/bot".into()),
            secret("token"),
            Part::Text("/sendMessage".into()),
        ]);
        assert_eq!(request(&Request { url: bot, ..good() }, &slots()), Ok(()));
        let whole = Template(vec![secret("token")]);
        assert_eq!(request(&Request { url: whole, ..good() }, &slots()), Ok(()));
    }

    #[test]
    fn bad_urls_are_refused() {
        for (url, word) in [
            ("ftp://example.com/", "scheme"),
            ("file:///etc/passwd", "scheme"),
            ("example.com", "not a URL"),
            ("https://", "not a URL"),
            ("https://u:p@example.com/", "password"),
            ("https://example.com/#x", "fragment"),
            ("https://example.com/a b", "percent-encode"),
            ("https://example.com/\r\nX: y", "percent-encode"),
            ("https:\\\\example.com", "percent-encode"),
            ("", "not a URL"),
        ] {
            let message = message(&Request { url: Template::text(url), ..good() });
            assert!(message.contains(word), "{url}: {message}");
        }
        let long = format!("https://example.com/{}", "a".repeat(MAX_URL));
        assert!(message(&Request { url: Template::text(long), ..good() }).contains("8000"));
    }

    #[test]
    fn bad_methods_and_headers_are_refused() {
        let odd = Request { method: "post\r\n".into(), ..good() };
        assert!(message(&odd).starts_with("the method `post\\r\\n` is not one of GET"));
        for (name, value, word) in [
            ("Host", "x", "set by the host"),
            ("webhook-ID", "x", "set by the host"),
            ("X-A", "a\r\nX-B: c", "line break"),
            ("X-A", "a\0", "control character 0x00"),
            ("X A", "a", "name of a header"),
            ("", "a", "name of a header"),
        ] {
            let headers = vec![(name.to_owned(), Template::text(value))];
            let message = message(&Request { headers, ..good() });
            assert!(message.contains(word), "{name}: {message}");
        }
    }

    #[test]
    fn undeclared_secrets_are_refused_wherever_they_stand() {
        let basic = Part::Basic {
            username: Credential::Text("u".into()),
            password: Credential::Secret("other".into()),
        };
        let signature = Part::Signature(Signature {
            slot: "other".into(),
            digest: HmacDigest::Sha1,
            encoding: DigestEncoding::Hex,
            message: vec![SignedPart::Body],
        });
        for part in [secret("other"), basic, signature.clone()] {
            let headers = vec![("X-A".to_owned(), Template(vec![part]))];
            let refusal = request(&Request { headers, ..good() }, &slots()).unwrap_err();
            assert_eq!(refusal.0, FaultKind::UndeclaredSecret);
            assert!(refusal.1.contains("`other`"));
        }
        let circular = Request { body: Template(vec![signature]), ..good() };
        assert!(message(&circular).contains("signature of the body"));
    }
}
