//! From a plugin's request to the bytes that go out: secrets filled in, signatures computed,
//! and beside it the same text with masks for the journal.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use hookwright_model::request::{Credential, Part, Request, SignedPart, Template};
use hookwright_model::{DeliveryId, Name, Secret, Sent, Timestamp};
use hookwright_sandbox::check_url;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;
use uuid::Uuid;

use super::encode::encode;
use super::scrub::{Scrubber, basic_pair, mask};
use super::sign::token::About;
use super::sign::{self, Outgoing, Signers};

/// What this host calls itself when a plugin does not say otherwise.
pub const USER_AGENT: &str = concat!("Hookwright/", env!("CARGO_PKG_VERSION"));

/// The secrets of a subscription.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The plugin's slots, and the name and value of the secret in each.
    pub slots: HashMap<String, (Name, Secret)>,
    /// Signatures that the host adds, or why it cannot: then nothing is sent.
    pub signing: Result<Signers, String>,
    /// Takes all of these out of answers.
    pub scrubber: Arc<Scrubber>,
    /// The keys of signatures, with their names.
    keys: Vec<(Name, Secret)>,
}

impl Bound {
    /// The secrets in the plugin's slots, the keys of signatures, and what signs with these.
    #[must_use]
    pub fn new(
        slots: HashMap<String, (Name, Secret)>,
        keys: Vec<(Name, Secret)>,
        signing: Result<Signers, String>,
    ) -> Self {
        let mut bound = Self { slots, signing, scrubber: Arc::default(), keys };
        bound.scrubber = Arc::new(bound.scrubber_with(&[]));
        bound
    }

    /// What takes these and further secrets out of answers.
    fn scrubber_with(&self, more: &[(String, Secret)]) -> Scrubber {
        let known = self.slots.values().chain(&self.keys);
        let known = known.map(|(name, secret)| (name.as_str(), secret));
        let secrets = known.chain(more.iter().map(|(name, secret)| (name.as_str(), secret)));
        let has_tokens = self.signing.as_ref().is_ok_and(|signing| signing.token.is_some());
        if has_tokens { Scrubber::of_tokens(secrets) } else { Scrubber::new(secrets) }
    }
}

/// What is the same for all of one attempt.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Of the delivery.
    pub delivery: DeliveryId,
    /// When it is sent.
    pub sent_at: Timestamp,
}

/// A request, ready to be sent.
#[derive(Debug)]
pub struct Filled {
    /// The HTTP method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// All but what the connection adds.
    pub headers: HeaderMap,
    /// As it goes out.
    pub body: Bytes,
    /// The same for the journal.
    pub sent: Sent,
    /// Takes the secrets out of the answer.
    pub scrubber: Arc<Scrubber>,
}

/// Why a request cannot be sent as it is. Final: neither the request nor the settings change by
/// themselves.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Unfillable(String);

/// Fills a request in.
///
/// # Errors
/// When a secret is not set, or cannot stand where it is used. The text never holds a secret.
pub fn fill(request: &Request, bound: &Bound, facts: Facts) -> Result<Filled, Unfillable> {
    filled(request, bound, facts, Signatures::Shown)
}

/// What stands for a signature in what is not sent.
pub const SIGNATURE_MASK: &str = "{signature}";

/// The same without sending: what the journal would have, but without its signatures. Whoever
/// sees one of a request that was never sent could send it.
///
/// # Errors
/// As [`fill`].
pub fn rehearse(request: &Request, bound: &Bound, facts: Facts) -> Result<Sent, Unfillable> {
    filled(request, bound, facts, Signatures::Masked).map(|filled| filled.sent)
}

/// Whether what is shown has its signatures.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signatures {
    Shown,
    Masked,
}

