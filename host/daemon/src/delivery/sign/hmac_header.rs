//! An HMAC in a header of any name, over a message that is put together from a template.

use hookwright_model::request::{DigestEncoding, HmacDigest};
use hookwright_model::{HmacSigning, Secret};
use hookwright_sandbox::RESERVED_HEADERS;
use http::HeaderName;

use super::template::{Piece, parse};
use super::{Mistake, Outgoing, hmac, written};

/// Headers that say what the body is: a signature in their place would break the request.
const OF_THE_BODY: [&str; 3] = ["content-encoding", "content-type", "user-agent"];
/// The longest format and message, in bytes.
const MAX_TEMPLATE: usize = 1_000;

#[derive(Clone, Debug)]
pub(super) struct HmacHeader {
    key: Secret,
    digest: HmacDigest,
    encoding: DigestEncoding,
    header: HeaderName,
    format: Vec<Piece>,
    message: Vec<Piece>,
    timestamp_header: Option<HeaderName>,
    delivery_header: Option<HeaderName>,
}

impl HmacHeader {
    pub(super) fn new(wanted: &HmacSigning, key: Secret) -> Result<Self, Mistake> {
        let optional = |field, name: &Option<String>| {
            name.as_deref().map(|name| header_name(field, name)).transpose()
        };
        let signer = Self {
            key,
            digest: wanted.digest,
            encoding: wanted.encoding,
            header: header_name("header", &wanted.header)?,
            format: format(&wanted.format)?,
            message: message(&wanted.message)?,
            timestamp_header: optional("timestamp_header", &wanted.timestamp_header)?,
            delivery_header: optional("delivery_header", &wanted.delivery_header)?,
        };
        signer.check_names()?;
        signer.check_told(&Piece::Timestamp, "timestamp", &signer.timestamp_header)?;
        signer.check_told(&Piece::DeliveryId, "delivery", &signer.delivery_header)?;
        Ok(signer)
    }

    fn check_names(&self) -> Result<(), Mistake> {
        let twice = |field| Err(Mistake::new(field, "this header has another meaning already"));
        if self.timestamp_header.as_ref() == Some(&self.header) {
            return twice("timestamp_header");
        }
        let others = [Some(&self.header), self.timestamp_header.as_ref()];
        if self.delivery_header.is_some() && others.contains(&self.delivery_header.as_ref()) {
            return twice("delivery_header");
        }
        Ok(())
    }

    /// What is signed beside the body has to be sent too: the receiver could not check the
    /// signature otherwise.
    fn check_told(
        &self,
        piece: &Piece,
        name: &str,
        header: &Option<HeaderName>,
    ) -> Result<(), Mistake> {
        let is_told = self.format.contains(piece) || header.is_some();
        if is_told || !self.message.contains(piece) {
            return Ok(());
        }
        let place = if *piece == Piece::DeliveryId { "delivery_id" } else { name };
        let detail = format!(
            "`{{{place}}}` is signed and not sent: put it into `format` too, or give a \
             `{name}_header`"
        );
        Err(Mistake::new("message", detail))
    }

    pub(super) fn names(&self) -> Vec<HeaderName> {
        let others = self.timestamp_header.iter().chain(&self.delivery_header);
        std::iter::once(&self.header).chain(others).cloned().collect()
    }

    pub(super) fn headers(&self, outgoing: Outgoing<'_>) -> Vec<(HeaderName, String)> {
        let timestamp = outgoing.sent_at.seconds().to_string();
        let pieces = self.message.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_bytes(),
            Piece::Body => outgoing.body,
            Piece::Timestamp => timestamp.as_bytes(),
            Piece::DeliveryId => outgoing.id.as_bytes(),
            Piece::Signature => b"",
        });
        let pieces: Vec<&[u8]> = pieces.collect();
        let signature = written(&hmac(self.digest, self.key.expose(), &pieces), self.encoding);
        let value = self.format.iter().map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Signature => signature.as_str(),
            Piece::Timestamp => timestamp.as_str(),
            Piece::DeliveryId => outgoing.id,
            Piece::Body => "",
        });
        let mut headers = vec![(self.header.clone(), value.collect())];
        headers.extend(self.timestamp_header.clone().map(|name| (name, timestamp.clone())));
        headers.extend(self.delivery_header.clone().map(|name| (name, outgoing.id.to_owned())));
        headers
    }
}

fn header_name(field: &'static str, name: &str) -> Result<HeaderName, Mistake> {
    let Ok(header) = HeaderName::from_bytes(name.as_bytes()) else {
        let detail = "this is not the name of a header, such as `X-Signature`";
        return Err(Mistake::new(field, detail));
    };
    if RESERVED_HEADERS.contains(&header.as_str()) || OF_THE_BODY.contains(&header.as_str()) {
        let detail = format!("the header `{header}` has a meaning of its own; use another");
        return Err(Mistake::new(field, detail));
    }
    Ok(header)
}

fn format(text: &str) -> Result<Vec<Piece>, Mistake> {
    let wrong = |detail: String| Err(Mistake::new("format", detail));
    if text.len() > MAX_TEMPLATE {
        return wrong(format!("a format has at most {MAX_TEMPLATE} bytes"));
    }
    // Spaces around a header's value are not part of it.
    if !text.chars().all(|c| c.is_ascii_graphic() || c == ' ') || text.trim() != text {
        let detail = "a format has printable characters of ASCII only, such as \
                      `sha256={signature}`, and no spaces around it";
        return wrong(detail.into());
    }
    let allowed = [Piece::Signature, Piece::Timestamp, Piece::DeliveryId];
    let pieces = parse(text, &allowed).or_else(wrong_in("format"))?;
    if !pieces.contains(&Piece::Signature) {
        return wrong("there is no `{signature}` in the format".into());
    }
    Ok(pieces)
}

