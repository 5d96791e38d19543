//! What the console does not do, and says so on a page.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use minijinja::context;
use minijinja::value::Serde;

use super::visit::Visit;
use crate::server::problem::Problem;

/// A problem as a handler tells it. It becomes a page on its way out, where it is known who
/// asked, and in which language.
#[derive(Clone, Debug)]
pub struct Refusal(Problem);

impl<E: Into<Problem>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = status(&self.0).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The response as a browser gets it: a refusal becomes a page.
pub(super) fn as_page(visit: &Visit, mut response: Response) -> Response {
    let Some(Refusal(problem)) = response.extensions_mut().remove() else { return response };
    let status = status(&problem);
    // What there are words for; the others are told in English only.
    let known = [401, 403, 404, 405, 409, 413, 422, 429, 503];
    let title = match status.as_u16() {
        status if known.contains(&status) => format!("error-{status}"),
        status if status < 500 => "error-400".to_owned(),
        _ => "error-500".to_owned(),
    };
    let details = context! {
        status => status.as_u16(),
        title,
        detail => problem.detail(),
        errors => Serde(problem.errors()),
        login => (status == StatusCode::UNAUTHORIZED).then(|| visit.login_address()),
    };
    let mut page = visit.page_with(status, "error.html", details);
    let retry_after = response.headers_mut().remove(header::RETRY_AFTER);
    if let Some(seconds) = retry_after.or_else(|| problem.retry_after_s().map(HeaderValue::from)) {
        page.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    page
}