fn filled(
    request: &Request,
    bound: &Bound,
    facts: Facts,
    signatures: Signatures,
) -> Result<Filled, Unfillable> {
    let signing = bound.signing.as_ref().map_err(|problem| Unfillable(problem.clone()))?;
    let masks = signatures == Signatures::Masked;
    let mut filler = Filler { bound, facts, masks, body: Bytes::new(), pairs: Vec::new() };
    let (mut body, mut masked_body) = filler.required(&request.body, "body")?;
    if let Some(token) = &signing.token {
        let id = Uuid::now_v7().to_string();
        let about = About { subject: token.subject.as_str(), sent_at: facts.sent_at, id: &id };
        let plain = masks.then(|| body.clone());
        body = token.maker.wrap(&body, about).map_err(Unfillable)?;
        masked_body = masked_body.or(plain).map(|masked| token.maker.shown(&masked, about));
    }
    filler.body = Bytes::from(body);
    let (url, masked_url) = filler.required(&request.url, "URL")?;
    let url = String::from_utf8_lossy(&url);
    let url = check_url(&url).map_err(|problem| Unfillable(format!("the URL {problem}")))?;
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| Unfillable("the method is not one".into()))?;
    let mut headers = HeaderMap::new();
    let mut masked_headers = Vec::new();
    let signed = signing.names();
    for (name, value) in &request.headers {
        // A signature of the host takes the place of a plugin's.
        if signed.iter().any(|signed| name.eq_ignore_ascii_case(signed.as_str())) {
            continue;
        }
        // A header with a secret that is not set is left out: so a plugin can offer several
        // ways to authenticate.
        let Some((value, masked)) = filler.optional(value) else { continue };
        add(&mut headers, &mut masked_headers, name, value, masked)?;
    }
    if !headers.contains_key(http::header::USER_AGENT) {
        add(&mut headers, &mut masked_headers, "user-agent", USER_AGENT.into(), USER_AGENT.into())?;
    }
    if signing.token.is_some() {
        declare_json(&mut headers, &mut masked_headers);
    }
    let id = facts.delivery.to_string();
    let outgoing = Outgoing { id: &id, sent_at: facts.sent_at, body: &filler.body };
    for (name, value) in signing.headers.iter().flat_map(|signer| signer.headers(outgoing)) {
        let masked = if masks { SIGNATURE_MASK.to_owned() } else { value.clone() };
        add(&mut headers, &mut masked_headers, name.as_str(), value.into_bytes(), masked)?;
    }
    let sent = Sent {
        method: request.method.clone(),
        // What the URL parser made of it, but for the masks, which it would escape.
        url: masked_url.map_or_else(|| url.as_str().to_owned(), lossy),
        headers: masked_headers,
        body: masked_body.map_or_else(|| filler.body.clone(), Bytes::from),
    };
    let scrubber = filler.scrubber();
    Ok(Filled { method, url, headers, body: filler.body, sent, scrubber })
}

/// A token stands in JSON, whatever the plugin's body was said to be.
fn declare_json(headers: &mut HeaderMap, masked_headers: &mut Vec<(String, String)>) {
    const JSON: &str = "application/json";
    let is_json = |value: &HeaderValue| {
        let kind = value.as_bytes().split(|&byte| byte == b';').next().unwrap_or_default();
        kind.trim_ascii().eq_ignore_ascii_case(JSON.as_bytes())
    };
    if headers.get(CONTENT_TYPE).is_some_and(is_json) {
        return;
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    masked_headers.retain(|(name, _)| !name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()));
    masked_headers.push((CONTENT_TYPE.to_string(), JSON.to_owned()));
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

fn add(
    headers: &mut HeaderMap,
    masked_headers: &mut Vec<(String, String)>,
    name: &str,
    value: Vec<u8>,
    masked: String,
) -> Result<(), Unfillable> {
    let bad = |what: &str| Unfillable(format!("the header `{name}` {what}"));
    let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("has a bad name"))?;
    let value = HeaderValue::from_maybe_shared(Bytes::from(value))
        .map_err(|_| bad("would hold a line break or another control character"))?;
    masked_headers.push((name.to_owned(), masked));
    headers.append(header, value);
    Ok(())
}

struct Filler<'a> {
    bound: &'a Bound,
    facts: Facts,
    /// Whether signatures are not shown.
    masks: bool,
    /// Filled in first: signatures cover it.
    body: Bytes,
    /// User names and passwords joined for Basic authentication: forms of secrets that the
    /// subscription's own scrubber does not know.
    pairs: Vec<(String, Secret)>,
}