fn message(text: &str) -> Result<Vec<Piece>, Mistake> {
    let wrong = |detail: String| Err(Mistake::new("message", detail));
    if text.len() > MAX_TEMPLATE {
        return wrong(format!("a message has at most {MAX_TEMPLATE} bytes"));
    }
    let allowed = [Piece::Body, Piece::Timestamp, Piece::DeliveryId];
    let pieces = parse(text, &allowed).or_else(wrong_in("message"))?;
    if !pieces.contains(&Piece::Body) {
        return wrong("there is no `{body}` in the message: anyone could change the body".into());
    }
    Ok(pieces)
}

fn wrong_in<T>(field: &'static str) -> impl Fn(String) -> Result<T, Mistake> {
    move |detail| Err(Mistake::new(field, detail))
}

#[cfg(test)]
mod tests {
    use hookwright_model::Timestamp;
    use serde_json::{Value, json};

    use super::*;

    fn wanted(more: &Value) -> HmacSigning {
        let mut document = json!({"secret": "key"});
        for (name, value) in more.as_object().unwrap() {
            document[name] = value.clone();
        }
        serde_json::from_value(document).unwrap()
    }

    fn signed(key: &str, body: &[u8], more: &Value) -> Vec<(String, String)> {
        let key = Secret::from(key.to_owned());
        let signer = HmacHeader::new(&wanted(more), key).unwrap();
        let sent_at = Timestamp::from_millis(1_614_265_330_999);
        let headers = signer.headers(Outgoing { id: "dlv_1", sent_at, body });
        let names: Vec<_> = headers.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names, signer.names());
        headers.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
    }

    fn header(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    /// GitHub's documents, RFC 2202, RFC 4231.
    #[test]
    fn vectors() {
        let github = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let (key, body) = ("It's a Secret to Everybody", b"Hello, World!");
        assert_eq!(signed(key, body, &json!({})), [header("x-signature", github)]);
        let more = json!({"header": "X-Hub-Signature-256", "format": "sha256={signature}"});
        let expected = header("x-hub-signature-256", &format!("sha256={github}"));
        assert_eq!(signed(key, body, &more), [expected]);
        let more = json!({"encoding": "base64", "format": "v0 {signature}"});
        let expected = header("x-signature", "v0 dXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc=");
        assert_eq!(signed(key, body, &more), [expected]);
        let jefe = b"what do ya want for nothing?";
        let sha1 = header("x-signature", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(signed("Jefe", jefe, &json!({"digest": "sha1"})), [sha1]);
        let sha512 = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                      9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";
        let sha512 = header("x-signature", sha512);
        assert_eq!(signed("Jefe", jefe, &json!({"digest": "sha512"})), [sha512]);
    }

    /// What is put together is what the same words give as a body: RFC 2202's second case in
    /// three pieces.
    #[test]
    fn messages_of_several_pieces() {
        let more = json!({
            "message": "v0:{timestamp}:{delivery_id}:{body}", "header": "X-Slack-Like",
            "format": "t={timestamp},id={delivery_id},v1={signature}",
            "timestamp_header": "X-Time", "delivery_header": "X-Delivery",
        });
        let alone = signed("key", b"v0:1614265330:dlv_1:{\"a\":1}", &json!({}));
        let value = format!("t=1614265330,id=dlv_1,v1={}", alone[0].1);
        let expected = [
            header("x-slack-like", &value),
            header("x-time", "1614265330"),
            header("x-delivery", "dlv_1"),
        ];
        assert_eq!(signed("key", b"{\"a\":1}", &more), expected);
        // What stands in a body is no place.
        assert_ne!(
            signed("key", b"{timestamp}", &json!({})),
            signed("key", b"1614265330", &json!({}))
        );
    }

    #[test]
    fn what_cannot_be_set_up() {
        let field = |more: Value| {
            let made = HmacHeader::new(&wanted(&more), Secret::from("key!".to_owned()));
            made.map(drop).map_err(|mistake| mistake.field)
        };
        assert_eq!(field(json!({})), Ok(()));
        for name in [
            "",
            "X Signature",
            "Host",
            "content-length",
            "Content-Type",
            "webhook-signature",
            "Connection",
            "User-Agent",
            "ä",
        ] {
            assert_eq!(field(json!({"header": name})), Err("header"), "{name}");
            assert_eq!(field(json!({"timestamp_header": name})), Err("timestamp_header"), "{name}");
            assert_eq!(field(json!({"delivery_header": name})), Err("delivery_header"), "{name}");
        }
        for format in
            ["", "sha256=", "{body}{signature}", "{signature", "ä{signature}", " {signature}"]
        {
            assert_eq!(field(json!({"format": format})), Err("format"), "{format}");
        }
        for message in ["", "{timestamp}", "{signature}{body}", "{body"] {
            assert_eq!(field(json!({"message": message})), Err("message"), "{message}");
        }
        assert_eq!(
            field(json!({"header": "X-A", "timestamp_header": "x-a"})),
            Err("timestamp_header")
        );
        assert_eq!(field(json!({"delivery_header": "X-Signature"})), Err("delivery_header"));
        // Signed, but not told to the receiver.
        let message = "{timestamp}.{body}";
        assert_eq!(field(json!({"message": message})), Err("message"));
        assert_eq!(field(json!({"message": message, "timestamp_header": "X-Time"})), Ok(()));
        let format = "t={timestamp},v1={signature}";
        assert_eq!(field(json!({"message": message, "format": format})), Ok(()));
        assert_eq!(field(json!({"message": "{delivery_id}{body}"})), Err("message"));
    }
}
