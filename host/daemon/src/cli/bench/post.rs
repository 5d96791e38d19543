//! What a load posts: the bytes of a file, each time with another number in them.

use std::path::Path;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use hookwright_model::Secret;
use hookwright_model::request::HmacDigest;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::Full;

use super::target::Target;
use crate::delivery::sign::hub_signature;

/// Stands for the number.
const NUMBER: &str = "{n}";

pub(super) type Body = Full<Bytes>;

/// A post with a hole for the number.
#[derive(Clone)]
pub(super) struct Post {
    /// The body, cut where the numbers go.
    pieces: Vec<Bytes>,
    headers: Vec<(HeaderName, String)>,
    key: Option<Secret>,
}

impl Post {
    /// # Errors
    /// When the file cannot be read, or a header is none.
    pub(super) fn read(
        file: &Path,
        headers: &[String],
        key: Option<Secret>,
    ) -> anyhow::Result<Self> {
        let body =
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        Self::new(&body.into(), headers, key)
    }

    /// # Errors
    /// When a header is none.
    pub(super) fn new(
        body: &Bytes,
        headers: &[String],
        key: Option<Secret>,
    ) -> anyhow::Result<Self> {
        let mut parsed: Vec<_> =
            headers.iter().map(|line| header(line)).collect::<Result<_, _>>()?;
        if !parsed.iter().any(|(name, _)| name == CONTENT_TYPE) {
            parsed.push((CONTENT_TYPE, "application/json".to_owned()));
        }
        Ok(Self { pieces: cut(body), headers: parsed, key })
    }

    /// Whether each post differs from the others.
    pub(super) fn is_numbered(&self) -> bool {
        self.pieces.len() > 1 || self.headers.iter().any(|(_, value)| value.contains(NUMBER))
    }

    /// The one with this number.
    ///
    /// # Errors
    /// When a header cannot be sent.
    pub(super) fn request(&self, target: &Target, number: u64) -> anyhow::Result<Request<Body>> {
        let number = number.to_string();
        let body = match self.pieces.as_slice() {
            [whole] => whole.clone(),
            pieces => pieces.join(number.as_bytes()).into(),
        };
        let mut headers = HeaderMap::new();
        headers.insert(HOST, value("Host", &target.authority)?);
        for (name, text) in &self.headers {
            headers.append(name, value(name.as_str(), &text.replace(NUMBER, &number))?);
        }
        if let Some(key) = &self.key {
            let (name, text) = hub_signature(HmacDigest::Sha1, key, &body);
            headers.insert(name, value(name, &text)?);
        }
        let mut request = Request::post(target.path.as_str()).body(Full::new(body))?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// The pieces between the places of the number.
fn cut(body: &Bytes) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    let mut rest = body.clone();
    while let Some(at) = rest.windows(NUMBER.len()).position(|here| here == NUMBER.as_bytes()) {
        pieces.push(rest.split_to(at));
        drop(rest.split_to(NUMBER.len()));
    }
    pieces.push(rest);
    pieces
}

/// `Name: value`. Errors do not show the value: it may be a password.
fn header(line: &str) -> anyhow::Result<(HeaderName, String)> {
    let (name, text) = line.split_once(':').context("--header is written as 'Name: value'")?;
    let bad = || format!("--header: `{}` is no name of a header", name.trim());
    let parsed: HeaderName = name.trim().parse().with_context(bad)?;
    let is_ours = [HOST, http::header::CONTENT_LENGTH, http::header::TRANSFER_ENCODING];
    ensure!(!is_ours.contains(&parsed), "--header: `{parsed}` follows from the URL and the file");
    value(parsed.as_str(), text.trim())?;
    Ok((parsed, text.trim().to_owned()))
}

fn value(name: &str, text: &str) -> anyhow::Result<HeaderValue> {
    let bad = || format!("the header `{name}` would hold a control character");
    HeaderValue::from_str(text).with_context(bad)
}
