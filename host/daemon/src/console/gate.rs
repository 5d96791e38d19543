//! Where every request to the console comes by: who it is, whether the console's own pages sent
//! it, and the headers of every answer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::refusal::{Refusal, as_page};
use super::visit::Visit;
use crate::app::App;
use crate::server::body::MAX_UPLOAD;
use crate::server::problem::Problem;
use crate::server::reading::read;

/// The largest form, in bytes: settings of a subscription have some thousand.
const MAX_FORM: usize = 1 << 20;
/// What an upload may have beside the file, in bytes.
const AROUND_UPLOAD: usize = 64 << 10;
/// Where htmx says what forms have in a hidden field.
const HEADER: &str = "x-csrf-token";

/// Nothing but what the daemon itself serves, no script or style in pages, no frames.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// Lets a request in, and its answer out.
pub(super) async fn enter(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let visit = match Visit::begin(&app, &parts).await {
        Ok(visit) => visit,
        // Without a store there is not even a page.
        Err(error) => {
            let mut response = Problem::from(error).into_response();
            secure(response.headers_mut());
            return response;
        }
    };
    let response = match prove(&app, &visit, Request::from_parts(parts, body)).await {
        Ok(mut request) => {
            request.extensions_mut().insert(visit.clone());
            next.run(request).await
        }
        Err(problem) => Refusal::from(problem).into_response(),
    };
    let mut response = as_page(&visit, response);
    secure(response.headers_mut());
    response
}

fn secure(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Assets say otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// What changes something has to come from a page of the console, and of this session.
async fn prove(app: &App, visit: &Visit, request: Request) -> Result<Request, Problem> {
    if request.method().is_safe() {
        return Ok(request);
    }
    let refuse = |detail: &str| Err(Problem::new(StatusCode::FORBIDDEN, "Not allowed", detail));
    if !is_own(app, request.headers()) {
        return refuse("this was not sent by a page of this console");
    }
    // Logging in proves itself by a cookie of its own, since a session may have ended meanwhile.
    let session = visit.session().filter(|_| visit.path() != "/console/login");
    let is_upload = session.is_some() && is(request.headers(), "multipart/form-data");
    // Whatever is posted is read here, up to what is usual: pages need not think of it.
    let most = if is_upload { MAX_UPLOAD + AROUND_UPLOAD } else { MAX_FORM };
    let (parts, body) = request.into_parts();
    let bytes = read(body, most).await?;
    let Some(session) = session else {
        return Ok(Request::from_parts(parts, Body::from(bytes)));
    };
    let given = token(&parts, &bytes).await;
    let request = Request::from_parts(parts, Body::from(bytes));
    if given.is_some_and(|given| session.is_own_form(&given)) {
        return Ok(request);
    }
    refuse("the page that sent this is of another session: open it again, and do it again")
}

/// Whether a browser says that a page of ours sent this. One that says nothing is not believed.
fn is_own(app: &App, headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        // None is a visitor, who had a form sent again.
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    let host = origin.split_once("://").map(|(_, host)| host);
    let is_here = host.is_some() && host == text(header::HOST);
    is_here || app.public_url.origin().as_deref() == Some(origin)
}

fn is(headers: &HeaderMap, kind: &str) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|given| given.to_str().ok());
    given.unwrap_or_default().to_ascii_lowercase().starts_with(kind)
}

/// The token that a request brings along, in a header or a form's field.
async fn token(parts: &Parts, bytes: &Bytes) -> Option<String> {
    if let Some(token) = parts.headers.get(HEADER) {
        return token.to_str().ok().map(str::to_owned);
    }
    if is(&parts.headers, "multipart/form-data") {
        return first_field(Request::from_parts(parts.clone(), Body::from(bytes.clone()))).await;
    }
    if !is(&parts.headers, "application/x-www-form-urlencoded") {
        return None;
    }
    let mut fields = form_urlencoded::parse(bytes);
    fields.find(|(name, _)| name == "csrf").map(|(_, value)| value.into_owned())
}

/// An upload has the token in its first field: the file need not be looked through for it.
async fn first_field(request: Request) -> Option<String> {
    let mut upload = Multipart::from_request(request, &()).await.ok()?;
    let field = upload.next_field().await.ok()??;
    if field.name() != Some("csrf") {
        return None;
    }
    field.text().await.ok()
}
