//! `POST /in/{source}`: what helpdesks post, in their own formats.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use hookwright_model::request::HmacDigest;
use hookwright_model::{Original, Secret, SourceAuth};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use subtle::ConstantTimeEq;

use super::auth::bearer;
use super::body::Body;
use super::problem::Problem;
use crate::app::App;
use crate::delivery::sign;
use crate::ingest::{self, Accepted, Posted};
use crate::registry::SourceEntry;

/// Headers that carry credentials, or belong to the connection: neither plugins nor the journal
/// have a use for them. In lower case.
const NOT_KEPT: [&str; 14] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
    "x-auth-token",
];

/// A post that proves itself by a header, or not at all.
pub(super) async fn post(
    State(app): State<Arc<App>>,
    Path(source): Path<String>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    take(&app, &source, None, query, &method, &headers, body).await
}

/// A post that proves itself by a token in the URL, for helpdesks that can send no header.
pub(super) async fn post_with_token(
    State(app): State<Arc<App>>,
    Path((source, token)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    take(&app, &source, Some(&token), query, &method, &headers, body).await
}

async fn take(
    app: &App,
    source: &str,
    token: Option<&str>,
    query: Option<String>,
    method: &Method,
    headers: &HeaderMap,
    body: bytes::Bytes,
) -> Result<Response, Problem> {
    let snapshot = app.registry.snapshot();
    let Some(entry) = snapshot.sources.get(source) else {
        let shown: String = source.chars().take(80).collect();
        return Err(Problem::not_found(format!("there is no source `{shown}`")));
    };
    check(entry, token.or_else(|| bearer(headers)), headers, &body)?;
    if !entry.source.enabled {
        let detail = format!("the source `{source}` is disabled");
        return Err(Problem::new(StatusCode::FORBIDDEN, "The source is disabled", detail));
    }
    let kept = headers.iter().filter(|(name, _)| !NOT_KEPT.contains(&name.as_str()));
    let kept = kept.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    let posted = Posted {
        method: method.as_str().to_owned(),
        query: form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect(),
        original: Arc::new(Original { headers: kept.collect(), body }),
        token_id: None,
    };
    let accepted = ingest::post(app, Arc::clone(entry), posted).await?;
    // A good post with nothing in it, as a helpdesk's test message, is no event to be kept.
    let status = if accepted.events.is_empty() { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok(answer(status, accepted))
}

/// The same answer for the same post; a header says that it was known.
pub(super) fn answer(status: StatusCode, accepted: Accepted) -> Response {
    let repeated = accepted.repeated;
    let mut response = (status, Json(accepted)).into_response();
    if repeated {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert("idempotent-replayed", yes);
    }
    response
}

/// Checks what the post proves itself by.
fn check(
    entry: &SourceEntry,
    token: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), Problem> {
    let source = &entry.source.name;
    let refuse = |detail: String| {
        tracing::warn!(%source, "a post was refused: {detail}");
        Err(Problem::new(StatusCode::UNAUTHORIZED, "Not authenticated", detail))
    };
    let secret = match (&entry.source.auth, &entry.secret) {
        (SourceAuth::None, _) => return Ok(()),
        (_, Some(secret)) => secret,
        (SourceAuth::Token { secret } | SourceAuth::HubSignature { secret }, None) => {
            let detail = format!("the secret `{secret}` of the source `{source}` is not set");
            return Err(Problem::unavailable(detail));
        }
    };
    match &entry.source.auth {
        SourceAuth::None => Ok(()),
        SourceAuth::Token { .. } => match token {
            Some(token) if same(token.as_bytes(), secret.expose()) => Ok(()),
            Some(_) => refuse("the token is wrong".into()),
            None => refuse(format!(
                "the token is missing: post to `/in/{source}/<token>`, or send it as \
                 `Authorization: Bearer`"
            )),
        },
        SourceAuth::HubSignature { .. } => match signatures(headers).next() {
            None => refuse("the header `X-Hub-Signature` is missing".into()),
            // All that are sent must be right.
            Some(_) if signatures(headers).all(|found| found.is_of(secret, body)) => Ok(()),
            Some(_) => refuse(
                "the signature is wrong: check that both sides have the same key, and that \
                 nothing changes the body on the way"
                    .into(),
            ),
        },
    }
}

struct Signature<'a> {
    digest: HmacDigest,
    header: &'a [u8],
}

impl Signature<'_> {
    fn is_of(&self, key: &Secret, body: &[u8]) -> bool {
        let (_, expected) = sign::hub_signature(self.digest, key, body);
        same(self.header, expected.as_bytes())
    }
}

fn signatures(headers: &HeaderMap) -> impl Iterator<Item = Signature<'_>> {
    let known =
        [("x-hub-signature", HmacDigest::Sha1), ("x-hub-signature-256", HmacDigest::Sha256)];
    known.into_iter().flat_map(|(name, digest)| {
        let found = headers.get_all(name).iter();
        found.map(move |value| Signature { digest, header: value.as_bytes() })
    })
}

/// In a time that does not tell how much of it was right.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}
