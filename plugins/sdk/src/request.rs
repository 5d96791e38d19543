//! Writing requests and verdicts without ceremony.

use std::fmt;

use crate::{
    Encoding, Judgement, Part, Postponement, Problem, Receipt, Replacement, Request, SecretUse,
    Verdict,
};

/// Text, sent as it is.
pub fn text(text: impl Into<String>) -> Part {
    Part::Text(text.into())
}

/// A secret, written in by the host.
pub fn secret(slot: &str, encoding: Encoding) -> Part {
    Part::Secret(SecretUse { slot: slot.to_owned(), encoding })
}

/// The delivery's id, a UUID that is the same on every retry.
#[must_use]
pub fn delivery_id() -> Part {
    Part::DeliveryId
}

/// When the attempt is sent, in seconds since the Unix epoch.
#[must_use]
pub fn sent_at() -> Part {
    Part::SentAt
}

/// What can stand for a URL, a header value or a body.
pub trait IntoTemplate {
    /// Its parts.
    fn into_template(self) -> Vec<Part>;
}

impl IntoTemplate for &str {
    fn into_template(self) -> Vec<Part> {
        vec![text(self)]
    }
}

impl IntoTemplate for String {
    fn into_template(self) -> Vec<Part> {
        vec![text(self)]
    }
}

impl IntoTemplate for Vec<u8> {
    fn into_template(self) -> Vec<Part> {
        vec![Part::Bytes(self)]
    }
}

impl IntoTemplate for Part {
    fn into_template(self) -> Vec<Part> {
        vec![self]
    }
}

impl IntoTemplate for Vec<Part> {
    fn into_template(self) -> Vec<Part> {
        self
    }
}

impl<const N: usize> IntoTemplate for [Part; N] {
    fn into_template(self) -> Vec<Part> {
        self.into()
    }
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: &str, url: impl IntoTemplate) -> Self {
        let (url, headers, body) = (url.into_template(), Vec::new(), Vec::new());
        Self { method: method.to_owned(), url, headers, body }
    }

    /// A `POST` request.
    pub fn post(url: impl IntoTemplate) -> Self {
        Self::new("POST", url)
    }

    /// The same request with another header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl IntoTemplate) -> Self {
        self.headers.push((name.to_owned(), value.into_template()));
        self
    }

    /// The same request with this body.
    #[must_use]
    pub fn body(mut self, body: impl IntoTemplate) -> Self {
        self.body = body.into_template();
        self
    }
}

impl Judgement {
    fn only(verdict: Verdict) -> Self {
        Self { verdict, follow_ups: Vec::new() }
    }

    /// The receiver has it; `remote_id` is what it calls it.
    #[must_use]
    pub fn delivered(remote_id: Option<String>, note: Option<String>) -> Self {
        Self::only(Verdict::Delivered(Receipt { remote_id, note }))
    }

    /// Give up.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::only(Verdict::Failed(reason.into()))
    }

    /// Try again, as the retry policy says.
    pub fn retry(reason: impl Into<String>) -> Self {
        let (reason, not_before, counted) = (reason.into(), None, true);
        Self::only(Verdict::Retry(Postponement { reason, not_before, counted }))
    }

    /// The receiver asked to slow down: try again after so many milliseconds, and do not
    /// count this try.
    pub fn slow_down(reason: impl Into<String>, milliseconds: u64) -> Self {
        let (reason, not_before) = (reason.into(), Some(milliseconds));
        Self::only(Verdict::Retry(Postponement { reason, not_before, counted: false }))
    }

    /// Send this instead, at once.
    pub fn resend(reason: impl Into<String>, request: Request) -> Self {
        Self::only(Verdict::Resend(Replacement { reason: reason.into(), request }))
    }
}

impl Problem {
    /// A problem at a place of a document, given as a JSON Pointer.
    pub fn at(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { at: Some(pointer.into()), message: message.into() }
    }

    /// A problem of a document as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self { at: None, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            Some(at) if !at.is_empty() => write!(f, "{at}: {}", self.message),
            _ => f.write_str(&self.message),
        }
    }
}
