//! Requests that can be sent again, since they are known by a key (`idempotency-key`, after the
//! draft of the IETF): what makes something makes it once, and whoever lost the answer gets it.
//!
//! Kept are the answers of requests that made something; a request that failed made nothing, and
//! can be sent again with the same key, also mended. What is kept is encrypted as secrets are, for
//! an answer may hold a token that is shown once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body as Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hookwright_model::{Digest, Timestamp};
use hookwright_store::Begun;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};

use super::auth::bearer;
use super::body::Upload;
use super::problem::Problem;
use crate::app::App;

/// The header that names the request.
pub(super) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// The longest key, in bytes.
const LONGEST_KEY: usize = 255;
/// The largest answer that is kept, in bytes. What makes something answers with less.
const LARGEST_ANSWER: usize = 1 << 20;
/// What of an answer's headers is kept.
const HEADERS: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

/// Requests that are being worked on.
#[derive(Default)]
pub struct UnderWay(Mutex<HashSet<Digest>>);

/// One of them, until it ends.
struct Working<'a>(&'a UnderWay, Digest);

impl UnderWay {
    fn begin(&self, id: Digest) -> Option<Working<'_>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(id).then(|| Working(self, id))
    }
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Does a request with a key once.
pub(super) async fn once(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(key) = key(request.method(), request.headers())? else {
        return Ok(next.run(request).await);
    };
    let token = bearer(request.headers()).unwrap_or_default();
    // Whoever else uses the same key means something else.
    let id = digest(&[token.as_bytes(), &key]);
    let Some(_working) = app.under_way.begin(id) else {
        return Err(conflict("the same request is being worked on: ask again in a moment"));
    };
    let (parts, body) = request.into_parts();
    let whole = Request::from_parts(parts.clone(), body);
    let Upload(body) = Upload::from_request(whole, &()).await?;
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let fingerprint = digest(&[target.as_bytes(), &body]);
    match app.store.begin_request(id, fingerprint, Timestamp::now()).await? {
        Begun::Now => {}
        Begun::Answered(kept) => return again(&kept),
        Begun::Other => {
            let detail = "the key in the header `idempotency-key` was used for another request: \
                          use another key";
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Err(Problem::new(status, "The key is used", detail));
        }
        Begun::Unknown => {
            return Err(conflict(
                "the daemon ended while it worked on this request: look whether it was done, and \
                 use another key to do it again",
            ));
        }
    }
    let response = next.run(Request::from_parts(parts, Bytes::from(body))).await;
    let (response, kept) = keep(response).await?;
    app.store.end_request(id, fingerprint, kept, Timestamp::now()).await?;
    Ok(response)
}

fn conflict(detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "Conflict", detail)
}

/// Each part with its length, so that none runs into the next.
fn digest(parts: &[&[u8]]) -> Digest {
    let whole = parts.iter().flat_map(|part| [&part.len().to_be_bytes()[..], part].concat());
    Digest::of(&whole.collect::<Vec<_>>())
}

/// The key of a request that is to be done once. It is a text in quotes, as structured fields
/// are (RFC 9651); many leave the quotes out.
fn key(method: &Method, headers: &HeaderMap) -> Result<Option<Vec<u8>>, Problem> {
    let mut values = headers.get_all(KEY).iter();
    let Some(value) = values.next().filter(|_| method == Method::POST) else { return Ok(None) };
    let text = value.as_bytes();
    let key = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text);
    if !(1..=LONGEST_KEY).contains(&key.len()) || values.next().is_some() {
        let detail = format!(
            "the header `idempotency-key` is one text of 1 to {LONGEST_KEY} bytes, such as a UUID"
        );
        return Err(Problem::bad_request(detail));
    }
    Ok(Some(key.to_owned()))
}

/// What is kept of an answer; of one to a request that made nothing, nothing.
async fn keep(response: Response) -> Result<(Response, Option<Vec<u8>>), Problem> {
    if !response.status().is_success() {
        return Ok((response, None));
    }
    let (parts, body) = response.into_parts();
    let broken = |error: axum::Error| Problem::unavailable(format!("no answer: {error}"));
    let body = body.collect().await.map_err(broken)?.to_bytes();
    let headers = HEADERS.iter().filter_map(|name| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let kept = Kept {
        status: parts.status.as_u16(),
        headers: headers.collect(),
        body: match std::str::from_utf8(&body) {
            Ok(text) if text.len() <= LARGEST_ANSWER => text.to_owned(),
            // That it was done is still known.
            _ => String::new(),
        },
    };
    let kept = serde_json::to_vec(&kept).ok();
    Ok((Response::from_parts(parts, Bytes::from(body)), kept))
}

/// The answer that was given before.
fn again(kept: &[u8]) -> Result<Response, Problem> {
    let Kept { status, headers, body } = serde_json::from_slice(kept)
        .map_err(|error| Problem::unavailable(format!("the answer cannot be read: {error}")))?;
    let mut response = body.into_response();
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let fields = response.headers_mut();
    fields.remove(header::CONTENT_TYPE);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
            fields.insert(name, value);
        }
    }
    fields.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_texts() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(KEY, value.parse().unwrap());
            key(&Method::POST, &headers)
        };
        for good in
            ["8e03978e-40d5-43dd-bc93-6894a57f9324", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\""]
        {
            assert_eq!(read(good).unwrap().unwrap(), b"8e03978e-40d5-43dd-bc93-6894a57f9324");
        }
        for bad in ["", "\"\"", &"a".repeat(256)] {
            assert_eq!(read(bad).unwrap_err().status(), 400, "{bad}");
        }
        let mut twice = HeaderMap::new();
        twice.append(KEY, "a".parse().unwrap());
        twice.append(KEY, "b".parse().unwrap());
        assert!(key(&Method::POST, &twice).is_err());
        assert_eq!(key(&Method::PUT, &twice).unwrap(), None);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }
}