/// The bytes, and for the journal the same with masks, if there is anything to mask.
type Text = (Vec<u8>, Option<Vec<u8>>);

impl Filler<'_> {
    /// Fills in a template whose secrets must be set.
    fn required(&mut self, template: &Template, place: &str) -> Result<Text, Unfillable> {
        match self.write(template) {
            Ok(text) => Ok(text),
            Err(slot) => Err(Unfillable(format!(
                "the {place} needs the secret `{slot}`, which is not set on the subscription"
            ))),
        }
    }

    /// Fills in a header; nothing if it uses a secret that is not set.
    fn optional(&mut self, template: &Template) -> Option<(Vec<u8>, String)> {
        let (bytes, masked) = self.write(template).ok()?;
        let masked = lossy(masked.unwrap_or_else(|| bytes.clone()));
        Some((bytes, masked))
    }

    /// The error is the slot that is not set.
    fn write(&mut self, template: &Template) -> Result<Text, String> {
        let mut bytes = Vec::new();
        let mut masked: Option<Vec<u8>> = None;
        for part in &template.0 {
            let start = bytes.len();
            let shown = self.append(part, &mut bytes)?;
            if shown.is_some() && masked.is_none() {
                masked = Some(bytes[..start].to_vec());
            }
            if let Some(masked) = &mut masked {
                masked.extend_from_slice(shown.as_deref().map_or(&bytes[start..], str::as_bytes));
            }
        }
        Ok((bytes, masked))
    }

    /// Appends the bytes of a part. Returns what stands for them in the journal if it is
    /// something else.
    fn append(&mut self, part: &Part, to: &mut Vec<u8>) -> Result<Option<String>, String> {
        match part {
            Part::Text(text) => to.extend_from_slice(text.as_bytes()),
            Part::Bytes(bytes) => to.extend_from_slice(bytes),
            Part::DeliveryId => to.extend_from_slice(self.delivery_id().as_bytes()),
            Part::SentAt => to.extend_from_slice(self.sent_at().as_bytes()),
            Part::Secret { slot, encoding } => {
                let (name, secret) = self.slot(slot)?;
                to.append(&mut encode(secret.expose(), *encoding));
                return Ok(Some(mask(name.as_str())));
            }
            Part::Signature(signature) => {
                let (_, key) = self.slot(&signature.slot)?;
                let (id, time) = (self.delivery_id(), self.sent_at());
                let pieces = signature.message.iter().map(|piece| match piece {
                    SignedPart::Text(text) => text.as_bytes(),
                    SignedPart::Body => &self.body,
                    SignedPart::DeliveryId => id.as_bytes(),
                    SignedPart::SentAt => time.as_bytes(),
                });
                let pieces: Vec<&[u8]> = pieces.collect();
                let digest = sign::hmac(signature.digest, key.expose(), &pieces);
                to.extend_from_slice(sign::written(&digest, signature.encoding).as_bytes());
                if self.masks {
                    return Ok(Some(SIGNATURE_MASK.to_owned()));
                }
            }
            Part::Basic { username, password } => {
                let (user, user_name) = self.credential(username)?;
                let (pass, pass_name) = self.credential(password)?;
                let pair = basic_pair(user, pass);
                to.extend_from_slice(pair.as_bytes());
                let names: Vec<_> = [user_name, pass_name].into_iter().flatten().collect();
                if !names.is_empty() {
                    let name = names.join(":");
                    let masked = mask(&name);
                    self.pairs.push((name, Secret::from(pair)));
                    return Ok(Some(masked));
                }
            }
        }
        Ok(None)
    }

    /// The value, and its name if it is a secret.
    fn credential<'s>(
        &'s self,
        credential: &'s Credential,
    ) -> Result<(&'s [u8], Option<String>), String> {
        match credential {
            Credential::Text(text) => Ok((text.as_bytes(), None)),
            Credential::Secret(slot) => {
                let (name, secret) = self.slot(slot)?;
                Ok((secret.expose(), Some(name.to_string())))
            }
        }
    }

    fn slot(&self, slot: &str) -> Result<&(Name, Secret), String> {
        self.bound.slots.get(slot).ok_or_else(|| slot.to_owned())
    }

    fn delivery_id(&self) -> String {
        self.facts.delivery.uuid().hyphenated().to_string()
    }

    fn sent_at(&self) -> String {
        self.facts.sent_at.seconds().to_string()
    }

    fn scrubber(&self) -> Arc<Scrubber> {
        if self.pairs.is_empty() {
            return Arc::clone(&self.bound.scrubber);
        }
        Arc::new(self.bound.scrubber_with(&self.pairs))
    }
}

