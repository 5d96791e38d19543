//! Errors as API clients see them: problem details after RFC 9457.

use axum::Json;
use axum::response::{IntoResponse, Response};
use hookwright_store::StoreError;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::proof::Refused;

/// What went wrong, where, and what to do.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: Box<str>,
    status: u16,
    detail: String,
    /// Where to learn more of what happened here.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<Box<str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    #[serde(skip)]
    retry_after_s: Option<u64>,
    /// Whether a 401 asks for a user name and a password, and not for a token.
    #[serde(skip)]
    asks_for_password: bool,
}

/// Asks for a user name and a password (RFC 7617).
const BASIC: &str = "Basic realm=\"hookwright\", charset=\"UTF-8\"";

/// What is wrong with one field of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// A JSON Pointer into the document that was sent.
    pub pointer: String,
    /// What is wrong there.
    pub detail: String,
}

impl Problem {
    /// A problem with this status.
    pub fn new(status: StatusCode, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: title.into().into(),
            status: status.as_u16(),
            detail: detail.into(),
            instance: None,
            errors: Vec::new(),
            retry_after_s: None,
            asks_for_password: false,
        }
    }

    /// Something that is not there.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found", detail)
    }

    /// A request that cannot be understood.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Bad request", detail)
    }

    /// A document with mistakes in it.
    #[must_use]
    pub fn invalid(errors: Vec<FieldProblem>) -> Self {
        let detail = match errors.as_slice() {
            [one] if one.pointer.is_empty() => one.detail.clone(),
            [one] => format!("{}: {}", one.pointer, one.detail),
            several => format!("{} fields are wrong", several.len()),
        };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self { errors, ..Self::new(status, "The document is not valid", detail) }
    }

    /// Something that will work later.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self { retry_after_s: Some(10), ..Self::new(status, "Not available now", detail) }
    }

    /// A request that has not proved who sends it.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Not authenticated", detail)
    }

    /// The same problem with what is wrong at places of the document.
    #[must_use]
    pub fn with_errors(self, errors: Vec<FieldProblem>) -> Self {
        Self { errors, ..self }
    }

    /// The same problem, which will not be one after so many seconds.
    #[must_use]
    pub fn after(self, retry_after_s: Option<u64>) -> Self {
        Self { retry_after_s, ..self }
    }

    /// The same problem with an address at which more of it can be seen.
    #[must_use]
    pub fn at(self, instance: String) -> Self {
        Self { instance: Some(instance.into()), ..self }
    }

    /// The same problem with what is wrong told from a part of the document, for those who sent
    /// only that.
    #[must_use]
    pub fn within(self, part: &str) -> Self {
        if self.errors.is_empty() {
            return self;
        }
        let errors = self.errors.into_iter().map(|error| {
            let inner = error.pointer.strip_prefix(part).map(str::to_owned);
            FieldProblem { pointer: inner.unwrap_or(error.pointer), detail: error.detail }
        });
        Self::invalid(errors.collect())
    }

    /// The kind of problem, in words.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// What went wrong, in words.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// After how many seconds it is worth trying again, if that is known.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_s
    }

    /// What is wrong at places of the document.
    #[must_use]
    pub fn errors(&self) -> &[FieldProblem] {
        &self.errors
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(what) => Self::not_found(format!("there is no {what}")),
            StoreError::Conflict(detail) => Self::new(StatusCode::CONFLICT, "Conflict", detail),
            StoreError::Unwritable(_) => {
                tracing::error!(%error, "the store cannot be written");
                Self::unavailable(error.to_string())
            }
            StoreError::Damaged(_) | StoreError::Other(_) => {
                tracing::error!(%error, "the store failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Store failure", error.to_string())
            }
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Wrong(detail) => Self::unauthenticated(detail),
            Refused::WrongPassword(detail) => {
                Self { asks_for_password: true, ..Self::unauthenticated(detail) }
            }
            Refused::Unavailable(detail) => Self::unavailable(detail),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after_s = self.retry_after_s;
        let challenge = if self.asks_for_password { BASIC } else { "Bearer" };
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}