#[cfg(test)]
mod token_tests;

#[cfg(test)]
mod tests {
    use hookwright_model::request::{DigestEncoding, Encoding, HmacDigest, Signature};

    use super::*;
    use crate::delivery::sign::Signer;

    fn bound(slots: &[(&str, &str)], signing: Vec<Signer>) -> Bound {
        let slots: HashMap<_, _> = slots
            .iter()
            .map(|(slot, value)| {
                let name: Name = format!("my-{slot}").parse().unwrap();
                ((*slot).to_owned(), (name, Secret::from((*value).to_owned())))
            })
            .collect();
        Bound::new(slots, Vec::new(), Ok(Signers { headers: signing, token: None }))
    }

    fn facts() -> Facts {
        Facts {
            delivery: "dlv_0199f5e0a8c07c3e8d2f1a2b3c4d5e6f".parse().unwrap(),
            sent_at: Timestamp::from_millis(1_614_265_330_999),
        }
    }

    fn secret(slot: &str, encoding: Encoding) -> Part {
        Part::Secret { slot: slot.into(), encoding }
    }

    fn text(text: &str) -> Part {
        Part::Text(text.into())
    }

    fn header<'a>(filled: &'a Filled, name: &str) -> Option<&'a str> {
        filled.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[test]
    fn secrets_go_out_and_masks_go_into_the_journal() {
        let request = Request {
            method: "POST".into(),
            url: Template(vec![
                text("https://api.telegram.org/bot"),
                secret("token", Encoding::Raw),
                text("/send?key="),
                secret("key", Encoding::Percent),
            ]),
            headers: vec![
                (
                    "Authorization".into(),
                    Template(vec![text("Bearer "), secret("key", Encoding::Raw)]),
                ),
                ("X-Delivery".into(), Template(vec![Part::DeliveryId])),
                ("X-Time".into(), Template(vec![Part::SentAt])),
            ],
            body: Template(vec![text("login="), secret("key", Encoding::Form), text("&x=1")]),
        };
        let bound = bound(&[("token", "123:AbC"), ("key", "k y&z")], Vec::new());
        let filled = fill(&request, &bound, facts()).unwrap();
        assert_eq!(filled.url.as_str(), "https://api.telegram.org/bot123:AbC/send?key=k%20y%26z");
        assert_eq!(filled.body.as_ref(), b"login=k+y%26z&x=1");
        assert_eq!(header(&filled, "authorization"), Some("Bearer k y&z"));
        assert_eq!(header(&filled, "x-delivery"), Some("0199f5e0-a8c0-7c3e-8d2f-1a2b3c4d5e6f"));
        assert_eq!(header(&filled, "x-time"), Some("1614265330"));
        let sent = &filled.sent;
        assert_eq!(
            sent.url,
            "https://api.telegram.org/bot{secret:my-token}/send?key={secret:my-key}"
        );
        assert_eq!(sent.body.as_ref(), b"login={secret:my-key}&x=1");
        assert_eq!(sent.headers[0], ("Authorization".into(), "Bearer {secret:my-key}".into()));
        assert_eq!(sent.headers[3].0, "user-agent");
        let journal = format!("{sent:?}");
        assert!(!journal.contains("AbC") && !journal.contains("k y&z"), "{journal}");
    }

    #[test]
    fn a_header_whose_secret_is_not_set_is_left_out_and_a_body_fails() {
        let basic = Part::Basic {
            username: Credential::Text("user".into()),
            password: Credential::Secret("password".into()),
        };
        let request = Request {
            method: "POST".into(),
            url: Template::text("https://example.com/"),
            headers: vec![("Authorization".into(), Template(vec![text("Basic "), basic]))],
            body: Template::text("x"),
        };
        let without = fill(&request, &bound(&[], Vec::new()), facts()).unwrap();
        assert_eq!(header(&without, "authorization"), None);
        let with =
            fill(&request, &bound(&[("password", "passw0rd")], Vec::new()), facts()).unwrap();
        // As in Zammad's tests: user:passw0rd.
        assert_eq!(header(&with, "authorization"), Some("Basic dXNlcjpwYXNzdzByZA=="));
        assert_eq!(with.sent.headers[0].1, "Basic {secret:my-password}");
        assert_eq!(with.scrubber.text("dXNlcjpwYXNzdzByZA=="), "{secret:my-password}");
        let body = Template(vec![secret("password", Encoding::Raw)]);
        let error = fill(&Request { body, ..request }, &bound(&[], Vec::new()), facts());
        assert_eq!(
            error.unwrap_err().to_string(),
            "the body needs the secret `password`, which is not set on the subscription"
        );
    }

    #[test]
    fn a_secret_cannot_break_out_of_its_place() {
        let hostile = bound(&[("token", "a\r\nX-Admin: yes")], Vec::new());
        let request = |url: Vec<Part>, value: Vec<Part>| Request {
            method: "GET".into(),
            url: Template(url),
            headers: vec![("X-Key".into(), Template(value))],
            body: Template::default(),
        };
        let good = || vec![text("https://example.com/")];
        let in_header = request(good(), vec![secret("token", Encoding::Raw)]);
        let error = fill(&in_header, &hostile, facts()).unwrap_err().to_string();
        assert_eq!(
            error,
            "the header `X-Key` would hold a line break or another control character"
        );
        let in_url =
            request(vec![text("https://example.com/"), secret("token", Encoding::Raw)], vec![]);
        let error = fill(&in_url, &hostile, facts()).unwrap_err().to_string();
        assert!(error.starts_with("the URL holds '\\r'"), "{error}");
        assert!(!error.contains("X-Admin"), "{error}");
    }

    #[test]
    fn signatures_cover_the_body_as_it_goes_out() {
        let signature = Part::Signature(Signature {
            slot: "token".into(),
            digest: HmacDigest::Sha1,
            encoding: DigestEncoding::Hex,
            message: vec![SignedPart::Body],
        });
        let request = Request {
            method: "POST".into(),
            url: Template::text("https://example.com/"),
            headers: vec![("X-Hub-Signature".into(), Template(vec![text("sha1="), signature]))],
            body: Template::text(r#"{"a":1}"#),
        };
        let key = |text: &str| Secret::from(text.to_owned());
        let keys = [key("s3cr3t-t0k3n"), key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")];
        let signing = [
            r#"{"scheme":"hub-signature","secret":"hub","digest":"sha256"}"#,
            r#"{"scheme":"standard-webhooks","secret":"standard"}"#,
        ];
        let signing = signing.iter().zip(&keys).map(|(signing, key)| {
            let signing = serde_json::from_str(signing).unwrap();
            Signer::new(&signing, |_| Some(key)).unwrap().unwrap()
        });
        let signing = signing.collect();
        let filled =
            fill(&request, &bound(&[("token", "s3cr3t-t0k3n")], signing), facts()).unwrap();
        let expected = "sha1=082d52c6f9f332ef3ff3f80ab4793ab9f5ee962e";
        assert_eq!(header(&filled, "x-hub-signature"), Some(expected));
        assert!(header(&filled, "x-hub-signature-256").unwrap().starts_with("sha256="));
        assert_eq!(header(&filled, "webhook-timestamp"), Some("1614265330"));
        assert_eq!(header(&filled, "webhook-id"), Some("dlv_0199f5e0a8c07c3e8d2f1a2b3c4d5e6f"));
        assert!(header(&filled, "webhook-signature").unwrap().starts_with("v1,"));
        // A signature is no secret: the journal shows it.
        assert_eq!(filled.sent.headers[0].1, expected);
    }
}
